#!/usr/bin/env bash
# install.sh: installs Debian's packages for the tests with -tags desktop: the desktops that this package starts, and
# what the tests of the tray and of notifications need. Run it as root. A second run is fast.
packages=(
	dbus dbus-daemon
	xvfb x11-xkb-utils openbox i3-wm xfwm4 libxfce4ui-common cinnamon kwin-x11 # X11
	xwayland x11-xserver-utils sway kwin-wayland gnome-shell                   # Wayland
	gjs                                                               # plays the script engine of KWin 6 and a newer GNOME Shell
	libglib2.0-bin                                                    # gsettings
	libxkbcommon-tools                                                # xkbcli, which compiles keymaps
	chromium                                                          # gets the characters of these
	xfce4-panel dunst imagemagick                                     # a panel with a tray, notifications, pictures of both
)
export DEBIAN_FRONTEND=noninteractive
# Twice: a lock held by another apt, or a cleaned /tmp, fails one run, not two.
for _ in 1 2; do
	apt-get -o DPkg::Lock::Timeout=300 update -q &&
		apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "${packages[@]}" && exit 0
done
exit 1
