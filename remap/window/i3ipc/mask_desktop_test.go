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
	for _, toolkit := range []string{"qt5", "qt", "firefox"} {
		t.Run(toolkit+" wayland", func(t *testing.T) {
			windowtest.MenuBars(t, k.Key, toolkit, true, append(d.Env(), "WAYLAND_DISPLAY="+d.Display())...)
		})
		t.Run(toolkit+" x11", func(t *testing.T) {
			windowtest.MenuBars(t, k.Key, toolkit, false, "XDG_RUNTIME_DIR="+d.Dir, "DISPLAY="+d.X11(t).Display)
		})
	}
}
