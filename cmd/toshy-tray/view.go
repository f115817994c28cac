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

// facts are what is known about the daemon.
type facts struct {
	status   *control.Status // nil: no daemon answers
	settings []control.Setting
	err      error // why no daemon answers
	machine  machine
}

// A picture is what people see of the facts. It shows no windows and keys.
type picture struct {
	icon    []byte
	tooltip string
	menu    []entry
}

// An entry of the menu.
type entry struct {
	label    string // a label without do and sub is a note
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
	radio // one of several values: the library has no radio buttons, so the label shows which one is chosen
	separator
)

// An action is what a click does: a request to the daemon, or something that the tray does itself.
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
	showMistake
	showHelp
	reportProblem
	startService
	stopService
	startAtLogin
	stopAtLogin
	usePreset
	showPage
	quit
)

func (a action) none() bool { return a.request.Command == "" && a.own == nothing }

// the longest label, in characters: menus do not wrap text.
const longest = 90

// look makes a picture of the facts. The top level of its menu always has the same entries, so that the menu does not jump
// under the pointer.
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
	menu := []entry{note(capital(says))}
	menu = append(menu, mistake(s.ConfigError)...)
	menu = append(menu,
		entry{kind: separator},
		entry{label: "Shortcuts, rules and settings …", do: action{own: showPage}},
		pause,
		service(f),
		entry{label: "Settings", sub: settings, disabled: len(settings) == 0},
		entry{label: "Layers", sub: layers, hidden: len(layers) == 0},
		entry{label: "Keyboards", sub: keyboards, disabled: len(keyboards) == 0},
		entry{kind: separator},
		configuration(s),
		presets(f),
		entry{label: "Reload the configuration", disabled: absent, do: ask("reload", "", "")},
		autostart(f.machine),
		entry{kind: separator},
		entry{label: "Show the log", do: action{own: showLog}},
		entry{label: "Check this machine (toshy doctor)", do: action{own: showDoctor}},
		entry{label: "Help", do: action{own: showHelp}},
		entry{label: "Report a problem", do: action{own: reportProblem}},
		entry{kind: separator},
		entry{label: "Remove this icon", do: action{own: quit}},
	)
	return picture{icon: icon, tooltip: "toshy: " + says, menu: menu}
}

// mistakeLines is the largest number of menu lines for one mistake.
const mistakeLines = 4

// mistake shows a mistake in the configuration in full: place, message and hint. A click also opens the line.
func mistake(text string) []entry {
	first, rest, _ := strings.Cut(text, "\n")
	lines := wrapped("Mistake in the configuration: " + first)
	for l := range strings.Lines(rest) {
		if strings.HasPrefix(l, "hint: ") {
			lines = append(lines, wrapped(capital(strings.TrimSpace(l)))...)
			break
		}
	}
	list := make([]entry, mistakeLines)
	for i := range list {
		list[i] = entry{hidden: true, do: action{own: showMistake}}
		if text != "" && i < len(lines) {
			list[i].label, list[i].hidden = lines[i], false
		}
	}
	if len(lines) > mistakeLines {
		list[mistakeLines-1].label += " …"
	}
	return list
}

// wrapped splits a text into lines that fit into a menu.
func wrapped(text string) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		switch {
		case line == "":
			line = w
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) <= longest:
			line += " " + w
		default:
			lines = append(lines, short(line))
			line = "    " + w
		}
	}
	return append(lines, short(line))
}

// service starts or stops toshy for this user.
func service(f facts) entry {
	switch {
	case f.machine.unit == "":
		return entry{label: "Start toshy", hidden: true}
	case f.machine.running || f.status != nil && f.status.Mode == "single":
		return entry{label: "Stop toshy", do: action{own: stopService}}
	}
	return entry{label: "Start toshy", do: action{own: startService}}
}

func autostart(m machine) entry {
	switch {
	case m.unit == "":
		return entry{label: "Start toshy at login", kind: check, hidden: true}
	case m.atLogin:
		return entry{label: "Start toshy at login", kind: check, checked: true, do: action{own: stopAtLogin}}
	}
	return entry{label: "Start toshy at login", kind: check, do: action{own: startAtLogin}}
}

// builtins describes the built-in configurations.
var builtins = []struct{ name, label string }{
	{"mac", "Mac: shortcuts of a Mac in every application"},
	{"mac-minimal", "Mac, minimal: its modifiers, copy and paste, tabs, windows, text"},
	{"windows", "Windows: its shortcuts on every desktop"},
	{"none", "None: my own rules only"},
}

