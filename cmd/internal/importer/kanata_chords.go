package importer

import (
	"errors"
	"fmt"
	"slices"

	"toshy/remap/key"
)

// chordGroup translates defchords: a time, then pairs of names and an action. A single name is what its key does.
func (k *kanata) chordGroup(l lisp) {
	args := l.args()
	if len(args) < 2 {
		k.doc.lost(l.line, "%s is incomplete", l)
		return
	}
	var planes []*plane
	for _, m := range k.members {
		if m.group == args[0].atom && !slices.Contains(planes, m.plane) {
			planes = append(planes, m.plane)
		}
	}
	for _, p := range planes {
		for i := 2; i+1 < len(args); i += 2 {
			k.groupChord(p, args[0].atom, args[1], args[i], args[i+1])
		}
	}
}

func (k *kanata) groupChord(p *plane, group string, time, names, action lisp) {
	var codes []key.Code
	for _, n := range names.list {
		i := slices.IndexFunc(k.members, func(m chordMember) bool { return m.group == group && m.plane == p && m.name == n.atom })
		if i < 0 {
			return // not on this layer
		}
		codes = append(codes, k.members[i].key)
	}
	m, err := k.meaning(action)
	switch {
	case err != nil:
	case len(codes) == 0:
		err = errors.New("a chord of no key")
	case len(codes) == 1:
		k.board.put(p, codes[0], m, action.line)
		return
	case m.tap != nil || m.layer != "":
		err = errors.New("a chord with two meanings (tapped or held)")
	}
	if err != nil {
		k.doc.lost(action.line, "%s: %v", names, err)
		return
	}
	do := m.do
	if do == "" {
		do = m.value()
	}
	c := boardChord{plane: &plane{name: p.name + " " + group, when: allOf(p.when, k.notOverridden(p, codes)), line: names.line}, keys: codes, do: do, line: names.line}
	if t, err := k.number(time); err == nil {
		c.window = asTime(min(max(t, 1), 1000) / 1000)
	}
	k.board.chord(c)
}

// notOverridden is true while no other layer gives another action to one of a chord's keys.
func (k *kanata) notOverridden(p *plane, codes []key.Code) cond {
	var all []cond
	for _, q := range k.board.planes {
		if q != p && q.layer && slices.ContainsFunc(codes, func(c key.Code) bool { return q.find(c) != nil }) {
			all = append(all, not(equal("layer", q.name)))
		}
	}
	return allOf(all...)
}

// overrides translates defoverrides: pairs of lists of keys.
func (k *kanata) overrides(args []lisp) {
	for i := 0; i+1 < len(args); i += 2 {
		in, err := k.comboOf(args[i].list)
		out, err2 := k.comboOf(args[i+1].list)
		if err = errors.Join(err, err2); err != nil || isModifier(in.Key) {
			k.doc.lost(args[i].line, "the override of %s is not one of a key with modifiers", args[i])
			continue
		}
		k.board.combo("overrides", in, str(comboWords(out)), false, cond{}, args[i].line)
	}
}

// comboOf is the combo of keys that are down together: modifiers and one other key.
func (k *kanata) comboOf(list []lisp) (key.Combo, error) {
	var c key.Combo
	found := false
	for _, x := range list {
		one, ok := k.combo(x.atom)
		if !ok || x.isList {
			return c, fmt.Errorf("the key %s is not known", x)
		}
		m, isMod := key.ModOf(one.Key)
		switch {
		case isMod && len(one.Mods) == 0:
			c.Mods = append(c.Mods, m)
		case found:
			return c, errors.New("more than one key that is not a modifier")
		default:
			c.Mods, c.Key, found = append(c.Mods, one.Mods...), one.Key, true
		}
	}
	if !found && len(c.Mods) > 0 {
		last := c.Mods[len(c.Mods)-1]
		c.Mods, c.Key = c.Mods[:len(c.Mods)-1], last.Code()
		return c, nil
	}
	if !found {
		return c, errors.New("no key")
	}
	return c, nil
}

// chords translates defchordsv2: keys, action, time, when it ends, layers in which it does not apply.
func (k *kanata) chords(args []lisp) {
	for i := 0; i+4 < len(args); i += 5 {
		line := args[i].line
		var codes []key.Code
		for _, x := range args[i].list {
			c, ok := k.key(x.atom)
			if !ok {
				k.doc.lost(line, "the key %s of a chord is not known", x)
				codes = nil
				break
			}
			codes = append(codes, c)
		}
		if len(codes) < 2 {
			continue
		}
		m, err := k.meaning(args[i+1])
		if err == nil && (m.tap != nil || m.layer != "") {
			err = errors.New("a chord with two meanings (tapped or held)")
		}
		if err != nil {
			k.doc.lost(line, "%s: %v", args[i], err)
			continue
		}
		do := m.do
		if do == "" {
			do = m.value()
		}
		var off []cond
		for _, x := range args[i+4].list {
			if len(k.layers) > 0 && x.atom == k.layers[0] {
				k.doc.note(line, "%s: a chord that does not count in the base layer", args[i])
				continue
			}
			off = append(off, not(equal("layer", x.atom)))
		}
		title := "chords " + args[i+2].atom
		for _, x := range args[i+4].list {
			title += " not " + x.atom
		}
		c := boardChord{plane: &plane{name: title, when: allOf(off...), line: line}, keys: codes, do: do, line: line}
		if t, err := k.number(args[i+2]); err == nil {
			c.window = asTime(min(max(t, 1), 1000) / 1000)
		}
		k.board.chord(c)
	}
	if len(args)%5 != 0 {
		k.doc.lost(args[len(args)-1].line, "an incomplete chord")
	}
}
