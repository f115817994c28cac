#!/bin/bash
# Checks what stands in Nix without NixOS and without a network: the flake is evaluated for both systems, the package
# is built with its tests, the modules are held against nix/tests/modules.nix, and the configurations that they make
# pass `toshy check`.
#
#   nix/check.sh                        over the stand-in for nixpkgs in nix/tests/nixpkgs
#   NIXPKGS_LIB=DIR nix/check.sh        with the real lib of nixpkgs: its folder lib, or a copy of nix-community/nixpkgs.lib
#   NIXPKGS_LIB=locked nix/check.sh     the same with that of the nixpkgs in flake.lock, which Nix fetches
#   NO_GO_TESTS=1 nix/check.sh          builds the package without its tests, for who has run them; what they embed has to
#                                       be there all the same
#
# Needs nix (on Debian nix-bin), Go, systemd-analyze and python3. The store is .cache/nix, nobody has to be root.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in nix go systemd-analyze python3 shellcheck; do
	command -v $tool >/dev/null || {
		echo "nix/check.sh: no $tool here; run make deps, or install it" >&2
		exit 1
	}
done
say() { echo "nix: $*"; }
complain() {
	echo "nix/check.sh: $*" >&2
	exit 1
}

cache=$PWD/.cache/nix
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A store of our own. NIX_REMOTE keeps an installed daemon, which knows only /nix/store, out of it.
export NIX_REMOTE=local NIX_STORE_DIR=$cache/store NIX_STATE_DIR=$cache/state NIX_LOG_DIR=$cache/log
export NIX_CONF_DIR=$work/conf XDG_CACHE_HOME=$work/cache NIX_USER_CONF_FILES=/dev/null
mkdir -p "$NIX_CONF_DIR"
cat >"$NIX_CONF_DIR/nix.conf" <<-'END'
	experimental-features = nix-command flakes
	flake-registry =
	substitute = false
	sandbox = false
	build-users-group =
	warn-dirty = false
END

say "files parse"
while IFS= read -r file; do
	nix-instantiate --parse "$file" >/dev/null
