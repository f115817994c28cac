//go:build vm && desktop

package e2e

import (
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/windowtest"
)

// Hyprland needs a graphics card, so these tests are in the machine.

func TestHyprland(t *testing.T) {
	startUdev(t)
	h := (&windowtest.Hyprland{}).Reserve(t)
	windowtest.Suite{
		Desktop: h,
		Source:  func() window.Source { return hyprland.New(hyprland.Options{Runtime: h.Dir}) },
		Want:    window.Info{Desktop: "hyprland", Session: "wayland", Source: "hyprland"},
		Drops:   true,
	}.Run(t)
	h.Xwayland = true
	h.Start(t) // in the same folder, where it finds what it compiled for the screen
	t.Run("x11", func(t *testing.T) {
		windowtest.X11Windows(t, h, h.X11(t), hyprland.New(hyprland.Options{Runtime: h.Dir}), "XAlpha", 1<<20, 1000)
	})
}
