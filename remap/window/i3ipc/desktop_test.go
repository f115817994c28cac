//go:build desktop

package i3ipc

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestSway(t *testing.T) {
	d := (&windowtest.Sway{}).Reserve(t)
	windowtest.Suite{
		Desktop: d,
		Source:  func() window.Source { return NewSway(Options{Runtime: d.Dir}) }, // found there
		Want:    window.Info{Desktop: "sway", Session: "wayland", Source: "sway"},
	}.Run(t)
}

// TestX11Windows: windows of X11 clients, and back to one of a Wayland client.
func TestX11Windows(t *testing.T) {
	d := &windowtest.Sway{Xwayland: true}
	d.Start(t)
	windowtest.X11Windows(t, d, d.X11(t), NewSway(Options{Runtime: d.Dir}), "XAlpha", 1<<20)
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
