package importer

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"toshy/remap/key"
)

// A board is a configuration in which every key of a layer has one meaning, by the place of the key and not by what another
// table has made of it. keyd, kanata and kmonad work like that. In toshy, modmaps come first and keymaps see their result.
// So a board finds the right table for each meaning.
type board struct {
	doc      *document
	guard    cond // when all of it counts
	main     *plane
	planes   []*plane            // layers, in order
	combos   []boardCombo        // with modifiers, in main
	stand    map[string]key.Code // keys that stand for an action, which a modmap cannot name
	standing []bind              // the entries of these keys
	used     map[key.Code]bool   // keys that the file speaks of
	chords   []boardChord
}

// A plane is the main layer or another layer.
type plane struct {
	name  string
	when  cond   // when it counts; empty for the main layer
	layer bool   // it is a [layer.NAME]; else a modmap and a keymap with a condition
	above *plane // it counts before layers; its actions stand in this one, so that they have none of its modifiers
	mods  string // modifiers of a layer, for keys that it does not name
	lifts string // modifiers of other layers that are on, which its entries do not have
	binds []bind
	line  int

	any     string // what all other keys do
	anyLine int
}

type bind struct {
	key  key.Code
	is   meaning
	line int
}

type boardCombo struct {
	title string
	layer *plane // in whose table it stands; none: in a keymap
	combo key.Combo
	do    string // an action
	exact bool   // only with these modifiers
	when  cond
	line  int
}

// A boardChord is what keys do when pressed together.
type boardChord struct {
	plane  *plane // its name and condition
	window string // empty: the usual one
	hold   string // how long they must be held; empty: not at all
	waits  bool   // its hold is its own, because a longer chord has its keys
	keys   []key.Code
	do     string
	line   int
}

// A meaning is what a key does: it becomes another key, has a tap and a hold, or runs an action.
type meaning struct {
	key    key.Code // another key, when there is nothing else
	do     string   // an action in TOML
	mods   string   // several modifiers at once
	tap    *meaning
	hold   *meaning // with key or layer
	layer  string   // of a hold
	timing []string // pairs of TOML for tap and hold: preset, timeout ...
	exact  bool     // only while no modifier is down
	once   bool     // a one-shot of keyd's
}

func isKey(c key.Code) meaning     { return meaning{key: c} }
func doesAction(a string) meaning  { return meaning{do: a} }
func holdsLayer(n string) *meaning { return &meaning{layer: n} }

func (m *meaning) plain() bool { return m.do == "" && m.mods == "" && m.tap == nil && m.layer == "" }

// send makes a key that becomes another one send it instead, so that nothing else applies to that key.
func (m *meaning) send() { m.do, m.key = str(keyText(m.key)), 0 }

// value is a meaning in TOML, except for one with two halves.
func (m *meaning) value() string {
	switch {
	case m.do != "":
		return m.do
	case m.mods != "":
		return str(m.mods)
	}
	return str(keyText(m.key))
}

func newBoard(d *document) *board {
	return &board{doc: d, main: &plane{name: "main"}, stand: map[string]key.Code{}, used: map[key.Code]bool{}}
}

// plane returns the plane with a name, or a new one whose condition is that the layer is on.
func (b *board) plane(name string, line int) *plane {
	for _, p := range b.planes {
		if p.name == name {
			return p
		}
	}
	p := &plane{name: name, layer: true, when: equal("layer", name), line: line}
	b.planes = append(b.planes, p)
	return p
}

// put gives a key its meaning in a plane; of two, the later one is used.
func (b *board) put(p *plane, c key.Code, m meaning, line int) {
	p.binds = slices.DeleteFunc(p.binds, func(x bind) bool { return x.key == c })
	m.timing = withoutKey(m.timing, c)
	p.binds = append(p.binds, bind{c, m, line})
	b.used[c] = true
	for _, x := range []*meaning{&m, m.tap, m.hold} {
		if x != nil {
			b.used[x.key] = true
		}
	}
}