done < <(git ls-files --cached --others --exclude-standard '*.nix')
shellcheck nix/*.sh nix/tests/nixpkgs/build.sh

say "flake.lock is well-formed"
python3 - <<'END'
import json, re, sys
lock = json.load(open("flake.lock"))
assert lock["version"] == 7 and lock["nodes"]["root"]["inputs"] == {"nixpkgs": "nixpkgs"}, "other inputs than nixpkgs"
node = lock["nodes"]["nixpkgs"]
locked, original = node["locked"], node["original"]
assert original == {"owner": "NixOS", "ref": "nixos-unstable", "repo": "nixpkgs", "type": "github"}, original
assert re.fullmatch("[0-9a-f]{40}", locked["rev"]) and re.fullmatch("sha256-[A-Za-z0-9+/]{43}=", locked["narHash"]), locked
assert isinstance(locked["lastModified"], int), locked
END

say "vendorHash is that of go.mod and go.sum"
nix/vendor-hash.sh -c nix/package.nix

# What git would hand to Nix: the files that are not ignored, as they are now.
mkdir "$work/toshy"
git ls-files -z --cached --others --exclude-standard |
	while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done |
	tar --null -T - -cf - | tar -xf - -C "$work/toshy"
cp -r nix/tests/nixpkgs "$work/nixpkgs"
over="the stand-in for nixpkgs' lib"
if [ -n "${NIXPKGS_LIB:-}" ]; then
	[ "$NIXPKGS_LIB" != locked ] || NIXPKGS_LIB=$(nix eval --impure --raw --expr "
		builtins.fetchTree (builtins.fromJSON (builtins.readFile $PWD/flake.lock)).nodes.nixpkgs.locked")/lib ||
		complain "cannot fetch the nixpkgs of flake.lock"
	over="the lib of nixpkgs in $NIXPKGS_LIB"
	rm -rf "$work/nixpkgs/lib"
	cp -r "$NIXPKGS_LIB" "$work/nixpkgs/lib"
	chmod -R u+w "$work/nixpkgs/lib"
	[ -e "$work/nixpkgs/lib/default.nix" ] || mv "$work/nixpkgs/lib"/lib/* "$work/nixpkgs/lib"
	nix/tests/old-nix.sh "$work/nixpkgs/lib"
fi
go_proxy="file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)"
cat >"$work/nixpkgs/machine.nix" <<-END
	{
	  PATH = "$PATH";
	  GOCACHE = "$(go env GOCACHE)";
	  GOPROXY = "$go_proxy";
	  go = "$(go env GOROOT)";
	  test = $([ -n "${NO_GO_TESTS:-}" ] && echo false || echo true);
	}
END
export GOSUMDB
GOSUMDB=$(go env GOSUMDB)

# The copy's lock names the stand-in from here on; the warnings are about outputs that this Nix does not know yet.
flake() {
	nix "$@" 2> >(grep -v '^warning: unknown flake output' >&2)
}
nix flake lock --override-input nixpkgs "path:$work/nixpkgs" "path:$work/toshy" 2>/dev/null ||
	complain "cannot lock the copy of the flake"

say "every output evaluates, over $over"
flake eval --json "path:$work/toshy#packages" --apply 'builtins.mapAttrs (_: builtins.mapAttrs (_: p: p.drvPath))' >"$work/packages"
for output in checks devShells; do
	flake eval --json "path:$work/toshy#$output" --apply 'builtins.mapAttrs (_: builtins.mapAttrs (_: p: p.drvPath))' >"$work/$output"
done
flake eval --json "path:$work/toshy#apps" --apply 'builtins.mapAttrs (_: builtins.mapAttrs (_: a: [ a.type a.program a.meta.description ]))' >"$work/apps"
flake eval --json "path:$work/toshy#formatter" --apply 'builtins.mapAttrs (_: p: p.drvPath)' >"$work/formatter"
python3 - "$work" <<'END'
import json, sys
want = {
    "packages": {"toshy", "xwaykeyz", "default"}, "apps": {"toshy", "xwaykeyz", "default"}, "devShells": {"default"},
    "checks": {"toshy", "xwaykeyz", "modules", "config", "home-config", "units", "broken-config", "formatting", "vm"},
}
for name, attributes in want.items():
    got = json.load(open(f"{sys.argv[1]}/{name}"))
    assert set(got) == {"x86_64-linux", "aarch64-linux"}, (name, got)
    for system in got:
        assert set(got[system]) == attributes, (name, system, got[system])
END
flake flake show "path:$work/toshy" >/dev/null 2>"$work/show" || complain "nix flake show: $(cat "$work/show")"
flake eval --json --impure "path:$work/toshy#overlays.default" --apply "
  overlay:
  let
    lib = import $work/nixpkgs/lib;
    pkgs = import $work/nixpkgs/pkgs.nix { inherit lib overlay; system = \"x86_64-linux\"; };
  in
  [ pkgs.toshy.drvPath pkgs.xwaykeyz.drvPath ]" >/dev/null

say "the package builds$([ -n "${NO_GO_TESTS:-}" ] || echo ", and its tests pass")"
build() {
	local link=$1
	shift
	flake build --print-build-logs --out-link "$cache/result-$link" "$@"
}
build toshy "path:$work/toshy#toshy" 2>"$work/log" || complain "the package: $(tail -50 "$work/log")"
toshy=$(readlink -f "$cache/result-toshy")

say "it holds what nix/tests/package.txt lists"
(cd "$toshy" && find . \( -type f -o -type l \) -printf '%P\n' | grep -v '^share/man/man1/toshy-' | LC_ALL=C sort) |
	diff -u nix/tests/package.txt - || complain "the package holds other files than nix/tests/package.txt says"
for command in run simulate check devices; do
	[ -s "$toshy/share/man/man1/toshy-$command.1" ] || complain "no manual page for toshy $command"
done
[ "$("$toshy/bin/toshy" --version | cut -d' ' -f3)" = "$(cat cmd/toshy/VERSION)" ] || complain "toshy --version is not cmd/toshy/VERSION"

say "the other checks of the flake build; a broken configuration does not"
system=$(nix eval --impure --raw --expr builtins.currentSystem)
for check in xwaykeyz modules config home-config units vm; do # formatting needs nixfmt, which Debian does not have
	build $check "path:$work/toshy#checks.$system.$check" 2>"$work/log" || complain "$check: $(tail -50 "$work/log")"
done
if build broken "path:$work/toshy#checks.$system.broken-config" 2>"$work/log"; then
	complain "a broken configuration passes"
fi
grep -q 'NoSuchKey' "$work/log" || complain "a broken configuration is refused for another reason: $(cat "$work/log")"
for config in config home-config; do
	"$toshy/bin/toshy" check "$cache/result-$config" >/dev/null || complain "$config: the generated TOML does not pass toshy check"
done

say "nix run starts the programs"
flake run "path:$work/toshy" -- simulate --format row -e '+f13 -f13' | grep -qx '+f13 -f13' || complain "nix run . -- simulate"
flake run "path:$work/toshy#xwaykeyz" -- --version >/dev/null
say "default.nix builds the same package"
ln -s "$work/nixpkgs/pkgs.nix" "$work/nixpkgs/default.nix"
nix-build --no-out-link "$work/toshy" -A xwaykeyz --arg pkgs \
	"import $work/nixpkgs { lib = import $work/nixpkgs/lib; system = builtins.currentSystem; }" >/dev/null 2>"$work/log" ||
	complain "default.nix: $(tail -50 "$work/log")"

say "systemd reads the units, as they are packaged and as NixOS adds to them"
units=$work/units
cp -r --no-preserve=mode "$(readlink -f "$cache/result-units")" "$units"
# systemd-analyze warns about things of this machine, too: only what names our units counts. Before 253 it does not know
# the second type of toshy-daemon.service and keeps the first, as it should.
verify() {
	SYSTEMD_UNIT_PATH="$units/$1:" XDG_RUNTIME_DIR=$work systemd-analyze verify "--$1" --man=no "$units/$1/$2" 2>&1 |
		grep 'toshy' | grep -v 'Failed to parse service type, ignoring: notify-reload$' || true
}
for unit in system/toshy-daemon.service user/toshy-agent.service user/toshy-tray.service user/toshy.service; do
	[ -e "$units/$unit.d/overrides.conf" ] || complain "NixOS adds nothing to $unit"
	found=$(verify "${unit%/*}" "${unit#*/}")
	[ -z "$found" ] || complain "systemd-analyze: $found"
done
exposure() { # what systemd-analyze counts, without the groups' names and other values
	systemd-analyze security --offline=yes --no-pager --json=short "$1" 2>/dev/null |
		python3 -c 'import json, sys; print(*sorted((c["json_field"], c["exposure"]) for c in json.load(sys.stdin) if c["exposure"]), sep="\n")'
}
systemd-analyze security --offline=yes --threshold=6 --no-pager "$units/system/toshy-daemon.service" >"$work/security" 2>&1 ||
	complain "NixOS' toshy-daemon.service is more exposed than 0.6: $(grep -v '^✓' "$work/security")"
diff <(exposure "$toshy/lib/systemd/system/toshy-daemon.service") <(exposure "$units/system/toshy-daemon.service") ||
	complain "NixOS opens what the package's toshy-daemon.service closes"
if udevadm verify --help >/dev/null 2>&1; then # since systemd 254
	udevadm verify systemd/*.rules
fi

say "all well"
