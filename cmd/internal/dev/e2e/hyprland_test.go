//go:build vm && desktop

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"toshy/remap/key"
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

// TestHyprlandKeys has one Hyprland for everything that is typed.
func TestHyprlandKeys(t *testing.T) {
	startUdev(t)
	chosen := standIn(t)
	h := &windowtest.Hyprland{Layouts: "us,de,fr,ru", Xwayland: true, Config: windowtest.HyprlandBinds}
	h.Start(t)
	h.X11(t) // its X server has started before toshy looks for it
	t.Run("mask", func(t *testing.T) { hyprlandMask(t, h) })
	t.Run("shortcuts", func(t *testing.T) { hyprlandShortcuts(t, h, chosen) })
	t.Run("characters", func(t *testing.T) { hyprlandCharacters(t, h) })
}

// standIn puts a program in the place of hyprlauncher, which draws with OpenGL and gets no memory for that in the machine. Like
// hyprlauncher, it shows a surface of the layer shell with the name "hyprlauncher" that has the keyboard. It offers one word; the result
// is the file with the words that were chosen.
func standIn(t *testing.T) (chosen string) {
	t.Helper()
	dir := t.TempDir()
	chosen = filepath.Join(dir, "chosen")
	script := "#!/bin/sh\necho word | fuzzel --config=/dev/null --dmenu --namespace=hyprlauncher >>" + chosen + "\n"
	must(t, os.WriteFile(filepath.Join(dir, "hyprlauncher"), []byte(script), 0o755))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return chosen
}

// hyprlandMask: LeftCtrl and Unknown hide a lone Super.
func hyprlandMask(t *testing.T, h *windowtest.Hyprland) {
	const name = "e2e soft keyboard"
	k := newSoftKeyboard(t, name)
	windowtest.Masks(t, h.Launcher(t, name, func(_ testing.TB, code uint16, press bool) {
		e := keyEvent{key.Code(code), released}
		if press {
			e.value = pressed
		}
		k.types(e)
	}))
}

// hyprlandShortcuts: layouts, a text, and Command with the desktop's own shortcuts, which are in the configuration with which
// Hyprland starts for a new user: Super-R starts hyprlauncher, Super-C closes a window.
func hyprlandShortcuts(t *testing.T, h *windowtest.Hyprland, chosen string) {
	w := newSession(t, h)
	k := pcKeyboard(t)
	_, out := w.toshy("extends = \"mac\"\n")
	k.through(out)
	w.layoutIs("English (US)")
	h.SwitchLayout(t, 1)
	w.layoutIs("German")
	h.SwitchLayout(t, 0)
	w.layoutIs("English (US)")

	foot := windowtest.TerminalIn(t, w, "foot")
	w.front(foot)
	typed := ""
	k.writes(out, "typed in Hyprland. ", func(part string) {
		typed += part
		patient(t, "a text arrives", func() bool { return foot.Text() == typed })
	})
	w.front(foot)
	k.makes(out, "+leftalt +q -q -leftalt => +rightctrl +unknown -unknown -rightctrl +leftmeta +c -c -leftmeta +rightctrl +unknown -unknown -rightctrl")
	patient(t, "the terminal is closed", foot.Ended)

	// In a file manager, Enter is F2, and the next Enter ends that. In the launcher, Enter is Enter.
	files := windowtest.TerminalIn(t, w, "org.gnome.Nautilus")
	w.front(files)
	const enter = "+enter -enter"
	launcher := func() {
		t.Helper()
		k.makes(out, enter+" => +f2 -f2")
		k.makes(out, enter)
		k.makes(out, "+leftalt +space -space -leftalt => +rightctrl +unknown -unknown -rightctrl +leftmeta +r -r -leftmeta +rightctrl +unknown -unknown -rightctrl")
		patient(t, "toshy knows that the launcher has the keyboard", func() bool { return status(t, w.env).Window.App == "" })
	}
	launcher()
	k.makes(out, "+esc -esc")
	w.focused(files)
	launcher()
	k.makes(out, enter)
	patient(t, "the launcher gets Enter", func() bool {
		b, _ := os.ReadFile(chosen)
		return string(b) == "word\n"
	})
	w.focused(files)
	k.makes(out, enter+" => +f2 -f2")
}

// layoutIs waits until toshy knows that a layout is the active one.
func (w session) layoutIs(name string) {
	w.t.Helper()
	patient(w.t, "toshy knows the layout "+name, func() bool { return w.status().Layout == name })
}
