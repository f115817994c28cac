# make          builds ./toshy
# make test     everything that has to pass; installs what the tests need (as root or with sudo)
# make bench    measures the engine, and latency in a virtual machine; draws docs/latency.svg
# make help     the rest

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

# One static binary: it runs on any Linux, and is its own proof in a machine that has no libraries.
export CGO_ENABLED := 0

CACHE := $(CURDIR)/.cache
BIN := $(CACHE)/bin
export TOSHY_VM_CACHE ?= $(CACHE)/vm

AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
GO_BUILD := go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
GO_FILES := $(shell git ls-files --cached --others --exclude-standard '*.go')
TAGS := vm desktop

# The packages whose tests need the virtual machine say so with a build tag.
VM_PACKAGES = $(sort $(foreach f,$(shell grep -l '^//go:build .*\bvm\b' $(GO_FILES)),./$(dir $(f))))

.PHONY: all build help
all: build

build: ## the program, ./toshy
	$(GO_BUILD) -o toshy ./cmd/toshy

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 13

# ---- tests

STEPS := deps lint unit nix desktop e2e

.PHONY: test deps lint unit desktop e2e soak soak-vm
test: ## all of the following, up to e2e; goes on after a failure and names it at the end
	@failed=; \
	for step in $(STEPS); do \
		echo "== make $$step"; began=$$SECONDS; \
		if $(MAKE) $$step; then echo "== make $$step: passed in $$((SECONDS - began)) s"; else \
			echo "== make $$step: FAILED after $$((SECONDS - began)) s"; failed="$$failed $$step"; \
			[ $$step != deps ] || break; \
		fi; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed"; exit 1; fi; \
	echo "all passed in $$SECONDS s"

deps: ## the Debian packages that tests need
	@.ci/deps

