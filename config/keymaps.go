package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// written is one entry of a keymap in the user's files, with its place, for the warnings.
type written struct {
	keymap int // index into Program.Keymaps
	at     span
	text   string
	combo  key.Combo
}

// nameLayers finds the layers, so that actions and conditions can use them in any order.
func (b *builder) nameLayers() {
	for _, s := range b.sections("layer") {
		b.layers[s.name] = len(b.program.Layers)
		b.layerNames = append(b.layerNames, s.name)
		b.program.Layers = append(b.program.Layers, s.name)
	}
}

// sectionWhen compiles a section's condition. ok is false if it contains a mistake.
func (b *builder) sectionWhen(s *section) (c *remap.Cond, ok bool) {
	n := s.get("when")
	if n == nil {
		return nil, true
	}
	c = b.when(n)
	return c, c != nil
}

// buildModmaps reads [modmap.NAME]. Entries with a tap and a hold go into a TapHoldMap.
func (b *builder) buildModmaps() {
	for _, s := range b.sections("modmap") {
		if !b.open(s, modmapTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		m := remap.Modmap{Name: s.name, When: when, Keys: map[key.Code]key.Code{}, Origin: s.place(), Lines: map[key.Code]remap.Origin{}}
		t := remap.TapHoldMap{Name: s.name, When: when, Keys: map[key.Code]remap.TapHold{}, Physical: true, Origin: s.place(), Lines: map[key.Code]remap.Origin{}}
		for i := len(s.nodes) - 1; i >= 0; i-- {
			keys := s.nodes[i].get("keys")
			if keys == nil || !b.is(keys, kindTable, "keys") {
				continue
			}
			seen := map[key.Code]string{}
			for _, n := range keys.kids {
				c, known := b.pressed(n)
				if !known {
					ok = false
					continue
				}
				if first, twice := seen[c]; twice {
					b.ps.warn(n.keySpan(), "leave one of them out", "%q and %q are the same key", first, n.key)
				}
				seen[c] = n.key
				delete(t.Keys, c)
				delete(m.Keys, c)
				if n.kind == kindString && n.str() == wordUnset {
					continue
				}
				m.Lines[c] = origin(n.keySpan())
				if n.kind == kindTable {
					if th, good := b.tapHold(n, c); good {
						t.Keys[c] = th
						t.Lines[c] = m.Lines[c]
						m.Keys[c] = c // no later modmap changes the key
					}
					continue
				}
				if to, good := b.keyOrMods(n); good {
					m.Keys[c] = to
				}
			}
		}
		if !ok {
			continue
		}
		if len(m.Keys) > 0 {
			b.program.Modmaps = append(b.program.Modmaps, m)
		}
		if len(t.Keys) > 0 {
			b.program.TapHolds = append(b.program.TapHolds, t)
		}
	}
}

// allMods says whether all words of a combo are modifiers.
func (b *builder) allMods(s string) bool { return len(b.mods(s)) > 1 }

// mods are the modifiers of a combo that consists only of modifiers, else nil.
func (b *builder) mods(s string) (mods []key.Mod) {
	if last := strings.TrimSpace(s[strings.LastIndexAny(s, "-+")+1:]); last != "" && !b.namesMod(last) {
		return nil // nearly always
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '+' })
	for i, w := range words {
		w = strings.TrimSpace(w)
		if c, isKey := key.Parse(w); i == len(words)-1 && isKey && !b.isModifier(c) {
			return nil // Ctrl-A: A is a key here, though elsewhere it is short for Alt
		}
		m, ok := b.lookupMod(w)
		if !ok {
			m, ok = key.ParseMod(w)
		}
		if !ok || slices.Contains(mods, m) {
			return nil
		}
		mods = append(mods, m)
	}
	return mods
}

// namesMod says whether a word is the name of a modifier.
func (b *builder) namesMod(word string) bool {
	_, ok := b.lookupMod(word)
	if !ok {
		_, ok = key.ParseMod(word)
	}
	return ok
}

// keyOrMods reads the key that another key becomes: a name, or several modifiers that act as one key, "Ctrl-Alt".
func (b *builder) keyOrMods(n *node) (key.Code, bool) {
	if n.kind != kindString || !b.allMods(n.str()) {
		return b.keyName(n)
	}
	return b.set(n, b.mods(n.str()))
}

// set is the key for several modifiers.
func (b *builder) set(n *node, mods []key.Mod) (key.Code, bool) {
	i := slices.IndexFunc(b.program.Sets, func(set []key.Mod) bool { return slices.Equal(set, mods) })
	if i < 0 {
		if i = len(b.program.Sets); i == key.MaxSets {
			b.ps.error(n.valueSpan(), "", "more than %d keys are several modifiers", key.MaxSets)
			return 0, false
		}
		b.program.Sets = append(b.program.Sets, mods)
	}
	return key.Set0 + key.Code(i), true
}

