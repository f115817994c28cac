//go:build desktop

package cinnamon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestCinnamon(t *testing.T) {
	c := new(windowtest.Cinnamon).Launch(t)
	windowtest.Suite{
		Desktop: c,
		Source:  func() window.Source { return &Source{Address: c.Address()} },
		Want:    window.Info{Desktop: "cinnamon", Session: "x11", Source: "cinnamon"},
	}.Run(t)
}

// TestCinnamonWayland uses the Cinnamon of windowtest/today.sh, like the next tests.
func TestCinnamonWayland(t *testing.T) {
	c := (&windowtest.Cinnamon{Wayland: true}).Launch(t)
	windowtest.Suite{
		Desktop: c,
		Source:  func() window.Source { return &Source{Address: c.Address()} },
		Want:    window.Info{Desktop: "cinnamon", Session: "wayland", Source: "cinnamon"},
	}.Run(t)
}

// TestCinnamonLayouts: a Cinnamon in a window uses the keymap of the X server around it, so the test can only see what Cinnamon
// reports. It puts up to three layouts into one keymap.
func TestCinnamonLayouts(t *testing.T) {
	c := (&windowtest.Cinnamon{Wayland: true, Layouts: "us,de,fr,gb"}).Launch(t)
	c.Start(t)
	groups := make(chan window.Group, 16)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- (&Source{Address: c.Address()}).RunGroup(ctx, func(g window.Group) { groups <- g }) }()
	is := func(want window.Group) {
		t.Helper()
		windowtest.Until(t, fmt.Sprintf("%+v is reported", want), func() bool {
			select {
			case err := <-ended:
				t.Fatal(err)
			case g := <-groups:
				return g == want
			default:
			}
			return false
		})
	}
	is(window.Group{Index: 0, Name: "English (US)"})
	for range 2 {
		for i, want := range []window.Group{{Index: 1, Name: "German"}, {Index: 2, Name: "French"}, {Index: 0, Name: "English (UK)"}, {Index: 0, Name: "English (US)"}} {
			c.SwitchLayout(t, (i+1)%4)
			is(want)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("RunGroup ended with %v", err)
	}
}

// TestCinnamonX11Windows: windows of X11 programs on Wayland.
func TestCinnamonX11Windows(t *testing.T) {
	c := (&windowtest.Cinnamon{Wayland: true}).Launch(t)
	c.Start(t)
	windowtest.X11Windows(t, c, c.X11(t), &Source{Address: c.Address()}, "XAlpha", 1<<20, 20_000)
}

// TestHook looks for the hook in Cinnamon: it disappears with Run, and with a killed process.
func TestHook(t *testing.T) {
	c := new(windowtest.Cinnamon).Launch(t)
	c.Start(t)
	conn, err := dbus.Connect(c.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	evaluate := func(js string) (result string) {
		var ok bool
		if err := conn.Object(BusName, path).Call(eval, 0, js).Store(&ok, &result); err != nil || !ok {
			t.Fatal(ok, result, err)
		}
		return result
	}
	hooks := func() string { return evaluate("Object.keys(global._toshyFocus || {}).length") }
	w := c.Open(t, "alpha.app", "a")
	w.Focus(t)
	t.Run("ends", func(t *testing.T) {
		one := windowtest.Follow(t, &Source{Address: c.Address()})
		two := windowtest.Follow(t, &Source{Address: c.Address()})
		one.Wait(t, "alpha.app", "a")
		two.Wait(t, "alpha.app", "a")
		if n := hooks(); n != "2" {
			t.Errorf("%s hooks, want 2", n)
		}
	})
	if n := hooks(); n != "0" {
		t.Errorf("%s hooks after the end", n)
	}
	killed, err := dbus.Connect(c.Address())
	if err != nil {
		t.Fatal(err)
	}
	evaluate(strings.ReplaceAll(hook, "@OWNER@", killed.Names()[0]))
	if n := hooks(); n != "1" {
		t.Errorf("%s hooks, want 1", n)
	}
	killed.Close()
	windowtest.Until(t, "the hook of a lost connection goes", func() bool { return hooks() == "0" })
}
