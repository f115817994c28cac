package layout

import (
	"sync"
	"unicode/utf8"

	"toshy/remap/window/internal/xkb"
)

// A Symbol is what a key means, such as a character or a dead key; 0 is none.
type Symbol = xkb.Sym

// A Place is where a layout has a symbol: on a key, with or without Shift and AltGr.
type Place = xkb.Place

// SymbolNamed reads a character, or the name that X gives it: "~" or "asciitilde". It is 0 for names that are neither a
// character nor a dead key.
func SymbolNamed(name string) Symbol {
	if r, n := utf8.DecodeRuneInString(name); n == len(name) && r > ' ' && r != utf8.RuneError {
		return xkb.SymOf(r)
	}
	return xkb.SymNamed(name)
}

var us = sync.OnceValue(xkb.US)

// Find finds the key that has a symbol on the lowest level. If the layout has no Latin letters, symbols that it lacks are
// those of the user's first layout with Latin letters, or of a US keyboard, as in toolkits. A Layout without contents is US.
func (l Layout) Find(s Symbol) (Place, bool) { return l.find(s, l.Group) }

// FindFirst does the same for the first of the user's layouts.
func (l Layout) FindFirst(s Symbol) (Place, bool) { return l.find(s, 0) }

// FindOnlyInFirst does not look for symbols in other layouts if the first one has no Latin letters.
func (l Layout) FindOnlyInFirst(s Symbol) (Place, bool) {
	if l.keymap == nil {
		return us().Find(s, 0)
	}
	return l.keymap.Find(s, 0)
}

// At is what a place types in this layout itself.
func (l Layout) At(p Place) Symbol {
	if l.keymap == nil {
		return us().Means(p.Key, 0, p.Shift, p.Level3)
	}
	return l.keymap.Means(p.Key, l.Group, p.Shift, p.Level3)
}

func (l Layout) find(s Symbol, group int) (Place, bool) {
	if l.keymap == nil {
		return us().Find(s, 0)
	}
	if p, ok := l.keymap.Find(s, group); ok {
		return p, true
	}
	switch other := l.keymap.ByLetter(group); other {
	case group:
		return Place{}, false
	case -1:
		return us().Find(s, 0)
	default:
		return l.keymap.Find(s, other)
	}
}
