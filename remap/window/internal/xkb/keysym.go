package xkb

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// A Sym is a keysym (X11/keysymdef.h): the meaning of a key before it becomes text. 0 means no keysym.
type Sym uint32

// Level3Shift is the meaning of AltGr (ISO_Level3_Shift), Level5Shift that of the modifier of the fifth level.
const (
	Level3Shift Sym = 0xfe03
	Level5Shift Sym = 0xfe11
)

// unicodeBase is the first keysym that is a code point; the last is 0x0110ffff.
const unicodeBase Sym = 0x0100_0000

//go:generate sh -c "./keysyms.sh >keysyms.txt"
//go:embed keysyms.txt
var keysyms string

type symTables struct {
	byName map[string]Sym
	runes  map[Sym]rune
}

// tables are made for the first keymap: most sessions need them, and no other command does.
var tables = sync.OnceValue(func() symTables {
	t := symTables{make(map[string]Sym, 2000), make(map[Sym]rune, 2000)}
	for line := range strings.Lines(keysyms) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		value, point, _ := strings.Cut(rest, " ")
		v, _ := strconv.ParseUint(value, 16, 32) // the file is part of the program, and tested
		t.byName[name] = Sym(v)
		if p, err := strconv.ParseUint(point, 16, 32); err == nil && t.runes[Sym(v)] == 0 {
			t.runes[Sym(v)] = rune(p)
		}
	}
	return t
})

// SymNamed reads a keysym in the form of keymaps: a name, U and a code point, or a number. It is 0 for names that are
// neither a character nor a dead key.
func SymNamed(s string) Sym {
	if v, ok := tables().byName[s]; ok {
		return v
	}
	if hex, ok := strings.CutPrefix(s, "U"); ok && len(hex) >= 4 && len(hex) <= 8 { // libxkbcommon writes U0001F600
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil && v <= 0x10ffff {
			return SymOf(rune(v))
		}
	}
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return Sym(v)
		}
	}
	if len(s) == 1 && s[0] >= '0' && s[0] <= '9' { // digits are also names
		return Sym(s[0])
	}
	return 0
}

// SymOf is the keysym of a character.
func SymOf(r rune) Sym {
	if r < 0x100 {
		return Sym(r)
	}
	return unicodeBase + Sym(r)
}

// Rune is the character of a keysym, 0 if it has none.
func (s Sym) Rune() rune {
	switch {
	case s >= unicodeBase && s <= unicodeBase+0x10ffff:
		return rune(s - unicodeBase)
	case s >= 0x20 && s < 0x7f, s >= 0xa0 && s <= 0xff:
		return rune(s)
	}
	return tables().runes[s]
}

// A dead key is a combining character, and the character that it makes with a space.
type deadKey struct {
	combining, spacing rune
}

// deadKeys are those that compose as Unicode decomposes. The Compose file of X11's UTF-8 locales says what a space makes of
// them (libX11, nls/en_US.UTF-8).
var deadKeys = map[Sym]deadKey{
	0xfe50: {0x300, '`'}, 0xfe51: {0x301, '\''}, 0xfe52: {0x302, '^'}, 0xfe53: {0x303, '~'},
	0xfe54: {0x304, '¯'}, 0xfe55: {0x306, '˘'}, 0xfe56: {0x307, '˙'}, 0xfe57: {0x308, '"'},
	0xfe58: {0x30a, '°'}, 0xfe59: {0x30b, '˝'}, 0xfe5a: {0x30c, 'ˇ'}, 0xfe5b: {0x327, '¸'},
	0xfe5c: {0x328, '˛'}, 0xfe60: {0x323, 0}, 0xfe61: {0x309, 0}, 0xfe62: {0x31b, 0},
	0xfe66: {0x30f, 0}, 0xfe67: {0x325, 0}, 0xfe68: {0x331, 0}, 0xfe69: {0x32d, 0},
	0xfe6a: {0x330, 0}, 0xfe6b: {0x32e, 0}, 0xfe6d: {0x311, 0}, 0xfe6e: {0x326, 0},
}

// deadStroke is the dead key whose letters Unicode does not decompose.
const deadStroke Sym = 0xfe63

var stroked = map[rune]rune{
	'b': 'ƀ', 'd': 'đ', 'g': 'ǥ', 'h': 'ħ', 'i': 'ɨ', 'l': 'ł', 'o': 'ø', 't': 'ŧ', 'z': 'ƶ',
	'D': 'Đ', 'G': 'Ǥ', 'H': 'Ħ', 'I': 'Ɨ', 'L': 'Ł', 'O': 'Ø', 'T': 'Ŧ', 'Z': 'Ƶ',
}
