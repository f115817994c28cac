package windowtest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"toshy/remap/window"
)

// X11Windows follows windows of X11 clients on a Wayland desktop that has started. It checks the class ("XAlpha" in the spelling of
// the desktop) and the title, titles of up to longest bytes, a flood of titles, and the focus between an X11 and a Wayland window.
func X11Windows(t *testing.T, d Desktop, x *X11, s window.Source, class string, longest, titles int) {
	t.Helper()
	w := x.OpenX(t, "XAlpha", "x")
	w.SetNumber(t, "_NET_WM_PID", uint32(os.Getpid()))
	w.focusUntilActive(t)
	l := Follow(t, s)
	i := l.Wait(t, class, "x")
	if i.Session != "wayland" || i.Source != s.Name() {
		t.Errorf("reported %+v; the session of the desktop is wayland, the source %s", i, s.Name())
	}
	if i.X11 != (s.Name() == "gnome" || s.Name() == "cinnamon") { // the only ones that report it
		t.Errorf("of an X11 program: %v", i.X11)
	}
	other := d.Open(t, "wayland.app", "y")
	other.Focus(t)
	if i := l.Wait(t, "wayland.app", "y"); i.X11 {
		t.Error("the Wayland window belongs to an X11 program")
	}
	w.focusUntilActive(t)
	l.Wait(t, class, "x")
	w.SetTitle(t, strings.Repeat("1 MB 𝄞 ", 1<<17)[:longest])
	w.SetTitle(t, "in\xffva\xc3lid")
	w.SetTitle(t, "end")
	l.Wait(t, class, "end")
	before := len(l.All())
	w.Flood(t, titles)
	w.SetTitle(t, "after the flood")
	l.Wait(t, class, "after the flood")
	t.Logf("%d reports of %d titles", len(l.All())-before, titles)
	for _, i := range l.All() {
		if i != window.Clip(i) {
			t.Errorf("reported more than the limits: %.80q", i.Title)
		}
	}
	w.Close(t)
	l.Wait(t, "wayland.app", "y")
	other.Close(t)
}

// focusUntilActive asks for the focus until the window has it: a shell ignores requests for a window that it does not show yet.
func (w *XWindow) focusUntilActive(t *testing.T) {
	t.Helper()
	var asked time.Time
	Until(t, "the window is the active one", func() bool {
		if time.Since(asked) > time.Second {
			w.Focus(t)
			asked = time.Now()
		}
		v := w.x.property(t, w.x.root, "_NET_ACTIVE_WINDOW").Value
		return len(v) >= 4 && xproto.Window(xgb.Get32(v)) == w.id
	})
}
