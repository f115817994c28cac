//go:build desktop

package shortcuts

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/remap/window/kwin"
	"toshy/remap/window/layout"
	"toshy/remap/window/windowtest"
)

// TestKWinSymbols: the same for KWin, with the names that it writes for the keys.
func TestKWinSymbols(t *testing.T) {
	k := (&windowtest.KWin{Keyboard: true, Shortcuts: true, Layouts: "us,de,fr,ru"}).Launch(t)
	k.Start(t)
	s := k.GlobalShortcuts(t)
	const base, shifted = windowtest.QtMeta | windowtest.QtAlt | windowtest.QtCtrl, windowtest.QtMeta | windowtest.QtAlt | windowtest.QtShift
	actions := map[string]int32{
		"plus": base | '+', "slash": base | '/', "exclam": base | '!', "1": base | '1', "z": base | 'Z', "question": base | '?', "odiaeresis": base | 'Ö',
		"asciitilde": base | '~', "at": base | '@', "comma": base | ',', "backslash": base | '\\',
		"Shift exclam": shifted | '!', "Shift 1": shifted | '1', "Shift z": shifted | 'Z', "Shift odiaeresis": shifted | 'Ö',
	}
	for name, key := range actions {
		s.Register(t, name, key)
	}
	entries := map[kdeKey]string{}
	entry := func(action string) string { return entries[kdeKey{"toshytest", action}] }
	windowtest.Until(t, "KWin writes the shortcuts", func() bool {
		text, _ := os.ReadFile(filepath.Join(k.Configs(), "kglobalshortcutsrc"))
		kdeEntries(string(text), entries)
		for name := range actions {
			if entry(name) == "" {
				return false
			}
		}
		return true
	})
	reports := make(chan layout.Layout, 100)
	go func() {
		_ = layout.NewWayland(layout.Options{Display: k.Socket()}, &kwin.Source{Address: k.Address()}).Run(t.Context(), func(l layout.Layout) { reports <- l })
	}()
	for i, tt := range []struct{ name, missing string }{
		{"English (US)", "odiaeresis, Shift odiaeresis"},
		{"German", "asciitilde, at, backslash"},
		{"French", "odiaeresis, Shift odiaeresis, at, backslash"},
		{"Russian", "odiaeresis, Shift odiaeresis, at"},
	} {
		k.SwitchLayout(t, i)
		var l layout.Layout
		for l.Name != tt.name {
			select {
			case l = <-reports:
			case <-time.After(windowtest.Limit):
				t.Fatalf("%s is not reported", tt.name)
			}
		}
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			list := all(kdeShortcuts("toshytest", entry(action)), byMeaning.fromPlus)
			if len(list) != 1 {
				t.Fatalf("%s is not understood: %q", action, entry(action))
			}
			combo, found := list[0].on(l)
			if missing := slices.Contains(strings.Split("Shift exclam, Shift 1, "+tt.missing, ", "), action); found == missing {
				t.Errorf("%s on %s: %q, %v", action, tt.name, combo, found)
			}
			if !found {
				continue
			}
			before := s.Pressed(action)
			press(t, k, l, combo)
			windowtest.Until(t, "KWin sees "+entry(action)+" on "+tt.name+" by "+combo, func() bool { return s.Pressed(action) > before })
		}
	}
}

// TestRealKDE: the file that KWin writes after its first start, and what System Settings changes in it.
func TestRealKDE(t *testing.T) {
	k := (&windowtest.KWin{Shortcuts: true}).Launch(t)
	k.Start(t)
	p := newPlace(func(name string) string {
		return map[string]string{"HOME": t.TempDir(), "XDG_CONFIG_HOME": k.Configs(), "XDG_CONFIG_DIRS": t.TempDir()}[name]
	})
	want := map[string]string{
		"show-desktop": "Super-D", "close": "Alt-F4", "minimize": "Super-PageDown", "maximize": "Super-PageUp", "tile-left": "Super-Left", "tile-right": "Super-Right",
		"workspace-left": "Ctrl-Super-Left", "move-to-workspace-right": "Ctrl-Shift-Super-Right", "force-quit": "Ctrl-Super-Esc", "zoom-in": "Shift-Super-Equal",
		"zoom-out": "Super-Minus", "switch-applications": "Alt-Tab", "switch-applications-backward": "Alt-Shift-Tab",
		"switch-windows": "Alt-Grave", "switch-windows-backward": "Alt-Shift-Grave", "fullscreen": "",
	}
	if k.Version(t) < 6 { // it writes this one as ",Meta+Ctrl+Left,..."
		want["workspace-left"] = ""
	}
	reads := func(what string) {
		t.Helper()
		var f *Found
		defer func() {
			if t.Failed() {
				text, _ := os.ReadFile(filepath.Join(k.Configs(), "kglobalshortcutsrc"))
				t.Logf("%v is read from:\n%s", f.Combos, text)
			}
		}()
		windowtest.Until(t, what, func() bool {
			f = find(t.Context(), "kde", p)
			for action, combo := range want {
				if got, ok := f.Combos[action]; !ok || got != combo {
					return false
				}
			}
			return true
		})
	}
	reads("the shortcuts of a first start are read")
	const meta = windowtest.QtMeta
	k.SetShortcut(t, "kwin", "Window Minimize", meta|'J')
	k.SetShortcut(t, "kwin", "Window Close")
	k.SetShortcut(t, "kwin", "Window Quick Tile Left", meta|'\\')
	k.SetShortcut(t, "kwin", "Window Quick Tile Right", meta|windowtest.QtAlt|',')
	want["minimize"], want["close"], want["tile-left"], want["tile-right"] = "Super-J", "", "Super-Backslash", "Alt-Super-Comma"
	if os.Getenv("TOSHY_TODAY") == "sid" { // only there is a program that has brought its own shortcuts
		k.SetShortcut(t, "org.kde.krunner.desktop", "_launch", meta|',', meta|'K')
		want["launcher"] = "Super-Comma"
	}
	reads("changed shortcuts are read")
}
