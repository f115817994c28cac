#!/usr/bin/env bash
# gnome.sh [-e EXTENSION_DIR]... [--] [COMMAND [ARG...]]: GNOME Shell (43) as a headless Wayland
# compositor with one virtual monitor, the given extensions (folders with metadata.json) installed
# and enabled, org.gnome.Shell on a private bus. DESK_XWAYLAND=1 adds Xwayland.
# Without COMMAND it is steered on stdin, see desk_serve in desktop-lib.sh.
. "$(dirname "$(readlink -f "$0")")/desktop-lib.sh"

exts=()
while [ "${1-}" = -e ]; do exts+=("$2"); shift 2; done
[ "${1-}" != -- ] || shift
need gnome-shell dbus-send
desk_init
desk_bus
desk_system_bus

# Extensions go where the shell looks for a user's own; settings come from a keyfile, so neither
# dconf nor its database is needed.
uuids=
for e in ${exts[@]+"${exts[@]}"}; do
    uuid=$(sed -n 's/.*"uuid"[^"]*"\([^"]*\)".*/\1/p' "$e/metadata.json") || die "no metadata.json in $e"
    mkdir -p "$DESK_DIR/data/gnome-shell/extensions"
    cp -r "$e" "$DESK_DIR/data/gnome-shell/extensions/$uuid"
    uuids="$uuids${uuids:+, }'$uuid'"
done
mkdir -p "$DESK_DIR/config/glib-2.0/settings"
cat > "$DESK_DIR/config/glib-2.0/settings/keyfile" <<KEYS
[org/gnome/shell]
enabled-extensions=[$uuids]
disable-user-extensions=false
welcome-dialog-last-shown-version='9999'

[org/gnome/desktop/interface]
enable-animations=false

[org/gnome/mutter]
dynamic-workspaces=false

[org/gnome/desktop/wm/preferences]
num-workspaces=4

[org/gnome/desktop/session]
idle-delay=uint32 0

[org/gnome/desktop/peripherals/keyboard]
repeat=false

[org/gnome/desktop/screensaver]
lock-enabled=false
KEYS

export XDG_SESSION_TYPE=wayland XDG_CURRENT_DESKTOP=GNOME

# The bus name comes up to a second before the extensions do. State 1 is 'enabled'.
ext_enabled() {
    dbus-send --session --print-reply=literal --dest=org.gnome.Shell /org/gnome/Shell \
        org.gnome.Shell.Extensions.GetExtensionInfo string:"$1" | grep -A1 '^ *state' | grep -q 'double 1$'
}
# A shell starts in its overview, where new windows do not take the focus. It can be left only once
# the start-up animation is through.
overview() {
    dbus-send --session --print-reply=literal --dest=org.gnome.Shell /org/gnome/Shell \
        org.freedesktop.DBus.Properties."$1" string:org.gnome.Shell string:OverviewActive ${2+"$2"}
}
overview_left() { overview Set variant:boolean:false && overview Get | grep -q false; }

start() {
    local x11=(--no-x11) u f
    [ -z "${DESK_XWAYLAND-}" ] || { need Xwayland; x11=(); }
    rm -f "$XDG_RUNTIME_DIR"/wayland-gnome*     # a shell that a signal ended may leave its socket
    spawn gnome env GSETTINGS_BACKEND=keyfile DBUS_SYSTEM_BUS_ADDRESS="$DESK_SYSTEM_BUS" \
        gnome-shell --headless --wayland ${x11[@]+"${x11[@]}"} --virtual-monitor 1024x768 --wayland-display wayland-gnome
    DESK_MAIN=$SPAWNED
    wait_until "$DESK_MAIN" "the shell's Wayland socket is there" test -S "$XDG_RUNTIME_DIR/wayland-gnome"
    wait_until "$DESK_MAIN" "org.gnome.Shell is on the bus" bus_has_name org.gnome.Shell
    for u in $(printf %s "$uuids" | tr -d "',"); do
        wait_until "$DESK_MAIN" "extension $u is enabled" ext_enabled "$u"
    done
    wait_until "$DESK_MAIN" "start-up is through" grep -q 'GNOME Shell started at' "$DESK_DIR/log/gnome"
    wait_until "$DESK_MAIN" "the overview is left" overview_left
    if [ -n "${DESK_XWAYLAND-}" ]; then
        # The shell listens on two displays and tells only its log which one is public; on the other,
        # private one foreign clients hang.
        DISPLAY=$(sed -n 's/.*Using public X11 display \(:[0-9]*\).*/\1/p' "$DESK_DIR/log/gnome")
        [ -n "$DISPLAY" ] || die "the shell names no X display"
        export DISPLAY
        for f in "$XDG_RUNTIME_DIR"/.mutter-Xwaylandauth.*; do export XAUTHORITY="$f"; done
    fi
    export WAYLAND_DISPLAY=wayland-gnome
}
desk_main start "$@"
