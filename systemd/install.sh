#!/usr/bin/env bash
# Installs the files of a package other than programs below a folder, with the programs' paths in the units. Run it at
# the top of the sources. It is for packages built with nixpkgs' functions.
#
#   bash systemd/install.sh PREFIX
set -euo pipefail
out=${1:?a folder}

install -Dm644 systemd/60-toshy-daemon.rules -t "$out/lib/udev/rules.d"
install -Dm644 systemd/70-toshy.rules -t "$out/share/toshy"
install -Dm644 systemd/toshy.sysusers.conf "$out/lib/sysusers.d/toshy.conf"
install -Dm644 systemd/toshy.modules-load.conf "$out/lib/modules-load.d/toshy.conf"
install -Dm644 systemd/toshy.quirks "$out/share/libinput/30-toshy.quirks"
install -Dm644 systemd/*.desktop -t "$out/share/applications"
install -Dm644 systemd/toshy.svg "$out/share/icons/hicolor/scalable/apps/toshy.svg"
for unit in systemd/*.service; do
	# NixOS looks for user units only in lib; nixpkgs moves them to share, and leaves a link.
	kind=user
	[ "$unit" != systemd/toshy-daemon.service ] || kind=system
	install -Dm644 "$unit" -t "$out/lib/systemd/$kind"
done
sed -i "s|/usr/bin/|$out/bin/|g" "$out"/lib/systemd/*/*.service
grep -q "^ExecStart=$out/bin/" "$out/lib/systemd/system/toshy-daemon.service"
