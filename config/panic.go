package config

import (
	"slices"
	"strings"

	"toshy/remap/key"
)

// Bounds of panic chords. You might press fewer keys together by chance.
const (
	maxPanicChords = 8
	minPanicKeys   = 3
	maxPanicKeys   = 6
)

// panicChords reads the list of panic chords. A mistake in it invalidates the whole configuration: the way to give the
// keyboards back must not get lost unnoticed.
func (b *builder) panicChords(n *node) (list [][]key.Code) {
	if n.kind != kindArray || len(n.kids) == 0 || len(n.kids) > maxPanicChords {
		b.ps.error(n.valueSpan(), "leave panic_chords out for the usual ones", "panic_chords is a list of 1 to %d chords, such as %q", maxPanicChords, "Backspace+Esc+Enter")
		return nil
	}
	for _, chord := range n.kids {
		if !b.is(chord, kindString, "a panic chord") {
			continue
		}
		if codes := b.panicChord(chord); codes != nil {
			list = append(list, codes)
		}
	}
	return list
}

func (b *builder) panicChord(n *node) (codes []key.Code) {
	words := strings.FieldsFunc(n.str(), func(r rune) bool { return r == '-' || r == '+' })
	if len(words) < minPanicKeys || len(words) > maxPanicKeys {
		b.ps.error(n.valueSpan(), `"Backspace+Esc+Enter"`, "a panic chord is %d to %d keys joined by +", minPanicKeys, maxPanicKeys)
		return nil
	}
	for _, w := range words {
		w = strings.TrimSpace(w)
		c, ok := key.Parse(w)
		switch {
		case !ok:
			b.ps.error(n.valueSpan(), b.keyHint(w), "unknown key %q; a panic chord is of physical keys, such as LeftCtrl", w)
			return nil
		case slices.Contains(codes, c):
			b.ps.error(n.valueSpan(), "", "%q is in the chord twice", w)
			return nil
		}
		codes = append(codes, c)
	}
	return codes
}
