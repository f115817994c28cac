// Package sheet says in words what every combo does in one application, for lists, drawings and pages. It only needs a
// configuration, so it runs wherever the engine does, even in a browser.
package sheet

import (
	"slices"
	"strings"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

// A Sheet is what combos do in a situation.
type Sheet struct {
	App      string `json:"app"`
	Keyboard string `json:"keyboard,omitempty"` // the type
	Rows     []Row  `json:"rows"`               // in the order for display
	Keys     []Key  `json:"keys"`               // keys of the keyboard that become something else
}

// A Row is one shortcut.
type Row struct {
	Combo string `json:"combo"` // in the words of the configuration
	What  string `json:"what"`
	Group string `json:"group"`
	Sends string `json:"sends,omitempty"` // the combo that the application gets
	// Rule is the table that has the combo; "" if no keymap has it, because only its keys become others.
	Rule string `json:"rule,omitempty"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Own  bool   `json:"own,omitempty"` // the rule is in the user's own files
	Ways []Way  `json:"ways"`          // to press it, at least one
}

// A Way is a set of physical keys: hold one key of each of Mods, and press one of Keys.
type Way struct {
	Mods [][]string `json:"mods"`
	Keys []string   `json:"keys"`
}

// A Key is what a physical key means before keymaps see it.
type Key struct {
	Key  string `json:"key"`
	Is   string `json:"is"`             // the modifier or key that it is while held, in the configuration's words
	Held string `json:"held,omitempty"` // the key that programs see while it is held
	Tap  string `json:"tap,omitempty"`  // what a tap sends, if that is another key
	Mod  bool   `json:"mod,omitempty"`  // it is a modifier
}

// Groups of rows that no words describe.
const (
	groupOwn        = "My rules"
	groupLayer      = "Layers"
	groupCharacters = "Special characters"
	groupDesktop    = "Desktop"
	groupOther      = "Other"
	groupOff        = "Switched off"
)

// maker makes a sheet.
type maker struct {
	c     *config.Config
	look  *remap.Look
	taps  map[key.Code][]key.Code // physical keys by what they are when pressed
	holds map[key.Code][]key.Code // physical keys by what they are while held
	paths map[key.Code]remap.KeyPath
}

// New describes what combos do in a situation. compiled is the configuration's program.
func New(c *config.Config, compiled *remap.Compiled, s *remap.Situation) *Sheet {
	m := &maker{c: c, look: compiled.Look(s), taps: map[key.Code][]key.Code{}, holds: map[key.Code][]key.Code{}, paths: map[key.Code]remap.KeyPath{}}
	sheet := &Sheet{App: s.Window.App, Keyboard: s.Device.Keyboard, Rows: []Row{}, Keys: []Key{}}
	for k := range physicalKeys {
		p := m.look.Path(k)
		m.paths[k] = p
		m.taps[p.Tapped()] = append(m.taps[p.Tapped()], k)
		if h := p.Held(); h != 0 {
			m.holds[h] = append(m.holds[h], k)
		}
	}
	for _, by := range []map[key.Code][]key.Code{m.taps, m.holds} {
		for wanted, keys := range by {
			slices.SortStableFunc(keys, func(a, b key.Code) int { return m.rank(wanted, a) - m.rank(wanted, b) })
		}
	}
	sheet.Keys = m.keys()
	sheet.Rows = m.rows()
	return sheet
}

// physicalKeys are the keys that a keyboard may have and that people press in combos.
func physicalKeys(yield func(key.Code) bool) {
	for k := key.Code(1); k < key.Count; k++ {
		if !k.IsButton() && k != key.Reserved && !yield(k) {
			return
		}
	}
}

// rank orders keys with the same meaning: the key that people most likely press comes first.
func (m *maker) rank(wanted, k key.Code) int {
	p := m.paths[k]
	_, isMod := key.ModOf(k)
	switch {
	case isMod && (p.Modmap != nil || k == wanted):
		return 0
	case k == wanted:
		return 1
	case p.TapHold != nil:
		return 2
	}
	return 3
}

func (m *maker) keys() []Key {
	keys := []Key{}
	for k := range physicalKeys {
		p := m.paths[k]
		held, isMod := p.Held(), false
		word := ""
		switch mod, ok := m.modOf(held); {
		case ok:
			word, isMod = m.word(mod), true
		case held != 0:
			word = title(held)
		case p.TapHold != nil && p.TapHold.HoldLayer > 0:
			word = "layer " + m.c.Program.Layers[p.TapHold.HoldLayer-1]
		}
		if !isMod && held == k && p.Tapped() == k {
			continue
		}
		x := Key{Key: k.String(), Is: word, Mod: isMod}
		if held != 0 {
			x.Held = held.String()
		}
		if p.Tapped() != held {
			x.Tap = title(p.Tapped())
		}
		keys = append(keys, x)
	}
	return keys
}

// modOf is the modifier that a key is, including those of the configuration.
func (m *maker) modOf(k key.Code) (key.Mod, bool) {
	for i := range m.c.Program.Modifiers {
		if m.c.Program.Modifiers[i].Carrier == k {
			return key.Custom0 + key.Mod(i), true
		}
	}
	return key.ModOf(k)
}

func (m *maker) codeOf(mod key.Mod) key.Code {
	if mod >= key.Custom0 && !mod.IsGeneric() {
		return m.c.Program.Modifiers[mod-key.Custom0].Carrier
	}
	return mod.Code()
}

// word is a specific modifier in the configuration's words.
func (m *maker) word(mod key.Mod) string {
	generic := ""
	for i := len(m.c.Modifiers) - 1; i >= 0; i-- {
		switch n := m.c.Modifiers[i]; {
		case n.Mod == mod:
			return n.Name
		case n.Mod.IsGeneric() && n.Mod.Sides()&mod.Sides() != 0 && generic == "":
			generic = n.Name
		}
	}
	if generic != "" {
		return generic
	}
	return plain(mod)
}

// plain is a modifier's name without the side.
func plain(mod key.Mod) string {
	s := mod.String()
	return strings.TrimPrefix(strings.TrimPrefix(s, "Left"), "Right")
}

// titles are names of keys as people write them, if they differ from the kernel's.
var titles = map[string]string{
	"leftbrace": "[", "rightbrace": "]", "dot": ".", "comma": ",", "slash": "/", "backslash": `\`, "semicolon": ";", "apostrophe": "'", "grave": "`",
	"equal": "=", "pageup": "PageUp", "pagedown": "PageDown", "numlock": "NumLock", "capslock": "CapsLock", "scrolllock": "ScrollLock", "sysrq": "PrintScreen",
}

// title is a key's name as people write it. Configurations accept it.
func title(k key.Code) string {
	s := k.String()
	if t, ok := titles[s]; ok {
		return t
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// spec is a combo in the form that the engine looks up.
type spec struct {
	set key.ModSet
	key key.Code
}

// mods are the modifiers of a set, in the usual order.
func (m *maker) mods(set key.ModSet) []key.Mod {
	order := []key.Mod{key.RCtrl, key.LCtrl, key.LShift, key.RShift, key.LAlt, key.RAlt, key.LMeta, key.RMeta, key.ModFn}
	var mods []key.Mod
	for i := range m.c.Program.Modifiers {
		order = append(order, key.Custom0+key.Mod(i))
	}
	for _, mod := range order {
		if set&mod.Sides() != 0 {
			mods = append(mods, mod)
		}
	}
	return mods
}

// way is how to press a combo on the keyboard; false if that is impossible.
func (m *maker) way(mods []key.Mod, k key.Code) (Way, bool) {
	w := Way{Mods: [][]string{}, Keys: names(m.taps[k])}
	for _, mod := range mods {
		keys := m.holds[m.codeOf(mod)]
		if len(keys) == 0 {
			return w, false
		}
		w.Mods = append(w.Mods, names(keys))
	}
	return w, len(w.Keys) > 0
}

func names(keys []key.Code) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.String()
	}
	return list
}

// A found entry, with the specific combos that lead to it.
type found struct {
	keymap *remap.Keymap
	entry  *remap.Entry
	specs  []spec
}

func (m *maker) rows() []Row {
	var order []*found
	taken := map[spec]bool{}
	program := m.c.Program
	for i := range program.Keymaps {
		k := &program.Keymaps[i]
		if !m.look.Holds(k.When) {
			continue
		}
		var here []*found
		for j := len(k.Entries) - 1; j >= 0; j-- { // if two name the same combo, the later one is used
			f := &found{keymap: k, entry: &k.Entries[j]}
			for _, set := range f.entry.Combo.Expand() {
				if s := (spec{set, f.entry.Combo.Key}); !taken[s] {
					taken[s] = true
					f.specs = append(f.specs, s)
				}
			}
			here = append(here, f)
		}
		slices.Reverse(here)
		order = append(order, here...)
	}
	var rows []Row
	for _, f := range order {
		if r, ok := m.row(f.entry.Combo, f.specs); ok {
			m.ofKeymap(&r, f)
			rows = append(rows, r)
		}
	}
	rows = append(rows, m.unmapped(taken)...)
	return m.sorted(rows)
}

// row is a combo with the ways to press it; false if there is no way. It is named after the first one.
func (m *maker) row(c key.Combo, specs []spec) (Row, bool) {
	r := Row{Ways: []Way{}}
	seen := map[string]bool{}
	for _, s := range specs {
		mods := m.inOrder(c, s.set)
		w, ok := m.way(mods, s.key)
		if !ok {
			continue
		}
		words := make([]string, 0, len(mods)+1)
		for _, mod := range mods {
			words = append(words, m.word(mod))
		}
		if name := strings.Join(append(words, title(s.key)), "-"); !seen[name] {
			seen[name] = true
			if r.Combo == "" {
				r.Combo = name
			}
		}
		r.Ways = append(r.Ways, w)
	}
	return r, len(r.Ways) > 0
}

// inOrder are the modifiers of a set, in the order of a combo that it matches.
func (m *maker) inOrder(c key.Combo, set key.ModSet) []key.Mod {
	var mods []key.Mod
	for _, written := range c.Mods {
		for _, mod := range m.mods(set & written.Sides()) {
			if !slices.Contains(mods, mod) {
				mods = append(mods, mod)
			}
		}
	}
	return mods
}

func (m *maker) ofKeymap(r *Row, f *found) {
	at := f.entry.Origin
	if at == (remap.Origin{}) {
		at = f.keymap.Origin
	}
	r.Rule, r.File, r.Line, r.Own = "keymap "+f.keymap.Name, at.File, at.Line, own(at)
	layer := strings.HasPrefix(f.keymap.Name, "layer ")
	if layer {
		r.Rule = f.keymap.Name
	}
	d := m.describe(f.entry.Action)
	r.Sends = d.sends
	if w, g := m.words(f.entry.Combo, f.specs, r.Own); w != "" && !d.off {
		r.What, r.Group = w, g
		return
	}
	r.What = d.what
	switch {
	case d.off:
		r.Group = groupOff
	case r.Own:
		r.Group = groupOwn
	case layer:
		r.Group = groupLayer
	case d.group != "":
		r.Group = d.group
	default:
		r.Group = groupOther
	}
}

func own(at remap.Origin) bool { return at.File != "" && !config.IsBuiltin(at.File) }

// words finds what the configuration says about a combo. onlyOwn: ignore words of the built-in configuration, because they
// describe another rule.
func (m *maker) words(c key.Combo, specs []spec, onlyOwn bool) (text, group string) {
	for i := range m.c.Words {
		w := &m.c.Words[i]
		if !m.look.Holds(w.When) {
			continue
		}
		for j := range w.Entries {
			e := &w.Entries[j]
			if e.Combo.Key != c.Key || onlyOwn && !own(e.Origin) {
				continue
			}
			for _, set := range e.Combo.Expand() {
				if slices.Contains(specs, spec{set, c.Key}) {
					return e.Text, heading(w)
				}
			}
		}
	}
	return "", ""
}

func heading(w *config.Words) string {
	if w.Group == "" {
		return groupOwn
	}
	return w.Group
}

// unmapped are the combos that have words but are in no active keymap: only their keys become others.
func (m *maker) unmapped(taken map[spec]bool) []Row {
	var rows []Row
	for i := range m.c.Words {
		w := &m.c.Words[i]
		if !m.look.Holds(w.When) {
			continue
		}
		for j := range w.Entries {
			e := &w.Entries[j]
			var specs []spec
			for _, set := range e.Combo.Expand() {
				if s := (spec{set, e.Combo.Key}); !taken[s] {
					taken[s] = true
					specs = append(specs, s)
				}
			}
			if len(e.Combo.Mods) == 0 || e.Text == "" {
				continue // a bare, unmapped key is itself
			}
			if r, ok := m.row(e.Combo, specs); ok {
				r.What, r.Group, r.Own = e.Text, heading(w), own(e.Origin)
				r.Sends = keys(key.Combo{Mods: e.Combo.Mods, Key: e.Combo.Key})
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// sorted groups rows: the user's own first, then the groups that words name, in the order of the configuration, then the
// others.
func (m *maker) sorted(rows []Row) []Row {
	order := []string{groupOwn}
	for i := range m.c.Words {
		if g := heading(&m.c.Words[i]); m.look.Holds(m.c.Words[i].When) && !slices.Contains(order, g) {
			order = append(order, g)
		}
	}
	for _, g := range []string{groupLayer, groupDesktop, groupOther, groupCharacters, groupOff} {
		if !slices.Contains(order, g) {
			order = append(order, g)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return slices.Index(order, a.Group) - slices.Index(order, b.Group) })
	return rows
}
