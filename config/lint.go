package config

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// This file finds what is allowed but probably not meant. It only warns if it can be sure without running the program.

// lint adds the warnings that need the whole program.
func (b *builder) lint() {
	b.unusedGroups()
	b.unusedLayers()
	b.noWayOut()
	b.meant()
	b.doubtful()
	b.neverActive()
	b.hidden()
	b.unreachable()
}

// unusedGroups warns about groups in the user's files that no condition uses.
func (b *builder) unusedGroups() {
	for _, name := range b.groupNames {
		if g := b.groups[name]; g.own && !g.used {
			b.ps.warn(g.nodes[0].keySpan(), `a condition uses a group by its name: when = "`+name+`"`, "group %q is used nowhere", name)
		}
	}
}

// unusedLayers warns about layers in the user's files that nothing turns on.
func (b *builder) unusedLayers() {
	for _, s := range b.sections("layer") {
		if s.layer == 0 && !b.layerUsed[s.name] {
			b.ps.warn(s.nodes[0].keySpan(), fmt.Sprintf("turn it on: { layer = %q }", s.name), "layer %q is never turned on", s.name)
		}
	}
}

// maxCompared is how many parts of an "and" are compared with the others.
const maxCompared = 64

// groupLint is what is known about a group without running.
type groupLint struct{ never, always, facts bool }

// ofGroup examines a group, once: the work would multiply if groups use each other.
func (b *builder) ofGroup(i int) groupLint {
	for n := len(b.linted); n <= i; n++ { // in order: each uses only earlier ones
		c := b.program.Groups[n].Cond
		b.linted = append(b.linted, groupLint{b.never(c), b.always(c), b.onFacts(c)})
	}
	return b.linted[i]
}

// meant warns about a table or group of the user's that changes one in the configuration that it builds on, perhaps only
// because of the same name, and does not say that this is intended. Entries that only replace or remove others are
// obviously intended.
func (b *builder) meant() {
	for _, kind := range []string{"modmap", "chord", "layer", "keymap"} {
		for _, s := range b.sections(kind) {
			if s.layer == 0 || !b.own(s.nodes[0]) || b.flag(s, "extend") {
				continue
			}
			what := ""
			n := s.nodes[0]
			if n.get("when") != nil {
				what = "the condition of its entries"
			} else if entry := b.newEntry(s); entry != "" {
				what = fmt.Sprintf("it by %q, under its condition", entry)
			}
			if what != "" {
				b.ps.warn(n.keySpan(), "give your table another name, or write extend = true in it if you mean that",
					"%s is a table of the configuration that this file builds on, and this changes %s", s.title(), what)
			}
		}
	}
	for _, name := range b.groupNames {
		g := b.groups[name]
		if n := g.nodes[0]; len(g.nodes) > 1 && g.own && n.get("add") == nil && n.get("remove") == nil && n.get("replace") == nil {
			b.ps.warn(n.keySpan(), "write "+name+" = { add = [...] } to add to it, { app = [...], replace = true } to replace it, or choose another name",
				"this replaces the group %q of the configuration that this file builds on, for all of its rules", name)
		}
	}
}

// newEntry is an entry of the user's files that a section of another file does not have; "" if there is none.
func (b *builder) newEntry(s *section) string {
	known := map[string]bool{}
	var own []string
	for _, n := range s.nodes {
		for _, part := range []string{"keys", "characters"} {
			t := n.get(part)
			if t == nil || t.kind != kindTable {
				continue
			}
			for _, e := range t.kids {
				if b.own(n) {
					own = append(own, e.key)
				} else {
					known[strings.ToLower(e.key)] = true
				}
			}
		}
	}
	for _, k := range own {
		if !known[strings.ToLower(k)] {
			return k
		}
	}
	return ""
}

// never says whether a condition cannot be true.
func (b *builder) never(c *remap.Cond) bool {
	if c == nil {
		return false
	}
	switch c.Op {
	case remap.CondConst:
		return c.Value == 0
	case remap.CondEqual:
		return len(c.Strings) == 0
	case remap.CondGroup:
		return b.ofGroup(c.Var).never
	case remap.CondNot:
		return b.always(c.Kids[0])
	case remap.CondAny:
		return !slices.ContainsFunc(c.Kids, func(k *remap.Cond) bool { return !b.never(k) })
	case remap.CondAll:
		for i, k := range c.Kids {
			if b.never(k) {
				return true
			}
			for _, other := range c.Kids[:min(i, maxCompared)] {
				if exclude(k, other) {
					return true
				}
			}
		}
	}
	return false
}

// always says whether a condition cannot be false.
func (b *builder) always(c *remap.Cond) bool {
	if c == nil {
		return true
	}
	switch c.Op {
	case remap.CondConst:
		return c.Value != 0
	case remap.CondGroup:
		return b.ofGroup(c.Var).always
	case remap.CondNot:
		return b.never(c.Kids[0])
	case remap.CondAll:
		return !slices.ContainsFunc(c.Kids, func(k *remap.Cond) bool { return !b.always(k) })
	case remap.CondAny:
		return slices.ContainsFunc(c.Kids, b.always)
	}
	return false
}

