# make          builds ./toshy, ./toshy-tray and ./toshy-ui
# make test     everything that has to pass; installs what the tests need (as root or with sudo)
# make bench    measures the engine, and latency in a virtual machine; draws docs/latency.svg
# make help     the rest

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

# One static binary: it runs on any Linux. The virtual machine, which has no libraries, proves it.
export CGO_ENABLED := 0

CACHE := $(CURDIR)/.cache
BIN := $(CACHE)/bin
export TOSHY_VM_CACHE ?= $(CACHE)/vm

AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# disablethp: with huge pages (Debian's default on machines with 768 MB or more), the heap takes five megabytes more.
# clobberfree: overwrites garbage, so that texts from "toshy type" do not stay in memory.
GO_BUILD := go build -trimpath -ldflags '-s -w -X main.version=$(VERSION) -X runtime.godebugDefault=disablethp=1,clobberfree=1'
GO_FILES := $(shell git ls-files --cached --others --exclude-standard '*.go')
TAGS := vm desktop systemd dist

# Packages whose tests need the virtual machine have a build tag.
VM_PACKAGES = $(sort $(foreach f,$(shell grep -l '^//go:build .*\bvm\b' $(GO_FILES)),./$(dir $(f))))

.PHONY: all build help
all: build

build: ## the programs, ./toshy, ./toshy-tray and ./toshy-ui
	$(GO_BUILD) -o toshy ./cmd/toshy
	$(GO_BUILD) -o toshy-tray ./cmd/toshy-tray
	$(GO_BUILD) -o toshy-ui ./cmd/toshy-ui

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 13

# ---- tests

.PHONY: test deps lint unit packages desktop e2e systemd soak soak-vm
test: ## all of the following, up to systemd; continues after a failure and lists all failures at the end
	@.ci/steps

deps: ## the Debian packages that tests need
	@.ci/deps

