#!/usr/bin/env bash
# cinnamon.sh [--] [COMMAND [ARG...]]: Cinnamon on Xvfb, org.Cinnamon on a private bus. DESK_WAYLAND=1 makes it a Wayland
# compositor in a window of Xvfb, which takes version 6.6; DESK_LAYOUTS=us,de sets keyboard layouts.
# Without COMMAND it is steered on stdin, see desk_serve in desktop-lib.sh.
. "$(dirname "$(readlink -f "$0")")/desktop-lib.sh"

[ "${1-}" != -- ] || shift
need cinnamon Xvfb dbus-send
desk_init
desk_bus
desk_system_bus
desk_xvfb
outer=$DISPLAY
export XDG_SESSION_TYPE=${DESK_WAYLAND:+wayland} XDG_CURRENT_DESKTOP=X-Cinnamon
: "${XDG_SESSION_TYPE:=x11}"

sources=
for layout in $(echo "${DESK_LAYOUTS-}" | tr , ' '); do sources+="${sources:+, }('xkb', '$layout')"; done
mkdir -p "$DESK_DIR/config/glib-2.0/settings"
cat > "$DESK_DIR/config/glib-2.0/settings/keyfile" <<KEYS
[org/cinnamon]
startup-animation=false
desktop-effects=false

[org/cinnamon/desktop/wm/preferences]
num-workspaces=4

# A key whose release comes late on a busy computer must not repeat. Wayland programs get what GNOME's settings say.
[org/cinnamon/desktop/peripherals/keyboard]
repeat=false

[org/gnome/desktop/peripherals/keyboard]
repeat=false

[org/cinnamon/desktop/input-sources]
sources=[${sources:-('xkb', 'us')}]
KEYS

# told NAME: that variable in Cinnamon's own environment, which it sets to its X server.
told() {
    gdbus call --session -d org.Cinnamon -o /org/Cinnamon -m org.Cinnamon.Eval "imports.gi.GLib.getenv('$1')" | sed 's/^(true, .\"//; s/\".)$//'
}

start() {
    local args=(--sm-disable)
    [ -z "${DESK_WAYLAND-}" ] || args+=(--wayland --nested)
    rm -f "$XDG_RUNTIME_DIR"/wayland-*    # left by one that was killed
    spawn cinnamon env DISPLAY="$outer" GSETTINGS_BACKEND=keyfile DBUS_SYSTEM_BUS_ADDRESS="$DESK_SYSTEM_BUS" cinnamon "${args[@]}"
    DESK_MAIN=$SPAWNED
    wait_until "$DESK_MAIN" "org.Cinnamon is on the bus" bus_has_name org.Cinnamon
    wait_until "$DESK_MAIN" "start-up is through" grep -q 'Cinnamon took .* ms to start' "$DESK_DIR/log/cinnamon"
    [ -n "${DESK_WAYLAND-}" ] || return 0
    WAYLAND_DISPLAY=$(cd "$XDG_RUNTIME_DIR" && ls -d wayland-[0-9] | head -1)
    DISPLAY=$(told DISPLAY)
    XAUTHORITY=$(told XAUTHORITY)
    export WAYLAND_DISPLAY DISPLAY XAUTHORITY
}
desk_main start "$@"
