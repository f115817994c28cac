//go:build desktop

package desktop_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/dev/charactertest"
	"toshy/cmd/internal/dev/desktoptest"
	"toshy/remap"
	"toshy/remap/window/gnome"
	"toshy/remap/window/kwin"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// A typistTest is a desktop whose keyboard is an X server's.
type typistTest struct {
	key func(t testing.TB, code uint16, press bool)
	env []string
	// Programs on Wayland, and those on X11.
	wayland, x11 []string
	lateShift    bool // it takes Shift of the X server's keyboard after the keys that are pressed with it
}

// TestTypist: the desktop types what no key types, and real programs get it between the keys that are typed on the keyboard.
// The keyboard's own layout stays what it is.
func TestTypist(t *testing.T) {
	toolkits := []string{"foot", "3.0", "4.0", "qt"}
	more := append(slices.Clone(toolkits), "qt5", "firefox")
	t.Run("sway", func(t *testing.T) {
		x := &windowtest.X11{}
		x.Start(t)
		s := (&windowtest.Sway{Outer: x, Xwayland: true}).Reserve(t)
		s.Start(t)
		typistTest{x.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=sway", "XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + s.Display(), "SWAYSOCK=" + s.IPC(), "DISPLAY=" + s.X11(t).Display}, more, []string{"xterm", "3.0"}, false}.run(t)
	})
	for _, name := range []string{"labwc", "wayfire"} {
		t.Run(name, func(t *testing.T) {
			x := &windowtest.X11{}
			x.Start(t)
			w := (&windowtest.Wlroots{Compositor: name, Outer: x}).Reserve(t)
			w.Start(t)
			typistTest{x.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=" + name, "XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display(), "SWAYSOCK=", "DISPLAY="}, more, nil, false}.run(t)
		})
	}
	t.Run("gnome", func(t *testing.T) {
		extension, err := gnome.Write(t.TempDir(), windowtest.ShellVersion(t))
		if err != nil {
			t.Fatal(err)
		}
		g := (&windowtest.GNOME{Extensions: []string{extension}}).Launch(t)
		g.Start(t)
		g.Keyboard(t, "us")
		run := g.Env("XDG_RUNTIME_DIR")
		typistTest{g.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=GNOME", "GSETTINGS_BACKEND=keyfile", "XDG_CONFIG_HOME=" + filepath.Join(filepath.Dir(run), "config"), "DBUS_SESSION_BUS_ADDRESS=" + g.Address(), "XDG_RUNTIME_DIR=" + run, "WAYLAND_DISPLAY=" + g.Socket(), "SWAYSOCK=", "DISPLAY="}, append(slices.Clone(toolkits), "firefox"), nil, false}.run(t)
	})
	t.Run("kde", func(t *testing.T) {
		x := &windowtest.X11{}
		x.Start(t)
		k := (&windowtest.KWin{Outer: x, Layouts: "us,de", Xwayland: true}).Launch(t)
		k.Start(t)
		env := []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=KDE", "DBUS_SESSION_BUS_ADDRESS=" + k.Address(), "XDG_RUNTIME_DIR=" + k.Env("XDG_RUNTIME_DIR"), "WAYLAND_DISPLAY=" + k.Socket(), "SWAYSOCK=", "DISPLAY="}
		c := typistTest{x.Key, env, toolkits, nil, false}
		c.run(t)
		c.besideAnInputMethod(t)
		c.tellsOfX11(t, k.Env("DISPLAY"))
	})
	t.Run("cinnamon", func(t *testing.T) {
		d := (&windowtest.Cinnamon{Wayland: true}).Launch(t)
		d.Start(t)
		typistTest{d.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=X-Cinnamon", "DBUS_SESSION_BUS_ADDRESS=" + d.Address(), "XDG_RUNTIME_DIR=" + d.Env("XDG_RUNTIME_DIR"), "WAYLAND_DISPLAY=" + d.Socket(), "SWAYSOCK=", "DISPLAY="}, toolkits, nil, true}.run(t)
	})
	t.Run("budgie", func(t *testing.T) {
		x := &windowtest.X11{}
		x.Start(t)
		w := (&windowtest.Wlroots{Compositor: "budgie", Outer: x}).Reserve(t)
		w.Start(t)
		typistTest{x.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=Budgie", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + w.Dir + "/bus", "XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display(), "SWAYSOCK=", "DISPLAY="}, toolkits, nil, false}.run(t)
	})
	t.Run("kde on x11", func(t *testing.T) {
		k := (&windowtest.KWin{Session: "x11"}).Launch(t)
		k.Start(t)
		typistTest{k.X11(t).Key, onX11(t, "KDE", k.Env("DISPLAY")), nil, []string{"xterm", "3.0", "qt"}, false}.run(t)
	})
	t.Run("cinnamon on x11", func(t *testing.T) {
		d := (&windowtest.Cinnamon{}).Launch(t)
		d.Start(t)
		typistTest{d.Key, onX11(t, "X-Cinnamon", d.Env("DISPLAY")), nil, []string{"xterm", "3.0"}, false}.run(t)
	})
	t.Run("x11", func(t *testing.T) {
		x := &windowtest.X11{Manager: "i3"}
		x.Start(t)
		typistTest{x.Key, onX11(t, "i3", x.Display), nil, []string{"xterm", "3.0", "4.0", "qt5", "qt", "firefox"}, false}.run(t)
	})
}

