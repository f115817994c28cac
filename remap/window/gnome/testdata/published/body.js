/* For tests only. Answers where three published extensions answer, with the same methods and result
 * formats, so that the questions meet a real shell and real windows. Written from their observed
 * behaviour. Which of them is there, the test says through Only. */
function focused() {
    return global.display.focus_window;
}

const out = name => `<method name="${name}"><arg type="s" direction="out" name="result"/></method>`;

const SERVICES = {
    focused: {
        path: '/org/gnome/shell/extensions/FocusedWindow',
        iface: 'org.gnome.shell.extensions.FocusedWindow',
        methods: {
            Get() {
                const w = focused();
                return w ? JSON.stringify({
                    title: w.get_title(), wm_class: w.get_wm_class(),
                    wm_class_instance: w.get_wm_class_instance(),
                    pid: w.get_pid(), id: w.get_id(), focus: true,
                }) : '{}';
            },
        },
    },
    calls: {
        path: '/org/gnome/Shell/Extensions/WindowsExt',
        iface: 'org.gnome.Shell.Extensions.WindowsExt',
        methods: {
            List() {
                return JSON.stringify(global.get_window_actors().map(a => a.meta_window).map(w => ({
                    class: w.get_wm_class(), pid: w.get_pid(), id: w.get_id(), maximized: 0,
                    focus: w.has_focus(), title: w.get_title(),
                })));
            },
        },
    },
    xremap: {
        path: '/com/k0kubun/Xremap',
        iface: 'com.k0kubun.Xremap',
        methods: {
            ActiveWindow() {
                const w = focused();
                return w ? JSON.stringify({ wm_class: w.get_wm_class(), title: w.get_title() }) : '{}';
            },
        },
    },
};

class Published {
    enable() {
        this._objects = [];
        this._bus = Gio.DBusExportedObject.wrapJSObject(
            '<node><interface name="org.toshy.Published"><method name="Only"><arg type="s" direction="in" name="which"/></method></interface></node>', this);
        this._bus.export(Gio.DBus.session, '/org/toshy/Published');
    }

    Only(which) {
        this._objects.forEach(o => o.unexport());
        this._objects = Object.keys(SERVICES).filter(k => k === which).map(k => {
            const { path, iface, methods } = SERVICES[k];
            const xml = `<node><interface name="${iface}">${Object.keys(methods).map(out).join('')}</interface></node>`;
            const object = Gio.DBusExportedObject.wrapJSObject(xml, methods);
            object.export(Gio.DBus.session, path);
            return object;
        });
    }

    disable() {
        this.Only('');
        this._bus.unexport();
    }
}
