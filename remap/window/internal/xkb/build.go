package xkb

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"toshy/remap/key"
)

// A Stroke is one key pressed and released while modifier keys are held, by kernel codes.
type Stroke struct {
	Mods []uint16
	Key  uint16
}

// Strokes has the keystrokes for each character that a group can type: one key, or a dead key and another key. If there are
// several ways, it has the one with the fewest keys.
func (k *Keymap) Strokes(group int) map[rune][]Stroke {
	b := builder{best: map[rune]way{}}
	b.spare(k, group)
	mods := [4][]uint16{withShift: {codeLeftShift}}
	reachable := [4]bool{true, true, false, false}
	for _, code := range level3Keys {
		if k.levels(code, group)[0] == Level3Shift {
			mods[withLevel3] = []uint16{code}
			mods[withShift|withLevel3] = []uint16{codeLeftShift, code}
			reachable[withLevel3], reachable[withShift|withLevel3] = true, true
			break
		}
	}
	type dead struct {
		sym    Sym
		stroke Stroke
	}
	var deads []dead
	for level := range mods {
		if !reachable[level] {
			continue
		}
		for _, code := range append([]uint16{codeSpace}, charKeys...) {
			sym, s := k.levels(code, group)[level], Stroke{mods[level], code}
			if _, ok := deadKeys[sym]; ok || sym == deadStroke {
				deads = append(deads, dead{sym, s})
			} else if r := sym.Rune(); r >= ' ' {
				b.add(r, s)
			}
		}
	}
	singles := b.singles()
	for _, d := range deads {
		for _, r := range singles {
			if composed := Compose(d.sym, r); composed != 0 {
				b.add(composed, d.stroke, b.best[r].strokes[0])
			}
		}
	}
	b.add('\n', Stroke{Key: codeEnter})
	b.add('\t', Stroke{Key: codeTab})
	table := make(map[rune][]Stroke, len(b.best))
	for r, w := range b.best {
		table[r] = w.strokes
	}
	return table
}

// spare adds the characters on spare and borrowed codes. Spare codes also have the modifiers of their levels, so that they are
// the same on all layouts.
func (b *builder) spare(k *Keymap, group int) {
	var mods [8][]uint16
	for level := range mods {
		for _, m := range []struct {
			bit  int
			code uint16
			sym  Sym
		}{{withShift, codeLeftShift, 0}, {withLevel3, uint16(key.SpareLevel3), Level3Shift}, {withLevel5, uint16(key.SpareLevel5), Level5Shift}} {
			switch {
			case level&m.bit == 0:
			case m.sym != 0 && k.levels(m.code, group)[0] != m.sym:
				mods[level] = append(mods[level], 0)
			default:
				mods[level] = append(mods[level], m.code)
			}
		}
	}
	add := func(codes []key.Code, from int) {
		for _, code := range codes {
			levels := k.levels(uint16(code), group)
			for level := from; level < len(levels); level++ {
				if r := levels[level].Rune(); r > '~' && !slices.Contains(mods[level], 0) {
					b.add(r, Stroke{mods[level], uint16(code)})
				}
			}
		}
	}
	add(key.Borrowed, withLevel5)
	add(key.Spare, 0)
}

// Compose is the character that a dead key and a character make, 0 for none. It knows fewer than the Compose files do, so
// its results are the same in all of them.
func Compose(dead Sym, r rune) rune {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	switch d := deadKeys[dead]; {
	case dead == deadStroke:
		return stroked[r]
	case r == ' ':
		return d.spacing
	case letter:
		c := []rune(norm.NFC.String(string([]rune{r, d.combining})))
		if len(c) == 1 {
			return c[0]
		}
	}
	return 0
}

type way struct {
	strokes []Stroke
	cost    int
}

type builder struct{ best map[rune]way }

func (b *builder) add(r rune, strokes ...Stroke) {
	w := way{strokes: strokes}
	for _, s := range strokes {
		w.cost += 1 + len(s.Mods)
		switch {
		case key.IsSpare(key.Code(s.Key)): // for characters that the layout cannot type, even with a dead key
			w.cost += 30
		case s.Key >= firstRare: // a remote machine may not know these
			w.cost += 2
		}
	}
	w.cost += 10 * (len(strokes) - 1) // a dead key is only for characters without a key
	if old, ok := b.best[r]; !ok || w.cost < old.cost {
		b.best[r] = w
	}
}

// singles are the characters so far, in order, so that the table is the same each time.
func (b *builder) singles() []rune {
	var rs []rune
	for r := range b.best {
		rs = append(rs, r)
	}
	slices.Sort(rs)
	return rs
}

// latinLetters is how many of the 26 letters a group must type without modifiers to count as Latin.
const latinLetters = 20

// latin says whether a group types Latin letters, so that shortcuts can follow them.
func (k *Keymap) latin(group int) bool {
	n := 0
	for _, code := range charKeys {
		if r := k.levels(code, group)[0].Rune(); r >= 'a' && r <= 'z' {
			n++
		}
	}
	return n >= latinLetters
}

// ByLetter is the group whose letters shortcuts use while the given group is active: the group itself if it is Latin, else
// the first Latin one, as in toolkits; -1 if there is none.
func (k *Keymap) ByLetter(group int) int {
	if k.latin(group) {
		return group
	}
	for g := range k.Groups() {
		if k.latin(g) {
			return g
		}
	}
	return -1
}

// Positions gives, for each key that types something else than on a US keyboard, the US key of its symbol: KEY_A for KEY_Q
// on AZERTY. It is a permutation of the character keys. These decide, in this order: the digit on a key, with or without
// Shift; the character that it types alone; the character that a US key types with Shift. Other keys keep their place if it
// is free, else they get a free place.
func (k *Keymap) Positions(group int) map[uint16]uint16 {
	to := make(map[uint16]uint16, len(charKeys))
	taken := make(map[uint16]bool, len(charKeys))
	put := func(code, target uint16) {
		if _, done := to[code]; !done && !taken[target] {
			to[code], taken[target] = target, true
		}
	}
	pass := func(level int, chars string, only func(byte) bool) {
		for _, code := range charKeys {
			r := k.levels(code, group)[level].Rune()
			for i := range len(chars) {
				if r == rune(chars[i]) && only(chars[i]) {
					put(code, charKeys[i])
				}
			}
		}
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	any := func(byte) bool { return true }
	pass(0, usBase, digit)
	pass(withShift, usBase, digit)
	pass(0, usBase, any)
	pass(0, usShifted, any)
	for _, code := range charKeys {
		put(code, code)
	}
	for _, code := range charKeys {
		for _, target := range charKeys {
			put(code, target)
		}
	}
	for code, target := range to {
		if code == target {
			delete(to, code)
		}
	}
	return to
}
