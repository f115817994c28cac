package remap

import (
	"slices"
	"unicode/utf8"

	"toshy/remap/key"
)

// A Way is a way to type a character. The first one that a character has is used.
type Way uint8

// The ways, in the order of preference.
const (
	WayKey     Way = iota // a key of the layout, with or without modifiers
	WayDeadKey            // a dead key of the layout and another key
	WaySpare              // a spare code of the keymap: see key.Spare
	WayAgent              // the session has the desktop type it
	WayHex                // Ctrl-Shift-U and the digits of its number
	WayCompose            // a sequence in the user's compose file
	WayRefused            // it is not typed
)

// Way says how a character is typed with a layout (nil: US) in a situation.
func (c *Compiled) Way(r rune, l *Layout, s *Situation) Way {
	if l != nil && l.Symbols != nil {
		switch steps := l.Symbols[string(r)]; {
		case len(steps) > 1:
			return WayDeadKey
		case len(steps) == 1 && key.IsSpare(steps[0].Key):
			return WaySpare
		case len(steps) == 1:
			return WayKey
		}
	} else if r < utf8.RuneSelf {
		return WayKey
	}
	method := c.at(s).view.unicode.Method
	switch {
	case method == UnicodeAuto && s.Types:
		return WayAgent
	case method == UnicodeRefuse, l != nil && l.Symbols != nil && !l.canEnter(r, method):
		return WayRefused
	case method == UnicodeCompose:
		return WayCompose
	}
	return WayHex
}

// Characters are the characters above ASCII that an action itself types, each once.
func (a *Action) Characters() []rune {
	w := textWalker{seen: make(map[*Nested]bool), has: make(map[rune]bool)}
	if a != nil && a.Kind != DoNested { // its strokes are separate combos
		w.action(a)
	}
	return slices.Clip(w.runes)
}
