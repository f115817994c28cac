package main

import (
	"context"
	"strings"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/doctor"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/shortcuts"
)

// loadHere reads a configuration as the daemon of this session does, with the desktop's own shortcuts.
func loadHere(ctx context.Context, v program.Flavour, path string) (*program.Program, *shortcuts.Found, error) {
	found := shortcuts.FindActive(ctx, desktop.Surroundings().Desktop, desktop.ActiveLayout)
	p, err := v.Load(path, program.Around{Actions: found.Combos})
	return p, found, err
}

// shortcutFinding reports the actions for which the desktop has no shortcut.
func shortcutFinding(f *shortcuts.Found) []doctor.Finding {
	const name = "shortcuts"
	if f.Desktop == "" {
		if f.Unread == "" {
			return nil
		}
		return []doctor.Finding{{
			Check: name, Level: doctor.Note, Text: "toshy cannot read the shortcuts of " + f.Unread + ": toshy uses those of the configuration",
			Fix: `name yours in the configuration, such as [action.launcher] do = "Super-D"; see docs/CONFIG.md, Actions of the desktop`,
		}}
	}
	if len(f.Combos) == 0 && f.Desktop == "river" {
		return []doctor.Finding{{
			Check: name, Level: doctor.Note, Text: "no shortcut of river is recognised in " + strings.Join(f.Files, ", ") + `: toshy reads lines such as "riverctl map normal Super Q close" of a shell script; since version 0.4, shortcuts belong to a window manager that toshy cannot ask`,
			Fix: `name yours in the configuration, such as [action.launcher] do = "Super-D"; see docs/CONFIG.md, Actions of the desktop`,
		}}
	}
	if len(f.Combos) == 0 && f.Read {
		return []doctor.Finding{{
			Check: name, Level: doctor.Note, Text: f.Desktop + " has no shortcut that toshy recognises: toshy uses those of the configuration",
			Fix: `set one for its launcher, or name yours in the configuration: [action.launcher] do = "Super-D"`,
		}}
	}
	if len(f.Combos) == 0 {
		return []doctor.Finding{{
			Check: name, Level: doctor.Note, Text: "the shortcuts of " + f.Desktop + " cannot be read: toshy uses the desktop's defaults",
			Fix: "see docs/CONFIG.md, Actions of the desktop",
		}}
	}
	none := f.None()
	if len(none) == 0 {
		return []doctor.Finding{{Check: name, Text: "the shortcuts of " + f.Desktop + " are known"}}
	}
	return []doctor.Finding{{
		Check: name, Level: doctor.Note, Text: f.Desktop + " has no shortcut for " + strings.Join(none, ", "),
		Fix: "set one in the desktop's settings, or in the configuration: [action." + none[0] + `] do = "..."`,
	}}
}
