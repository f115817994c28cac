#!/bin/bash
# today.sh: the desktops of newer Debian versions for the tests with -tags desktop, each version in a separate folder (a chroot).
#
#   today.sh build [NAME...]            installs what is missing, from Debian's packages; prints the versions, and which are new
#   today.sh image NAME                 packs the folder into NAME.ext4 next to it, for vmrun -root
#   today.sh run NAME PROGRAM [ARG...]  runs a program there, with this checkout; go test -exec 'today.sh run NAME' runs tests there
#
#   sid      the newest of everything: GNOME, Plasma, Cinnamon, Budgie, sway, labwc, Wayfire, phoc
#   trixie   GNOME 48 of Debian 13
#   hyprland the newest Hyprland, for the virtual machine: it needs a graphics card
#
# The folders are $TOSHY_CHROOTS/NAME (.cache/chroots). Run it as root. Each run has its own mount and process namespaces, so everything
# that it starts ends with it. versions.txt in this folder has the versions with which the tests last passed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
top=$(git -C "$here" rev-parse --show-toplevel 2>/dev/null || readlink -f "$here/../../..")
chroots=${TOSHY_CHROOTS:-$top/.cache/chroots}
mirror=http://deb.debian.org/debian

common=(
	dbus dbus-user-session procps foot xterm x11-utils x11-xserver-utils xwayland xvfb xkb-data x11-xkb-utils libxkbcommon-tools libgl1-mesa-dri
	fonts-dejavu-core libglib2.0-bin gsettings-desktop-schemas gjs
)
gnome=(gnome-shell mutter gnome-settings-daemon)
declare -A packages=(
	[sid]="${common[*]} ${gnome[*]} kwin-wayland kwin-x11 plasma-workspace cinnamon cinnamon-session budgie-desktop budgie-session python3-dbus
		sway i3-wm labwc wayfire phoc wlrctl wtype wev fuzzel wl-clipboard
		python3-gi gir1.2-gtk-3.0 gir1.2-gtk-4.0 ibus ibus-gtk3 ibus-gtk4 python3-pyqt6 qt6-wayland python3-pyqt5 qtwayland5 firefox-esr udev kmod"
	[trixie]="${common[*]} ${gnome[*]}"
	[hyprland]="hyprland hyprlauncher fuzzel foot xwayland xkb-data libxkbcommon-tools libgl1-mesa-dri fonts-dejavu-core dbus udev kmod procps
		python3-gi gir1.2-gtk-3.0 gir1.2-gtk-4.0 python3-pyqt6 qt6-wayland xterm libcap2-bin"
)
# Debian's name for what a folder contains, where that is another one.
declare -A suites=([hyprland]=sid)
# The packages whose versions are printed.
watched=(hyprland gnome-shell kwin-wayland kwin-x11 cinnamon budgie-desktop sway labwc wayfire phoc fuzzel libgtk-3-0t64 libgtk-4-1 libqt5widgets5t64 firefox-esr ibus)

versions() { # of a chroot, one "chroot package version" a line
	local p
	for p in "${watched[@]}"; do
		dpkg-query --admindir="$chroots/$1/var/lib/dpkg" -W -f "$1 \${Package} \${Version}\n" "$p" 2>/dev/null | grep ' .* .' || true
	done
}

build() {
	local name=$1 root=$chroots/$1 recipe unread=() path
	recipe=$(echo ${packages[$name]} | tr ' ' '\n' | sort | sha256sum | cut -c1-16)
	if [ "$(cat "$root/etc/toshy-recipe" 2>/dev/null)" != "$recipe" ]; then
		command -v mmdebstrap >/dev/null || { echo "today.sh: no mmdebstrap here, run make deps" >&2; exit 1; }
		echo "today.sh: making $root; this takes two to three minutes"
		rm -rf "$root" "$root.new"
		mkdir -p "$chroots"
		for path in '/usr/share/man/*' '/usr/share/doc/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/share/help/*'; do
			unread+=("--dpkgopt=path-exclude=$path")
		done
		mmdebstrap --quiet --mode=root --variant=minbase --format=directory --include="$(echo ${packages[$name]} | tr ' ' ,)" \
			--aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
			--aptopt='APT::Sandbox::User "root"' --aptopt='APT::Install-Recommends "false"' \
			--dpkgopt=force-unsafe-io "${unread[@]}" \
			"${suites[$name]-$name}" "$root.new" "deb [check-valid-until=no] $mirror ${suites[$name]-$name} main" >"$root.log" 2>&1 ||
			{ tail -20 "$root.log" >&2; echo "today.sh: $name could not be made; all of it is in $root.log" >&2; exit 1; }
		chmod 755 "$root.new/root" # compositors that refuse root run as nobody, and find their files
		echo "$recipe" >"$root.new/etc/toshy-recipe"
		mv "$root.new" "$root"
	fi
	versions "$name" | while read -r line; do
		if grep -qxF "$line" "$here/versions.txt"; then echo "today.sh: $line"; else echo "today.sh: $line  NEW: not in versions.txt"; fi
	done
}

image() {
	local name=$1 root=$chroots/$1 file=$chroots/$1.ext4
	[ -e "$root/etc/toshy-recipe" ] || { echo "today.sh: no $root; run today.sh build $name" >&2; exit 1; }
	[ ! "$file" -nt "$root/etc/toshy-recipe" ] || return 0
	rm -f "$file.new"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$root" "$file.new" 4G
	mv "$file.new" "$file"
}

run() {
	local name=$1 root=$chroots/$1 program
	shift
	[ -e "$root/etc/toshy-recipe" ] || { echo "today.sh: no $root; run today.sh build $name" >&2; exit 1; }
	program=$(readlink -f "$(command -v "$1" || echo "$1")")
	[ -e "$program" ] && [[ $program = /tmp/* || $program = "$top"/* ]] || program=$1
	export program root top
	exec unshare --mount --pid --fork --kill-child bash -c '
		set -e
		shift
		mount --make-rprivate /
		bound=("$top")
		[[ $program != /tmp/* ]] || bound+=("$(dirname "$program")")
		mount -t proc proc "$root/proc"
		mount --rbind /sys "$root/sys"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/dev/shm" -o mode=1777
		mount -t tmpfs tmpfs "$root/tmp" -o mode=1777
		mount -t tmpfs tmpfs "$root/run" -o mode=755
		mkdir -p -m 1777 "$root/run/lock" "$root/tmp/.X11-unix"
		mkdir -p "$root/run/dbus"
		for d in "${bound[@]}"; do mkdir -p "$root$d"; mount --bind "$d" "$root$d"; done
		cwd=$PWD
		[ -d "$root$cwd" ] || cwd=/
		kept=()
		while IFS= read -r -d "" v; do
			case $v in TOSHY_*|GO*|CI=*|DESK_*) kept+=("$v") ;; esac
		done </proc/self/environ
		# Not exec: a desktop cannot find the path of a program that is process 1.
		chroot "$root" /usr/bin/env -i -C "$cwd" HOME=/root LANG=C.UTF-8 TERM=dumb TOSHY_TODAY="${root##*/}" \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games "${kept[@]}" "$program" "$@" || exit $?
	' today.sh "$@"
}

[ "$(id -u)" = 0 ] || { echo "today.sh: run this as root" >&2; exit 1; }
command=${1-}
shift || true
case $command in
build)
	[ $# -gt 0 ] || set -- sid trixie hyprland
	for name; do build "$name"; done
	;;
image) image "$@" ;;
run) run "$@" ;;
*) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