// buildChords reads [chord.NAME].
func (b *builder) buildChords() {
	for _, s := range b.sections("chord") {
		if !b.open(s, chordTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		m := remap.ChordMap{Name: s.name, When: when, Origin: s.place()}
		if n := s.get("window"); n != nil {
			m.Window = b.duration(n, time.Millisecond, time.Second)
		}
		if n := s.get("hold"); n != nil {
			m.Hold = b.duration(n, time.Millisecond, maxChordHold)
		}
		for i := len(s.nodes) - 1; i >= 0; i-- {
			keys := s.nodes[i].get("keys")
			if keys == nil || !b.is(keys, kindTable, "keys") {
				continue
			}
			for _, n := range keys.kids {
				codes, good := b.chordKeys(n)
				if !good {
					continue
				}
				m.Chords = slices.DeleteFunc(m.Chords, func(c remap.Chord) bool { return slices.Equal(c.Keys, codes) })
				if n.kind == kindString && n.str() == wordUnset {
					continue
				}
				if a := b.action(n); a != nil {
					m.Chords = append(m.Chords, remap.Chord{Keys: codes, Action: a, Origin: origin(n.keySpan())})
				}
			}
		}
		if ok && len(m.Chords) > 0 {
			b.program.Chords = append(b.program.Chords, m)
		}
	}
}

// maxChordHold bounds how long you may have to hold a chord: other keys wait meanwhile.
const maxChordHold = 5 * time.Second

// maxChordKeys is the number of keys that the engine can follow at once.
const maxChordKeys = 8

// chordKeys reads "J+K", in order of code.
func (b *builder) chordKeys(n *node) ([]key.Code, bool) {
	var codes []key.Code
	for _, w := range strings.FieldsFunc(n.key, func(r rune) bool { return r == '-' || r == '+' }) {
		w = strings.TrimSpace(w)
		c, ok := key.Parse(w)
		if !ok {
			b.ps.error(n.keySpan(), b.keyHint(w), "unknown key %q", w)
			return nil, false
		}
		if slices.Contains(codes, c) {
			b.ps.error(n.keySpan(), "", "%q is in the chord twice", w)
			return nil, false
		}
		codes = append(codes, c)
	}
	if len(codes) < 2 || len(codes) > maxChordKeys {
		b.ps.error(n.keySpan(), `"J+K" = "Esc"`, "a chord is 2 to %d keys joined by +", maxChordKeys)
		return nil, false
	}
	slices.Sort(codes)
	return codes, true
}

// buildKeymaps reads [layer.NAME], which come first, and [keymap.NAME].
func (b *builder) buildKeymaps() {
	for _, s := range b.sections("layer") {
		if !b.open(s, layerTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		if n := s.get("modifiers"); n != nil {
			b.layerModifiers(s, n)
		}
		if ok && when != nil && b.asksLayer(when, b.layers[s.name]) {
			b.ps.error(s.get("when").valueSpan(), "leave it out: the table is active only while its layer is on", "%s asks about its own layer", s.title())
			ok = false
		}
		on := &remap.Cond{Op: remap.CondLayer, Value: int32(b.layers[s.name]), Source: fmt.Sprintf("layer == %q", s.name), Column: 1}
		m := remap.Keymap{Name: "layer " + s.name, When: both(on, when), Layer: b.layers[s.name] + 1, Passing: b.passing(s), Origin: s.place()}
		b.keymap(s, &m, ok)
	}
	for _, s := range b.sections("keymap") {
		if !b.open(s, keymapTable) {
			continue
		}
		when, ok := b.sectionWhen(s)
		m := remap.Keymap{Name: s.name, When: when, Passing: b.passing(s), Origin: s.place(), Level3: b.flag(s, "level3")}
		if m.Level3 {
			if b.level3++; b.level3 > maxLevel3 {
				b.ps.error(s.get("level3").valueSpan(), "one keymap for all of them is enough", "more than %d keymaps with level3", maxLevel3)
				return
			}
		}
		b.keymap(s, &m, ok)
	}
}

// passing reads pass_modifiers.
func (b *builder) passing(s *section) remap.Passing {
	n := s.get("pass_modifiers")
	switch {
	case n == nil:
		return remap.PassByLayer
	case b.boolean(n):
		return remap.PassAlways
	}
	return remap.PassNever
}

// asksLayer says whether a condition tests a layer. Groups only use earlier groups, so it looks at each once.
func (b *builder) asksLayer(c *remap.Cond, layer int) bool {
	asks := make([]bool, 0, len(b.program.Groups))
	var walk func(c *remap.Cond) bool
	walk = func(c *remap.Cond) bool {
		switch {
		case c == nil:
			return false
		case c.Op == remap.CondLayer:
			return int(c.Value) == layer
		case c.Op == remap.CondGroup:
			return asks[c.Var]
		}
		return slices.ContainsFunc(c.Kids, walk)
	}
	for i := range b.program.Groups {
		asks = append(asks, walk(b.program.Groups[i].Cond))
	}
	return walk(c)
}

// layerModifiers reads the modifiers that a layer acts as.
func (b *builder) layerModifiers(s *section, n *node) {
	if !b.is(n, kindString, "modifiers") {
		return
	}
	var code key.Code
	switch mods := b.mods(n.str()); len(mods) {
	case 0:
		b.ps.error(n.valueSpan(), `modifiers = "Ctrl", or "Ctrl-Alt"`, "%q is not a modifier, nor several", n.str())
		return
	case 1:
		code = b.modKey(mods[0])
	default:
		if !b.checkOutput(n, key.Combo{Mods: mods}) {
			return
		}
		code, _ = b.set(n, mods)
	}
	for len(b.program.LayerMods) < len(b.program.Layers) {
		b.program.LayerMods = append(b.program.LayerMods, 0)
	}
	b.program.LayerMods[b.layers[s.name]] = code
}

// comboID is the same for all spellings of one combo.
type comboID uint64

func idOf(c key.Combo) comboID {
	id := comboID(c.Key) << 32
	for _, m := range c.Mods {
		id |= 1 << m
	}
	if c.Any {
		id |= 1 << 63
	}
	return id
}

// keymapParts are the tables of a keymap that contain entries.
var keymapParts = []string{"keys", "characters"}

// keymap collects a keymap's entries. Those of the overriding file come last.
func (b *builder) keymap(s *section, m *remap.Keymap, ok bool) {
	most := 0
	for _, n := range s.nodes {
		for _, part := range keymapParts {
			if keys := n.get(part); keys != nil {
				most += len(keys.kids)
			}
		}
	}
	index := make(map[comboID]int, most)
	m.Entries = make([]remap.Entry, 0, most)
	places := []written{} // parallel to m.Entries
	own := s.layer == 0 && !b.opts.Quiet
	for i := len(s.nodes) - 1; i >= 0; i-- {
		var seen map[comboID]string // for a warning
		if !b.opts.Quiet {
			seen = make(map[comboID]string, most)
		}
		for _, part := range keymapParts {
			keys := s.nodes[i].get(part)
			if keys == nil || !b.is(keys, kindTable, part) {
				continue
			}
			for _, n := range keys.kids {
				unset := n.kind == kindString && n.str() == wordUnset && part == "keys"
				var e remap.Entry
				var good bool
				switch {
				case unset:
					e.Combo, good = b.comboKey(n)
				case part == "characters":
					e, good = b.character(n)
				default:
					e, good = b.entry(n)
				}
				if !good {
					continue
				}
				id := idOf(e.Combo)
				if first, twice := seen[id]; twice {
					b.ps.warn(n.keySpan(), "leave one of them out; the later one is used", "%q and %q are the same combo", first, n.key)
				}
				if seen != nil {
					seen[id] = n.key
				}
				if j, known := index[id]; known {
					m.Entries = slices.Delete(m.Entries, j, j+1)
					if own {
						places = slices.Delete(places, j, j+1)
					}
					for k, v := range index {
						if v > j {
							index[k] = v - 1
						}
					}
					delete(index, id)
				} else if unset && i < len(s.nodes) {
					b.ps.warn(n.keySpan(), "", "there is no %s in %s to remove", n.key, s.title())
				}
				if unset {
					continue
				}
				index[id] = len(m.Entries)
				m.Entries = append(m.Entries, e)
				if own {
					places = append(places, written{len(b.program.Keymaps), n.keySpan(), n.key, e.Combo})
				}
			}
		}
	}
	if ok && (len(m.Entries) > 0 || m.Level3) {
		b.program.Keymaps = append(b.program.Keymaps, *m)
		b.entries = append(b.entries, places...)
	}
}

// character compiles one combo = "text" of a table of characters.
func (b *builder) character(n *node) (remap.Entry, bool) {
	c, ok := b.comboKey(n)
	s, good := b.textValue(n)
	if !ok || !good {
		return remap.Entry{}, false
	}
	if b.isModifier(c.Key) {
		b.ps.error(n.keySpan(), "", "%q is a modifier", n.key)
		return remap.Entry{}, false
	}
	return remap.Entry{Combo: c, Action: &remap.Action{Kind: remap.DoUnicode, Text: codePoint(s)}, Origin: origin(n.keySpan())}, true
}
