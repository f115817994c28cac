//go:build desktop

package wlr

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestSway(t *testing.T) {
	d := (&windowtest.Sway{}).Reserve(t)
	windowtest.Suite{
		Desktop: d,
		Source:  func() window.Source { return New(Options{Display: d.Display()}) },
		Want:    window.Info{Session: "wayland", Source: "wlr"},
	}.Run(t)
}

func BenchmarkFocus(b *testing.B) {
	d := &windowtest.Sway{}
	d.Start(b)
	windowtest.Latency(b, d, New(Options{Runtime: d.Dir}))
}
