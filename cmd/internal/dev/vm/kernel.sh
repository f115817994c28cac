#!/usr/bin/env bash
# Downloads the kernel that package vm boots into a folder. It is Debian's own with its modules, unpacked but not installed.
#
#   kernel.sh DIR        does nothing if DIR has a kernel
#
# Needs apt, dpkg-deb and xz. It also unpacks the image to a vmlinux. Without virtualisation, that boots in 2 s, the compressed image
# in 6 s.
set -euo pipefail
dir=${1:?usage: kernel.sh DIR}
mkdir -p "$dir"
cd "$dir"
[ -d linux ] && exit 0

work=$(mktemp -d "$PWD/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as a separate user
cd "$work"

package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -1)
[ -n "$package" ] || { echo "kernel.sh: apt knows no linux-image-amd64; run make deps, or apt-get update" >&2; exit 1; }
echo "kernel.sh: $package"
apt-get -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$package"
dpkg-deb -x ./*.deb linux

image=$(ls linux/boot/vmlinuz-*)
number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
# The compressed kernel follows the setup sectors. setup_sects, payload_offset and payload_length are fields of the boot
# header (Documentation/arch/x86/boot.rst).
start=$((($(number $((0x1f1)) 1) + 1) * 512 + $(number $((0x248)) 4)))
length=$(number $((0x24c)) 4)
tail -c +$((start + 1)) "$image" | head -c "$length" > payload || true
elf=${image/vmlinuz/vmlinux}
xz -dc --single-stream payload > "$elf" 2>/dev/null || true # the payload's own length follows the xz stream
[ "$(head -c4 "$elf" | tail -c3)" = ELF ] || { rm -f "$elf"; echo "kernel.sh: cannot unpack the image, booting it as it is" >&2; }
mv linux ../linux
