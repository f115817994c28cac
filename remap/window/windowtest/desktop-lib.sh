# shellcheck shell=bash
# desktop-lib.sh - what the scripts that start real desktops share; sourced, not run.
#
# Each starts one desktop without screen, GPU, logind or login session, under a private session bus
# and a private XDG_RUNTIME_DIR, then runs a command inside or, without one, obeys its stdin (see
# desk_serve), and ends everything that it started.
#
# Everything a recipe starts goes through `spawn`, which gives each process its
# own process group and remembers the group's id. Cleanup ends those groups and
# nothing else, so several recipes may run side by side on one machine.

set -u

DESK_GROUPS=()
DESK_DIR=
DESK_CMD=
DESK_MAIN=
DESK_START=
DESK_T0=$(date +%s%N)
DESK_KEEP_LOGS=${DESK_KEEP_LOGS:-}      # a folder: logs are copied there at the end
DESK_DEBUG=${DESK_DEBUG:-}              # non-empty: say what happens

say()  { printf 'desktops: %s\n' "$*" >&2; }
note() { [ -z "$DESK_DEBUG" ] || say "$*"; }
ms()   { echo $(( ($(date +%s%N) - DESK_T0) / 1000000 )); }

die() {
    say "$*"
    if [ -n "$DESK_DIR" ]; then
        local f
        for f in "$DESK_DIR"/log/*; do
            [ -s "$f" ] || continue
            say "last lines of ${f##*/}:"
            tail -n 15 "$f" >&2
        done
    fi
    exit 70
}

need() {
    local p missing=
    for p in "$@"; do command -v "$p" >/dev/null 2>&1 || missing="$missing $p"; done
    [ -z "$missing" ] || { say "not installed:$missing"; exit 69; }
}

desk_init() {
    # A short path: a unix socket's path must fit in 107 bytes.
    DESK_DIR=$(mktemp -d "${TMPDIR:-/tmp}/desk.XXXXXX") || exit 70
    trap desk_cleanup EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir -m 700 "$DESK_DIR/run"
    mkdir "$DESK_DIR/log" "$DESK_DIR/config" "$DESK_DIR/data" "$DESK_DIR/cache" "$DESK_DIR/state"
    export XDG_RUNTIME_DIR="$DESK_DIR/run"
    # Nothing of a desktop that this shell may itself be running in may leak in.
    unset DISPLAY WAYLAND_DISPLAY WAYLAND_SOCKET XAUTHORITY DBUS_SESSION_BUS_ADDRESS \
          SWAYSOCK I3SOCK HYPRLAND_INSTANCE_SIGNATURE NIRI_SOCKET DESKTOP_SESSION \
          KDE_FULL_SESSION KDE_SESSION_VERSION XDG_SESSION_ID XDG_SESSION_TYPE \
          XDG_CURRENT_DESKTOP XDG_SESSION_DESKTOP GNOME_SETUP_DISPLAY
    # No accelerator: Mesa's software rasteriser, Qt's software paths.
    export LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=llvmpipe NO_AT_BRIDGE=1 GTK_A11Y=none
}

# desk_exec CMD...: become CMD, with private settings folders. The desktop gets
# them; the command under test does not, so that `go test` keeps its build cache.
# Only for a subshell: the chain of execs keeps the pid, which is what makes
# that pid the id of the new process group too.
desk_exec() {
    exec env HOME="$DESK_DIR" XDG_CONFIG_HOME="$DESK_DIR/config" XDG_DATA_HOME="$DESK_DIR/data" \
        XDG_CACHE_HOME="$DESK_DIR/cache" XDG_STATE_HOME="$DESK_DIR/state" "$@"
}

# spawn NAME CMD...: start CMD in the background as the leader of its own
# group; its output goes to log/NAME; SPAWNED is its pid. The log of one that ran before stays as log/NAME.before.
spawn() {
    local name=$1; shift
    [ ! -e "$DESK_DIR/log/$name" ] || mv "$DESK_DIR/log/$name" "$DESK_DIR/log/$name.before"
    ( desk_exec setsid "$@" ) >"$DESK_DIR/log/$name" 2>&1 </dev/null &
    SPAWNED=$!
    DESK_GROUPS=("$SPAWNED" ${DESK_GROUPS[@]+"${DESK_GROUPS[@]}"})
    note "$(ms) ms: started $name (pid $SPAWNED)"
}

alive() { kill -0 "$1" 2>/dev/null; }

# wait_until PID WHAT CMD...: poll CMD until it succeeds; give up when PID has
# ended or after DESK_LIMIT seconds. The limit only ends what hangs: on a busy
# computer, a desktop can take a minute for what it usually does at once.
DESK_LIMIT=300
wait_until() {
    local pid=$1 what=$2 end; shift 2
    end=$(( $(date +%s) + DESK_LIMIT ))
    until "$@" >/dev/null 2>&1; do
        alive "$pid" || die "process $pid ended before: $what"
        [ "$(date +%s)" -lt "$end" ] || die "not within $DESK_LIMIT s: $what"
        sleep 0.05
    done
    note "$(ms) ms: $what"
}

# A private session bus. The stock session.conf is used, so services that are
# installed (dconf, at-spi, ...) can be activated on it.
desk_bus() {
    need dbus-daemon
    spawn dbus dbus-daemon --session --nofork --nopidfile --address="unix:path=$XDG_RUNTIME_DIR/bus"
    export DBUS_SESSION_BUS_ADDRESS="unix:path=$XDG_RUNTIME_DIR/bus"
    wait_until "$SPAWNED" "session bus is up" test -S "$XDG_RUNTIME_DIR/bus"
}

