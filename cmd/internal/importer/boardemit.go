package importer

import (
	"slices"
	"strings"

	"toshy/remap/key"
)

// emitPlane writes a layer: with physical keys, so that main does not interfere.
func (b *board) emitPlane(p *plane) {
	if p.layer {
		if s := b.titled("layer", p, p.line); p.mods != "" {
			s.set("modifiers", str(p.mods), p.line)
		}
	}
	mapped := p.mapped()
	binds := slices.Clone(p.binds)
	for changed := true; changed; { // what becomes a key of this plane in main does what main says, and no more
		changed = false
		for _, x := range b.main.binds {
			if x.is.plain() && x.is.key != x.key && mapped[x.is.key] && !mapped[x.key] && p.find(x.key) == nil && !isModifier(x.key) {
				binds = append(binds, bind{x.key, isKey(x.is.key), x.line})
				mapped[x.key], changed = true, true
			}
		}
	}
	for _, x := range binds {
		c := keyText(x.key)
		switch {
		case x.is.plain() && x.is.key == x.key && p.mods == "" && !b.elsewhere(p, x.key): // the key as it is
		case x.is.tap != nil:
			b.modmap(p, x.line).entry(c, tapHold(&x.is), x.line)
		case x.is.mods != "":
			b.modmap(p, x.line).entry(c, x.is.value(), x.line)
		case x.is.do != "":
			b.untouched(p, x)
			b.keymap(p, x.is.exact, x.line).entry(c, x.is.do, x.line)
		case isModifier(x.key) || isModifier(x.is.key) || !p.layer:
			b.modmap(p, x.line).entry(c, str(keyText(x.is.key)), x.line)
		default:
			b.untouched(p, x)
			b.keymap(p, x.is.exact, x.line).entry(c, str(keyText(x.is.key)), x.line)
		}
	}
}

// elsewhere says whether another plane gives a key a meaning.
func (b *board) elsewhere(p *plane, c key.Code) bool {
	for _, q := range append(slices.Clone(b.planes), b.main) {
		if q == p {
			continue
		}
		if m := q.find(c); m != nil && !(m.plain() && m.key == c) {
			return true
		}
	}
	return slices.ContainsFunc(b.main.binds, func(x bind) bool { return x.is.plain() && x.is.key == c && x.key != c })
}

// combined says whether a key has a combo.
func (b *board) combined(c key.Code) bool {
	return slices.ContainsFunc(b.combos, func(x boardCombo) bool { return x.combo.Key == c })
}

// untouched keeps main from changing a key before the plane's keymap sees it.
func (b *board) untouched(p *plane, x bind) {
	if b.changedByModmap(x.key) {
		b.modmap(p, x.line).entry(keyText(x.key), str(keyText(x.key)), x.line)
	}
}

// modmap is the modmap of a plane.
func (b *board) modmap(p *plane, line int) *section { return b.titled("modmap", p, line) }

// keymap is the keymap of a plane, or a layer if it is one. Its entries also apply with modifiers, as in a layer, unless
// they are exact.
func (b *board) keymap(p *plane, exact bool, line int) *section {
	switch {
	case p.layer:
		return b.titled("layer", p, line)
	case exact:
		return b.titled("keymap", &plane{name: p.name + " without modifiers", when: p.when, line: p.line}, line)
	}
	s := b.titled("keymap", p, line)
	s.set("pass_modifiers", "true", p.line)
	return s
}

func (b *board) titled(kind string, p *plane, line int) *section {
	for _, s := range b.doc.sections {
		if s.kind == kind && s.comment == p.name {
			return s
		}
	}
	s := b.doc.table(kind, p.name, line)
	if kind == "layer" {
		s.name = p.name
		s.when(b.guard, p.line)
	} else {
		s.when(allOf(b.guard, p.when), p.line)
	}
	return s
}

func tapHold(m *meaning) string {
	pairs := []string{"tap", m.tap.value()}
	if m.hold.layer != "" {
		pairs = append(pairs, "layer", str(m.hold.layer))
	} else {
		pairs = append(pairs, "hold", m.hold.value())
	}
	return inline(append(pairs, m.timing...)...)
}