// withoutKey removes a key from the lists of keys that decide about it: lists for one hand often contain it.
func withoutKey(timing []string, c key.Code) []string {
	var out []string
	for i := 0; i+1 < len(timing); i += 2 {
		value := timing[i+1]
		if strings.HasSuffix(timing[i], "_keys") {
			var keep []string
			for k := range strings.SplitSeq(strings.Trim(value, "[]"), ", ") {
				if k != str(keyText(c)) {
					keep = append(keep, k)
				}
			}
			if value = array(keep); keep == nil {
				continue
			}
		}
		out = append(out, timing[i], value)
	}
	return out
}

func (p *plane) find(c key.Code) *meaning {
	for i := range p.binds {
		if p.binds[i].key == c {
			return &p.binds[i].is
		}
	}
	return nil
}

// standIn is a key that no keyboard has, which a keymap turns into an action: a modmap can only name keys.
func (b *board) standIn(action string, line int) key.Code {
	if c, ok := b.stand[action]; ok {
		return c
	}
	for _, c := range standIns() {
		if !b.used[c] {
			b.used[c] = true
			b.stand[action] = c
			b.standing = append(b.standing, bind{c, doesAction(action), line})
			return c
		}
	}
	b.doc.lost(line, "toshy has no unused key left for what a modmap cannot express")
	return 0
}

// standIns are keys that no keyboard has.
var standIns = sync.OnceValue(func() []key.Code {
	var list []key.Code
	for _, n := range []string{"macro", "btn_trigger_happy"} {
		for i := 1; i <= 40; i++ {
			if c, ok := key.Parse(n + strconv.Itoa(i)); ok {
				list = append(list, c)
			}
		}
	}
	return list
})

