#!/usr/bin/env bash
# cinnamon.sh [--] [COMMAND [ARG...]]: Cinnamon (5.6, X11) on Xvfb, org.Cinnamon on a private bus.
# Without COMMAND it is steered on stdin, see desk_serve in desktop-lib.sh.
. "$(dirname "$(readlink -f "$0")")/desktop-lib.sh"

[ "${1-}" != -- ] || shift
need cinnamon Xvfb dbus-send
desk_init
desk_bus
desk_system_bus
desk_xvfb
export XDG_SESSION_TYPE=x11 XDG_CURRENT_DESKTOP=X-Cinnamon

mkdir -p "$DESK_DIR/config/glib-2.0/settings"
cat > "$DESK_DIR/config/glib-2.0/settings/keyfile" <<KEYS
[org/cinnamon]
startup-animation=false
desktop-effects=false

[org/cinnamon/desktop/wm/preferences]
num-workspaces=4
KEYS

start() {
    spawn cinnamon env GSETTINGS_BACKEND=keyfile DBUS_SYSTEM_BUS_ADDRESS="$DESK_SYSTEM_BUS" cinnamon --sm-disable
    DESK_MAIN=$SPAWNED
    wait_until 60 "$DESK_MAIN" "org.Cinnamon is on the bus" bus_has_name org.Cinnamon
    wait_until 60 "$DESK_MAIN" "start-up is through" grep -q 'Cinnamon took .* ms to start' "$DESK_DIR/log/cinnamon"
}
desk_main start "$@"