func (b *board) emitMain() {
	for _, x := range slices.Concat(b.main.binds, b.standing) {
		c := keyText(x.key)
		switch {
		case x.is.tap != nil && x.is.hold.plain() && x.is.tap.plain() && x.is.tap.key == x.is.hold.key && !slices.Contains(x.is.timing, "on_timeout"):
			b.modmap(b.main, x.line).entry(c, str(keyText(x.is.tap.key)), x.line)
		case x.is.mods != "":
			b.modmap(b.main, x.line).entry(c, x.is.value(), x.line)
		case x.is.tap != nil:
			b.modmap(b.main, x.line).entry(c, tapHold(&x.is), x.line)
		case x.is.do != "":
			b.keymap(b.main, x.is.exact, x.line).entry(c, x.is.do, x.line)
		case x.is.key != x.key:
			b.modmap(b.main, x.line).entry(c, str(keyText(x.is.key)), x.line)
		}
	}
}

// combo is an entry with modifiers. Keymaps see keys after main's modmap.
func (b *board) combo(title string, c key.Combo, do string, exact bool, when cond, line int) {
	b.combos = append(b.combos, boardCombo{title: title, combo: c, do: do, exact: exact, when: when, line: line})
	b.used[c.Key] = true
}

// layerCombo is an entry with modifiers in a layer.
func (b *board) layerCombo(p *plane, c key.Combo, do string, line int) {
	b.combos = append(b.combos, boardCombo{layer: p, combo: c, do: do, line: line})
	b.used[c.Key] = true
}

// emitChords writes the chords. A chord sees keys after modmaps, except for keys with two meanings.
func (b *board) emitChords() {
	for _, c := range b.chords {
		var words []string
		lost := false
		for _, k := range c.keys {
			words = append(words, keyText(k))
			m := b.main.find(k)
			lost = lost || m != nil && m.do == "" && m.tap == nil && (m.mods != "" || m.key != k)
		}
		if lost {
			b.doc.lost(c.line, "%s: one of these keys has become a modifier by then; use other keys", strings.Join(words, "+"))
			continue
		}
		p := c.plane
		if c.waits {
			p = &plane{name: p.name + " part of longer chords", when: p.when, line: p.line}
		}
		s := b.titled("chord", p, c.line)
		if c.window != "" {
			s.set("window", str(c.window), c.line)
		}
		if c.hold != "" {
			s.set("hold", str(c.hold), c.line)
		}
		s.entry(strings.Join(words, "+"), c.do, c.line)
	}
}

// chord is an entry for keys pressed together.
func (b *board) chord(c boardChord) {
	b.chords = append(b.chords, c)
	for _, k := range c.keys {
		b.used[k] = true
	}
}

// emitCombos writes the entries with modifiers.
func (b *board) emitCombos() {
	for _, c := range b.combos {
		if c.layer != nil {
			b.untouched(c.layer, bind{key: c.combo.Key, line: c.line})
			b.titled("layer", c.layer, c.line).entry("*-"+comboWords(c.combo), c.do, c.line)
			continue
		}
		seen := b.seenAs(c)
		if seen == 0 {
			continue
		}
		p := &plane{name: c.title, when: c.when, line: c.line}
		words := comboWords(key.Combo{Mods: c.combo.Mods, Key: seen})
		if !c.exact {
			words = "*-" + words // other modifiers may be held, too
		}
		b.titled("keymap", p, c.line).entry(words, c.do, c.line)
	}
}

// seenAs is the key that keymaps see when a combo's key is pressed, 0 if they cannot distinguish it from another key.
func (b *board) seenAs(c boardCombo) key.Code {
	m := b.main.find(c.combo.Key)
	words := comboWords(c.combo)
	if m == nil || m.do != "" {
		for _, x := range b.main.binds { // another key becomes this one, and its combo with it
			if x.is.plain() && x.is.key == c.combo.Key && x.key != c.combo.Key {
				b.doc.note(c.line, "%s counts for the key %s, too, which becomes %s", words, keyText(x.key), keyText(c.combo.Key))
			}
		}
		return c.combo.Key
	}
	seen := m.key
	if m.tap != nil {
		seen = m.tap.key
	}
	if seen == 0 || isStandIn(b, seen) || isModifier(seen) {
		b.doc.lost(c.line, "%s: %s is another key by then", words, keyText(c.combo.Key))
		return 0
	}
	for _, x := range b.combos {
		if x.combo.Key == seen && x.title == c.title && seen != c.combo.Key {
			b.doc.lost(c.line, "%s: the key is %s by then, whose combo does something else", words, strings.TrimSpace(keyText(seen)))
			return 0
		}
	}
	if m.tap != nil {
		b.doc.note(c.line, "%s works when you tap %s; if you hold the key, it is its hold, also with these modifiers", words, keyText(c.combo.Key))
	}
	if own := b.main.find(seen); seen != c.combo.Key && (own == nil || own.do != "") {
		b.doc.note(c.line, "%s is a combo of %s here, which the key has become, and counts for that key, too", words, keyText(seen))
	}
	return seen
}
