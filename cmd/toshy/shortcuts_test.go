package main

import (
	"strings"
	"testing"

	"toshy/cmd/internal/shortcuts"
)

// TestShortcutFinding: doctor distinguishes settings without a value from settings that it cannot read.
func TestShortcutFinding(t *testing.T) {
	for _, tt := range []struct {
		found shortcuts.Found
		want  string // "" is no finding
	}{
		{shortcuts.Found{}, ""},
		{shortcuts.Found{Unread: "weston"}, "toshy cannot read the shortcuts of weston"},
		{shortcuts.Found{Desktop: "river", Read: true, Files: []string{"river/init"}}, "no shortcut of river is recognised in river/init"},
		{shortcuts.Found{Desktop: "sway", Read: true}, "sway has no shortcut that toshy recognises"},
		{shortcuts.Found{Desktop: "sway"}, "the shortcuts of sway cannot be read"},
		{shortcuts.Found{Desktop: "sway", Combos: map[string]string{"launcher": "Super-D"}}, "the shortcuts of sway are known"},
	} {
		all := shortcutFinding(&tt.found)
		if tt.want == "" {
			if len(all) > 0 {
				t.Errorf("%+v: %+v", tt.found, all)
			}
		} else if len(all) != 1 || !strings.Contains(all[0].Text, tt.want) {
			t.Errorf("%+v: %+v, want %q", tt.found, all, tt.want)
		}
	}
}