// presets choose what the user's configuration builds on.
func presets(f facts) entry {
	// A click must not replace the administrator's configuration, or one from another place, with a user's file.
	elsewhere := f.status != nil && filepath.IsAbs(f.status.Configuration) && f.status.Configuration != f.machine.configuration
	e := entry{label: "Preset", disabled: f.machine.preset == "" || elsewhere}
	for _, b := range builtins {
		e.sub = append(e.sub, entry{label: b.label, kind: radio, checked: b.name == f.machine.preset, do: action{own: usePreset, path: b.name}})
	}
	return e
}

// state returns the icon and a short text.
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
		return iconBroken, "the configuration is broken; the previous one is in use"
	case s.Passthrough:
		if s.Reason != "" {
			return iconPassing, short("keys are not mapped: " + s.Reason)
		}
		return iconPassing, "keys are not mapped"
	}
	if s.Recording != "" {
		return iconPassing, short("recording the macro " + s.Recording)
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

// configuration opens the file, or creates one if there is none.
func configuration(s *control.Status) entry {
	switch {
	case filepath.IsAbs(s.Configuration):
		return entry{label: "Open the configuration", do: action{own: openFile, path: s.Configuration}}
	case s.Configuration == "":
		return entry{label: "Open the configuration", disabled: true}
	}
	return entry{label: "Make a configuration of my own", do: action{own: createFile}}
}

// label is the description of a setting, else its name.
func label(s control.Setting) string {
	if s.Description != "" {
		return capital(s.Description)
	}
	return human(s.Name)
}

// settingEntries puts each setting below the one that it needs.
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
		name := label(s)
		on := s.Value == "true"
		below := settingsBelow(settings, s.Name, known, off || !on)
		if !slices.Equal(s.Values, []string{"false", "true"}) {
			list = append(list, choice(s, name, off))
			continue
		}
		toggle := entry{
			label: short(name), kind: check, checked: on, disabled: off,
			do: ask("set", s.Name, map[bool]string{true: "false", false: "true"}[on]),
		}
		if len(below) > 0 {
			toggle = entry{label: short(name), sub: append([]entry{toggle}, below...)}
		}
		list = append(list, toggle)
	}
	return list
}

// choice is a setting with more than two values.
func choice(s control.Setting, name string, off bool) entry {
	e := entry{label: short(name + ": " + human(s.Value)), disabled: off}
	for _, v := range s.Values {
		e.sub = append(e.sub, entry{label: short(human(v)), kind: radio, checked: v == s.Value, do: ask("set", s.Name, v)})
	}
	return e
}

func layerEntries(s *control.Status) (list []entry) {
	for _, l := range s.AllLayers {
		on := slices.Contains(s.Layers, l)
		list = append(list, entry{
			label: short(human(l)), kind: check, checked: on, do: ask("layer", l, map[bool]string{true: "off", false: "on"}[on]),
		})
	}
	return list
}

// keyboardEntries lists each keyboard with its possible types. Nodes with the same id are one keyboard.
func keyboardEntries(s *control.Status) (list []entry) {
	seen := map[string]bool{}
	for _, k := range s.Keyboards {
		if seen[k.ID] {
			continue
		}
		seen[k.ID] = true
		e := entry{
			label: short(k.Name + ": " + human(cmp.Or(k.Type, "no type"))),
			sub: []entry{{
				label: "As the configuration says", kind: radio, checked: !k.Chosen, do: ask("keyboard-type", k.ID, ""),
			}},
		}
		for _, t := range s.KeyboardTypes {
			e.sub = append(e.sub, entry{label: short(human(t)), kind: radio, checked: k.Chosen && k.Type == t, do: ask("keyboard-type", k.ID, t)})
		}
		list = append(list, e)
	}
	return list
}

// people has the words for abbreviations in names.
var people = map[string]string{
	"cmd": "Command", "opt": "Option", "ctrl": "Control", "esc": "Escape", "caps": "Caps Lock", "capslock": "Caps Lock", "numlock": "Num Lock", "numpad": "keypad", "ibm": "IBM", "us": "US", "abc": "ABC", "fn": "Fn",
	"chromebook": "Chromebook", "windows": "Windows", "apple": "Apple",
}

// human turns a name into words.
func human(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		if p, ok := people[w]; ok {
			words[i] = p
		}
	}
	if len(words) == 0 {
		return name
	}
	return capital(strings.Join(words, " "))
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// short shortens a text that would make the menu wider than the screen.
func short(s string) string {
	if r := []rune(s); len(r) > longest {
		return strings.TrimRight(string(r[:longest-1]), " ,:;") + "…"
	}
	return s
}