// onX11 is the environment of an X11 session.
func onX11(t *testing.T, desktop, display string) []string {
	t.Helper()
	return []string{"XDG_SESSION_TYPE=x11", "XDG_CURRENT_DESKTOP=" + desktop, "XDG_RUNTIME_DIR=" + windowtest.Dir(t), "WAYLAND_DISPLAY=", "SWAYSOCK=", "DISPLAY=" + display}
}

// start starts a typist in the session.
func (c typistTest) start(t *testing.T) *desktoptest.Typist {
	t.Helper()
	for _, kv := range c.env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	return desktoptest.StartTypist(t)
}

func (c typistTest) run(t *testing.T) {
	typist := c.start(t)
	layouts := make(chan layout.Layout, 100)
	go func() {
		_ = desktop.NewLayouts().Run(t.Context(), func(l layout.Layout) { layouts <- l }, func(string, error) {})
	}()
	before := <-layouts
	try := func(program string, x11 bool, text func() string) {
		t.Helper()
		want := ""
		has := func(want string) {
			t.Helper()
			for end := time.Now().Add(windowtest.Limit); text() != want; time.Sleep(2 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%s has %q, want %q", program, text(), want)
				}
			}
		}
		tap := func(code uint16, shown string) {
			c.key(t, code, true)
			c.key(t, code, false)
			want += shown
		}
		types := func(piece string) {
			t.Helper()
			has(want)        // the keyboard of the test is a long way off
			if want == "a" { // a desktop can hear of a new field later than the first key reaches it
				windowtest.Until(t, "the desktop types into "+program, func() bool { return typist.Try(piece) == remap.TypingDone })
			} else {
				typist.Types(t, piece)
			}
			want += piece
		}
		const keyA, keyB, keyShift = 30, 48, 42
		for range 3 {
			tap(keyA, "a")
			for _, piece := range charactertest.NoKey {
				types(piece)
			}
			tap(keyB, "b")
			if !x11 && !c.lateShift { // on X11 the engine lifts it
				c.key(t, keyShift, true)
				types("🎈")
				tap(keyB, "B")
				c.key(t, keyShift, false)
			}
			tap(keyA, "a")
		}
		has(want)
	}
	program := func(name string, env []string, on string) {
		t.Helper()
		if name == "foot" || name == "xterm" {
			x := windowtest.OpenTerminal(t, name, c.key, env...)
			try(name+" on "+on, on == "X11", x.Text)
			x.Close()
			return
		}
		open := windowtest.OpenWaylandEntry
		if on == "X11" {
			open = windowtest.OpenX11Entry
		}
		e := open(t, name, env...)
		try(fmt.Sprintf("the field of %s on %s", name, on), on == "X11", func() string { return strings.TrimPrefix(e.Text(), "ready") })
		e.Close()
	}
	for _, name := range c.wayland {
		program(name, c.env, "Wayland")
	}
	for _, name := range c.x11 {
		program(name, c.env, "X11")
	}
	c.latency(t, typist)
	for len(layouts) > 0 {
		if l := <-layouts; len(l.Strokes) != len(before.Strokes) {
			t.Errorf("the layout has %d characters, %d before", len(l.Strokes), len(before.Strokes))
		}
	}
}

// latency measures how long a character takes, from the request until the program has it.
func (c typistTest) latency(t *testing.T, r *desktoptest.Typist) {
	t.Helper()
	name, on := "foot", "Wayland"
	if len(c.wayland) == 0 {
		name, on = "xterm", "X11"
	}
	x := windowtest.OpenTerminal(t, name, c.key, c.env...)
	defer x.Close()
	const times = 100
	var answered, arrived []time.Duration
	want := ""
	for range times {
		began := time.Now()
		r.Types(t, "😀")
		answered = append(answered, time.Since(began))
		want += "😀"
		for end := began.Add(windowtest.Limit); x.Text() != want; time.Sleep(100 * time.Microsecond) {
			if time.Now().After(end) {
				t.Fatalf("%s has %q, want %q", name, x.Text(), want)
			}
		}
		arrived = append(arrived, time.Since(began))
	}
	slices.Sort(answered)
	slices.Sort(arrived)
	t.Logf("from the request to the answer: p50 %v, p99 %v; until the program of %s on %s has read it: p50 %v, p99 %v",
		answered[times/2], answered[times*99/100], name, on, arrived[times/2], arrived[times*99/100])
}

// besideAnInputMethod: another program that is an input method stays one.
func (c typistTest) besideAnInputMethod(t *testing.T) {
	other, err := kwin.DialTypist(t.Context(), "", kwin.WaylandOptions{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	x := windowtest.OpenTerminal(t, "foot", c.key, c.env...)
	defer x.Close()
	typist := c.start(t)
	want := ""
	for range 3 {
		typist.Types(t, "😀")
		if err := other.Type(t.Context(), "é", time.Now().Add(windowtest.Limit)); err != nil {
			t.Fatal(err)
		}
		want += "😀é"
	}
	windowtest.Until(t, "foot has the text of both", func() bool { return x.Text() == want })
}

// tellsOfX11: the typist says that it does not type in a program on X11, and types after that.
func (c typistTest) tellsOfX11(t *testing.T, display string) {
	typist := c.start(t)
	x := windowtest.OpenTerminal(t, "foot", c.key, c.env...)
	typist.Until(t, "foot", true)
	e := windowtest.OpenX11Entry(t, "3.0", append(slices.Clone(c.env), "DISPLAY="+display)...)
	typist.Until(t, "GTK 3 on X11", false)
	e.Close()
	typist.Until(t, "foot again", true)
	typist.Types(t, "😀")
	windowtest.Until(t, "foot has the text", func() bool { return x.Text() == "😀" })
	x.Close()
}
