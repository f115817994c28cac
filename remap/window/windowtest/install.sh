#!/bin/sh
# Installs the desktops that `go test -tags desktop ./remap/window/...` starts (Debian, as root).
# Run again, it is quick.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt="apt-get -q -o DPkg::Lock::Timeout=300"
try() { $apt update && $apt install -y --no-install-recommends xvfb x11-xkb-utils openbox i3-wm xfwm4 sway xwayland libglib2.0-bin libxfce4ui-common; }
panel() { $apt install -y --no-install-recommends xfce4-panel dunst imagemagick dbus-daemon; } # for the tray and notifications
try || try # a download that fails once mostly passes the next time
panel || panel
