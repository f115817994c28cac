//go:build desktop

package kwin

import (
	"testing"

	"toshy/remap/window/windowtest"
)

// TestMask: Plasma's launcher is the action of Meta alone.
func TestMask(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	k := (&windowtest.KWin{Shortcuts: true, Outer: x}).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	k.Start(t)
	windowtest.Masks(t, k.Launcher(t))
}
