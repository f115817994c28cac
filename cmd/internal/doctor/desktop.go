package doctor

import (
	"strings"

	"toshy/cmd/internal/desktop"
	"toshy/remap/window/focus"
	"toshy/remap/window/logind"
	"toshy/remap/window/softkvm"
)

// Focus checks whether the focused window is known.
func Focus(sources []focus.Status, around desktop.Ambient) Finding {
	const name = "focus"
	for _, s := range sources {
		if s.Active {
			if p := desktop.Missing(sources, around); p != nil {
				return Finding{name, Warning, p.Text, p.Fix, Other}
			}
			return Finding{Check: name, Text: "the focused window is known by " + s.Name}
		}
	}
	if p := desktop.Missing(sources, around); p != nil {
		return Finding{name, Broken, p.Text, p.Fix, Other}
	}
	return Finding{name, Note, "there is no desktop here: rules that test an application do not apply", "run this in the session of the desktop", Other}
}

// Layout reports the active keyboard layout, "" if no desktop reports it.
func Layout(active string) Finding {
	const name = "layout"
	if active == "" {
		return Finding{
			name, Note, "the keyboard layout is not known, so US is assumed: on any other layout, combos and texts use the wrong keys",
			"run this in the session of the desktop; docs/DESKTOPS.md says which desktops report their layout", Other,
		}
	}
	return Finding{Check: name, Text: "the keyboard layout is " + active}
}

// Typing reports whether the desktop types characters that no key types.
func Typing(types bool, around desktop.Ambient) Finding {
	const name = "typing"
	if types {
		return Finding{Check: name, Text: "the desktop types emoji and other characters that have no key"}
	}
	f := Finding{
		name, Note, "this desktop does not type emoji and other characters that have no key: toshy enters them by their number, which GTK programs understand; IBus understands it too, but loses some on a busy computer",
		"toshy characters install puts those of your configuration into the keymap; docs/CHARACTERS.md says which desktops type all of them", Other,
	}
	switch {
	case !around.Graphical:
		f.Text, f.Fix = "there is no desktop here that types characters without a key", "run this in the session of the desktop"
	case around.Desktop == "gnome" && around.Session == "wayland":
		f.Fix = "toshy gnome-extension install, then log out and in again"
	}
	return f
}

// Session reports what logind says about the seat. A nil session means that there is no logind.
func Session(s *logind.Session, why error) Finding {
	const name = "session"
	switch {
	case s == nil:
		return Finding{name, Note, "toshy does not notice locked screens and other users' sessions: " + why.Error(), "without systemd, install elogind; if you are the only user of the machine, you need neither", Other}
	case s.ID == "":
		return Finding{name, Note, "nobody is logged in at the seat: keys are not mapped until somebody logs in", "", Other}
	}
	text := s.User + " has the active session (" + s.Type + ")"
	if s.Locked {
		text += ", and its screen is locked"
	}
	return Finding{Check: name, Text: text}
}

// Sharing checks the programs that share a keyboard between machines. Without a log toshy cannot follow them, and maps keys
// even while they go to another machine.
func Sharing(programs []softkvm.Program) (all []Finding) {
	const name = "sharing"
	with := map[string]bool{}
	for _, p := range programs {
		with[p.Name] = with[p.Name] || p.ToFile
	}
	for _, p := range programs {
		switch {
		case p.ToFile:
			all = append(all, Finding{Check: name, Text: p.Name + " is followed by its log " + p.Log})
		case !with[p.Name]:
			all = append(all, Finding{
				name, Note, p.Name + " writes no log, so toshy maps keys even while the pointer is on another machine",
				"on the machine that has the keyboard, switch on " + p.Name + "'s option to log to a file, level Info", Other,
			})
		}
	}
	return all
}

// Count is the number of findings at a level and above.
func Count(all []Finding, from Level) (n int) {
	for _, f := range all {
		if f.Level >= from {
			n++
		}
	}
	return n
}

// Lines is a finding for people.
func (f Finding) Lines() string {
	s := f.Check + ": " + f.Text
	if f.Fix != "" {
		s += "\n" + strings.Repeat(" ", 10) + "to do: " + f.Fix
	}
	return s
}
