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

// TestHyprlandKeys: layouts, a text, and Command with the desktop's own shortcuts, which are in the configuration with which
// Hyprland starts for a new user: Super-R starts hyprlauncher, Super-C closes a window.
func TestHyprlandKeys(t *testing.T) {
	startUdev(t)
	h := &windowtest.Hyprland{}
	h.Start(t)
	w := newSession(t, h)
	k := pcKeyboard(t)
	_, out := w.toshy("extends = \"mac\"\n")
	k.through(out)
	layoutIs := func(name string) {
		t.Helper()
		patient(t, "toshy knows the layout "+name, func() bool { return status(t, w.env).Layout == name })
	}
	layoutIs("English (US)")
	h.SwitchLayout(t, 1)
	layoutIs("German")
	h.SwitchLayout(t, 0)
	layoutIs("English (US)")

	foot := windowtest.TerminalIn(t, w, "foot")
	w.front(foot)
	typed := ""
	k.writes(out, "typed in Hyprland. ", func(part string) {
		typed += part
		patient(t, "a text arrives", func() bool { return foot.Text() == typed })
	})
	k.makes(out, "+leftalt +space -space -leftalt => +rightctrl +unknown -unknown -rightctrl +leftmeta +r -r -leftmeta +rightctrl +unknown -unknown -rightctrl")
	k.makes(out, "+esc -esc")
	w.front(foot)
	k.makes(out, "+leftalt +q -q -leftalt => +rightctrl +unknown -unknown -rightctrl +leftmeta +c -c -leftmeta +rightctrl +unknown -unknown -rightctrl")
	patient(t, "the terminal is closed", foot.Ended)
}