lint: $(BIN)/staticcheck ## format, vet, staticcheck
	@unformatted=$$($(BIN)/gofumpt -l $(GO_FILES)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	go vet -tags '$(TAGS)' ./...
	$(BIN)/staticcheck -tags '$(TAGS)' ./...

.PHONY: fmt
fmt: $(BIN)/gofumpt ## formats the Go files
	$(BIN)/gofumpt -w $(GO_FILES)

unit: ## tests that need nothing but Go
	go test ./...

nix: ## the flake, the modules and the package, by Debian's Nix; see nix/check.sh
	nix/check.sh

.PHONY: nix vendor-hash
vendor-hash: ## writes the hash of the modules into nix/package.nix, when go.mod or go.sum has changed
	nix/vendor-hash.sh -w nix/package.nix

e2e: $(BIN)/vmrun $(BIN)/floor $(BIN)/toshy kernel ## tests on a real kernel, in a virtual machine
	go test -tags vm -exec '$(BIN)/vmrun -here -hw -t 10m -f $(BIN)/toshy -f $(BIN)/floor' $(E2E_FLAGS) $(VM_PACKAGES)

# The X server, and what it looks for at fixed places.
SCREEN := /usr/bin/dbus-daemon /bin/dash:/bin/sh /usr/bin/Xvfb /usr/bin/xkbcomp:/usr/bin/xkbcomp /usr/share/X11/xkb:/usr/share/X11/xkb \
	/usr/bin/openbox /etc/xdg/openbox:/etc/xdg/openbox /usr/share/themes/Clearlooks:/usr/share/themes/Clearlooks
ON_SCREEN = $(BIN)/vmrun -here -hw -m 1024 -t 9m -f $(BIN)/toshy $(addprefix -f ,$(SCREEN))
WINDOWTEST := remap/window/windowtest
DESKTOP_PACKAGES = $(sort $(foreach f,$(shell grep -l '^//go:build desktop' $(GO_FILES)),./$(dir $(f))))

# -p 1: desktops that start side by side on two cores are slow enough to run into limits.
desktop: $(BIN)/vmrun $(BIN)/toshy kernel ## tests with real desktops that have no screen, and one of them in the virtual machine
	$(AS_ROOT) $(WINDOWTEST)/install.sh >$(CACHE)/desktops.log 2>&1 || { cat $(CACHE)/desktops.log; exit 1; }
	$(AS_ROOT) $(WINDOWTEST)/install-dbus-desktops.sh kwin gnome cinnamon >$(CACHE)/desktops.log 2>&1 || { cat $(CACHE)/desktops.log; exit 1; }
	go test -p 1 -tags desktop $(DESKTOP_FLAGS) $(DESKTOP_PACKAGES)
	go test -tags 'vm desktop' -run '^Test(Focus|Seat)' -exec '$(ON_SCREEN)' ./cmd/internal/e2e

SOAK ?= 10m
SOAK_EVENTS ?= 100000000
soak: ## SOAK_EVENTS random events (100 million), then fuzzes every fuzz target for SOAK (default 10m) each
	nice go test ./remap -run '^TestSoak$$' -v -timeout 0 -soak $(SOAK_EVENTS) -soak.seed $${SOAK_SEED:-$$(date +%s)}
	@for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(SOAK) -fuzzminimizetime 100x $$p; \
		done; \
	done

SOAK_VM ?= 1h
soak-vm: $(BIN)/vmrun $(BIN)/floor $(BIN)/toshy kernel ## types at random for SOAK_VM (1h, by the machine's clock) while things go wrong, and plugs a keyboard 1,000 times
	CGO_ENABLED=0 nice go test -tags vm -timeout 0 -v -run '^Test(Soak|Storm|Recovery)$$' \
		-exec '$(BIN)/vmrun -here -hw -virtual-time -t 12h -f $(BIN)/toshy -f $(BIN)/floor' ./cmd/internal/e2e \
		-args -soak $(SOAK_VM) -soak.seed $${SOAK_SEED:-$$(date +%s)} -storm 1000

# ---- measuring

.PHONY: bench
BENCH_RUNS ?= 3
.PHONY: benchfocus
benchfocus: $(BIN)/vmrun $(BIN)/toshy kernel ## time from a change of focus to its report, and to the first key in the virtual machine
	go test -p 1 -tags desktop -run '^$$' -bench BenchmarkFocus -benchtime 300x $(DESKTOP_PACKAGES)
	go test -tags 'vm desktop' -run '^$$' -bench BenchmarkFocusToKey/server -benchtime 100x -exec '$(ON_SCREEN) -virtual-time' ./cmd/internal/e2e

bench: $(BIN)/latency $(BIN)/toshy $(BIN)/benchstat kernel ## ns per event, then latency in virtual time into docs/latency.svg
	go test -run '^$$' -bench . -benchmem -count 6 ./... | tee $(CACHE)/bench.txt
	$(BIN)/benchstat $(CACHE)/bench.txt
	$(BIN)/latency -runs $(BENCH_RUNS) -svg docs/latency.svg floor toshy

# ---- what the above needs

.PHONY: kernel clean FORCE
kernel:
	@cmd/internal/vm/kernel.sh '$(TOSHY_VM_CACHE)'

clean: ## removes what make made
	[ ! -e '$(CACHE)/nix' ] || chmod -R u+w '$(CACHE)/nix' # Nix protects its store
	rm -rf '$(CACHE)' toshy

$(BIN)/gofumpt $(BIN)/staticcheck $(BIN)/benchstat &: cmd/internal/tools/go.mod
	@mkdir -p $(BIN)
	cd cmd/internal/tools && GOBIN=$(BIN) go install tool
	@touch $(BIN)/gofumpt $(BIN)/staticcheck $(BIN)/benchstat

# Go knows best whether these are up to date.
$(BIN)/toshy: FORCE
	@$(GO_BUILD) -o $@ ./cmd/toshy
$(BIN)/vmrun: FORCE
	@go build -o $@ ./cmd/internal/vm/vmrun
$(BIN)/latency: FORCE
	@go build -o $@ ./cmd/internal/latency

$(BIN)/floor: cmd/internal/latency/c/floor.c
	@mkdir -p $(BIN)
	cc -O2 -static -Wall -Wextra -o $@ $<
