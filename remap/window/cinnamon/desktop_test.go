//go:build desktop

package cinnamon

import (
	"testing"

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

func BenchmarkFocus(b *testing.B) {
	c := new(windowtest.Cinnamon).Launch(b)
	c.Start(b)
	windowtest.Latency(b, c, &Source{Address: c.Address()})
}
