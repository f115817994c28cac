//go:build desktop

package shortcuts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window/windowtest"
)

// The settings of GNOME and Cinnamon as gsettings reports them: what a user has changed, and for the rest the defaults of Debian's
// schemas. The database is GLib's plain file, because dconf's needs more than the file systems of containers offer.
func TestRealSettings(t *testing.T) {
	dir := t.TempDir()
	run := func(script string) {
		t.Helper()
		cmd := exec.Command("dbus-run-session", "--", "sh", "-ec", script)
		cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir, "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "GSETTINGS_BACKEND=keyfile")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	p := newPlace(func(name string) string {
		return map[string]string{"HOME": dir, "XDG_CONFIG_HOME": dir, "XDG_RUNTIME_DIR": dir, "PATH": os.Getenv("PATH"), "GSETTINGS_BACKEND": "keyfile"}[name]
	})
	expect := func(desktop string, want map[string]string) {
		t.Helper()
		var f *Found
		windowtest.Until(t, "gsettings answers", func() bool { // toshy asks again, too
			f = find(t.Context(), desktop, p)
			return !f.Late
		})
		for action, combo := range want {
			if got, ok := f.Combos[action]; !ok || got != combo {
				t.Errorf("%s: %s is %q by %q, want %q", desktop, action, got, f.Origins[action], combo)
			}
		}
		if _, err := os.Stat(f.Files[1]); err != nil {
			t.Errorf("the watched file does not exist: %v", err)
		}
	}
	run("gsettings set org.gnome.desktop.wm.keybindings minimize \"['<Super>j']\"")
	expect("gnome", map[string]string{
		"minimize": "Super-J", "launcher": "LeftMeta", "close": "Alt-F4", "lock": "Super-L", "maximize": "Alt-F10", "input-source-next": "Super-Space",
		"screenshot-screen": "Shift-SysRq", "screenshot-area": "SysRq", "switch-windows": "Super-Grave", "logout": "Ctrl-Alt-Delete",
		"screen-reader": "Alt-Super-S", "magnifier": "Alt-Super-8", "zoom-in": "Alt-Super-Equal", "zoom-out": "Alt-Super-Minus", "run": "Alt-F2", "unmaximize": "Super-Down",
		"tile-left": "Super-Left", "tile-right": "Super-Right", "applications": "Super-A", "notifications": "Super-V", "files": "File",
	})
	run("gsettings set org.gnome.mutter overlay-key ''; gsettings set org.gnome.shell.keybindings toggle-overview \"['<Super>s']\"; gsettings set org.gnome.desktop.wm.keybindings minimize '[]'; gsettings reset org.gnome.desktop.wm.keybindings close")
	expect("gnome", map[string]string{"minimize": "", "launcher": "Super-S", "close": "Alt-F4"})
	run("gsettings set org.cinnamon.desktop.keybindings.wm show-desktop \"['<Primary><Super>d']\"")
	expect("cinnamon", map[string]string{
		"show-desktop": "Ctrl-Super-D", "files": "Super-E", "screenshot-area-clipboard": "Ctrl-Shift-SysRq", "workspace-left": "Ctrl-Alt-Left",
		"screen-reader": "Alt-Super-S", "run": "Alt-F2", "tile-left": "Super-Left", "unmaximize": "Alt-F5", "minimize": "",
	})
	run("gsettings set org.gnome.desktop.wm.keybindings close \"['<Super>question']\"")
	expect("phoc", map[string]string{
		"close": "Shift-Super-Slash", "maximize": "Alt-F10", "tile-left": "Super-Left", "switch-applications": "Super-Tab",
		"workspace-left": "Super-PageUp", "input-source-next": "Super-Space", "fullscreen": "",
	})
	if os.Getenv("TOSHY_TODAY") != "sid" {
		return // only there is a Budgie
	}
	run("gsettings set org.buddiesofbudgie.settings-daemon.plugins.media-keys control-center \"['<Super>i']\"")
	expect("budgie", map[string]string{"settings": "Super-I", "logout": "Ctrl-Alt-Delete", "magnifier": "Alt-Super-8", "zoom-in": "Alt-Super-Equal", "screenshot-area": "Ctrl-SysRq"})
}

// Debian's own settings of Xfce.
func TestRealXfce(t *testing.T) {
	p := newPlace(func(name string) string {
		return map[string]string{"HOME": t.TempDir(), "XDG_CONFIG_DIRS": "/etc/xdg"}[name]
	})
	f := find(t.Context(), "xfce", p)
	for action, combo := range map[string]string{"launcher": "Alt-F1", "minimize": "Alt-F9", "workspace-left": "Ctrl-Alt-Left", "lock": "Ctrl-Alt-L", "screenshot-area": "Shift-SysRq"} {
		if f.Combos[action] != combo {
			t.Errorf("%s is %q, want %q; all: %v", action, f.Combos[action], combo, f.Combos)
		}
	}
}

// A real sway and a real i3 report their configuration.
func TestRealSway(t *testing.T) {
	s := &windowtest.Sway{}
	s.Start(t)
	t.Setenv("SWAYSOCK", s.IPC()) // the source looks there, and for other sockets if nobody answers
	p := newPlace(func(name string) string { return map[string]string{"HOME": s.Dir}[name] })
	f := find(t.Context(), "sway", p)
	if len(f.Files) == 0 || !strings.HasPrefix(filepath.Clean(f.Files[0]), "/") {
		t.Fatalf("sway's configuration is not known: %+v", f)
	}
	for action, combo := range f.Combos {
		t.Logf("%s is %s", action, combo)
	}
	x := &windowtest.X11{Manager: "i3"}
	x.Start(t)
	t.Setenv("I3SOCK", x.I3Socket())
	if f := find(t.Context(), "i3", p); len(f.Files) == 0 {
		t.Errorf("i3's configuration is not known: %+v", f)
	}
}
