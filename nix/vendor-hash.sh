#!/usr/bin/env bash
# Prints the vendorHash that nixpkgs' buildGoModule needs for this module: the hash (NAR, sha256) of the output of `go
# mod vendor`. It depends on go.mod, go.sum and the imported packages, tests included.
#
#   nix/vendor-hash.sh            prints it
#   nix/vendor-hash.sh -c FILE    fails when FILE has another one
#   nix/vendor-hash.sh -w FILE    writes it into FILE
#   -s DIR                        for the module in DIR, instead of this one
#   -o DIR                        leaves what was hashed in DIR
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
	echo "usage: nix/vendor-hash.sh [-s DIR] [-o DIR] [-c FILE | -w FILE]" >&2
	exit 2
}
check='' write='' source=. vendor=''
while getopts c:o:s:w: option; do
	case $option in
	c) check=$OPTARG ;;
	o) vendor=$OPTARG ;;
	s) source=$OPTARG ;;
	w) write=$OPTARG ;;
	*) usage ;;
	esac
done
[ $OPTIND -gt $# ] || usage
command -v nix >/dev/null || {
	echo "vendor-hash.sh: no nix here: apt-get install nix-bin" >&2
	exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
vendor=${vendor:-$work/vendor}
(cd "$source" && env -u GOFLAGS GO111MODULE=on GOTOOLCHAIN=local GOWORK=off go mod vendor -o "$vendor" >&2)
hash=$(nix --extra-experimental-features nix-command hash path --type sha256 "$vendor")
echo "$hash"

in_file() { sed -n 's/.*vendorHash = "\(.*\)".*/\1/p' "$1"; }
for file in "$check" "$write"; do
	[ -z "$file" ] || [ "$(in_file "$file" | wc -l)" = 1 ] || {
		echo "vendor-hash.sh: $file has not exactly one vendorHash" >&2
		exit 1
	}
done
if [ -n "$write" ]; then
	sed -i "s|vendorHash = \".*\"|vendorHash = \"$hash\"|" "$write"
fi
if [ -n "$check" ] && [ "$(in_file "$check")" != "$hash" ]; then
	echo "vendor-hash.sh: $check has $(in_file "$check"), and the modules have changed: run make vendor-hash" >&2
	exit 1
fi
