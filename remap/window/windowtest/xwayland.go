package windowtest

import (
	"os"
	"path/filepath"
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
	w.focusUntilActive(t, d, "x")
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
	w.focusUntilActive(t, d, "x")
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

// A panelDesktop is a desktop on which panels move the focus to windows by their titles.
type panelDesktop interface {
	focusTitled(title string) // nothing if it does not list the window yet
}

// focusUntilActive asks for the focus until the window has it: a shell ignores requests for a window that it does not show yet. It asks
// at least once: phoc calls an X11 window active while a Wayland window has the focus. phoc also ignores what X11 programs ask for.
func (w *XWindow) focusUntilActive(t *testing.T, d Desktop, title string) {
	t.Helper()
	ask := func() { w.Focus(t) }
	if p, ok := d.(panelDesktop); ok {
		ask = func() { p.focusTitled(title) }
	}
	ask()
	asked := time.Now()
	Until(t, "the window is the active one", func() bool {
		if time.Since(asked) > time.Second {
			ask()
			asked = time.Now()
		}
		v := w.x.property(t, w.x.root, "_NET_ACTIVE_WINDOW").Value
		return len(v) >= 4 && xproto.Window(xgb.Get32(v)) == w.id
	})
}

// toldFile is the file in which a compositor's X server is named.
func toldFile(dir string) string { return filepath.Join(dir, "display") }

// tellDisplay returns a command that writes the display of a compositor's X server into a file, when the compositor runs it. If the
// compositor runs as nobody (see unroot), the command lets root connect, too: the X server only accepts its own user.
func tellDisplay(t testing.TB, dir string) string {
	t.Helper()
	need(t, "Xwayland", "xhost")
	told, script := toldFile(dir), filepath.Join(dir, "tell-display")
	_ = os.Remove(told) // from the compositor that was killed; its sockets stay, as after a crash
	text := "xhost +si:localuser:root\necho $DISPLAY >" + told + ".new && mv " + told + ".new " + told + "\n"
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return "sh " + script
}

// toldX11 connects to the X server that tellDisplay's command has named.
func toldX11(t testing.TB, desktop, dir string, compositor *process) *X11 {
	t.Helper()
	var display []byte
	compositor.untilReady(t, desktop+" tells its X server", func() (ok bool) {
		var err error
		display, err = os.ReadFile(toldFile(dir))
		return err == nil
	})
	return connectX11(t, desktop, strings.TrimSpace(string(display)))
}
