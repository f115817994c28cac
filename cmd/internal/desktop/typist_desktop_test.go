//go:build desktop

package desktop

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/window/gnome"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// What no keymap has, and what some have.
var typistText = []string{"😀🎉👍🏽", "🧑‍💻é∑π", "—…™€ßœΩ", "≠∞†‰№½ø", "你好 ﷽"}

// A typistTest is a desktop whose keyboard is an X server's.
type typistTest struct {
	key func(t testing.TB, code uint16, press bool)
	env []string
	// Programs on Wayland, and those on X11.
	wayland, x11 []string
}

// TestTypist: the desktop types what no key types, and real programs get it between the keys that are typed on the keyboard.
// The keyboard's own layout stays what it is.
func TestTypist(t *testing.T) {
	toolkits := []string{"foot", "3.0", "4.0", "qt"}
	t.Run("sway", func(t *testing.T) {
		x := &windowtest.X11{}
		x.Start(t)
		s := (&windowtest.Sway{Outer: x, Xwayland: true}).Reserve(t)
		s.Start(t)
		typistTest{x.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=sway", "XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + s.Display(), "SWAYSOCK=" + s.IPC(), "DISPLAY=" + s.X11(t).Display}, toolkits, []string{"xterm", "3.0"}}.run(t)
	})
	for _, name := range []string{"labwc", "wayfire"} {
		t.Run(name, func(t *testing.T) {
			x := &windowtest.X11{}
			x.Start(t)
			w := (&windowtest.Wlroots{Compositor: name, Outer: x}).Reserve(t)
			w.Start(t)
			typistTest{x.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=" + name, "XDG_RUNTIME_DIR=" + w.Dir, "WAYLAND_DISPLAY=" + w.Display(), "SWAYSOCK=", "DISPLAY="}, toolkits, nil}.run(t)
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
		typistTest{g.Key, []string{"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=GNOME", "GSETTINGS_BACKEND=keyfile", "XDG_CONFIG_HOME=" + filepath.Join(filepath.Dir(run), "config"), "DBUS_SESSION_BUS_ADDRESS=" + g.Address(), "XDG_RUNTIME_DIR=" + run, "WAYLAND_DISPLAY=" + g.Socket(), "SWAYSOCK=", "DISPLAY="}, toolkits, nil}.run(t)
	})
	t.Run("x11", func(t *testing.T) {
		x := &windowtest.X11{Manager: "i3"}
		x.Start(t)
		typistTest{x.Key, []string{"XDG_SESSION_TYPE=x11", "XDG_CURRENT_DESKTOP=i3", "XDG_RUNTIME_DIR=" + windowtest.Dir(t), "WAYLAND_DISPLAY=", "SWAYSOCK=", "DISPLAY=" + x.Display}, nil, []string{"xterm", "3.0", "4.0", "qt"}}.run(t)
	})
}

func (c typistTest) run(t *testing.T) {
	for _, kv := range c.env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithCancel(t.Context())
	can, typed := make(chan bool, 10), make(chan remap.TypingResult, 10)
	typist := NewTypist(zaptest.NewLogger(t))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = typist.Run(ctx, func(yes bool) { can <- yes }, func(_ uint64, r remap.TypingResult) { typed <- r })
	}()
	defer func() { cancel(); <-ended }()
	select {
	case <-can:
	case <-time.After(windowtest.Limit):
		t.Fatal("the desktop types nothing")
	}
	layouts := make(chan layout.Layout, 100)
	go func() {
		_ = NewLayouts().Run(ctx, func(l layout.Layout) { layouts <- l }, func(string, error) {})
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
			has(want) // the keyboard of the test is a long way off
			typist.Type(remap.Typing{Text: piece, Until: evdev.Now() + windowtest.Limit})
			if r := <-typed; r != remap.TypingDone {
				t.Fatalf("%s, %q: result %d", program, piece, r)
			}
			want += piece
		}
		const keyA, keyB, keyShift = 30, 48, 42
		for range 3 {
			tap(keyA, "a")
			for _, piece := range typistText {
				types(piece)
			}
			tap(keyB, "b")
			if !x11 { // there the engine lifts it
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
	for len(layouts) > 0 {
		if l := <-layouts; len(l.Strokes) != len(before.Strokes) {
			t.Errorf("the layout has %d characters, %d before", len(l.Strokes), len(before.Strokes))
		}
	}
}
