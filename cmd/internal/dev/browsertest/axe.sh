#!/bin/bash
# Brings axe-core, which finds what keeps people out of a page, from the npm registry: one version, whose checksum is known.
#
#   axe.sh FILE    where axe.min.js goes
set -euo pipefail
version=4.10.3
sum=0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292
[ ! -e "$1" ] || exit 0
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
npm pack --silent --pack-destination "$dir" "axe-core@$version" >/dev/null
echo "$sum  $dir/axe-core-$version.tgz" | sha256sum --check --quiet
mkdir -p "$(dirname "$1")"
tar -xzOf "$dir/axe-core-$version.tgz" package/axe.min.js >"$dir/axe.js"
mv "$dir/axe.js" "$1"
