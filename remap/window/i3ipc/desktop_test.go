//go:build desktop

package i3ipc

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
	"toshy/remap/window/wlr"
)

func TestSway(t *testing.T) {
	d := (&windowtest.Sway{}).Reserve(t)
	windowtest.Suite{
		Desktop: d,
		Source: func() window.Source { // it finds both sockets there
			return NewSway(Options{Runtime: d.Dir, Watch: wlr.New(wlr.Options{Runtime: d.Dir})})
		},
		Want: window.Info{Desktop: "sway", Session: "wayland", Source: "sway"},
	}.Run(t)
}

// TestCrash: the environment still names the socket that a crash has left.
func TestCrash(t *testing.T) {
	d := &windowtest.Sway{}
	d.Start(t)
	t.Setenv("XDG_RUNTIME_DIR", d.Dir)
	t.Setenv("SWAYSOCK", d.IPC())
	t.Setenv("WAYLAND_DISPLAY", filepath.Base(d.Display()))
	for range 2 {
		w := d.Open(t, "alpha.app", "a")
		w.Focus(t)
		t.Run("follow", func(t *testing.T) {
			windowtest.Follow(t, NewSway(Options{})).Wait(t, "alpha.app", "a")
			windowtest.Follow(t, wlr.New(wlr.Options{})).Wait(t, "alpha.app", "a")
		})
		d.Kill()
		d.Start(t)
	}
}

// TestKeyboards: the names of a keyboard and of its layouts.
func TestKeyboards(t *testing.T) {
	d := &windowtest.Sway{}
	d.Start(t)
	defer d.Keyboard(t, "fr,ru")()
	source := NewSway(Options{Runtime: d.Dir})
	windowtest.Until(t, "sway reports the keyboard", func() bool {
		all, err := source.Keyboards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all, func(k Keyboard) bool {
			return strings.HasPrefix(k.Identifier, "0:0:") && slices.Equal(k.Layouts, []string{"French", "Russian"})
		})
	})
}

// TestX11Windows: windows of X11 clients, and back to one of a Wayland client.
func TestX11Windows(t *testing.T) {
	d := &windowtest.Sway{Xwayland: true}
	d.Start(t)
	windowtest.X11Windows(t, d, d.X11(t), NewSway(Options{Runtime: d.Dir}), "XAlpha", 1<<20, 20_000)
}

func TestI3(t *testing.T) {
	x := (&windowtest.X11{Manager: "i3"}).Reserve(t)
	windowtest.Suite{
		Desktop: x,
		Source:  func() window.Source { return NewI3(Options{Socket: x.I3Socket()}) },
		Want:    window.Info{Desktop: "i3", Session: "x11", Source: "i3"},

		KeepsTitle: true,
	}.Run(t)
}
