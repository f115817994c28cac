package importer

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// keyd translates one configuration of keyd.
type keyd struct {
	doc     *document
	board   *board
	include Include
	prefix  string                // of names of tables and layers, where several files become one
	offset  int                   // of line numbers, likewise
	aliases map[string][]key.Code // further names of keys; each may name several
	own     map[key.Code]bool     // keys that the file gives an alias
	layers  map[string]*keydLayer
	order   []string // names of layers
	window  string   // of chords
	hold    string   // how long the keys of a chord must be held
	oneShot string   // timeout of one-shots
	tapTime string   // how long a tap may last
	layout  bool     // there is a state for layouts
	first   string   // the layout that counts at the beginning
	ids     []keydDevice
	seen    keydSeen

	including map[int]bool // lines that include a file, and stand for all lines of it
}

// A keydLayer is a heading with the facts about its layer.
type keydLayer struct {
	name   string
	mods   []key.Mod
	parts  []string // of a composite one
	layout bool
	line   int
}

type keydLine struct {
	section, key, value string
	line                int
}

var keydSection = pattern(`^\[(.*)\]$`)

// read splits a file into lines. ids says whether it has a section with that name.
func (k *keyd) read(source string) (list []keydLine, ids bool) {
	section := ""
	n := k.offset
	for text := range strings.Lines(source) {
		n++
		text = strings.TrimSpace(text)
		name, isInclude := strings.CutPrefix(text, "include ")
		switch {
		case isInclude:
			k.including[n] = true
			more, err := k.included(strings.TrimSpace(name), section, n)
			if err != nil {
				k.doc.lost(n, "%v", err)
			}
			list = append(list, more...)
			for _, l := range more {
				section = l.section
			}
		case keydSection().MatchString(text):
			section = strings.TrimSpace(text[1 : len(text)-1])
			ids = ids || section == "ids"
			list = append(list, keydLine{section: section, line: n}) // a heading counts without entries, too
		default:
			if l, ok := k.line(text, section, n); ok {
				list = append(list, l)
			}
		}
	}
	return list, ids
}

// line reads key = value.
func (k *keyd) line(text, section string, n int) (keydLine, bool) {
	switch {
	case text == "" || strings.HasPrefix(text, "#"):
		return keydLine{}, false
	case section == "":
		k.doc.lost(n, "a line before the first section")
		return keydLine{}, false
	}
	name, value, has := strings.Cut(text, "=")
	if has && strings.TrimSpace(name) == "" { // the key =
		rest, more, ok := strings.Cut(value, "=")
		if ok && strings.TrimSpace(rest) == "" {
			name, value = "equal", more
		}
	}
	if !has && section != "ids" {
		k.doc.lost(n, "a line without = (%s)", text)
		return keydLine{}, false
	}
	return keydLine{section, strings.TrimSpace(name), strings.TrimSpace(value), n}, true
}

// included reads the lines of an included file. For messages, they all count as the line that includes it.
func (k *keyd) included(name, section string, line int) ([]keydLine, error) {
	if k.include == nil || path.IsAbs(name) || slices.Contains(strings.Split(name, "/"), "..") {
		return nil, fmt.Errorf("the file %s is included and was not read: put its lines into this file", name)
	}
	source, err := k.include(name)
	if err != nil {
		return nil, fmt.Errorf("the file %s is included: %w", name, err)
	}
	var list []keydLine
	for text := range strings.Lines(string(source)) {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "include "):
			return list, fmt.Errorf("%s: %s: keyd reads no file that an included one includes", name, text)
		case keydSection().MatchString(text):
			section = strings.TrimSpace(text[1 : len(text)-1])
			list = append(list, keydLine{section: section, line: line})
		default:
			if l, ok := k.line(text, section, line); ok {
				list = append(list, l)
			}
		}
	}
	return list, nil
}

// headings reads what applies everywhere: aliases, [global] and the list of layers.
func (k *keyd) headings(lines []keydLine) {
	for _, l := range lines {
		base, mods, typed := strings.Cut(l.section, ":")
		switch base {
		case "main", "ids":
		case "aliases":
			if l.key != "" {
				k.alias(l)
			}
		case "global":
			if l.key != "" {
				k.global(l)
			}
		default:
			if k.layers[base] == nil {
				k.layers[base] = &keydLayer{name: base, line: l.line}
				k.order = append(k.order, base)
				if strings.Contains(base, "+") {
					k.layers[base].parts = strings.Split(base, "+")
				}
				if typed {
					k.layerType(k.layers[base], mods, l.line)
				}
			}
		}
	}
	for _, n := range k.order {
		if l := k.layers[n]; !l.layout && l.parts == nil {
			if _, isMod := keydModLayers[n]; !isMod {
				k.board.plane(k.layer(n), l.line).mods = joinMods(l.mods)
			}
		}
	}
	k.layouts()
}

