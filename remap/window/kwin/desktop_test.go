//go:build desktop

package kwin

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestKWin(t *testing.T) {
	k := new(windowtest.KWin).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	windowtest.Suite{
		Desktop: k,
		Source:  func() window.Source { return &Source{Address: k.Address()} },
		Want:    window.Info{Desktop: "kde", Session: "wayland", Source: "kwin"},
	}.Run(t)
}

func BenchmarkFocus(b *testing.B) {
	k := new(windowtest.KWin).Launch(b)
	b.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	k.Start(b)
	windowtest.Latency(b, k, &Source{Address: k.Address()})
}
