/* For tests only: lists windows, focuses one, goes to a workspace, plugs a keyboard in and switches its
   layout as the shell itself does. */
/* exported init */
const { Clutter, Gio, GLib } = imports.gi;

const IFACE = `
<node><interface name="org.toshy.WindowTest">
  <method name="List"><arg type="au" direction="out" name="ids"/></method>
  <method name="Focused"><arg type="u" direction="out" name="id"/></method>
  <method name="Activate"><arg type="u" direction="in" name="id"/></method>
  <method name="Keyboard"><arg type="as" direction="in" name="layouts"/></method>
  <method name="SwitchLayout"><arg type="u" direction="in" name="index"/></method>
  <method name="Workspace"><arg type="u" direction="in" name="index"/></method>
</interface></node>`;

class WindowTest {
    enable() {
        this._bus = Gio.DBusExportedObject.wrapJSObject(IFACE, this);
        this._bus.export(Gio.DBus.session, '/org/toshy/WindowTest');
    }

    disable() {
        this._bus.unexport();
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
        const seat = Clutter.get_default_backend().get_default_seat();
        this._keyboard = seat.create_virtual_device(Clutter.InputDeviceType.KEYBOARD_DEVICE);
        for (const state of [Clutter.KeyState.PRESSED, Clutter.KeyState.RELEASED])
            this._keyboard.notify_key(GLib.get_monotonic_time(), 42, state); // it is there with its first key
    }

    SwitchLayout(index) {
        imports.ui.status.keyboard.getInputSourceManager().inputSources[index].activate(true);
    }

    Workspace(index) {
        global.workspace_manager.get_workspace_by_index(index).activate(global.get_current_time());
    }
}

function init() {
    return new WindowTest();
}
