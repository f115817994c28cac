package characters

import (
	"context"
	"errors"
	"maps"
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
	case "gsettings":
		if args[1] == "set" {
			s[args[3]] = args[4]
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
		{"cinnamon", "xkb-options", settings{"xkb-options": "[]", "sources": "@a(ss) []"}, Layout{}, "['toshy:characters']"},
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
