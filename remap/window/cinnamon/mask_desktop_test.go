//go:build desktop

package cinnamon

import (
	"testing"

	"toshy/remap/window/windowtest"
)

func TestMask(t *testing.T) {
	c := new(windowtest.Cinnamon).Launch(t)
	c.Start(t)
	c.Open(t, "alpha.app", "a")
	windowtest.Masks(t, c.Menu(t))
}

func TestMaskWayland(t *testing.T) {
	c := (&windowtest.Cinnamon{Wayland: true}).Launch(t)
	c.Start(t)
	c.Open(t, "alpha.app", "a")
	windowtest.Masks(t, c.Menu(t))
}
