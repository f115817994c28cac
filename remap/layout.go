package remap

import "toshy/remap/key"

// A Layout describes the active keyboard layout as far as it differs from US.
type Layout struct {
	// Map has the US key of the symbol that a physical key types: on AZERTY, KEY_Q gives KEY_A.
	// Combos are looked up through it and sent through its inverse. Keys that pass are untouched.
	Map map[key.Code]key.Code
	// Symbols has the keystrokes of each character that the layout can type: one, or a dead key and
	// one. Nil: text is typed on US positions.
	Symbols map[string][]Step
	// Correct turns the use of Map on.
	Correct bool

	inverse map[key.Code]key.Code
}

// A Step is one keystroke of a character, with the modifier keys that it needs.
type Step struct {
	Mods []key.Code
	Key  key.Code
}

// lookup is the key that combos are looked up by. A nil layout is US.
func (l *Layout) lookup(c key.Code) key.Code {
	if l == nil || !l.Correct {
		return c
	}
	if to, ok := l.Map[c]; ok && to < key.Count {
		return to
	}
	return c
}

// output is the key that types what c types on a US keyboard.
func (l *Layout) output(c key.Code) key.Code {
	if l == nil || !l.Correct {
		return c
	}
	if to, ok := l.inverse[c]; ok && to < key.Count {
		return to
	}
	return c
}

// invert prepares output.
func (l *Layout) invert() {
	if l != nil && l.inverse == nil {
		l.inverse = make(map[key.Code]key.Code, len(l.Map))
		for from, to := range l.Map {
			l.inverse[to] = from
		}
	}
}
