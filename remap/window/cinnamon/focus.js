// Evaluated in Cinnamon by toshy, over D-Bus: tells toshy's connection, and nobody else, which
// window has the focus, none while the desktop itself takes the keys (the overview, a menu, a dialog). The value is what the caller gets: the window that has it now. toshy fills
// in the name in capitals, and calls the function that this leaves at global when it ends; when it
// dies without, the hook goes by itself.
(function () {
    const Gio = imports.gi.Gio, GLib = imports.gi.GLib, Meta = imports.gi.Meta, Main = imports.ui.main;
    const OWNER = '@OWNER@';
    const PACE = 50;    // ms between two signals for a title that changes all the time
    let serial = 0, win = null, ids = [], timer = 0, dirty = false, own = false, idle = 0;

    function text(v) { return String(v || '').slice(0, 1024); }

    function describe() {
        serial = Math.max(serial + 1, GLib.get_monotonic_time());
        let wayland = typeof Meta.is_wayland_compositor === 'function' && Meta.is_wayland_compositor();
        let w = own ? null : win;
        return [String(serial), wayland ? 'wayland' : 'x11', w ? text(w.get_wm_class()) : '',
                w ? text(w.get_title()) : '', w ? String(w.get_pid()) : '',
                w && wayland && w.get_client_type() === Meta.WindowClientType.X11 ? 'x11' : ''];
    }

    // Says whether it has changed that the desktop itself takes the keys. While windows are switched through (Alt-Tab) what had
    // the keys before still counts: of what takes the keys only the switchers are bare (the one in three dimensions), or have
    // this name.
    function look() {
        let stack = Main.modalActorFocusStack || [], top = stack.length ? stack[stack.length - 1].actor : null;
        let switcher = top && (top.name === 'altTabPopup' || top.reactive && !top.name && !top.style_class && !top._delegate);
        let now = switcher ? own : Main.modalCount > 0, changed = now !== own;
        own = now;
        return changed;
    }

    // What takes the keys is told of only after the stage has changed.
    function modal() {
        if (idle)
            return;
        idle = GLib.idle_add(GLib.PRIORITY_HIGH, function () {
            idle = 0;
            if (look())
                tell();
            return false;
        });
    }

    function tell() {
        Gio.DBus.session.emit_signal(OWNER, '/org/toshy/Focus', 'org.toshy.Focus', 'Changed',
                                     new GLib.Variant('(as)', [describe()]));
    }

    function unwatch() {
        for (let id of ids)
            win.disconnect(id);
        ids = [];
        win = null;
        if (timer)
            GLib.source_remove(timer);
        timer = 0;
        dirty = false;
    }

    function title() {
        if (timer) {
            dirty = true;
            return;
        }
        tell();
        timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, PACE, function () {
            if (dirty) {
                dirty = false;
                tell();
                return true;
            }
            timer = 0;
            return false;
        });
    }

    function watch() {
        unwatch();
        let w = global.display.focus_window;
        // The desktop's own windows take the focus when there is no other.
        if (w && w.get_window_type() === Meta.WindowType.DESKTOP)
            w = null;
        win = w;
        if (win) {
            ids = [win.connect('notify::title', title), win.connect('notify::wm-class', tell),
                   win.connect('unmanaged', unwatch)];
        }
    }

    const focus = global.display.connect('notify::focus-window', function () { look(); watch(); tell(); });
    const stage = global.stage.connect('notify::key-focus', modal);
    const name = Gio.DBus.session.watch_name(OWNER, Gio.BusNameWatcherFlags.NONE, null, end);
    function end() {
        if (global._toshyFocus[OWNER] !== end)
            return;
        delete global._toshyFocus[OWNER];
        Gio.DBus.session.unwatch_name(name);
        global.display.disconnect(focus);
        global.stage.disconnect(stage);
        if (idle)
            GLib.source_remove(idle);
        idle = 0;
        unwatch();
    }
    global._toshyFocus = global._toshyFocus || {};
    global._toshyFocus[OWNER] = end;
    look();
    watch();
    return describe();
})()
