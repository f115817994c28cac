package importer

import (
	"slices"
	"strings"

	"toshy/remap/key"
)

// A seenModifier is how keymaps see a physical modifier, after main has changed it.
type seenModifier struct {
	mod      key.Mod
	gone     bool       // it is no modifier any more
	physical []key.Code // the keys of the keyboard
	other    bool       // another key of main becomes that modifier, too
}

// physicalModifiers makes combos test physical modifiers, and not what main turns them into. Remappers that only look at
// the keyboard need it.
func (b *board) physicalModifiers() {
	var combos []boardCombo
	seen := map[key.Mod][]seenModifier{}
	for _, x := range b.combos {
		for _, m := range x.combo.Mods {
			if seen[m] == nil {
				seen[m] = b.seenModifiers(m)
			}
		}
		combos = append(combos, b.physicalCombos(x, seen)...)
	}
	b.combos = combos
}

func (b *board) physicalCombos(x boardCombo, seen map[key.Mod][]seenModifier) []boardCombo {
	ways := []boardCombo{x}
	ways[0].combo.Mods = nil
	changed := false
	for _, m := range x.combo.Mods {
		var more []boardCombo
		for _, way := range ways {
			for _, s := range seen[m] {
				next := way
				next.combo.Mods = slices.Clone(way.combo.Mods)
				if !s.gone {
					next.combo.Mods = append(next.combo.Mods, s.mod)
				}
				changed = changed || s.gone || s.other || s.mod != m
				if s.gone || s.other {
					if next.layer != nil {
						b.doc.note(x.line, "%s: every key that is this modifier counts here, not only that of the keyboard", comboWords(x.combo))
					} else {
						next.when = allOf(next.when, asksKey("held", s.physical...))
						next.title += " " + next.when.text
					}
				}
				more = append(more, next)
			}
		}
		ways = more
	}
	if !changed {
		return []boardCombo{x}
	}
	return ways
}

// seenModifiers are what the keys of a modifier have become.
func (b *board) seenModifiers(m key.Mod) []seenModifier {
	sides := []key.Mod{m}
	if m.IsGeneric() {
		sides = []key.Mod{m.Left(), m.Left() + 1}
	}
	var list []seenModifier
	for _, s := range sides {
		mod, is := key.ModOf(b.heldAs(s.Code()))
		list = append(list, seenModifier{mod: mod, gone: !is, physical: []key.Code{s.Code()}})
	}
	if len(list) == 2 && !list[0].gone && !list[1].gone && (list[0].mod == list[1].mod || list[0].mod == sides[0] && list[1].mod == sides[1]) {
		both := list[0]
		if list[0].mod != list[1].mod {
			both.mod = m
		}
		both.physical = append(both.physical, list[1].physical...)
		list = []seenModifier{both}
	}
	for i := range list {
		list[i].other = !list[i].gone && b.becomes(list[i].mod, list[i].physical)
	}
	return list
}

// heldAs is what a key becomes while held, 0 if that is not a key.
func (b *board) heldAs(c key.Code) key.Code {
	switch m := b.main.find(c); {
	case m == nil:
		return c
	case m.plain():
		return m.key
	case m.hold != nil && m.hold.plain():
		return m.hold.key
	}
	return 0
}

// becomes says whether main makes another key than these into a modifier.
func (b *board) becomes(m key.Mod, but []key.Code) bool {
	return slices.ContainsFunc(b.main.binds, func(x bind) bool {
		if slices.Contains(but, x.key) {
			return false
		}
		is, isMod := key.ModOf(b.heldAs(x.key))
		return isMod && is.Sides()&m.Sides() != 0 || strings.Contains(x.is.mods, comboWord(eitherSide(m))) || x.is.hold != nil && strings.Contains(x.is.hold.mods, comboWord(eitherSide(m)))
	})
}

// tellChangedModifiers reports combos with a modifier that main makes into something else.
func (b *board) tellChangedModifiers() {
	for _, x := range b.combos {
		for _, m := range x.combo.Mods {
			for _, s := range b.seenModifiers(m) {
				if s.gone || s.mod.Sides()&m.Sides() == 0 {
					b.doc.note(x.line, "%s: another rule changes %s, so this combo does not work; write it with the key that %s becomes", comboWords(x.combo), comboWord(m), comboWord(m))
				}
			}
		}
	}
}
