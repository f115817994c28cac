// Package xkb knows keyboard layouts: it reads the text in which Wayland compositors send their keymap, and finds out which
// keystrokes of a layout type which character.
//
// A keymap has up to four groups (which people call layouts). Each key has up to eight levels in each group, which Shift,
// AltGr and a third modifier choose. Nearly all common layouts put characters on four of them; a few have technical signs
// behind the third modifier. On keys of real keyboards, toshy types only with those four levels; spare codes (key.Spare)
// have all eight.
package xkb

// Limits on what we store for a compositor or an X server.
const (
	MaxText   = 1 << 20 // bytes of a keymap in text form; real ones have 60 to 90 KB
	maxGroups = 4       // limit of the XKB protocol
	maxName   = 128     // bytes of a group's name
)

// Levels are the keysyms of one key in one group: alone, with Shift, with AltGr, with both, and the same four with the
// modifier of the fifth level.
type Levels [8]Sym

// Bits of an index of Levels.
const (
	withShift = 1 << iota
	withLevel3
	withLevel5
)

// A Keymap says what the keys of a keyboard mean.
type Keymap struct {
	Names []string // of the groups, such as "French"; may be shorter than the number of groups
	// Keys has the groups of each key, by kernel code (the XKB code minus 8).
	Keys map[uint16][]Levels
}

// firstCode is the difference between XKB's code and the kernel's (X11 has no codes below 8).
const firstCode = 8

// Groups is the number of groups.
func (k *Keymap) Groups() int {
	n := len(k.Names)
	for _, g := range k.Keys {
		n = max(n, len(g))
	}
	return n
}

// Name is the name of a group, "" if it has none.
func (k *Keymap) Name(group int) string {
	if group >= 0 && group < len(k.Names) {
		return k.Names[group]
	}
	return ""
}

// Means is the keysym of a key while modifier keys are held.
func (k *Keymap) Means(code uint16, group int, shift, level3 bool) Sym {
	i := 0
	if shift {
		i |= withShift
	}
	if level3 {
		i |= withLevel3
	}
	return k.levels(code, group)[i]
}

// levels are the keysyms of a key. If a key has fewer groups than the keyboard, the group number is taken modulo its number
// of groups, which is the protocol's default.
func (k *Keymap) levels(code uint16, group int) Levels {
	if g := k.Keys[code]; len(g) > 0 && group >= 0 {
		return g[group%len(g)]
	}
	return Levels{}
}
