#!/bin/bash
# install-dbus-desktops.sh [kwin] [gnome] [cinnamon]: Debian 12's packages for kwin.sh, gnome.sh and
# cinnamon.sh (kwin and gnome, if none is named). As root; run again, it is quick.
[ $# -gt 0 ] || set -- kwin gnome
pkgs=(dbus)
for d in "$@"; do
    case $d in
    kwin)     pkgs+=(kwin-wayland xwayland gjs) ;;          # gjs plays the script engine of KWin 6
    gnome)    pkgs+=(gnome-shell xwayland gjs) ;;     # gjs runs the module build
    cinnamon) pkgs+=(cinnamon xvfb) ;;
    *) echo "install-dbus-desktops.sh: no desktop '$d'" >&2; exit 64 ;;
    esac
done
export DEBIAN_FRONTEND=noninteractive
# Twice: a lock held by another apt, or a cleaned /tmp, fails one run, not two.
for _ in 1 2; do
    apt-get -o DPkg::Lock::Timeout=120 update -q &&
    apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends "${pkgs[@]}" && exit 0
done
exit 1
