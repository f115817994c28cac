#!/usr/bin/env bash
# kwin.sh [--] [COMMAND [ARG...]]: KWin as a Wayland compositor with a virtual output
# and compositing on the CPU, org.kde.KWin on a private bus. DESK_XWAYLAND=1 adds Xwayland.
# DESK_X11=1 makes it the window manager of an X server (Xvfb).
# DESK_OUTER=:5 makes it a window of that X server, whose keyboard it then has. DESK_LAYOUTS=fr,ru sets keyboard layouts, DESK_VARIANTS=,phonetic their variants. Without COMMAND it is steered on stdin, see desk_serve in desktop-lib.sh.
. "$(dirname "$(readlink -f "$0")")/desktop-lib.sh"

[ "${1-}" != -- ] || shift
[ -n "${DESK_X11-}" ] && program=kwin_x11 || program=kwin_wayland
need "$program" dbus-send
desk_init
[ -z "${DESK_X11-}" ] || desk_xvfb # first: programs that the bus starts need its display, such as kglobalaccel
desk_bus
[ -z "${DESK_X11-}" ] || desk_system_bus

# Debian's binary carries the file capability cap_sys_resource. Where that is not in the bounding
# set (most containers) exec fails with 'Operation not permitted', and where it is, the process
# counts as privileged and ignores parts of its environment. A plain copy has no capability.
cp "$(command -v "$program")" "$DESK_DIR/$program" || die "cannot copy $program"

export XDG_SESSION_TYPE=${DESK_X11:+x11} XDG_CURRENT_DESKTOP=KDE KDE_FULL_SESSION=true KDE_SESSION_VERSION=5
: "${XDG_SESSION_TYPE:=wayland}"
cat > "$DESK_DIR/session" <<SESSION
#!/bin/sh
echo "DISPLAY=\$DISPLAY WAYLAND_DISPLAY=\$WAYLAND_DISPLAY XAUTHORITY=\$XAUTHORITY" > "$DESK_DIR/env.tmp" &&
mv "$DESK_DIR/env.tmp" "$DESK_DIR/env"
SESSION
chmod +x "$DESK_DIR/session"

# A key whose release comes late on a busy computer must not repeat.
printf '[Keyboard]\nKeyRepeat=nothing\n' > "$DESK_DIR/config/kcminputrc"
# With compositing, kwin_x11 ends itself if OpenGL takes longer than 15 s to start, as it can on a busy computer.
[ -z "${DESK_X11-}" ] || printf '[Compositing]\nEnabled=false\n' > "$DESK_DIR/config/kwinrc"
if [ -n "${DESK_LAYOUTS-}" ]; then
    printf '[Layout]\nUse=true\nLayoutList=%s\nVariantList=%s\n' "$DESK_LAYOUTS" "${DESK_VARIANTS-}" > "$DESK_DIR/config/kxkbrc"
fi

start() {
    local args kv
    if [ -n "${DESK_X11-}" ]; then
        spawn kwin env DBUS_SYSTEM_BUS_ADDRESS="$DESK_SYSTEM_BUS" QT_LOGGING_RULES='kwin_scripting.debug=true;js.debug=true' "$DESK_DIR/kwin_x11" --no-kactivities
        DESK_MAIN=$SPAWNED
        wait_until "$DESK_MAIN" "org.kde.KWin is on the bus" bus_has_name org.kde.KWin
        return
    fi
    args=(--virtual)
    [ -z "${DESK_OUTER-}" ] || args=(--x11-display "$DESK_OUTER")
    args+=(--width 1024 --height 768 --socket wayland-kde
          --no-lockscreen --no-kactivities)
    [ -n "${DESK_SHORTCUTS-}" ] || args+=(--no-global-shortcuts)
    [ -z "${DESK_XWAYLAND-}" ] || { need Xwayland; args+=(--xwayland); }
    rm -f "$DESK_DIR/env" "$XDG_RUNTIME_DIR"/wayland-kde*    # left by one that was killed
    spawn kwin env KWIN_COMPOSE=Q QT_LOGGING_RULES='kwin_scripting.debug=true;js.debug=true' \
        "$DESK_DIR/kwin_wayland" "${args[@]}" "$DESK_DIR/session"
    DESK_MAIN=$SPAWNED
    # Its session program tells that the servers are up, and which DISPLAY Xwayland has.
    wait_until "$DESK_MAIN" "KWin started its session program" test -s "$DESK_DIR/env"
    for kv in $(cat "$DESK_DIR/env"); do [ -z "${kv#*=}" ] || export "${kv?}"; done
    wait_until "$DESK_MAIN" "org.kde.KWin is on the bus" bus_has_name org.kde.KWin
}
desk_main start "$@"
