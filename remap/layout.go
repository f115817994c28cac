package remap

import (
	"slices"

	"toshy/remap/key"
)

// A Layout describes how the active keyboard layout differs from US.
type Layout struct {
	// Map has, for each physical key, the US key of the symbol that it types: on AZERTY, KEY_Q gives KEY_A. Combos are
	// looked up through Map and sent through its inverse. Keys that pass through do not change.
	Map map[key.Code]key.Code
	// Symbols has the keystrokes for each character that the layout can type: one key, or a dead key and another key. If it
	// is nil, text is typed with US positions.
	Symbols map[string][]Step
	// Correct turns the use of Map on.
	Correct bool

	to, from []key.Code      // Map and its inverse by code; nil without Correct
	level3   bool            // some character needs AltGr
	chars    map[uint32]rune // what keystrokes type, see characters
}

// A Step is one keystroke of a character, with the modifier keys that it needs.
type Step struct {
	Mods []key.Code
	Key  key.Code
}

// lookup is the key with which combos are looked up. A nil layout is US.
func (l *Layout) lookup(c key.Code) key.Code {
	if l == nil || int(c) >= len(l.to) {
		return c
	}
	return l.to[c]
}

// output is the key that types what c types on a US keyboard.
func (l *Layout) output(c key.Code) key.Code {
	if l == nil || int(c) >= len(l.from) {
		return c
	}
	return l.from[c]
}

// needsAltGr says whether some character is on the third level.
func (l *Layout) needsAltGr() bool {
	for _, steps := range l.Symbols {
		for _, s := range steps {
			if slices.Contains(s.Mods, key.RightAlt) {
				return true
			}
		}
	}
	return false
}

// under is the layout adjusted to the options.
func (l *Layout) under(o *Options) *Layout {
	if l == nil || o.USLayout {
		return nil
	}
	u := *l
	u.level3 = u.needsAltGr()
	u.chars = u.characters()
	u.Correct = u.Correct && !o.USCombos
	u.to, u.from = nil, nil
	if !u.Correct {
		return &u
	}
	u.to, u.from = make([]key.Code, key.Count), make([]key.Code, key.Count)
	for c := range u.to {
		u.to[c], u.from[c] = key.Code(c), key.Code(c)
	}
	for from, to := range u.Map {
		if from < key.Count && to < key.Count {
			u.to[from], u.from[to] = to, from
		}
	}
	return &u
}