lint: $(BIN)/staticcheck ## format, vet, staticcheck, workflows
	@unformatted=$$($(BIN)/gofumpt -l $(GO_FILES)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go vet -tags '$(TAGS)' ./...
	$(BIN)/staticcheck -tags '$(TAGS)' ./...
	$(BIN)/actionlint

.PHONY: fmt
fmt: $(BIN)/gofumpt ## formats the Go files
	$(BIN)/gofumpt -w $(GO_FILES)

unit: ## tests that only need Go
	go test -timeout $(HANG) ./...

.PHONY: race
# Not the tests of memory use, and not those that take long and have one goroutine: of documents, and of what import reads.
WITHOUT_RACE := Worst|PollerDoesNotAllocate|Style|LinksOfDocuments|BadInput|IncludesAreLimited|MacCoverage
race: ## the tests of make unit again with Go's race detector, except tests of memory use and the longest ones of code without goroutines
	CGO_ENABLED=1 nice go test -race -timeout $(HANG) -skip '^Test($(WITHOUT_RACE))$$' ./...

# The playground: the page as static files, with the engine compiled to WebAssembly.
PLAYGROUND := dist/playground
PAGE := cmd/internal/page/static
.PHONY: playground browser screens benchpage
playground: ## the page with the engine in it, as static files in ./dist/playground, for any web server
	@mkdir -p $(PLAYGROUND)
	cp $(filter-out %/enter.js %/playground.html,$(wildcard $(PAGE)/*)) $(PLAYGROUND)
	cp $(PAGE)/playground.html $(PLAYGROUND)/index.html
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $(PLAYGROUND)
	# Without inlining it is an eighth smaller. The download time matters more than the time of a key.
	GOOS=js GOARCH=wasm go build -trimpath -gcflags=all=-l -ldflags '-s -w' -o '$(CACHE)/toshy.wasm' ./cmd/toshy-playground
	gzip -9nc '$(CACHE)/toshy.wasm' >$(PLAYGROUND)/toshy.wasm.gz

# A separate module: only these tests need a browser.
BROWSER = cd cmd/internal/dev/browsertest && TOSHY_AXE='$(CACHE)/axe.min.js' TOSHY_PLAYGROUND='$(CURDIR)/$(PLAYGROUND)'
browser: playground ## tests of the page and the playground in Chromium
	cmd/internal/dev/browsertest/axe.sh '$(CACHE)/axe.min.js'
	$(BROWSER) go test -count=1 -timeout 30m $(BROWSER_FLAGS) .

screens: playground ## redraws the pictures of docs/UI.md and README.md, in Chromium
	@mkdir -p '$(CACHE)/screens' docs/screens
	$(BROWSER) TOSHY_SCREENS='$(CACHE)/screens' go test -count=1 -run '^TestScreens$$' .
	cp '$(CACHE)/screens/shortcuts-light.png' '$(CACHE)/screens/settings-light.png' docs/screens

benchpage: playground ## how soon you can use the page and the playground, and how much toshy-ui needs
	$(BROWSER) go test -count=1 -timeout 30m -run '^$$' -bench . -benchtime 10x .

nix-check: ## the flake, the modules and the package, with Debian's Nix; see nix/check.sh
	nix/check.sh

.PHONY: nix-check vendor-hash
vendor-hash: ## writes the hash of the modules into both packages of Nix, after a change of the modules that are used
	nix/vendor-hash.sh -w nix/package.nix
	nix/vendor-hash.sh -w nix/nixpkgs/pkgs/by-name/to/toshy/package.nix

# A limit for tests of machines and desktops that only ends what hangs: on a busy computer they can take an hour.
HANG := 4h

# The machines mostly wait, for kernels and for programs, so three run side by side. Their clocks are virtual: a busy
# computer makes a test slow, but the machine does not notice.
E2E = go test -timeout $(HANG) -tags vm -exec '$(BIN)/vmrun $(E2E_MACHINE) -here -hw -t $(HANG) -f $(BIN)/toshy -f $(BIN)/floor' $(E2E_FLAGS)
E2E_MACHINE = -virtual-time
.PHONY: e2e-parts e2e-first e2e-second e2e-suspend
e2e: $(BIN)/vmrun $(BIN)/floor $(BIN)/toshy kernel ## tests on a real kernel, in virtual machines
	@$(MAKE) -k -j3 -Oline e2e-parts e2e-first e2e-second e2e-suspend
e2e-parts:
	$(E2E) -p 1 $(filter-out ./cmd/internal/dev/e2e/,$(VM_PACKAGES))
e2e-first:
	$(E2E) -skip '^Test[N-Z]' ./cmd/internal/dev/e2e $(if $(E2E_ARGS),-args $(E2E_ARGS))
e2e-second:
	$(E2E) -skip '^Test([A-M]|Suspend)' ./cmd/internal/dev/e2e $(if $(E2E_ARGS),-args $(E2E_ARGS))
# A machine that sleeps is woken after a time by the computer's clock.
e2e-suspend: E2E_MACHINE = -suspend
e2e-suspend:
	$(E2E) -skip '^Test([^S]|S[^u])' ./cmd/internal/dev/e2e

# Tests of what make dist makes; systemd installs the same.
packages: $(BIN)/nfpm ## builds .deb, .rpm, tarball and PKGBUILD twice, compares them and checks their content
	@rm -rf '$(CACHE)/dist'
	@$(DIST) -o '$(CACHE)/dist'
	@SOURCE_DATE_EPOCH='$(EPOCH)' cmd/internal/dev/dist/repository.sh '$(CACHE)/dist'
	TOSHY_DIST='$(CACHE)/dist' TOSHY_NFPM='$(BIN)/nfpm' TOSHY_REVISION='$(REVISION)' SOURCE_DATE_EPOCH='$(EPOCH)' \
		go test -count=1 -tags dist ./cmd/internal/dev/dist

RELEASE := $(shell cat cmd/toshy/VERSION)
DEB = $(CACHE)/systemd/toshy_$(RELEASE)_amd64.deb
TARBALL = $(CACHE)/systemd/toshy-$(RELEASE)-linux-amd64.tar.gz
SYSTEMD = go test -timeout $(HANG) -count=1 -tags 'vm systemd' -run '^Test(Systemd|Init)' -exec '$(BIN)/vmrun -instruction-time -here -hw -m 1024 -t $(HANG) \
	-disk $(TOSHY_VM_CACHE)/debian.ext4 -f $(DEB):/root/toshy.deb -f $(TARBALL):/root/toshy.tar.gz \
	-f $(CURDIR)/docs/SERVICE.md:/root/SERVICE.md -f $(CURDIR)/docs/START.md:/root/START.md' $(SYSTEMD_FLAGS)
.PHONY: systemd-units systemd-inits
systemd: $(BIN)/vmrun $(BIN)/nfpm debian ## tests in a booted Debian: the .deb, units, sessions, and services without systemd
	@$(DIST) -arch amd64 -o '$(CACHE)/systemd'
	@$(MAKE) -k -j2 -Oline systemd-units systemd-inits
systemd-units:
	$(SYSTEMD) -skip '^TestInit' ./cmd/internal/dev/e2e
systemd-inits:
	$(SYSTEMD) -skip '^TestSystemd' ./cmd/internal/dev/e2e

# The X server, and the files that it expects at fixed places.
SCREEN := /usr/bin/dbus-daemon /bin/dash:/bin/sh /usr/bin/Xvfb /usr/bin/xkbcomp:/usr/bin/xkbcomp /usr/share/X11/xkb:/usr/share/X11/xkb \
	/usr/bin/openbox /etc/xdg/openbox:/etc/xdg/openbox /usr/share/themes/Clearlooks:/usr/share/themes/Clearlooks
ON_SCREEN = $(BIN)/vmrun -virtual-time -here -hw -m 1024 -t $(HANG) -f $(BIN)/toshy $(addprefix -f ,$(SCREEN))
DESKTOP_PACKAGES = $(sort $(foreach f,$(shell grep -l '^//go:build desktop' $(GO_FILES)),./$(dir $(f))))

# -p 1: desktops that start side by side on two cores are so slow that they exceed time limits.
desktop: $(BIN)/vmrun $(BIN)/toshy kernel ## tests with real desktops without a screen, Debian 12's and current ones, and two of them in the virtual machine
	$(AS_ROOT) remap/window/windowtest/install.sh >$(CACHE)/desktops.log 2>&1 || { cat $(CACHE)/desktops.log; exit 1; }
	go test -timeout $(HANG) -p 1 -tags desktop -skip '^Test($(TODAY_ONLY))$$' $(DESKTOP_FLAGS) $(DESKTOP_PACKAGES)
	@$(MAKE) desktop-today
	go test -timeout $(HANG) -tags 'vm desktop' -run '^Test(Focus|Seat$$)' -exec '$(ON_SCREEN)' ./cmd/internal/dev/e2e
	go test -timeout $(HANG) -tags 'vm desktop' -run '^TestSeat.' -exec '$(ON_SCREEN)' ./cmd/internal/dev/e2e
	@$(TODAY) image sid
	go test -timeout $(HANG) -tags 'vm desktop' -run '^TestWayland' -exec '$(IN_SESSION) -root $(TOSHY_CHROOTS)/sid.ext4' ./cmd/internal/dev/e2e
	@$(TODAY) image hyprland
	@$(MAKE) -k -j2 -Oline hyprland-windows hyprland-keys

# In two machines, which run side by side.
HYPRLAND = go test -timeout $(HANG) -tags 'vm desktop' -exec '$(IN_SESSION) -root $(TOSHY_CHROOTS)/hyprland.ext4'
.PHONY: hyprland-windows hyprland-keys
hyprland-windows:
	$(HYPRLAND) -run '^TestHyprland' -skip '^TestHyprlandKeys' ./cmd/internal/dev/e2e
hyprland-keys:
	$(HYPRLAND) -run '^TestHyprlandKeys' ./cmd/internal/dev/e2e

# The machine with a screen, with a Debian that has the current desktops. Its clock is the computer's: a compositor that draws hangs in a
# machine that counts instructions.
IN_SESSION = $(BIN)/vmrun -here -hw -screen -m 1536 -t $(HANG) -f $(BIN)/toshy

# Desktops of newer Debian versions, in chroots from today.sh; -exec runs each test there.
export TOSHY_CHROOTS ?= $(CACHE)/chroots
TODAY := $(AS_ROOT) env TOSHY_CHROOTS=$(TOSHY_CHROOTS) $(CURDIR)/remap/window/windowtest/today.sh
TODAY_ONLY := (Labwc|Budgie|Wayfire|Phoc)(X11Windows)?|UnicodeEntry|Typist|Characters|GNOME48Characters|OptionLayerOnX11|FewCodes|Mask.*|Cinnamon(Wayland|X11Windows|Layouts)
.PHONY: desktop-today
desktop-today: ## the part of desktop that needs newer desktops than Debian 12's: GNOME, Plasma, Cinnamon, Budgie, sway, labwc, Wayfire, phoc
	@$(TODAY) build
	go test -timeout $(HANG) -p 1 -tags desktop $(DESKTOP_FLAGS) -exec '$(TODAY) run sid' $(addprefix ./remap/window/,gnome kwin i3ipc wlr cinnamon layout)
	go test -timeout $(HANG) -p 1 -tags desktop -run '^Test(UnicodeEntry|Typist)$$' $(DESKTOP_FLAGS) -exec '$(TODAY) run sid' ./cmd/internal/desktop
	go test -timeout $(HANG) -p 1 -tags desktop -run '^Test(Real(Settings|Sway|KDE)|(Sway|GNOME|I3|KWin)Symbols)$$' $(DESKTOP_FLAGS) -exec '$(TODAY) run sid' ./cmd/internal/shortcuts
	go test -timeout $(HANG) -p 1 -tags desktop -run '^TestFewCodes$$' $(DESKTOP_FLAGS) -exec '$(TODAY) run sid' ./remap/window/x11
	go test -timeout $(HANG) -p 1 -tags desktop -run '^Test(Characters|OptionLayer)' $(DESKTOP_FLAGS) -exec '$(TODAY) run sid' ./cmd/toshy
	go test -timeout $(HANG) -p 1 -tags desktop -skip '^Test(Sway|KWin|X11|Labwc|Wayfire|Phoc|Mask)$$' $(DESKTOP_FLAGS) -exec '$(TODAY) run trixie' $(addprefix ./remap/window/,gnome layout)
	go test -timeout $(HANG) -p 1 -tags desktop -run '^TestGNOME48Characters$$' $(DESKTOP_FLAGS) -exec '$(TODAY) run trixie' ./cmd/toshy

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
soak-vm: $(BIN)/vmrun $(BIN)/floor $(BIN)/toshy kernel ## types at random for SOAK_VM (1h, by the machine's clock) while things go wrong, with one process and with daemon and agent, and plugs in a keyboard 1,000 times
	CGO_ENABLED=0 nice go test -tags vm -timeout 0 -v -run '^Test(Soak|Storm|Recovery|ReloadTime)$$' \
		-exec '$(BIN)/vmrun -here -hw -virtual-time -t 12h -f $(BIN)/toshy -f $(BIN)/floor' ./cmd/internal/dev/e2e \
		-args -soak $(SOAK_VM) -soak.seed $${SOAK_SEED:-$$(date +%s)} -storm 1000

# ---- packages

REVISION := $(shell git describe --always --abbrev=12 --exclude='*' --dirty 2>/dev/null)
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
DIST = go run ./cmd/internal/dev/dist -nfpm '$(BIN)/nfpm' -revision '$(REVISION)' -epoch '$(EPOCH)' $(DIST_FLAGS)

.PHONY: dist
dist: $(BIN)/nfpm ## .deb, .rpm and tarball for amd64 and arm64, a PKGBUILD, sums, an SBOM and repositories, in ./dist; KEY=... signs
	@rm -rf dist
	@$(DIST) -o dist
	@SOURCE_DATE_EPOCH='$(EPOCH)' cmd/internal/dev/dist/repository.sh dist $(KEY)

# ---- measuring

.PHONY: bench
BENCH_RUNS ?= 3
.PHONY: benchfocus
FOCUS_CHANGES ?= 100
benchfocus: $(BIN)/vmrun $(BIN)/latency $(BIN)/toshy kernel ## time from a change of focus to a key by the new rules, on each desktop; and keys beside desktops that hang, lie and flood, and beside clients of the socket
	@$(TODAY) build sid
	@echo '| desktop | p50 ms | p99 ms |'; echo '| --- | --: | --: |'
	@{ go test -tags desktop -run '^$$' -bench BenchmarkFocusToKey -benchtime $(FOCUS_CHANGES)x ./cmd/internal/dev/focustest; \
	go test -tags desktop -run '^$$' -bench 'BenchmarkFocusToKey/(sway|KWin|GNOME|Cinnamon)' -benchtime $(FOCUS_CHANGES)x \
		-exec '$(TODAY) run sid' ./cmd/internal/dev/focustest | sed 's,^BenchmarkFocusToKey/,&current-,'; \
	go test -timeout $(HANG) -tags 'vm desktop' -run '^$$' -bench BenchmarkFocusToKey/server -benchtime $(FOCUS_CHANGES)x -exec '$(ON_SCREEN)' ./cmd/internal/dev/e2e; } | \
	awk '/^Benchmark/ { sub(/^BenchmarkFocusToKey\//, ""); printf "| %s | %.1f | %.1f |\n", $$1, $$3 / 1000, $$5 / 1000 } /FAIL|panic/ { bad = 1 } bad { print } END { exit bad }'
	$(BIN)/latency -runs 1 toshy toshy-idle toshy-hung toshy-half toshy-lying toshy-titles toshy-huge toshy-alone toshy-clients
	go test -tags desktop -run '^$$' -bench BenchmarkIdle -benchtime 1x ./cmd/toshy

bench: $(BIN)/latency $(BIN)/toshy $(BIN)/benchstat kernel ## ns per event, then latency in virtual time into docs/latency.svg
	go test -run '^$$' -bench . -benchmem -count 6 ./... | tee $(CACHE)/bench.txt
	$(BIN)/benchstat $(CACHE)/bench.txt
	$(BIN)/latency -runs $(BENCH_RUNS) -svg docs/latency.svg floor toshy toshy-mac
	$(BIN)/latency -runs 1 floor-lights toshy-service toshy-alone toshy-clients

# ---- tools for the above

.PHONY: kernel debian folders tools clean icons shortcuts snapshots FORCE
kernel:
	@cmd/internal/dev/vm/kernel.sh '$(TOSHY_VM_CACHE)'

debian: kernel
	@$(AS_ROOT) cmd/internal/dev/vm/debian.sh '$(TOSHY_VM_CACHE)'

tools: $(BIN)/vmrun $(BIN)/floor $(BIN)/toshy kernel # what desktop and e2e share

# Debian versions in folders and disks, for desktop and systemd.
folders: debian
	@$(TODAY) build
	@$(TODAY) image sid
	@$(TODAY) image hyprland

clean: ## removes everything that make creates
	[ ! -e '$(CACHE)/nix' ] || chmod -R u+w '$(CACHE)/nix' # Nix protects its store
	rm -rf '$(CACHE)' toshy toshy-tray toshy-ui dist

ICONS := cmd/toshy-tray/icons
icons: ## redraws the tray's icons from their SVGs (needs librsvg2-bin)
	for f in $(ICONS)/*.svg; do rsvg-convert -w 64 -h 64 "$$f" -o "$${f%.svg}.png"; done

snapshots: ## repacks the built-in configurations into config/snapshots, after a change of their TOML or of remap.Program
	go test -count=1 ./config -run '^TestSnapshots$$' -update

shortcuts: ## rewrites docs/SHORTCUTS.md from the built-in configuration
	go test -count=1 ./cmd/toshy -run '^TestShortcutsPage$$' -update

$(BIN)/actionlint $(BIN)/gofumpt $(BIN)/staticcheck $(BIN)/benchstat &: cmd/internal/dev/tools/go.mod
	@mkdir -p $(BIN)
	cd cmd/internal/dev/tools && GOBIN=$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint mvdan.cc/gofumpt \
		honnef.co/go/tools/cmd/staticcheck golang.org/x/perf/cmd/benchstat
	@touch $(BIN)/actionlint $(BIN)/gofumpt $(BIN)/staticcheck $(BIN)/benchstat

# Go knows best whether these are up to date, so always ask it.
$(BIN)/nfpm: cmd/internal/dev/tools/go.mod
	@mkdir -p $(BIN)
	cd cmd/internal/dev/tools && GOBIN=$(BIN) go install github.com/goreleaser/nfpm/v2/cmd/nfpm
	@touch $@

$(BIN)/toshy: FORCE
	@$(GO_BUILD) -o $@ ./cmd/toshy
$(BIN)/vmrun: FORCE
	@go build -o $@ ./cmd/internal/dev/vm/vmrun
$(BIN)/latency: FORCE
	@go build -o $@ ./cmd/internal/dev/latency

$(BIN)/floor: cmd/internal/dev/latency/c/floor.c
	@mkdir -p $(BIN)
	cc -O2 -static -Wall -Wextra -o $@ $<
