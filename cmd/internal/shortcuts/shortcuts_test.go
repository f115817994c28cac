package shortcuts

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"toshy/config"
	"toshy/remap/key"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/layout"
)

// home is a folder with files of testdata in the places where desktops have them.
func home(t *testing.T, links map[string]string) place {
	t.Helper()
	dir := t.TempDir()
	for to, from := range links {
		data, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	vars := map[string]string{"HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_CONFIG_DIRS": filepath.Join(dir, "xdg"), "XDG_DATA_DIRS": filepath.Join(dir, "data")}
	return newPlace(func(name string) string { return vars[name] })
}

func check(t *testing.T, f *Found, want map[string]string) {
	t.Helper()
	f = f.On(layout.Layout{})
	if diff := cmp.Diff(want, f.Combos); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, c := range f.Combos {
		if !slices.ContainsFunc(config.ActionNames, func(n config.ActionName) bool { return n.Name == name }) {
			t.Errorf("there is no action %q", name)
		}
		if _, isMod := key.ParseMod(c); c != "" && !isMod {
			if _, err := key.ParseCombo(c, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if f.Origins[name] == "" {
			t.Errorf("%s has no source", name)
		}
	}
}

func TestKDE(t *testing.T) {
	f := find(t.Context(), "kde", home(t, map[string]string{"config/kglobalshortcutsrc": "kglobalshortcutsrc"}))
	check(t, f, map[string]string{
		"input-source-next": "Alt-Super-K", "input-source-last": "Alt-Super-L", "lock": "Super-L", "logout": "Ctrl-Alt-Delete", "overview": "Super-W", "show-desktop": "",
		"workspace-left": "Ctrl-F1", "switch-applications": "Alt-Tab", "switch-windows": "Super-Grave", "close": "Alt-F4", "minimize": "Super-M", "maximize": "Ctrl-Comma",
		"launcher": "Alt-F2", "run": "Alt-F2", "screenshot-area": "Shift-Super-SysRq", "screenshot": "SysRq", "force-quit": "Ctrl-Super-Esc", "zoom-in": "Super-Equal", "application-windows": "Ctrl-F7", "emoji": "Super-Dot", "screen-reader": "Alt-Super-S",
		"screenshot-window": "Ctrl-Super-SysRq", "tile-left": "Super-Backslash", "tile-right": "Super-Comma", "settings": "Super-Comma",
	})
	if got := f.None(); !slices.Equal(got, []string{"show-desktop"}) {
		t.Errorf("no shortcut for %q", got)
	}
}

func TestXfce(t *testing.T) {
	const folder = "xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml"
	f := find(t.Context(), "xfce", home(t, map[string]string{"config/" + folder: "xfce4-keyboard-shortcuts.xml", "xdg/" + folder: "xfce4-system.xml"}))
	check(t, f, map[string]string{
		"launcher": "Super-Space", "lock": "Ctrl-Alt-L", "screenshot-area-clipboard": "Super-S", "screenshot-screen": "SysRq", "files": "Super-E",
		// from the system's file
		"minimize": "Alt-F9", "close": "Alt-F4", "workspace-left": "Ctrl-Alt-Left", "switch-windows": "Super-Tab",
	})
}

func TestSway(t *testing.T) {
	data, err := os.ReadFile("testdata/sway.config")
	if err != nil {
		t.Fatal(err)
	}
	f := find(t.Context(), "", home(t, nil))
	i3Config(string(data), "sway", map[string]string{}, byTyped, f)
	check(t, f, map[string]string{
		"launcher": "Super-Space", "close": "Shift-Super-Q", "workspace-left": "Ctrl-Super-Left", "lock": "Super-L", "screenshot-screen": "SysRq",
		"screenshot-area-clipboard": "Super-SysRq", "fullscreen": "Super-F", "terminal": "Super-Enter",
	})
}

func TestHyprland(t *testing.T) {
	f := find(t.Context(), "", home(t, nil))
	hyprBinds([]hyprland.Bind{
		{Modmask: 64, Key: "Q", Dispatcher: "killactive"},
		{Modmask: 64 | 1, Key: "F", Dispatcher: "fullscreen", Arg: "1"},
		{Modmask: 64, Key: "mouse_down", Dispatcher: "workspace", Arg: "e+1"},
		{Modmask: 64 | 4, Key: "right", Dispatcher: "workspace", Arg: "r+1"},
		{Modmask: 64, Key: "R", Dispatcher: "exec", Arg: "wofi --show drun"},
		{Key: "escape", Submap: "x", Dispatcher: "exit"},
		{Key: "Print", Dispatcher: "exec", Arg: "hyprshot -m region --clipboard-only"},
	}, f)
	check(t, f, map[string]string{"close": "Super-Q", "maximize": "Shift-Super-F", "workspace-right": "Ctrl-Super-Right", "launcher": "Super-R", "screenshot-area-clipboard": "SysRq"})
}

// gsettings is a program that answers with a few lines.
func TestSettings(t *testing.T) {
	p := home(t, map[string]string{"config/cinnamon/spices/menu@cinnamon.org/0.json": "cinnamon-menu.json"})
	bin := t.TempDir()
	script := "#!/bin/sh\ncase $2 in\n" +
		"org.gnome.mutter) echo \"$2 overlay-key 'Super_L'\";;\n" +
		"org.gnome.desktop.wm.keybindings) echo \"$2 minimize @as []\"; echo \"$2 switch-group ['<Super>Above_Tab', '<Alt>Above_Tab']\"; echo \"$2 toggle-maximized ['XF86Nothing', '<Alt>F10']\";;\n" +
		"org.buddiesofbudgie.settings-daemon.plugins.media-keys) echo \"$2 screensaver ['<Super>k']\"; echo \"$2 logout ['']\";;\n" +
		"org.cinnamon.desktop.keybindings.wm) echo \"$2 close ['<Alt>F4']\";;\n" +
		"org.mate.Marco.global-keybindings) echo \"$2 panel-main-menu '<Alt>F1'\"; echo \"$2 show-desktop 'disabled'\";;\n" +
		"*) echo No such schema >&2; exit 1;;\nesac\n"
	if err := os.WriteFile(filepath.Join(bin, "gsettings"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	check(t, find(t.Context(), "gnome", p), map[string]string{"launcher": "LeftMeta", "overview": "LeftMeta", "minimize": "", "switch-windows": "Super-Grave", "maximize": "Alt-F10"})
	check(t, find(t.Context(), "cinnamon", p), map[string]string{"close": "Alt-F4", "launcher": "LeftMeta"})
	check(t, find(t.Context(), "phoc", p), map[string]string{"maximize": "Alt-F10"})
	check(t, find(t.Context(), "mate", p), map[string]string{"launcher": "Alt-F1", "show-desktop": ""})
	check(t, find(t.Context(), "budgie", p), map[string]string{"launcher": "LeftMeta", "minimize": "", "switch-windows": "Super-Grave", "maximize": "Alt-F10", "lock": "Super-K", "logout": ""})
	if err := os.Remove(filepath.Join(bin, "gsettings")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	check(t, find(t.Context(), "gnome", p), map[string]string{})
}

// The end of the output comes some time after the end of gsettings, as on a busy computer.
func TestSettingsComeLater(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\n{ sleep 0.3; echo \"$2 overlay-key 'Super_L'\"; } &\n"
	if err := os.WriteFile(filepath.Join(bin, "gsettings"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	if got := list(t.Context(), home(t, nil), "org.gnome.mutter"); got["overlay-key"] != "'Super_L'" {
		t.Errorf("the settings are %q", got)
	}
}

// The desktops whose settings are read, and no others.
func TestUnknownDesktop(t *testing.T) {
	if f := find(t.Context(), "icewm", home(t, nil)); f.Desktop != "" || f.Unread != "icewm" || len(f.Combos) > 0 {
		t.Errorf("found %+v", f)
	}
}

// toshy survives garbage in the settings.
func FuzzSettings(f *testing.F) {
	for _, name := range []string{"kglobalshortcutsrc", "sway.config", "niri.kdl", "cosmic.ron", "wayfire.ini"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add(riverInit)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		found := &Found{}
		entries := map[kdeKey]string{}
		kdeEntries(text, entries)
		for k, v := range entries {
			found.answer("launcher", "kde", all(kdeShortcuts(k.component, v), byMeaning.fromPlus)...)
		}
		vars := map[string]string{}
		i3Config(text, "i3", vars, byFirstKey, found)
		c := niriConfig{}
		c.parse(text, "/niri", niriDepth)
		c.found(found)
		labwcConfig(text, "labwc", found)
		wayfireConfig(text, "wayfire", found)
		riverScript(text, "river", found)
		cosmicMerge(cosmicEntries(text, "custom"), cosmicEntries(text, "defaults"), found)
		found.answer("lock", "gtk", all(texts(text), byKey.fromGTK)...)
		for _, c := range found.On(layout.Layout{}).Combos {
			if _, isMod := key.ParseMod(c); c != "" && !isMod {
				if _, err := key.ParseCombo(c, nil); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestPipes: a pipe, or a huge file, in the place of a desktop's settings stops nothing, and nobody reads it.
func TestPipes(t *testing.T) {
	for desktop, path := range map[string]string{
		"kde": "config/kglobalshortcutsrc", "xfce": "config/xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml",
		"cinnamon": "config/cinnamon/spices/menu@cinnamon.org/0.json", "labwc": "config/labwc/rc.xml", "wayfire": "config/wayfire.ini", "niri": "config/niri/config.kdl",
		"hyprland": "config/hypr/hyprland.lua", "cosmic": "config/cosmic/com.system76.CosmicSettings.Shortcuts/v1/custom",
		"river": "config/river/init",
	} {
		p := home(t, nil)
		pipe := filepath.Join(p.env("HOME"), path)
		if err := os.MkdirAll(filepath.Dir(pipe), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mkfifo(pipe, 0o700); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			find(t.Context(), desktop, p)
		}()
		// Opening it for writing succeeds only while somebody reads it.
		for waiting := true; waiting; {
			select {
			case <-done:
				waiting = false
			default:
				if fd, err := unix.Open(pipe, unix.O_WRONLY|unix.O_NONBLOCK, 0); err == nil {
					t.Errorf("%s: the pipe %s is read", desktop, path)
					_ = unix.Close(fd)
				}
			}
		}
		if err := os.Remove(pipe); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(pipe, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(pipe, 1<<42); err != nil { // without blocks on the disk
			t.Fatal(err)
		}
		find(t.Context(), desktop, p)
	}
}
