package layout

import "toshy/remap/window/internal/xkb"

// A Keymap is a compiled keymap that does not come from a desktop.
type Keymap struct{ keymap *xkb.Keymap }

// ReadKeymap reads a keymap in the text format, version 1.
func ReadKeymap(text string) (*Keymap, error) {
	k, err := xkb.ParseText(text)
	if err != nil {
		return nil, err
	}
	return &Keymap{k}, nil
}

// Layouts has a layout for each group of the keymap.
func (k *Keymap) Layouts() []Layout {
	all := make([]Layout, k.keymap.Groups())
	for g := range all {
		all[g] = describe(k.keymap, g, "text")
	}
	return all
}

// Uses says whether the keymap gives a key any symbol.
func (k *Keymap) Uses(code uint16) bool { return len(k.keymap.Keys[code]) > 0 }

// Types says whether a key types a character in some group.
func (k *Keymap) Types(code uint16) bool {
	for _, g := range k.keymap.Keys[code] {
		for _, s := range g {
			if s.Rune() != 0 {
				return true
			}
		}
	}
	return false
}
