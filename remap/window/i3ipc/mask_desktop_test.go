//go:build desktop

package i3ipc

import (
	"testing"

	"toshy/remap/window/windowtest"
)

func TestMask(t *testing.T) {
	d := &windowtest.Sway{Xwayland: true, Config: windowtest.SwayBindings}
	d.Start(t)
	k := windowtest.PlugKeyboard(t, d.Display(), windowtest.KeymapText(t, "us"))
	t.Run("launcher", func(t *testing.T) { windowtest.Masks(t, d.Launcher(t, k)) })
	wayland := append(d.Env(), "WAYLAND_DISPLAY="+d.Display())
	x11 := []string{"XDG_RUNTIME_DIR=" + d.Dir, "DISPLAY=" + d.X11(t).Display}
	for _, toolkit := range []string{"qt5", "qt", "firefox"} {
		t.Run(toolkit+" wayland", func(t *testing.T) { windowtest.MenuBars(t, k.Key, toolkit, true, wayland...) })
		t.Run(toolkit+" x11", func(t *testing.T) { windowtest.MenuBars(t, k.Key, toolkit, false, x11...) })
	}
	for _, program := range []string{"foot", "3.0", "4.0", "qt5", "qt", "firefox"} {
		t.Run("control in "+program+" wayland", func(t *testing.T) { windowtest.HiddenControls(t, k.Key, program, true, wayland...) })
	}
	for _, program := range []string{"xterm", "3.0", "4.0", "qt5", "qt", "firefox"} {
		t.Run("control in "+program+" x11", func(t *testing.T) { windowtest.HiddenControls(t, k.Key, program, false, x11...) })
	}
}
