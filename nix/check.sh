#!/usr/bin/env bash
# Checks the Nix code without NixOS and without a network. It evaluates the flake for all systems, builds the package
# with its tests in a sandbox, tests the modules with nix/tests/modules.nix, and runs `toshy check` on the
# configurations that they generate.
#
#   nix/check.sh                        over the stand-in for nixpkgs in nix/tests/nixpkgs
#   NIXPKGS_LIB=DIR nix/check.sh        with the real lib of nixpkgs: its folder lib, or a copy of nix-community/nixpkgs.lib
#   NIXPKGS_LIB=locked nix/check.sh     the same with that of the nixpkgs in flake.lock, which Nix fetches
#   NIX_SANDBOX=root nix/check.sh       one way only to keep builds apart: nix, its own sandbox, which takes user
#                                       namespaces; or root, a root folder, which takes root
#
# Needs nix (on Debian nix-bin), Go, patchelf, systemd-analyze, util-linux and python3. The store is .cache/nix.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in nix go patchelf systemd-analyze python3 shellcheck unshare taskset; do
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
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# A separate store. NIX_REMOTE keeps an installed daemon out of it, which only knows /nix/store.
export NIX_REMOTE=local NIX_STORE_DIR=$cache/store NIX_STATE_DIR=$cache/state NIX_LOG_DIR=$cache/log
export NIX_CONF_DIR=$work/conf XDG_CACHE_HOME=$work/cache NIX_USER_CONF_FILES=/dev/null
mkdir -p "$NIX_CONF_DIR"
cat >"$NIX_CONF_DIR/nix.conf" <<-'END'
	experimental-features = nix-command flakes
	flake-registry =
	substitute = false
	build-users-group =
	warn-dirty = false
END

say "files parse"
while IFS= read -r file; do
	nix-instantiate --parse "$file" >/dev/null
done < <(git ls-files --cached --others --exclude-standard '*.nix')
# Debian has no formatter for Nix. `nix flake check` has it; here it is used where it is found (nixfmt 1.x; of crates.io the
# package nixfmt_rs has such a program).
if command -v nixfmt >/dev/null; then
	git ls-files -z --cached --others --exclude-standard '*.nix' | xargs -0 nixfmt --check || complain "not formatted, run nixfmt on these files"
else
	say "the format is not checked: no nixfmt here"
