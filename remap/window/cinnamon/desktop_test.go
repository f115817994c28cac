//go:build desktop

package cinnamon

import (
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

// TestHook looks for the hook in Cinnamon: it goes with Run, and with a process that is killed.
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
