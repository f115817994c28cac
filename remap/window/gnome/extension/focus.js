// The body of both builds. Tells on the session bus which window has the focus, none while the shell itself takes
// the keys (the overview, the run dialog, a menu): the answer to Get, and the signal Changed on each change of focus,
// title or class; and which keyboard layout is active:
// GetLayout and LayoutChanged, by its group in the keymap (-1: not known) and its name. Callers address
// it as org.gnome.Shell, whose connection it is exported on.
const PATH = '/org/toshy/Focus';
const IFACE = `
<node><interface name="org.toshy.Focus">
  <method name="Get"><arg type="t" direction="out" name="serial"/><arg type="a{sv}" direction="out" name="window"/></method>
  <signal name="Changed"><arg type="t" name="serial"/><arg type="a{sv}" name="window"/></signal>
  <method name="GetLayout"><arg type="i" direction="out" name="group"/><arg type="s" direction="out" name="name"/></method>
  <signal name="LayoutChanged"><arg type="i" name="group"/><arg type="s" name="name"/></signal>
  <method name="Type"><arg type="s" direction="in" name="text"/><arg type="t" direction="in" name="until"/><arg type="s" direction="out" name="result"/></method>
</interface></node>`;

const PACE = 50;    // ms between two signals for a title that changes all the time
const LONGEST = 1024;
const IBUS = 10;    // ms in which IBus has given back the keys before a text
const MOST = 256;   // UTF-16 units of a text to type

function isX11(w) {
    return w.get_client_type() === Meta.WindowClientType.X11;
}

class Focus {
    enable() {
        this._serial = 0;
        this._window = null;
        this._ids = [];
        this._timer = 0;
        this._dirty = false;
        this._bus = Gio.DBusExportedObject.wrapJSObject(IFACE, this);
        this._bus.export(Gio.DBus.session, PATH);
        this._typing = new Set();
        this._focusId = global.display.connect('notify::focus-window', () => this._focus());
        this._own = false;
        this._idle = 0;
        this._stageIds = ['notify::key-focus', 'notify::is-grabbed'].map(s => global.stage.connect(s, () => this._modal()));
        this._overviewIds = ['hidden', 'shown'].map(s => Main.overview.connect(s, () => this._modal()));
        this._look();
        this._sources = inputSources();
        this._sourceId = this._sources.connect('current-source-changed', () => this._emitLayout());
        this._focus();
    }

    // Also called when the screen is locked: the last word is that no window has the focus.
    disable() {
        global.display.disconnect(this._focusId);
        for (const id of this._stageIds)
            global.stage.disconnect(id);
        for (const id of this._overviewIds)
            Main.overview.disconnect(id);
        if (this._idle)
            GLib.source_remove(this._idle);
        this._idle = 0;
        this._sources.disconnect(this._sourceId);
        this._sources = null;
        for (const id of this._typing)
            GLib.source_remove(id);
        this._typing.clear();
        this._unwatch();
        this._emit();
        this._bus.unexport();
        this._bus = null;
    }

    _unwatch() {
        for (const id of this._ids)
            this._window.disconnect(id);
        this._ids = [];
        this._window = null;
        if (this._timer)
            GLib.source_remove(this._timer);
        this._timer = 0;
        this._dirty = false;
    }

    // The mode is set only after the stage has told.
    _modal() {
        if (this._idle)
            return;
        this._idle = GLib.idle_add(GLib.PRIORITY_HIGH, () => {
            this._idle = 0;
            if (this._look())
                this._emit();
            return GLib.SOURCE_REMOVE;
        });
    }

    // Says whether it has changed that the shell itself takes the keys. While windows are switched through (Alt-Tab)
    // the mode is NONE: what had the keys before still counts.
    _look() {
        const mode = Main.actionMode;
        const own = mode === Shell.ActionMode.NONE ? this._own : mode !== Shell.ActionMode.NORMAL;
        const changed = own !== this._own;
        this._own = own;
        return changed;
    }

    _focus() {
        this._look(); // the stage may have told before the mode was set
        this._unwatch();
        const w = global.display.focus_window;
        if (w) {
            this._window = w;
            this._ids = [
                w.connect('notify::title', () => this._title()),
                w.connect('notify::wm-class', () => this._emit()),
                w.connect('unmanaging', () => this._unwatch()),
            ];
        }
        this._emit();
    }

    // The first change at once, then at most one per PACE, and the last one in any case.
    _title() {
        if (this._timer) {
            this._dirty = true;
            return;
        }
        this._emit();
        this._timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, PACE, () => {
            if (this._dirty) {
                this._dirty = false;
                this._emit();
                return GLib.SOURCE_CONTINUE;
            }
            this._timer = 0;
            return GLib.SOURCE_REMOVE;
        });
    }

    // Serials are monotonic time in microseconds, made to grow: they also order what was said before
    // and after the extension was switched off and on.
    _next() {
        return this._serial = Math.max(this._serial + 1, GLib.get_monotonic_time());
    }

    _emit() {
        this._bus.emit_signal('Changed', new GLib.Variant('(ta{sv})', [this._next(), this._describe()]));
    }

    _describe() {
        const s = v => new GLib.Variant('s', String(v || '').slice(0, LONGEST));
        // Shells from 50 on have no X11 session, and may lose the question.
        const wayland = typeof Meta.is_wayland_compositor !== 'function' || Meta.is_wayland_compositor();
        const said = { session: s(wayland ? 'wayland' : 'x11') };
        const w = this._window;
        if (w && !this._own) {
            said.class = s(w.get_wm_class() || w.get_sandboxed_app_id());
            said.title = s(w.get_title());
            said.pid = new GLib.Variant('i', w.get_pid());
            said.x11 = new GLib.Variant('b', wayland && isX11(w));
        }
        return said;
    }

    GetAsync(params, invocation) {
        this._look();
        invocation.return_value(new GLib.Variant('(ta{sv})', [this._next(), this._describe()]));
    }

    // The shell puts up to three layouts into one keymap. Their names there are English, the display
    // name is in the user's language; the number is the manager's own business and may go away.
    _layout() {
        const group = keyboards()._current?.groupIndex;
        const name = this._sources.currentSource?.displayName;
        return new GLib.Variant('(is)', [Number.isInteger(group) ? group : -1, String(name || '').slice(0, LONGEST)]);
    }

    _emitLayout() {
        this._bus.emit_signal('LayoutChanged', this._layout());
    }

    // Types a text as input methods do: what no key types. Answers with done, failed, or x11, which input methods of the
    // shell do not reach. With IBus, the keys before the text are still on their way through it.
    TypeAsync([text, until], invocation) {
        const type = () => invocation.return_value(new GLib.Variant('(s)', [this._type(text, until)]));
        if (text === '' || !Main.inputMethod._context) {
            type();
            return;
        }
        const id = GLib.timeout_add(GLib.PRIORITY_HIGH, IBUS, () => {
            this._typing.delete(id);
            type();
            return GLib.SOURCE_REMOVE;
        });
        this._typing.add(id);
    }

    // Nothing is typed after a time (microseconds of the monotonic clock), for the keys have gone on then.
    _type(text, until) {
        if (text === '' || text.length > MOST || /\p{Cc}/u.test(text) || GLib.get_monotonic_time() > until)
            return 'failed';
        const w = global.display.focus_window;
        if (w && !this._own && isX11(w))
            return 'x11';
        if (!Main.inputMethod.currentFocus)
            return 'failed';
        Main.inputMethod.commit(text);
        return 'done';
    }

    GetLayoutAsync(params, invocation) {
        invocation.return_value(this._layout());
    }
}
