// For tests only: lists windows, focuses one, goes to a workspace, plugs a keyboard in, types on it, switches its
// layout and opens what takes the keyboard from windows, as the shell itself does.
const IFACE = `
<node><interface name="org.toshy.WindowTest">
  <method name="List"><arg type="au" direction="out" name="ids"/></method>
  <method name="Focused"><arg type="u" direction="out" name="id"/></method>
  <method name="Activate"><arg type="u" direction="in" name="id"/></method>
  <method name="Keyboard"><arg type="as" direction="in" name="layouts"/></method>
  <method name="Key"><arg type="u" direction="in" name="code"/><arg type="b" direction="in" name="down"/></method>
  <method name="SwitchLayout"><arg type="u" direction="in" name="index"/></method>
  <method name="Workspace"><arg type="u" direction="in" name="index"/></method>
  <method name="Show"><arg type="s" direction="in" name="what"/></method>
  <method name="Hide"><arg type="s" direction="in" name="what"/></method>
  <method name="Busy"><arg type="b" direction="out" name="busy"/></method>
  <method name="Launches"><arg type="u" direction="out" name="opened"/><arg type="u" direction="out" name="marks"/></method>
  <method name="Grab"><arg type="s" direction="in" name="accelerator"/></method>
  <method name="Located"><arg type="u" direction="out" name="times"/></method>
</interface></node>`;

const KEY_ESC = 1, KEY_SHIFT = 42, KEY_ALT = 56;

class WindowTest {
    enable() {
        this._bus = Gio.DBusExportedObject.wrapJSObject(IFACE, this);
        this._bus.export(Gio.DBus.session, '/org/toshy/WindowTest');
        this._opened = this._marks = this._located = 0;
        this._showing = Main.overview.connect('showing', () => this._opened++);
        this._mark = global.display.grab_accelerator('<Super>F9', 0);
        Main.wm.allowKeybinding(Meta.external_binding_name_for_action(this._mark), Shell.ActionMode.ALL);
        this._activated = global.display.connect('accelerator-activated', (_display, action) => {
            if (action === this._mark)
                this._marks++;
        });
    }

    disable() {
        this._bus.unexport();
        if (this._locating)
            global.disconnect(this._locating);
        Main.overview.disconnect(this._showing);
        global.display.disconnect(this._activated);
        global.display.ungrab_accelerator(this._mark);
    }

    _windows() {
        return global.get_window_actors().map(a => a.meta_window);
    }

    List() {
        return this._windows().map(w => w.get_id());
    }

    Focused() {
        return global.display.focus_window ? global.display.focus_window.get_id() : 0;
    }

    Activate(id) {
        this._windows().find(w => w.get_id() === id).activate(global.get_current_time());
    }

    Keyboard(layouts) {
        const sources = new GLib.Variant('a(ss)', layouts.map(id => ['xkb', id]));
        new Gio.Settings({ schema_id: 'org.gnome.desktop.input-sources' }).set_value('sources', sources);
        const backend = global.stage.context?.get_backend?.() ?? Clutter.get_default_backend(); // of today's and of older shells
        this._keyboard = backend.get_default_seat().create_virtual_device(Clutter.InputDeviceType.KEYBOARD_DEVICE);
        for (const down of [true, false])
            this._key(KEY_SHIFT, down); // it is there with its first key
    }

    Key(code, down) {
        this._key(code, down);
    }

    SwitchLayout(index) {
        inputSources().inputSources[index].activate(true);
    }

    Workspace(index) {
        global.workspace_manager.get_workspace_by_index(index).activate(global.get_current_time());
    }

    Show(what) {
        switch (what) {
        case 'overview': Main.overview.show(); break;
        case 'run dialog': Main.openRunDialog(); break;
        // Not the calendar: GNOME 43 can crash if it opens with a notification that has just gone.
        case 'menu': Main.panel.statusArea.quickSettings.menu.open(); break;
        case 'switcher':
            this._key(KEY_ALT, true); // or it is over at once
            this._switcher = new WindowSwitcherPopup();
            this._switcher.show(false, 'switch-windows', Clutter.ModifierType.MOD1_MASK);
        }
    }

    Hide(what) {
        switch (what) {
        case 'overview': Main.overview.hide(); break;
        // The shell keeps the dialog to itself; it goes as by Escape.
        case 'run dialog': this._escape(); break;
        case 'menu': Main.panel.statusArea.quickSettings.menu.close(); break;
        case 'switcher': this._key(KEY_ALT, false);
        }
    }

    // Whether the shell itself has the keyboard.
    Busy() {
        return Main.actionMode !== Shell.ActionMode.NORMAL;
    }

    // How often the overview has opened, and Super-F9 or what Grab took instead was pressed.
    Launches() {
        return [this._opened, this._marks];
    }

    // Another shortcut takes the place of Super-F9.
    Grab(accelerator) {
        global.display.ungrab_accelerator(this._mark);
        this._mark = global.display.grab_accelerator(accelerator, 0);
        Main.wm.allowKeybinding(Meta.external_binding_name_for_action(this._mark), Shell.ActionMode.ALL);
    }

    // From the first call, a tap of Control shows where the pointer is. Returns how often it did.
    Located() {
        if (!this._locating) {
            new Gio.Settings({ schema_id: 'org.gnome.desktop.interface' }).set_boolean('locate-pointer', true);
            this._locating = global.connect('locate-pointer', () => this._located++);
        }
        return this._located;
    }

    _escape() {
        for (const down of [true, false])
            this._key(KEY_ESC, down);
    }

    _key(code, down) {
        this._keyboard.notify_key(GLib.get_monotonic_time(), code, down ? Clutter.KeyState.PRESSED : Clutter.KeyState.RELEASED);
    }
}
