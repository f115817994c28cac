package xkb

// A Place is where a layout has a symbol: on a key, with or without Shift and AltGr.
type Place struct {
	Key           uint16
	Shift, Level3 bool
}

// Find finds the key that has a symbol on the lowest level, among the keys that type characters. Different keysyms of the
// same character are the same symbol.
func (k *Keymap) Find(s Sym, group int) (Place, bool) {
	r := s.Rune()
	for level := range withLevel5 { // the four levels of real keyboards
		for _, code := range charKeys {
			if have := k.levels(code, group)[level]; have == s || r != 0 && have.Rune() == r {
				return Place{code, level&withShift != 0, level&withLevel3 != 0}, true
			}
		}
	}
	return Place{}, false
}

// US is a US keyboard.
func US() *Keymap {
	k := &Keymap{Keys: make(map[uint16][]Levels, len(usBase))}
	for i := range len(usBase) {
		k.Keys[charKeys[i]] = []Levels{{Sym(usBase[i]), Sym(usShifted[i])}}
	}
	return k
}
