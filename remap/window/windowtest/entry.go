package windowtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// An Entry is a text field of a real toolkit on an X server.
type Entry struct {
	x   *X11
	log string
	p   *process
}

// entryScript shows a field and appends its text to a file with each change. Arguments: the version of GTK, the file.
const entryScript = `
import sys, gi
version, log = sys.argv[1], open(sys.argv[2], 'a', buffering=1)
gi.require_version('Gtk', version)
from gi.repository import Gtk, GLib
def show(window, entry):
    entry.connect('changed', lambda *_: log.write(entry.get_text() + '\n'))
    entry.grab_focus()
    def ready():
        if window.is_active():
            log.write('ready\n')
        return not window.is_active()
    GLib.timeout_add(20, ready)
entry = None
if version == '3.0':
    window, entry = Gtk.Window(), Gtk.Entry()
    window.add(entry)
    window.show_all()
    show(window, entry)
    Gtk.main()
else:
    app = Gtk.Application(application_id='org.toshy.entry')
    def activate(app):
        window, entry = Gtk.ApplicationWindow(application=app), Gtk.Entry()
        window.set_child(entry)
        window.present()
        show(window, entry)
    app.connect('activate', activate)
    app.run([])
`

// OpenEntry shows a field of GTK "3.0" or "4.0", which has the focus.
func (x *X11) OpenEntry(t testing.TB, version string) *Entry {
	t.Helper()
	need(t, "python3")
	if err := xtest.Init(x.c); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(x.Dir, "entry.py")
	if err := os.WriteFile(script, []byte(entryScript), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &Entry{x: x, log: filepath.Join(Dir(t), "text")}
	e.p = start(t, x.Dir, []string{
		"DISPLAY=" + x.Display, "GDK_BACKEND=x11", "GTK_IM_MODULE=gtk-im-context-simple", "GSK_RENDERER=cairo", "GTK_A11Y=none",
		"DBUS_SESSION_BUS_ADDRESS=disabled:",
	}, "python3", script, version, e.log)
	e.p.untilReady(t, "the field of GTK "+version+" has the focus", func() bool { return e.Text() == "ready" })
	return e
}

// Text is the last that the field had in it.
func (e *Entry) Text() string {
	b, err := os.ReadFile(e.log)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	return lines[len(lines)-1]
}

// Key presses or releases a key, by its kernel code.
func (e *Entry) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	kind := byte(xproto.KeyRelease)
	if press {
		kind = xproto.KeyPress
	}
	const offset = 8 // X's codes are the kernel's and 8
	if err := xtest.FakeInputChecked(e.x.c, kind, byte(code+offset), 0, e.x.root, 0, 0, 0).Check(); err != nil {
		t.Fatal(err)
	}
}

// Close ends the program.
func (e *Entry) Close() { e.p.kill() }
