// For tests only: as much of GNOME Shell 45 as the extension touches, in gjs. The real thing is not
// in Debian 12. Arguments: the folder of the extension, in which "extension-base.js" stands in for
// the shell's own module. Lines on stdin: focus CLASS TITLE, title TITLE, none, disable, enable.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

const Window = GObject.registerClass({
    Properties: {
        'title': GObject.ParamSpec.string('title', '', '', GObject.ParamFlags.READWRITE, ''),
        'wm-class': GObject.ParamSpec.string('wm-class', '', '', GObject.ParamFlags.READWRITE, ''),
    },
    Signals: { 'unmanaging': {} },
}, class Window extends GObject.Object {
    get_title() { return this.title; }
    get_wm_class() { return this.wm_class; }
    get_sandboxed_app_id() { return null; }
    get_pid() { return 1; }
});
const Display = GObject.registerClass({
    Properties: { 'focus-window': GObject.ParamSpec.object('focus-window', '', '', GObject.ParamFlags.READWRITE, Window.$gtype) },
}, class Display extends GObject.Object {});

globalThis.global = { display: new Display() };
const loop = new GLib.MainLoop(null, false);
const { default: Extension } = await import(`file://${ARGV[0]}/extension.js`);
const extension = new Extension({});
const input = Gio.DataInputStream.new(new Gio.UnixInputStream({ fd: 0, close_fd: false }));
function next() {
    input.read_line_async(GLib.PRIORITY_DEFAULT, null, (_, result) => {
        const [line] = input.read_line_finish_utf8(result);
        if (line === null) {
            loop.quit();
            return;
        }
        const [order, ...rest] = line.split(' ');
        switch (order) {
        case 'focus':
            global.display.focus_window = new Window({ wm_class: rest[0], title: rest.slice(1).join(' ') });
            break;
        case 'title':
            global.display.focus_window.title = rest.join(' ');
            break;
        case 'none':
            global.display.focus_window = null;
            break;
        default:
            extension[order]();
        }
        next();
    });
}
extension.enable();
Gio.DBus.session.own_name('org.gnome.Shell', Gio.BusNameOwnerFlags.NONE, next, () => loop.quit());
loop.run();
