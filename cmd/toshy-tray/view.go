package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"toshy/cmd/internal/control"
)

// facts are what is known of the daemon.
type facts struct {
	status   *control.Status // nil: no daemon answers
	settings []control.Setting
	err      error // why none answers
}

// A picture is what people see of the facts. It shows nothing of windows and keys.
type picture struct {
	icon    []byte
	tooltip string
	menu    []entry
}

// An entry of the menu.
type entry struct {
	label    string // a label with neither do nor sub is a note
	kind     kind
	checked  bool
	disabled bool
	hidden   bool
	do       action
	sub      []entry
}

type kind uint8

const (
	plain kind = iota
	check
	separator
)

// An action is what a click does: a request to the daemon, or something of the tray's own.
type action struct {
	request control.Request
	own     own
	path    string // openFile
}

type own uint8

const (
	nothing own = iota
	openFile
	createFile
	showLog
	showDoctor
	quit
)

func (a action) none() bool { return a.request.Command == "" && a.own == nothing }

// longest label, in characters: menus are not wrapped.
const longest = 90

// look makes a picture of the facts. Its menu has the same entries at the top whatever the facts are, so that
// the menu does not jump under the pointer.
func look(f facts) picture {
	icon, says := state(f)
	s := f.status
	if s == nil {
		s = &control.Status{}
	}
	absent := f.status == nil
	pause := entry{label: "Pause", disabled: absent, do: ask("pause", "", "")}
	if s.Paused {
		pause = entry{label: "Resume", do: ask("resume", "", "")}
	}
	settings, layers, keyboards := settingEntries(f.settings), layerEntries(s), keyboardEntries(s)
	return picture{icon: icon, tooltip: "toshy: " + says, menu: []entry{
		note(capital(says)),
		{label: short("Mistake in the configuration: " + firstLine(s.ConfigError)), disabled: true, hidden: s.ConfigError == ""},
		{kind: separator},
		pause,
		{label: "Settings", sub: settings, disabled: len(settings) == 0},
		{label: "Layers", sub: layers, hidden: len(layers) == 0},
		{label: "Keyboards", sub: keyboards, disabled: len(keyboards) == 0},
		{kind: separator},
		{label: "Reload the configuration", disabled: absent, do: ask("reload", "", "")},
		configuration(s),
		{label: "Show the log", do: action{own: showLog}},
		{label: "Check this machine (toshy doctor)", do: action{own: showDoctor}},
		{kind: separator},
		{label: "Remove this icon", do: action{own: quit}},
	}}
}

// state gives the icon and a few words.
func state(f facts) (icon []byte, says string) {
	s := f.status
	switch {
	case s == nil && (f.err == nil || errors.Is(f.err, control.ErrNoDaemon)):
		return iconAbsent, control.ErrNoDaemon.Error()
	case s == nil:
		return iconAbsent, short(f.err.Error())
	case s.Paused:
		return iconPaused, "paused, the keyboards are given back"
	case s.ConfigError != "":
		return iconBroken, "the configuration is broken, the one before is in use"
	case s.Passthrough:
		if s.Reason != "" {
			return iconPassing, short("keys pass through unmapped: " + s.Reason)
		}
		return iconPassing, "keys pass through unmapped"
	}
	n := 0
	for _, k := range s.Keyboards {
		if k.Grabbed {
			n++
		}
	}
	switch n {
	case 0:
		return iconActive, "active, no keyboard is taken"
	case 1:
		return iconActive, "active on 1 keyboard"
	}
	return iconActive, fmt.Sprintf("active on %d keyboards", n)
}

func ask(command, name, value string) action {
	return action{request: control.Request{Command: command, Name: name, Value: value}}
}

func note(text string) entry { return entry{label: text, disabled: true} }

// configuration opens the file, or makes one where there is none.
func configuration(s *control.Status) entry {
	switch {
	case filepath.IsAbs(s.Configuration):
		return entry{label: "Open the configuration", do: action{own: openFile, path: s.Configuration}}
	case s.Configuration == "":
		return entry{label: "Open the configuration", disabled: true}
	}
	return entry{label: "Make a configuration of my own", do: action{own: createFile}}
}

// settingEntries shows each setting below the one that it needs.
func settingEntries(settings []control.Setting) []entry {
	known := map[string]bool{}
	for _, s := range settings {
		known[s.Name] = true
	}
	return settingsBelow(settings, "", known, false)
}

func settingsBelow(settings []control.Setting, parent string, known map[string]bool, off bool) (list []entry) {
	for _, s := range settings {
		if s.Parent != parent && (parent != "" || known[s.Parent]) {
			continue
		}
		name := human(s.Name)
		on := s.Value == "true"
		below := settingsBelow(settings, s.Name, known, off || !on)
		if !slices.Equal(s.Values, []string{"false", "true"}) {
			list = append(list, choice(s, name, off))
			continue
		}
		label := name
		if s.Description != "" {
			label += ": " + s.Description
		}
		toggle := entry{
			label: short(label), kind: check, checked: on, disabled: off,
			do: ask("set", s.Name, map[bool]string{true: "false", false: "true"}[on]),
		}
		if len(below) > 0 {
			toggle = entry{label: short(name), sub: append([]entry{toggle}, below...)}
		}
		list = append(list, toggle)
	}
	return list
}

// choice is a setting of more than two values.
func choice(s control.Setting, name string, off bool) entry {
	e := entry{label: short(name + ": " + human(s.Value)), disabled: off}
	if s.Description != "" {
		e.sub = append(e.sub, note(short(capital(s.Description))))
	}
	for _, v := range s.Values {
		e.sub = append(e.sub, entry{label: short(human(v)), kind: check, checked: v == s.Value, do: ask("set", s.Name, v)})
	}
	return e
}

func layerEntries(s *control.Status) (list []entry) {
	for _, l := range s.AllLayers {
		on := slices.Contains(s.Layers, l)
		list = append(list, entry{
			label: short(l), kind: check, checked: on, do: ask("layer", l, map[bool]string{true: "off", false: "on"}[on]),
		})
	}
	return list
}

// keyboardEntries has each keyboard with the types that it can have. Nodes of one id are one keyboard.
func keyboardEntries(s *control.Status) (list []entry) {
	seen := map[string]bool{}
	for _, k := range s.Keyboards {
		if seen[k.ID] {
			continue
		}
		seen[k.ID] = true
		e := entry{
			label: short(k.Name + ": " + cmp.Or(k.Type, "no type")),
			sub: []entry{{
				label: "As the configuration says", kind: check, checked: !k.Chosen, do: ask("keyboard-type", k.ID, ""),
			}},
		}
		for _, t := range s.KeyboardTypes {
			e.sub = append(e.sub, entry{label: short(human(t)), kind: check, checked: k.Chosen && k.Type == t, do: ask("keyboard-type", k.ID, t)})
		}
		list = append(list, e)
	}
	return list
}

// human makes words of a name.
func human(name string) string { return capital(strings.ReplaceAll(name, "_", " ")) }

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}

// short cuts a text that would make the menu wider than screens are.
func short(s string) string {
	if r := []rune(s); len(r) > longest {
		return strings.TrimRight(string(r[:longest-1]), " ,:;") + "…"
	}
	return s
}
