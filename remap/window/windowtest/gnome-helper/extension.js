/* For tests only: lists windows, and focuses one or goes to a workspace as the shell itself does. */
/* exported init */
const { Gio } = imports.gi;

const IFACE = `
<node><interface name="org.toshy.WindowTest">
  <method name="List"><arg type="au" direction="out" name="ids"/></method>
  <method name="Focused"><arg type="u" direction="out" name="id"/></method>
  <method name="Activate"><arg type="u" direction="in" name="id"/></method>
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

    Workspace(index) {
        global.workspace_manager.get_workspace_by_index(index).activate(global.get_current_time());
    }
}

function init() {
    return new WindowTest();
}