// layerType parses the text after the colon of a heading: modifiers, or the word layout.
func (k *keyd) layerType(l *keydLayer, mods string, line int) {
	if mods == "layout" {
		l.layout = true
		return
	}
	for _, w := range strings.Split(mods, "-") {
		m, ok := key.Mod(0), len(w) == 1
		if ok {
			m, ok = keydMods[w[0]]
		}
		if !ok {
			k.doc.lost(line, "the modifiers %s of the layer %s", mods, l.name)
			return
		}
		l.mods = append(l.mods, m)
	}
}

// layouts declares the state that holds the current layout.
func (k *keyd) layouts() {
	names := []string{"main"}
	for _, n := range k.order {
		if k.layers[n].layout {
			names = append(names, n)
		}
	}
	if len(names) == 1 {
		return
	}
	s := k.doc.table("state", k.state(), 0)
	s.set("values", array(strs(names)), 0)
	if !slices.Contains(names, k.first) {
		k.first = "main"
	}
	s.set("default", str(k.first), 0)
	k.layout = true
}

func (k *keyd) global(l keydLine) {
	n, err := strconv.Atoi(l.value)
	if l.key == "default_layout" {
		k.first = l.value
		return
	}
	if err != nil || n < 0 {
		k.doc.lost(l.line, "%s = %s: expected a number", l.key, l.value)
		return
	}
	t := str(asTime(float64(n) / 1000))
	switch l.key {
	case "chord_timeout":
		k.window = asTime(float64(n) / 1000)
	case "chord_hold_timeout":
		if n > 0 {
			k.hold = asTime(float64(n) / 1000)
			k.doc.note(l.line, "chord_hold_timeout: another key ends a chord that is not held long enough; in keyd it waits")
		}
	case "oneshot_timeout":
		if n > 0 {
			k.oneShot = t
		}
	case "overload_tap_timeout":
		if n > 0 {
			k.tapTime = t
		}
	case "disable_modifier_guard":
		if n > 0 {
			k.doc.single("options").set("masking", "false", l.line)
		}
	case "layer_indicator", "macro_timeout", "macro_repeat_timeout", "macro_sequence_timeout":
		if n > 0 {
			k.doc.lost(l.line, "toshy has no counterpart for %s in [global]", l.key)
		}
	default:
		k.doc.lost(l.line, "%s in [global] is not known", l.key)
	}
}

// entry translates a line of a plane.
func (k *keyd) entry(p *plane, l keydLine) {
	if l.key == "" {
		return
	}
	if strings.Contains(l.key, "+") && len(l.key) > 1 {
		k.chord(p, l)
		return
	}
	codes := k.keys(l.key)
	if codes == nil {
		k.doc.lost(l.line, "the key %s is not known", l.key)
		return
	}
	for _, c := range codes {
		m, err := k.entryMeaning(c, l)
		if err != nil {
			k.doc.lost(l.line, "%s: %v", l.key, err)
			return
		}
		k.board.put(p, c, m, l.line)
	}
}

func (k *keyd) chord(p *plane, line keydLine) {
	var keys []key.Code
	for _, w := range strings.Split(line.key, "+") {
		codes := k.keys(strings.TrimSpace(w))
		if len(codes) != 1 {
			k.doc.lost(line.line, "the key %s of the chord %s is not one key that is known", w, line.key)
			return
		}
		keys = append(keys, codes[0])
	}
	m, err := k.entryMeaning(0, line)
	if err == nil && m.tap != nil && strings.HasPrefix(line.value, "oneshot") { // a chord is over at once
		m = *m.tap
	}
	if err == nil && m.tap != nil {
		err = errors.New("a chord with two meanings (tapped or held)")
	}
	if err != nil {
		k.doc.lost(line.line, "%s: %v", line.key, err)
		return
	}
	do := m.do
	if do == "" {
		do = m.value()
	}
	k.doc.note(line.line, "if you release another key between the keys of this chord, keyd types them; toshy runs the chord")
	k.board.chord(boardChord{plane: p, window: k.window, hold: k.hold, keys: keys, do: do, line: line.line})
}
