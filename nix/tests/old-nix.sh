#!/usr/bin/env bash
# Lets a copy of nixpkgs' lib be read by an older Nix: Debian's 2.8 has no builtins.readFileType, which 2.14 brought.
#
#   nix/tests/old-nix.sh DIR
set -euo pipefail
[ "$(nix eval --impure --expr 'builtins ? readFileType')" = false ] || exit 0
# A source in the store counts as a folder: to list what is beside it is forbidden.
# shellcheck disable=SC2016
read_type='(p: if builtins.dirOf (toString p) == builtins.storeDir then "directory" else (builtins.readDir (builtins.dirOf p)).${builtins.unsafeDiscardStringContext (builtins.baseNameOf p)})'
grep -rl readFileType "$1" | while IFS= read -r file; do
	sed -i "s|builtins\.readFileType|$read_type|g; s|^\( *\)readFileType\$||" "$file"
done
