# Runs the script of a derivation, see pkgs.nix. Sourced by bash.
# shellcheck shell=bash disable=SC2154
set -o pipefail
export HOME=/homeless-shelter GOPATH=$NIX_BUILD_TOP/go GOTOOLCHAIN=local GO111MODULE=on GOWORK=off SOURCE_DATE_EPOCH=1
export GOCACHE=${GOCACHE:-$NIX_BUILD_TOP/cache}

installManPage() {
	local page
	for page; do install -Dm644 "$page" -t "$out/share/man/man${page##*.}"; done
}

# installShellCompletion --cmd NAME --bash FILE --zsh FILE --fish FILE
installShellCompletion() {
	[ "$1" = --cmd ]
	local name=$2
	shift 2
	mkdir -p "$out"/share/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
	while [ $# -gt 0 ]; do
		case $1 in
		--bash) cat "$2" >"$out/share/bash-completion/completions/$name.bash" ;;
		--zsh) cat "$2" >"$out/share/zsh/site-functions/_$name" ;;
		--fish) cat "$2" >"$out/share/fish/vendor_completions.d/$name.fish" ;;
		*) return 1 ;;
		esac
		shift 2
	done
}

# substituteInPlace FILE --replace-fail FROM TO
substituteInPlace() {
	[ "$2" = --replace-fail ] && grep -qF -- "$3" "$1"
	sed -i "s|$3|$4|g" "$1"
}

# Of what nixpkgs does with every package, what can be seen: units of users move, and a link stays.
fixup() {
	[ ! -d "$out/lib/systemd/user" ] || {
		mkdir -p "$out/share/systemd"
		mv "$out/lib/systemd/user" "$out/share/systemd/user"
		ln -s "$out/share/systemd/user" "$out/lib/systemd/user"
	}
}

runHook() { :; }

cd "$NIX_BUILD_TOP" || exit
if [ -n "${src:-}" ]; then
	cp -r "$src" source
	chmod -R u+w source
	cd source || exit
fi
eval "$script"
# Nix kills a builder whose output ends before it does: end with a command of the shell's own.
:
