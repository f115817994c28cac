#!/usr/bin/env bash
# Makes the disk that vmrun -disk boots. It takes half a minute. The disk has a small Debian with systemd, udev, logind and
# D-Bus, the users alice (1000) and bob (1001), and the kernel modules that udev and the units load. The service managers
# OpenRC, runit and s6 are also there, for the tests that start them.
#
#   debian.sh DIR        DIR has the kernel that kernel.sh made; does nothing if DIR/debian.ext4 is newer than this file
#
# Needs root, apt, mmdebstrap and mke2fs. No machine writes to the disk: each one writes to a temporary overlay.
set -euo pipefail
self=$(readlink -f "$0")
dir=${1:?usage: debian.sh DIR}
cd "$dir"
[ -e debian.ext4 ] && [ debian.ext4 -nt "$self" ] && [ debian.ext4 -nt linux ] && exit 0

suite=trixie
packages=(systemd-sysv udev dbus dbus-user-session libpam-systemd kmod s6 execline librc1t64 libeinfo1)
unpacked=(openrc runit) # not installed: they would pull in Perl, and init scripts that systemd turns into units

modules=$(echo linux/usr/lib/modules/* linux/lib/modules/* | tr ' ' '\n' | grep -v '\*' | head -1)
[ -d "$modules" ] || { echo "debian.sh: no kernel in $dir, run make kernel" >&2; exit 1; }
for tool in mmdebstrap mke2fs; do
	command -v $tool >/dev/null || { echo "debian.sh: no $tool here, run make deps" >&2; exit 1; }
done

work=$(mktemp -d "$PWD/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
echo "debian.sh: $suite with ${packages[*]}"
unread=()
for path in '/usr/share/man/*' '/usr/share/doc/*' '/usr/share/locale/*' '/usr/share/info/*'; do
	unread+=("--dpkgopt=path-exclude=$path")
done
# dpkg's options apply only to this build: a package that a test installs later gets all its files.
mmdebstrap --quiet --mode=root --variant=minbase --format=directory --include="$(IFS=,; echo "${packages[*]}")" \
	--aptopt='Acquire::Retries "3"' "${unread[@]}" \
	--customize-hook='rm "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap' \
	--customize-hook="cd \"$work\" && APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\" apt-get -qq download ${unpacked[*]}" \
	--customize-hook='for u in alice bob; do chroot "$1" useradd --create-home --shell /bin/bash $u; done' \
	"$suite" "$work/root" http://deb.debian.org/debian >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }

root=$work/root
release=${modules##*/}
for folder in drivers/input drivers/hid drivers/virtio fs/autofs fs/configfs fs/fuse; do
	[ -d "$modules/kernel/$folder" ] || continue
	mkdir -p "$root/usr/lib/modules/$release/kernel/${folder%/*}"
	cp -r "$modules/kernel/$folder" "$root/usr/lib/modules/$release/kernel/$folder"
done
cp "$modules"/modules.{builtin,builtin.modinfo,order} "$root/usr/lib/modules/$release"
chroot "$root" depmod "$release" 2>"$work/depmod" || { cat "$work/depmod" >&2; exit 1; }

for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/unpacked"; done
for folder in bin sbin lib; do cp -a "$work/unpacked/usr/$folder/." "$root/usr/$folder"; done
mkdir "$root/etc/runlevels" "$root/etc/runlevels/default"
cp "$work/unpacked/etc/rc.conf" "$root/etc"

echo toshy-vm >"$root/etc/hostname"
echo '127.0.0.1 localhost toshy-vm' >"$root/etc/hosts"
echo 70057005700570057005700570057005 >"$root/etc/machine-id" # not a first boot
touch "$root/etc/.updated" "$root/var/.updated"
: >"$root/etc/fstab" # init has mounted the root
# Units that need a network, set the clock or look after disks, and others that the tests do not need. Without them a boot
# takes half the time.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
	systemd-tmpfiles-clean.timer systemd-timesyncd.service systemd-networkd.service systemd-network-generator.service \
	systemd-pstore.service systemd-random-seed.service systemd-remount-fs.service systemd-journal-flush.service \
	systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-udev-load-credentials.service \
	systemd-tpm2-setup.service systemd-tpm2-setup-early.service systemd-machine-id-commit.service systemd-hibernate-clear.service \
	tmp.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount run-lock.mount \
	proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount sys-kernel-config.mount \
	modprobe@configfs.service modprobe@fuse.service modprobe@drm.service modprobe@efi_pstore.service modprobe@loop.service \
	modprobe@dm_mod.service networking.service serial-getty@ttyS0.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
echo 'd /tmp 1777 root root -' >"$root/etc/tmpfiles.d/tmp.conf" # on the disk and not a tmpfs: a test may have put files there
mkdir "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/vm.conf"

truncate -s 1G "$work/debian.ext4"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$root" "$work/debian.ext4"
mv "$work/debian.ext4" debian.ext4
du -h debian.ext4 | sed 's/^/debian.sh: /'