// exclude says whether two conditions cannot both be true.
func exclude(x, y *remap.Cond) bool {
	if x.Op == remap.CondNot && same(x.Kids[0], y) || y.Op == remap.CondNot && same(y.Kids[0], x) {
		return true
	}
	switch {
	case x.Op == remap.CondVar && y.Op == remap.CondVar && x.Var == y.Var:
		return x.Value != y.Value
	case x.Op == remap.CondEqual && y.Op == remap.CondEqual && x.Field == y.Field:
		for _, s := range x.Strings {
			if slices.ContainsFunc(y.Strings, func(t string) bool { return strings.EqualFold(s, t) }) {
				return false
			}
		}
		return true
	}
	return false
}

// same says whether two conditions test the same.
func same(x, y *remap.Cond) bool {
	if x == nil || y == nil {
		return x == y
	}
	if x.Op != y.Op || x.Field != y.Field || x.Fold != y.Fold || x.Var != y.Var || x.Value != y.Value || x.Regexp != y.Regexp {
		return false
	}
	return slices.Equal(x.Strings, y.Strings) && slices.EqualFunc(x.Kids, y.Kids, same)
}

// neverActive warns about tables in the user's files whose condition cannot be true.
func (b *builder) neverActive() {
	whens := b.whens()
	for _, kind := range []string{"keymap", "modmap", "chord", "layer"} {
		for _, s := range b.sections(kind) {
			n := s.get("when")
			if n == nil || s.layer != 0 {
				continue
			}
			if c := whens[kind+" "+s.name]; b.never(c) && !b.onFacts(c) {
				b.ps.warn(n.valueSpan(), "", "%s never applies: its condition cannot be true", s.title())
			}
		}
	}
}

// hidden warns about entries in the user's files that can never match, because an earlier entry there has the same combo
// and applies always or under the same condition.
func (b *builder) hidden() {
	type pressed struct {
		mods   key.ModSet
		key    key.Code
		source string // of the condition
	}
	first := map[pressed]*written{}
	for i := range b.entries {
		e := &b.entries[i]
		source := ""
		if when := b.program.Keymaps[e.keymap].When; when != nil {
			source = when.Source
		}
		warned := false
		for _, set := range e.combo.Expand() {
			for _, s := range []string{"", source} {
				f := first[pressed{set, e.combo.Key, s}]
				if f == nil || f.keymap == e.keymap || warned || !covers(f.combo, e.combo) {
					continue
				}
				warned = true
				b.ps.warn(e.at, "the first active keymap that has a combo wins: put the special one before", "%q is never reached: [keymap.%s] has it first", e.text, b.program.Keymaps[f.keymap].Name)
			}
			if at := (pressed{set, e.combo.Key, source}); first[at] == nil {
				first[at] = e
			}
		}
	}
}

// whens are the conditions of the tables of the program, by kind and name.
func (b *builder) whens() map[string]*remap.Cond {
	p, all := b.program, map[string]*remap.Cond{}
	add := func(name string, c *remap.Cond) {
		if _, has := all[name]; !has {
			all[name] = c
		}
	}
	for i := range p.Modmaps {
		add("modmap "+p.Modmaps[i].Name, p.Modmaps[i].When)
	}
	for i := range p.Chords {
		add("chord "+p.Chords[i].Name, p.Chords[i].When)
	}
	for i := range p.Keymaps {
		m := &p.Keymaps[i]
		add("keymap "+m.Name, m.When)
		if strings.HasPrefix(m.Name, "layer ") {
			add(m.Name, m.When)
		}
	}
	return all
}

// onFacts says whether a condition tests the machine: it may be true on another one.
func (b *builder) onFacts(c *remap.Cond) bool {
	if c.Op == remap.CondConst {
		return c.Source != "false" && c.Source != "true"
	}
	if c.Op == remap.CondGroup {
		return b.ofGroup(c.Var).facts
	}
	return slices.ContainsFunc(c.Kids, b.onFacts)
}

// covers says whether every way to press y also presses x.
func covers(x, y key.Combo) bool {
	if x.Any || y.Any {
		return false
	}
	sets := x.Expand()
	return !slices.ContainsFunc(y.Expand(), func(s key.ModSet) bool { return !slices.Contains(sets, s) })
}

// unreachable warns about combos with a key that a modmap always changes.
func (b *builder) unreachable() {
	if len(b.entries) == 0 {
		return
	}
	made := map[key.Code]bool{}
	gone := map[key.Code]string{}
	for i := range b.program.Modmaps {
		m := &b.program.Modmaps[i]
		for from, to := range m.Keys {
			made[to] = true
			if _, known := gone[from]; !known && m.When == nil && from != to {
				gone[from] = m.Name
			}
		}
	}
	for i := range b.program.TapHolds {
		for from, t := range b.program.TapHolds[i].Keys {
			made[t.Tap], made[t.Hold] = true, true
			if m := &b.program.TapHolds[i]; m.When == nil && gone[from] == "" && t.Tap != from && t.Hold != from {
				gone[from] = m.Name
			}
		}
	}
	lost := func(c key.Code) bool { return gone[c] != "" && !made[c] }
	for _, e := range b.entries {
		bad := key.Code(0)
		if lost(e.combo.Key) {
			bad = e.combo.Key
		}
		for _, m := range e.combo.Mods {
			if c := b.modKey(m); !m.IsGeneric() && lost(c) {
				bad = c
			}
		}
		if bad != 0 {
			b.ps.warn(e.at, "write the key that the modmap makes", "%q is never reached: [modmap.%s] makes %s another key", e.text, gone[bad], bad)
		}
	}
}
