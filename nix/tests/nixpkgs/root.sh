# Runs a builder as Nix's sandbox does, where Nix cannot have one: as a user who is not root, in a root folder that has
# nothing but the store, /bin/sh, /dev, /proc and a /tmp in memory, without a network. Takes root, and no user namespaces.
#
#   bash root.sh STORE CACHE SHELL PATH SCRIPT
#
# PATH is that of this script, which takes more programs than the builder has.
#
# shellcheck shell=bash
set -euo pipefail

if [ "${1:-}" != --inside ]; then
	export TOOLS=$PATH PATH=$4
	exec unshare --mount --net --ipc --uts --pid --fork --kill-child "$BASH" "$0" --inside "$@"
fi
store=$2 cache=$3 shell=$4 script=$6
top=${NIX_BUILD_TOP:?} root=/mnt # these mounts are seen by nobody else

mount --make-rprivate /
mount -t tmpfs tmpfs "$root"
mkdir -p "$root"/{bin,dev,etc,proc} "$root/$store" "$root/$top" "$root/$cache"
mkdir -m 1777 "$root/tmp" "$root/dev/shm"
mount -t proc proc "$root/proc"
ln -s "$shell" "$root/bin/sh"
echo 'nixbld:x:1000:1000::/build:/noshell' >"$root/etc/passwd"
for device in null zero full random urandom tty; do
	touch "$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%:*}" "$root/dev/${i#*:}"; done
chown -R 1000:1000 "$top" "$cache"
for folder in "$store" "$top" "$cache"; do mount --bind "$folder" "$root/$folder"; done
python3 - <<'PYTHON' # the network has nothing but the machine itself
import fcntl, socket, struct
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
PYTHON
chroot=$(type -P chroot)
PATH=$TOOLS exec "$chroot" --userspec=1000:1000 --groups= "$root" "$shell" -e "$script"
