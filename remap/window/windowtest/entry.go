package windowtest

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// An Entry is a text field of a real toolkit.
type Entry struct {
	x   *X11 // its keyboard types into the field
	log string
	p   *process
}

// entryScript shows a field and appends its text to a file with each change. Arguments: the version of GTK, "qt5" or "qt"; the file;
// for Qt, "menu" for a menu bar above the field.
const entryScript = `
import sys, gi
version, log = sys.argv[1], open(sys.argv[2], 'a', buffering=1)
if version in ('qt', 'qt5'):
    if version == 'qt':
        from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow
    else:
        from PyQt5.QtWidgets import QApplication, QLineEdit, QMainWindow
    class Field(QLineEdit):
        def focusInEvent(self, event):
            super().focusInEvent(event)
            log.write('ready\n')
    app, field = QApplication([]), Field()
    app.setDesktopFileName('org.toshy.entry')
    field.textChanged.connect(lambda text: log.write(text + '\n'))
    window = field
    if sys.argv[3:]:
        window = QMainWindow()
        window.menuBar().setNativeMenuBar(False)
        window.menuBar().addMenu('&File').addAction('&Open')
        window.setCentralWidget(field)
    window.show()
    field.setFocus()
    sys.exit(app.exec())
gi.require_version('Gtk', version)
from gi.repository import Gtk, GLib
GLib.set_prgname('org.toshy.entry')
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

// OpenEntry shows a field of GTK "3.0" or "4.0" and gives it the focus. The server's keyboard types into it.
func (x *X11) OpenEntry(t testing.TB, version string) *Entry {
	t.Helper()
	e := openEntry(t, version, "DISPLAY="+x.Display, "GDK_BACKEND=x11", "GTK_IM_MODULE=gtk-im-context-simple", "DBUS_SESSION_BUS_ADDRESS=disabled:")
	e.x = x
	return e
}

// OpenWaylandEntry shows a field on a compositor: of GTK "3.0" or "4.0", of "qt5" or "qt" (6), or of "firefox". env
// says where the compositor is.
func OpenWaylandEntry(t testing.TB, toolkit string, env ...string) *Entry {
	t.Helper()
	return openEntry(t, toolkit, onWayland(env)...)
}

func onWayland(env []string) []string {
	return append(slices.Clone(env), "GDK_BACKEND=wayland", "QT_QPA_PLATFORM=wayland")
}

// OpenX11Entry shows a field on an X server, of the same toolkits. env says where the server is.
func OpenX11Entry(t testing.TB, toolkit string, env ...string) *Entry {
	t.Helper()
	return openEntry(t, toolkit, onX11(env)...)
}

func onX11(env []string) []string {
	return append(slices.Clone(env), "GDK_BACKEND=x11", "QT_QPA_PLATFORM=xcb", "GTK_IM_MODULE=gtk-im-context-simple", "DBUS_SESSION_BUS_ADDRESS=disabled:")
}

func openEntry(t testing.TB, toolkit string, env ...string) *Entry {
	t.Helper()
	if toolkit == "firefox" {
		return openFirefox(t, browserPage, env...)
	}
	return openScript(t, toolkit, nil, env...)
}

// openScript runs entryScript, with more arguments after the file.
func openScript(t testing.TB, toolkit string, more []string, env ...string) *Entry {
	t.Helper()
	need(t, "python3")
	dir := Dir(t)
	script := filepath.Join(dir, "entry.py")
	if err := os.WriteFile(script, []byte(entryScript), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &Entry{log: filepath.Join(dir, "text")}
	open := func() *process {
		return start(t, dir, append([]string{"GSK_RENDERER=cairo", "GTK_A11Y=none"}, env...), "python3", append([]string{script, toolkit, e.log}, more...)...)
	}
	e.p = shown(t, "the field of "+toolkit+" has the focus", open, func() bool { return e.Text() == "ready" })
	t.Cleanup(func() {
		if text, err := os.ReadFile(e.log); err == nil && t.Failed() {
			t.Logf("what the field of %s contained:\n%s", toolkit, text[max(0, len(text)-2000):])
		}
	})
	return e
}

// Text returns the current text of the field.
func (e *Entry) Text() string {
	f, err := os.Open(e.log)
	if err != nil {
		return ""
	}
	defer f.Close()
	const longest = 1 << 16 // of a text; the file grows with every key
	size, _ := f.Seek(0, io.SeekEnd)
	b := make([]byte, min(size, longest))
	if _, err := f.ReadAt(b, size-int64(len(b))); err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	return lines[len(lines)-1]
}

// Key presses or releases a key, by its kernel code.
func (e *Entry) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	e.x.Key(t, code, press)
}

// Key presses or releases a key of the X server's keyboard, by its kernel code, which must be below 248.
func (x *X11) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	if err := xtest.Init(x.c); err != nil {
		t.Fatal(err)
	}
	kind := byte(xproto.KeyRelease)
	if press {
		kind = xproto.KeyPress
	}
	const offset = 8 // X's codes are the kernel's plus 8
	if err := xtest.FakeInputChecked(x.c, kind, byte(code+offset), 0, x.root, 0, 0, 0).Check(); err != nil {
		t.Fatal(err)
	}
}

// Close ends the program.
func (e *Entry) Close() { e.p.kill() }