// emit writes the tables.
func (b *board) emit() {
	slices.SortStableFunc(b.planes, func(p, q *plane) int { return rank(q.above != nil) - rank(p.above != nil) })
	for _, p := range append(slices.Clone(b.planes), b.main) {
		for i := range p.binds {
			b.resolve(p, &p.binds[i])
		}
	}
	b.keepPlaces()
	b.allOthers()
	b.unchain()
	for _, p := range append(slices.Clone(b.planes), b.main) { // what found no stand-in has been named
		p.binds = slices.DeleteFunc(p.binds, func(x bind) bool {
			return x.is.plain() && x.is.key == 0
		})
	}
	b.emitChords()
	b.emitCombos() // before planes, whose entries count with modifiers, too
	for _, p := range b.planes {
		b.emitPlane(p)
	}
	b.emitMain()
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// resolve replaces what a modmap cannot express with stand-ins: actions of modifiers, and taps and holds that are actions.
func (b *board) resolve(p *plane, x *bind) {
	m := &x.is
	switch {
	case p.above != nil && (m.do != "" || m.plain() && (p.above.mods != "" || b.inLayer(m.key) || b.main.find(m.key) != nil && !isModifier(m.key))): // a layer would have the key before any keymap
		do := m.value()
		if words, err := strconv.Unquote(do); err == nil && p.lifts != "" && words != "block" && words != "nothing" {
			do = inline("without", str(p.lifts), "send", do)
		}
		c := b.standIn(do, x.line)
		b.put(p.above, c, doesAction(do), x.line)
		*m = isKey(c)
	case m.do != "" && isModifier(x.key):
		*m = isKey(b.standIn(m.do, x.line))
	case m.tap != nil && m.tap.do != "" && isModifier(x.key): // its tap is looked up as a key's
		*m.tap = isKey(b.standIn(m.tap.do, x.line))
	}
}

// inLayer says whether a layer gives a key a meaning.
func (b *board) inLayer(c key.Code) bool {
	return slices.ContainsFunc(b.planes, func(p *plane) bool { return p.layer && p.find(c) != nil })
}

// mapped are the keys of a plane that a keymap or layer maps.
func (p *plane) mapped() map[key.Code]bool {
	keys := map[key.Code]bool{}
	for _, x := range p.binds {
		if x.is.do != "" || p.layer && x.is.plain() && !isModifier(x.key) && !isModifier(x.is.key) {
			keys[x.key] = true
		}
	}
	return keys
}

func isModifier(c key.Code) bool {
	_, is := key.ModOf(c)
	return is
}

// keepPlaces makes sure that combos and layers see the physical keys. If a key or its new key has a meaning there, a keymap
// after them maps it, not a modmap.
func (b *board) keepPlaces() {
	used := map[key.Code]bool{}
	for _, p := range b.planes {
		for _, x := range p.binds {
			used[x.key] = true
		}
	}
	for _, c := range b.combos {
		used[c.combo.Key] = true
	}
	chorded := map[key.Code]bool{}
	for _, c := range b.chords {
		for _, k := range c.keys {
			used[k], chorded[k] = true, true
		}
	}
	for _, p := range b.planes {
		for i := range p.binds {
			if x := &p.binds[i]; x.is.plain() && p.above == nil && (chorded[x.key] || chorded[x.is.key]) && !isModifier(x.key) && !isModifier(x.is.key) {
				x.is.send()
			}
		}
	}
	for i := range b.main.binds {
		x := &b.main.binds[i]
		if x.is.plain() && x.is.key != x.key && (used[x.key] || used[x.is.key]) && !isModifier(x.key) && !isModifier(x.is.key) {
			x.is.send()
		}
	}
}

// allOthers handles what all other keys of a layer do. It protects keys that the layer names, and includes keys that main
// turns into modifiers or gives two meanings.
func (b *board) allOthers() {
	for _, p := range append(slices.Clone(b.planes), b.main) {
		if p.any == "" {
			continue
		}
		for _, x := range b.main.binds {
			if p != b.main && p.find(x.key) == nil && (x.is.tap != nil || x.is.mods != "" || x.is.plain()) && !isModifier(x.key) {
				b.put(p, x.key, doesAction(p.any), p.anyLine)
			}
		}
		for i := range p.binds {
			m := &p.binds[i].is
			if m.plain() && !isModifier(m.key) && !isModifier(p.binds[i].key) {
				m.send()
			}
			if m.tap != nil && m.tap.plain() && !isModifier(m.tap.key) {
				*m.tap = doesAction(inline("tap", str(keyText(m.tap.key))))
			}
		}
		b.keymap(p, false, p.anyLine).entry("any", p.any, p.anyLine)
	}
}

// unchain makes sure that a key that becomes another one does not also get that key's meaning.
func (b *board) unchain() {
	mapped := b.main.mapped()
	for changed := true; changed; {
		changed = false
		for i := range b.main.binds {
			x := &b.main.binds[i]
			if x.is.plain() && x.is.key != x.key && mapped[x.is.key] && !isModifier(x.key) {
				x.is.send()
				mapped[x.key], changed = true, true
			}
		}
	}
	for _, p := range b.planes {
		for i := range p.binds {
			x := &p.binds[i]
			if !p.layer && p.above == nil && x.is.plain() && !isModifier(x.key) && !isModifier(x.is.key) && (b.elsewhere(nil, x.is.key) || b.combined(x.is.key)) {
				x.is.send()
			}
		}
	}
	taps := b.main.mapped()
	for _, p := range b.planes {
		for c := range p.mapped() {
			taps[c] = true
		}
	}
	for _, p := range append(slices.Clone(b.planes), b.main) {
		for i := range p.binds {
			if t := p.binds[i].is.tap; t != nil && t.plain() && taps[t.key] && !isStandIn(b, t.key) && !(p == b.main && t.key == p.binds[i].key && !b.main.mapped()[t.key]) {
				*t = doesAction(inline("tap", str(keyText(t.key)))) // which is not looked up
			}
		}
	}
}

func isStandIn(b *board, c key.Code) bool {
	for _, s := range b.stand {
		if s == c {
			return true
		}
	}
	return false
}

// changedByModmap says whether main turns a key into another one, or gives it two meanings, before keymaps see it.
func (b *board) changedByModmap(c key.Code) bool {
	m := b.main.find(c)
	return m != nil && m.do == "" && (m.tap != nil || m.mods != "" || m.key != c)
}
