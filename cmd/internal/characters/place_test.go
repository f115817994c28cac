package characters

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// settings replaces gsettings and KDE's programs.
type settings map[string]string

func (s settings) run(_ context.Context, args ...string) (string, error) {
	line := strings.Join(args, " ")
	name := args[len(args)-1]
	switch args[0] {
	case "env":
		if line != "env GSETTINGS_BACKEND=memory gsettings get "+args[4]+" xkb-options" {
			return "", errors.New("unknown: " + line)
		}
		return cmp.Or(s["default"], "@as []"), nil
	case "gsettings":
		switch args[1] {
		case "set":
			s[args[3]] = args[4]
			return "", nil
		case "reset":
			s[args[3]] = cmp.Or(s["default"], "@as []")
			return "", nil
		}
		name = args[3]
	case "kreadconfig6":
	case "kwriteconfig6":
		if slices.Contains(args, "--delete") {
			delete(s, args[6])
		} else {
			s[args[6]] = name
		}
		return "", nil
	default:
		return "", errors.New("unknown: " + line)
	}
	if _, ok := s[name]; !ok && args[0] == "gsettings" {
		return "", errors.New("no such key")
	}
	return s[name] + "\n", nil
}

func TestPlaces(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // no desktop runs
	for _, c := range []struct {
		place, option string
		s             settings
		layout        Layout
		on            string
	}{
		{
			"gnome", "xkb-options",
			settings{"xkb-options": "['ctrl:nocaps', 'compose:ralt']", "sources": "[('xkb', 'us'), ('ibus', 'anthy'), ('xkb', 'de+neo')]"},
			Layout{Layouts: "us,de", Variants: ",neo", Options: "ctrl:nocaps,compose:ralt"},
			"['ctrl:nocaps', 'compose:ralt', 'toshy:characters']",
		},
		{"cinnamon", "xkb-options", settings{"xkb-options": "@as []", "sources": "@a(ss) []"}, Layout{}, "['toshy:characters']"}, // nothing stays set
		{ // nor where a distribution has a default
			"cinnamon", "xkb-options",
			settings{"xkb-options": "['compose:ralt']", "default": "['compose:ralt']", "sources": "@a(ss) []"},
			Layout{Options: "compose:ralt"},
			"['compose:ralt', 'toshy:characters']",
		},
		{ // an empty list in place of that default
			"cinnamon", "xkb-options",
			settings{"xkb-options": "[]", "default": "['compose:ralt']", "sources": "@a(ss) []"},
			Layout{},
			"['toshy:characters']",
		},
		{
			"kde", "Options",
			settings{"LayoutList": "us,fr", "VariantList": ",bepo", "Options": "ctrl:nocaps", "Model": "pc105", "ResetOldOptions": "true"},
			Layout{Model: "pc105", Layouts: "us,fr", Variants: ",bepo", Options: "ctrl:nocaps"},
			"ctrl:nocaps,toshy:characters",
		},
		{"kde", "Options", settings{}, Layout{}, "toshy:characters"},
		{"kde", "Options", settings{"Options": "ctrl:nocaps"}, Layout{}, "toshy:characters"}, // a list that is switched off
	} {
		p, before := Places[c.place], maps.Clone(c.s)
		if l, err := p.Layout(t.Context(), c.s.run); err != nil || l != c.layout {
			t.Errorf("%s: %+v, %v", c.place, l, err)
		}
		for range 2 {
			if err := p.Switch(t.Context(), c.s.run, true); err != nil || c.s[c.option] != c.on {
				t.Errorf("%s: %q, %v", c.place, c.s[c.option], err)
			}
		}
		for range 2 {
			if err := p.Switch(t.Context(), c.s.run, false); err != nil || !maps.Equal(c.s, before) {
				t.Errorf("%s: %q, before %q, %v", c.place, c.s, before, err)
			}
		}
	}
	broken := func(context.Context, ...string) (string, error) {
		return "", errors.New("the program is not installed")
	}
	if err := Places["gnome"].Switch(t.Context(), broken, true); err == nil || !strings.Contains(err.Error(), "GNOME does not take the option: the program is not installed") {
		t.Errorf("%v", err)
	}
}

// TestBudgie: what Budgie takes from the system as long as the user's settings are empty stays when our option is added.
func TestBudgie(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	file := filepath.Join(dir, budgieLabwc.file)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("XKB_DEFAULT_LAYOUT=fi(nodeadkeys),us\nXKB_DEFAULT_OPTIONS=ctrl:nocaps,toshy:characters\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s      settings
		layout Layout
		on     string
	}{
		{settings{"xkb-options": "@as []", "sources": "@a(ss) []"}, Layout{Layouts: "fi,us", Variants: "nodeadkeys,", Options: "ctrl:nocaps"}, "['ctrl:nocaps', 'toshy:characters']"},
		{settings{"xkb-options": "['caps:escape']", "sources": "[('xkb', 'de')]"}, Layout{Layouts: "de", Options: "caps:escape"}, "['caps:escape', 'toshy:characters']"},
		{settings{"xkb-options": "['toshy:characters']", "sources": "[('xkb', 'de')]"}, Layout{Layouts: "de", Options: Option}, "['toshy:characters']"},
	} {
		p := Places["budgie"]
		if l, err := p.Layout(t.Context(), c.s.run); err != nil || l != c.layout {
			t.Errorf("%+v, %v; want %+v", l, err, c.layout)
		}
		if err := p.Switch(t.Context(), c.s.run, true); err != nil || c.s["xkb-options"] != c.on {
			t.Errorf("%q, %v; want %q", c.s["xkb-options"], err, c.on)
		}
	}
}
