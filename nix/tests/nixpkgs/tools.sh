#!/usr/bin/env bash
# Puts programs of this machine into the store as Nix's own packages have them: they know the linker and the libraries by
# their paths in the store, so that they run where there is nothing else. Prints the folder of the programs.
#
#   nix/tests/nixpkgs/tools.sh
set -euo pipefail

# What nixpkgs' stdenv has, and nothing more, as far as a build or a test asks for it.
programs=(
	bash
	cat chmod comm cp cut date dirname env expr false head id install ln ls mkdir mktemp mv nproc od printf pwd readlink rm
	rmdir seq sleep sort stat tail tee test touch tr true uname uniq wc basename
	cmp diff find xargs awk grep gzip sed tar
)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/lib" "$work/bin"
for program in "${programs[@]}"; do
	file=$(type -P "$program") || {
		echo "tools.sh: no $program here; run make deps, or install it" >&2
		exit 1
	}
	cp -L "$file" "$work/bin/$program"
done
ln -s bash "$work/bin/sh"
ldd "$work"/bin/* | sed -n 's/.*=> \(\/.*\) (0x.*/\1/p; s/^\t\(\/.*\) (0x.*/\1/p' | sort -u |
	while IFS= read -r library; do cp -L "$library" "$work/lib"; done
linker=$(patchelf --print-interpreter "$work/bin/bash")

lib=$(nix store add-path --name tools-lib "$work/lib")
for program in "${programs[@]}"; do
	[ "$(head -c4 "$work/bin/$program" | tr -d '\177')" = ELF ] || continue # a script
	patchelf --set-interpreter "$lib/${linker##*/}" --force-rpath --set-rpath "$lib" "$work/bin/$program"
done
echo "$lib"
nix store add-path --name tools "$work/bin"