fi
shellcheck nix/*.sh nix/tests/*.sh nix/tests/nixpkgs/*.sh cmd/internal/dev/dist/*.sh

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

# The files that git would give to Nix: those that are not ignored, in their current state.
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
say "the tools of the sandbox"
go=$(cat "$cache/go-$(go env GOVERSION)" 2>/dev/null || true)
[ -e "$go" ] || {
	mkdir "$work/go"
	(cd "$(go env GOROOT)" && cp -rL bin pkg src lib go.env VERSION "$work/go")
	go=$(nix store add-path --name go "$work/go")
	echo "$go" >"$cache/go-$(go env GOVERSION)"
}
mapfile -t tools < <(nix/tests/nixpkgs/tools.sh)
[ ${#tools[@]} = 2 ] || exit 1
lib=${tools[0]} bin=${tools[1]}

# way nix|root: how to isolate builds. Either way they run as a user who is not root, on one processor, without a
# network, with /tmp in memory.
one=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
mkdir "$work/tmp"
cp "$NIX_CONF_DIR/nix.conf" "$work/nix.conf"
way() {
	mkdir -p "$cache/go-build-$1"
	{
		cat "$work/nix.conf"
		if [ "$1" = nix ]; then
			echo "sandbox = true"
			echo "sandbox-fallback = false"
			echo "sandbox-paths = /bin/sh=$bin/bash $lib $bin $go $cache/go-build-$1"
			builder="\"$bin/bash\"" args='[ "-e" ]'
		else
			echo "sandbox = false"
			chmod 1777 "$NIX_STORE_DIR"
			builder="\"$BASH\"" args="[ \"$PWD/nix/tests/nixpkgs/root.sh\" \"$NIX_STORE_DIR\" \"$cache/go-build-$1\" \"$bin/bash\" \"$PATH:/usr/sbin:/sbin\" ]"
		fi
	} >"$NIX_CONF_DIR/nix.conf"
	cat >"$work/nixpkgs/machine.nix" <<-END
		{
		  builder = $builder;
		  args = $args;
		  PATH = "$bin:$go/bin";
		  GOCACHE = "$cache/go-build-$1";
		  go = "$go";
		  outside = "$PWD/go.mod";
		}
	END
}
build() {
	local link=$1 apart=(unshare --mount)
	shift
	[ "$(id -u)" = 0 ] || apart+=(--user --map-root-user)
	# shellcheck disable=SC2016
	"${apart[@]}" bash -c 'mount -t tmpfs tmpfs "$1"; export TMPDIR=$1; shift; exec "$@"' - "$work/tmp" \
		taskset -c "$one" nix build --print-build-logs --out-link "$cache/result-$link" "$@"
}
for way in ${NIX_SANDBOX:-nix root}; do
	way "$way"
	if build sandbox "path:$work/nixpkgs#legacyPackages.$(nix eval --impure --raw --expr builtins.currentSystem).sandbox" 2>"$work/$way.log"; then break; fi
	way=
done
[ -n "$way" ] || complain "this machine lets nobody build in a sandbox: allow user namespaces (sysctl user.max_user_namespaces), or be root
$(tail -n 20 "$work"/*.log)"
say "builds are in $([ "$way" = nix ] && echo "Nix's sandbox" || echo "a root folder of their own")"

# From here on, the copy's lock names the stand-in. The warnings are about outputs that this Nix does not know yet.
flake() {
	nix "$@" 2> >(grep -v '^warning: unknown flake output' >&2)
}
nix flake lock --override-input nixpkgs "path:$work/nixpkgs" "path:$work/toshy" 2>/dev/null ||
	complain "cannot lock the copy of the flake"

say "vendorHash is that of the modules that the source asks for"
nix/vendor-hash.sh -s "$(nix eval --raw "path:$work/toshy#toshy.src")" -o "$work/vendor" -c nix/package.nix >/dev/null
nix store add-path --name toshy-go-modules "$work/vendor" >/dev/null # where Nix looks for them: it need not fetch any

(XDG_CACHE_HOME=$work/cache-of-build build toshy "path:$work/toshy#toshy" 2>"$cache/toshy.log") &
package=$!

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
    "packages": {"toshy", "xwaykeyz", "gnome-shell-extension-toshy", "toshy-options", "default"}, "apps": {"toshy", "xwaykeyz", "default"}, "devShells": {"default"},
    "checks": {"toshy", "xwaykeyz", "gnome-shell-extension-toshy", "toshy-options", "simulate", "modules", "habits", "config", "home-config", "units", "broken-config", "formatting", "vm"},
}
for name, attributes in want.items():
    got = json.load(open(f"{sys.argv[1]}/{name}"))
    systems = {"x86_64-linux", "aarch64-linux"} | ({"riscv64-linux"} if name in ("packages", "apps") else set())
    assert set(got) == systems, (name, got)
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
  [ pkgs.toshy.drvPath pkgs.xwaykeyz.drvPath pkgs.gnome-shell-extension-toshy.drvPath ]" >/dev/null

say "the package for nixpkgs evaluates, and says what this one says"
flake eval --json --impure "path:$work/toshy#packages" --apply "
  packages:
  let
    lib = import $work/nixpkgs/lib;
    pkgs = import $work/nixpkgs/pkgs.nix { inherit lib; system = builtins.currentSystem; };
    theirs = pkgs.callPackage $work/toshy/nix/nixpkgs/pkgs/by-name/to/toshy/package.nix { };
    ours = packages.\${builtins.currentSystem}.toshy;
    same = builtins.filter (name: theirs.\${name} != ours.\${name}) [ \"version\" \"vendorHash\" \"subPackages\" \"checkPhase\" ];
  in
  assert same == [ ] || throw \"nix/nixpkgs has another \${toString same} than nix/package.nix\";
  assert theirs.ldflags == lib.sublist 0 (builtins.length theirs.ldflags) ours.ldflags || throw \"nix/nixpkgs has other ldflags\";
  theirs.drvPath" >/dev/null

say "an older Go is refused by a sentence"
nix eval --impure --expr "
  let
    lib = import $work/nixpkgs/lib;
    pkgs = import $work/nixpkgs/pkgs.nix { inherit lib; system = builtins.currentSystem; };
  in
  (pkgs.callPackage $work/toshy/nix/package.nix { go.version = \"1.25.4\"; }).drvPath" >/dev/null 2>"$work/log" &&
	complain "Go 1.25 builds toshy"
grep -q 'toshy needs Go 1.26, and this nixpkgs has 1.25.4' "$work/log" || complain "an older Go: $(cat "$work/log")"

say "it builds for other machines, with the same files"
for target in aarch64-linux:183 riscv64-linux:243; do # with the number that ELF has for it
	build cross --impure --expr "
	  let
	    lib = import $work/nixpkgs/lib;
	    pkgs = import $work/nixpkgs/pkgs.nix { inherit lib; system = \"${target%:*}\"; builtOn = builtins.currentSystem; };
	  in
	  pkgs.callPackage $work/toshy/nix/package.nix { }" 2>"$work/log" || complain "${target%:*}: $(tail -50 "$work/log")"
	for program in toshy toshy-tray toshy-ui; do
		[ "$(od -An -tu2 -j18 -N2 "$cache/result-cross/bin/$program" | tr -d ' ')" = "${target#*:}" ] ||
			complain "$program for ${target%:*} is for another machine"
	done
	(cd "$cache/result-cross/" && find . \( -type f -o -type l \) -printf '%P\n' | grep -v '^share/man/man1/toshy-' | LC_ALL=C sort) |
		diff -u nix/tests/package.txt - || complain "the package for ${target%:*} holds other files"
done

say "the package builds in the sandbox, and its tests pass there"
wait "$package" || complain "the package: $(grep -v ' ok  \|no test files' "$cache/toshy.log" | tail -50)"
toshy=$(readlink -f "$cache/result-toshy")

say "it holds what nix/tests/package.txt lists"
(cd "$toshy" && find . \( -type f -o -type l \) -printf '%P\n' | grep -v '^share/man/man1/toshy-' | LC_ALL=C sort) |
	diff -u nix/tests/package.txt - || complain "the package holds other files than nix/tests/package.txt says"
for command in run simulate check devices; do
	[ -s "$toshy/share/man/man1/toshy-$command.1" ] || complain "no manual page for toshy $command"
done
[ "$("$toshy/bin/toshy" --version | cut -d' ' -f3)" = "$(cat cmd/toshy/VERSION)" ] || complain "toshy --version is not cmd/toshy/VERSION"

say "what toshy import prints for NixOS is the same configuration as its TOML"
nix/tests/import.sh "$toshy/bin/toshy" 2>"$work/log" || complain "toshy import --nix: $(cat "$work/log")"

say "the other checks of the flake build; a broken configuration does not"
system=$(nix eval --impure --raw --expr builtins.currentSystem)
for check in xwaykeyz gnome-shell-extension-toshy toshy-options simulate modules habits config home-config units vm; do # formatting needs nixfmt, which Debian does not have
	build $check "path:$work/toshy#checks.$system.$check" 2>"$work/log" || complain "$check: $(tail -50 "$work/log")"
done
python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$cache/result-vm" || complain "Python cannot read the script of nix/tests/vm.nix"
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
# systemd-analyze also warns about other things on this machine; only warnings about our units matter. Before 253, it
# does not know the second type of toshy-daemon.service and keeps the first, as it should.
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