# An empty bus in the place of the system's: a desktop that asks it for logind, accounts and so on
# hears 'no such service' at once, and the machine's own is never touched. Sets DESK_SYSTEM_BUS.
desk_system_bus() {
    spawn systembus dbus-daemon --session --nofork --nopidfile --address="unix:path=$XDG_RUNTIME_DIR/system_bus"
    wait_until "$SPAWNED" "empty system bus is up" test -S "$XDG_RUNTIME_DIR/system_bus"
    DESK_SYSTEM_BUS="unix:path=$XDG_RUNTIME_DIR/system_bus"
}

bus_has_name() {
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:"$1" 2>/dev/null | grep -q 'boolean true'
}

# desk_xvfb: an X server; sets DISPLAY. The number is chosen here, from 100 up:
# with 'Xvfb -displayfd' alone and several servers starting at once, sockets in
# use vanished. Compositors look for their Xwayland's number from 0 up.
desk_xvfb() {
    local n=$((100 + $$ % 400)) end
    end=$((n + 50))
    while [ "$n" -lt "$end" ]; do
        n=$((n + 1))
        [ ! -e "/tmp/.X$n-lock" ] && [ ! -e "/tmp/.X11-unix/X$n" ] || continue
        ! grep -q "@/tmp/.X11-unix/X$n\$" /proc/net/unix || continue     # of a test in another chroot
        : > "$DESK_DIR/display"
        spawn xvfb sh -c 'exec Xvfb ":$2" -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$1"' sh "$DESK_DIR/display" "$n"
        while alive "$SPAWNED" && [ ! -s "$DESK_DIR/display" ]; do sleep 0.05; done
        if [ -s "$DESK_DIR/display" ]; then
            export DISPLAY=":$n"
            note "$(ms) ms: X server $DISPLAY is up"
            return
        fi
    done
    die "no X server would start"
}

# desk_kill PID: end what `spawn` started as a crash would, and wait for it.
desk_kill() {
    local g keep=()
    kill -KILL -- "-$1" 2>/dev/null
    wait "$1" 2>/dev/null
    desk_unlock "$1"
    for g in ${DESK_GROUPS[@]+"${DESK_GROUPS[@]}"}; do [ "$g" = "$1" ] || keep+=("$g"); done
    DESK_GROUPS=(${keep[@]+"${keep[@]}"})
    note "$(ms) ms: ended $1"
}

# A compositor that does not end well leaves the X display locked; locks name their owner, so only
# those of the processes given are removed.
desk_unlock() {
    local i g
    for i in /tmp/.X*-lock; do
        [ -f "$i" ] || continue
        for g; do
            [ "$(tr -dc 0-9 < "$i")" = "$g" ] || continue
            rm -f "$i" "/tmp/.X11-unix/X$(echo "${i##*/}" | tr -dc 0-9)"
            break
        done
    done
}

# desk_main START [CMD...]: START starts the desktop proper, sets DESK_MAIN to its pid and exports
# what clients need. With CMD, call it and run CMD inside; without, serve.
desk_main() {
    DESK_START=$1; shift
    if [ $# -gt 0 ]; then "$DESK_START"; desk_run "$@"; else desk_serve; fi
}

# desk_run CMD...: run the command under test; its status becomes the script's.
# In the background, so that a signal to this script takes effect at once.
desk_run() {
    local status
    say "ready in $(ms) ms; running: $*"
    "$@" <&0 &
    DESK_CMD=$!
    wait "$DESK_CMD"; status=$?
    DESK_CMD=
    return "$status"
}

# desk_serve: the bus is there, the desktop is not; say on stdout what clients need in their
# environment ("env NAME=VALUE", then "ready"), and obey lines on stdin until it ends:
#   start    start the desktop                             answer: env lines, "ready"
#   kill     end it as a crash would; the bus stays        answer: "stopped"
desk_tell() {
    local v
    for v in XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS XDG_SESSION_TYPE XDG_CURRENT_DESKTOP \
             WAYLAND_DISPLAY DISPLAY XAUTHORITY; do
        [ -z "${!v-}" ] || printf 'env %s=%s\n' "$v" "${!v}"
    done
    printf 'ready\n'
}
desk_serve() {
    local line
    desk_tell
    while IFS= read -r line; do
        case $line in
        kill)  desk_kill "$DESK_MAIN"; echo stopped ;;
        start) "$DESK_START"; desk_tell ;;
        *)     die "unknown command: $line" ;;
        esac
    done
    return 0
}

desk_cleanup() {
    local status=$? g i
    trap - EXIT HUP INT TERM
    [ -n "$DESK_DIR" ] || exit "$status"
    [ -z "$DESK_CMD" ] || kill -TERM "$DESK_CMD" 2>/dev/null
    exec 2>/dev/null        # the shell's own notes on how its children ended
    for g in ${DESK_GROUPS[@]+"${DESK_GROUPS[@]}"}; do kill -TERM -- "-$g" 2>/dev/null; done
    for g in ${DESK_GROUPS[@]+"${DESK_GROUPS[@]}"}; do
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kill -0 -- "-$g" 2>/dev/null || break
            sleep 0.05
        done
        kill -KILL -- "-$g" 2>/dev/null
    done
    wait 2>/dev/null
    desk_unlock ${DESK_GROUPS[@]+"${DESK_GROUPS[@]}"}
    [ -z "$DESK_KEEP_LOGS" ] || { mkdir -p "$DESK_KEEP_LOGS" && cp "$DESK_DIR"/log/* "$DESK_KEEP_LOGS"/; }
    case $DESK_DIR in */desk.??????) rm -rf -- "$DESK_DIR" ;; esac
    exit "$status"
}
