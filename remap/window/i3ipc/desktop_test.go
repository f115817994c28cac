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

func TestI3(t *testing.T) {
	x := (&windowtest.X11{Manager: "i3"}).Reserve(t)
	windowtest.Suite{
		Desktop: x,
		Source:  func() window.Source { return NewI3(Options{Socket: x.I3Socket()}) },
		Want:    window.Info{Desktop: "i3", Session: "x11", Source: "i3"},

		KeepsTitle: true,
	}.Run(t)
}

func BenchmarkFocus(b *testing.B) {
	b.Run("sway", func(b *testing.B) {
		d := &windowtest.Sway{}
		d.Start(b)
		windowtest.Latency(b, d, NewSway(Options{Socket: d.IPC()}))
	})
	b.Run("i3", func(b *testing.B) {
		x := &windowtest.X11{Manager: "i3"}
		x.Start(b)
		windowtest.Latency(b, x, NewI3(Options{Socket: x.I3Socket()}))
	})
}
