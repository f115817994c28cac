package shortcuts

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var niriShortcuts = map[string]string{
	"launcher": "Super-D", "terminal": "Super-T", "lock": "Alt-Super-L", "close": "Super-Q", "workspace-down": "Super-PageDown", "workspace-right": "Super-PageDown",
	"workspace-up": "Super-PageUp", "workspace-left": "Super-PageUp", "move-to-workspace-right": "Ctrl-Super-PageDown",
	"maximize": "Super-M", "fullscreen": "Shift-Super-F", "input-source-next": "Super-Space", "logout": "Ctrl-Alt-Delete",
	"screenshot": "SysRq", "screenshot-area": "SysRq", "screenshot-area-clipboard": "SysRq",
	"screenshot-screen": "Ctrl-SysRq", "screenshot-screen-clipboard": "Ctrl-SysRq",
	// Alt+Tab does something else.
	"switch-applications": "Super-Tab", "switch-applications-backward": "Alt-Shift-Tab", "switch-windows": "Alt-Grave", "switch-windows-backward": "Alt-Shift-Grave",
}

func TestNiri(t *testing.T) {
	f := find(t.Context(), "niri", home(t, map[string]string{"config/niri/config.kdl": "niri.kdl"}))
	check(t, f, niriShortcuts)
	if !f.Read || !strings.HasSuffix(f.Files[len(f.Files)-1], "config/niri/more/binds.kdl") {
		t.Errorf("read %v, files %v", f.Read, f.Files)
	}
}

// TestNiriIncludes: an included file replaces shortcuts and Mod. Missing files are watched too.
func TestNiriIncludes(t *testing.T) {
	p := home(t, map[string]string{"config/niri/config.kdl": "niri.kdl", "config/niri/more/binds.kdl": "niri-more.kdl"})
	f := find(t.Context(), "niri", p)
	want := maps.Clone(niriShortcuts)
	for action, keys := range want {
		if action != "lock" {
			want[action] = strings.Replace(strings.Replace(keys, "Shift-Super", "Alt-Shift", 1), "Super", "Alt", 1)
		}
	}
	maps.Copy(want, map[string]string{
		"workspace-down": "Alt-PageDown", "workspace-right": "Alt-PageDown", "close": "Alt-F4",
		"switch-applications": "Super-Tab", "switch-applications-backward": "Shift-Super-Tab", "switch-windows": "Super-Grave",
	})
	delete(want, "move-to-workspace-right")
	delete(want, "switch-windows-backward")
	check(t, f, want)
	for _, name := range []string{"config/niri/more/binds.kdl", "/missing/file.kdl"} {
		if !slices.ContainsFunc(f.Files, func(n string) bool { return strings.HasSuffix(n, name) }) {
			t.Errorf("%s is not watched, only %v", name, f.Files)
		}
	}
}

// TestNiriBroken: niri does not load a broken file, and toshy reads nothing from it.
func TestNiriBroken(t *testing.T) {
	p := home(t, map[string]string{"config/niri/config.kdl": "niri.kdl"})
	name := filepath.Join(p.configs[0], "niri/config.kdl")
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		string(good) + "}", string(good) + "{", string(good) + `a "b`, string(good) + "input { mod-key \"Alt\" }", string(good) + "a { b { c; } }\n", string(good) + "/* a", strings.Repeat("a { ", 100) + strings.Repeat("} ", 100),
		string(good) + "include \"config.kdl\"\n", // itself
		string(good) + "include \"missing.kdl\"\n", string(good) + "include optional=false \"missing.kdl\"\n",
		string(good) + "a=", string(good) + `a "\q"`, string(good) + `a r##"b"#`, string(good) + "a \\ b", string(good) + "\x00{\xff",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if f := find(t.Context(), "niri", p); len(f.Combos) > 0 || f.Read || len(f.Files) == 0 {
			t.Errorf("%.40q...: %v, %v", text, f.Combos, f.Files)
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	p.env = func(name string) string { return map[string]string{"NIRI_CONFIG": "/dev/zero"}[name] }
	if f := find(t.Context(), "niri", p); len(f.Combos) > 0 || f.Read {
		t.Errorf("a device: %v", f.Combos)
	}
}

// TestNiriSwitcherOff: without its switcher, niri has no shortcuts for the next window.
func TestNiriSwitcherOff(t *testing.T) {
	f := &Found{}
	c := niriConfig{}
	c.parse("recent-windows {\n    off\n}\nbinds {\n    Mod+E {}\n    Mod+Q { close-window; }\n}\n", "config.kdl", 0)
	c.found(f)
	check(t, f, map[string]string{"close": "Super-Q"})
}

func TestKDL(t *testing.T) {
	got, err := parseKDL("\ufeffa 1 -2.5 true null (u8)3 \"q\\u{e9}\\n\" r\"\\\" b=\"c\" /*x*/ \"d e\"=f\r\n" + `/-g { h; } ; i { j; k /-1 2 /-l=3 {m;}; } /-{ n; }` + "\no+p\\ // continues\n  q; r #; raw x=1 x=2")
	if err != nil {
		t.Fatal(err)
	}
	want := []kdlNode{
		{name: "a", args: []string{"1", "-2.5", "true", "null", "3", "qé\n", "\\"}, props: map[string]string{"b": "c", "d e": "f"}},
		{name: "i", children: []kdlNode{{name: "j"}, {name: "k", args: []string{"2"}, children: []kdlNode{{name: "m"}}}}},
		{name: "o+p", args: []string{"q"}},
		{name: "r", args: []string{"#"}},
		{name: "raw", props: map[string]string{"x": "2"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(kdlNode{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
