package key

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Mod is one modifier as written: a generic one, which means either side, or a specific one.
type Mod uint8

// Specific modifiers come first and number the bits of a ModSet. Custom modifiers (Hyper) have the numbers from Custom0 on,
// in the order in which a program declares them.
const (
	LCtrl Mod = iota
	RCtrl
	LShift
	RShift
	LAlt
	RAlt
	LMeta
	RMeta
	ModFn
	Custom0

	MaxCustom = 7 // room for custom modifiers in a ModSet
)

// Generic modifiers: left or right.
const (
	Ctrl Mod = 16 + iota
	Shift
	Alt
	Meta
)

// ModSet is a set of specific modifiers, bit n for Mod n.
type ModSet uint16

// IsGeneric says whether m means either side.
func (m Mod) IsGeneric() bool { return m >= Ctrl }

// Sides returns the specific modifiers that m matches: two for a generic one, else one.
func (m Mod) Sides() ModSet {
	if m.IsGeneric() {
		return 3 << (2 * (m - Ctrl))
	}
	return 1 << m
}

// Left returns the specific modifier that is sent for a generic one.
func (m Mod) Left() Mod {
	if m.IsGeneric() {
		return 2 * (m - Ctrl)
	}
	return m
}

var modCodes = [...]Code{LeftCtrl, RightCtrl, LeftShift, RightShift, LeftAlt, RightAlt, LeftMeta, RightMeta, Fn}

// Code returns the key of a built-in modifier (the left key of a generic one), 0 for a custom one.
func (m Mod) Code() Code {
	if l := m.Left(); int(l) < len(modCodes) {
		return modCodes[l]
	}
	return 0
}

var modNames = [...]string{"LeftCtrl", "RightCtrl", "LeftShift", "RightShift", "LeftAlt", "RightAlt", "LeftMeta", "RightMeta", "Fn"}

func (m Mod) String() string {
	switch {
	case int(m) < len(modNames):
		return modNames[m]
	case m >= Ctrl && m <= Meta:
		return [...]string{"Ctrl", "Shift", "Alt", "Meta"}[m-Ctrl]
	}
	return fmt.Sprintf("Custom%d", m-Custom0)
}

// ModOf returns the modifier that a key is without any mapping.
func ModOf(c Code) (Mod, bool) {
	for m, k := range modCodes {
		if k == c {
			return Mod(m), true
		}
	}
	return 0, false
}

// Combo is a key with its modifiers, in the order in which they were written. An output combo presses them in this order. A
// combo without Mods is the bare key.
type Combo struct {
	Mods []Mod
	Key  Code
	Any  bool // only for combos that you press: other modifiers may be held, too
}

func (c Combo) String() string {
	var b strings.Builder
	if c.Any {
		b.WriteString("*-")
	}
	for _, m := range c.Mods {
		b.WriteString(m.String())
		b.WriteByte('-')
	}
	b.WriteString(c.Key.String())
	return b.String()
}

// Sets is how many sets Expand returns.
func (c Combo) Sets() int {
	n := 1
	for _, m := range c.Mods {
		if m.IsGeneric() {
			n *= 2
		}
	}
	return n
}

// Expand returns every set of specific modifiers that matches the combo exactly: a generic modifier doubles the sets.
func (c Combo) Expand() []ModSet {
	sets := make([]ModSet, 1, c.Sets())
	for _, m := range c.Mods {
		if !m.IsGeneric() {
			for i := range sets {
				sets[i] |= m.Sides()
			}
			continue
		}
		left := ModSet(1) << m.Left()
		n := len(sets)
		for i := range n {
			sets = append(sets, sets[i]|left<<1)
			sets[i] |= left
		}
	}
	return sets
}

// Errors of ParseCombo, wrapped with the invalid word.
var (
	ErrNoKey       = errors.New("a combo needs a key after its modifiers")
	ErrUnknownKey  = errors.New("unknown key")
	ErrUnknownMod  = errors.New("unknown modifier")
	ErrRepeatedMod = errors.New("modifier written twice")
	ErrEmptyCombo  = errors.New("empty combo")
)

// A WordError says which word of a combo is not valid, and where it begins in the string.
type WordError struct {
	Word   string
	Offset int
	Err    error
}

func (e *WordError) Error() string { return fmt.Sprintf("%v %q", e.Err, e.Word) }
func (e *WordError) Unwrap() error { return e.Err }

var modWords = map[string]Mod{
	"ctrl": Ctrl, "control": Ctrl, "c": Ctrl, "leftcontrol": LCtrl, "rightcontrol": RCtrl, "shift": Shift, "alt": Alt, "a": Alt, "opt": Alt, "option": Alt,
	"meta": Meta, "super": Meta, "win": Meta, "windows": Meta, "cmd": Meta, "command": Meta, "fn": ModFn,
	"lctrl": LCtrl, "lc": LCtrl, "leftctrl": LCtrl, "rctrl": RCtrl, "rc": RCtrl, "rightctrl": RCtrl,
	"lshift": LShift, "leftshift": LShift, "rshift": RShift, "rightshift": RShift,
	"lalt": LAlt, "la": LAlt, "leftalt": LAlt, "lopt": LAlt, "leftopt": LAlt, "leftoption": LAlt,
	"ralt": RAlt, "ra": RAlt, "rightalt": RAlt, "ropt": RAlt, "rightopt": RAlt, "rightoption": RAlt, "altgr": RAlt,
	"lmeta": LMeta, "lsuper": LMeta, "lwin": LMeta, "lcmd": LMeta, "leftmeta": LMeta, "leftsuper": LMeta, "leftwin": LMeta, "leftcmd": LMeta, "leftcommand": LMeta,
	"rmeta": RMeta, "rsuper": RMeta, "rwin": RMeta, "rcmd": RMeta, "rightmeta": RMeta, "rightsuper": RMeta, "rightwin": RMeta, "rightcmd": RMeta, "rightcommand": RMeta,
}

// Spellings are words that people use for the same modifier, even if a configuration changes the meaning of one.
var Spellings = [][]string{{"cmd", "command"}, {"opt", "option"}, {"ctrl", "control"}, {"super", "win", "windows"}}

// ParseMod finds a built-in modifier by name, ignoring case.
func ParseMod(name string) (Mod, bool) {
	return Fold(modWords, name)
}

// ModNames calls yield with every modifier name that ParseMod knows, in no particular order.
func ModNames(yield func(name string, m Mod) bool) {
	for n, m := range modWords {
		if !yield(n, m) {
			return
		}
	}
}

// ParseCombo reads "Ctrl-Shift-T", "ctrl+t", "A" or "Cmd--". lookup finds modifiers before the built-in ones; it may be
// nil. Errors are *WordError.
func ParseCombo(s string, lookup func(name string) (Mod, bool)) (Combo, error) {
	return parseCombo(s, lookup, false)
}

// ParsePressed reads a combo that you press: like ParseCombo, but "*" among the modifiers means any others.
func ParsePressed(s string, lookup func(name string) (Mod, bool)) (Combo, error) {
	return parseCombo(s, lookup, true)
}

func parseCombo(s string, lookup func(name string) (Mod, bool), pressed bool) (Combo, error) {
	var c Combo
	if strings.TrimSpace(s) == "" {
		return c, &WordError{s, 0, ErrEmptyCombo}
	}
	seen := ModSet(0)
	generic := [4]bool{}
	rest, off := s, 0
	for {
		i := strings.IndexAny(rest, "-+")
		if i <= 0 || i == len(rest)-1 && strings.TrimSpace(rest[:i]) == "" {
			break // the key, or "-" itself as the key
		}
		if i == len(rest)-1 {
			return c, &WordError{s, off, ErrNoKey}
		}
		word := strings.TrimSpace(rest[:i])
		if word == "*" && pressed {
			if c.Any {
				return c, &WordError{word, off, ErrRepeatedMod}
			}
			c.Any = true
			rest, off = rest[i+1:], off+i+1
			continue
		}
		m, ok := Mod(0), false
		if lookup != nil {
			m, ok = lookup(word)
		}
		if !ok {
			m, ok = ParseMod(word)
		}
		if !ok {
			return c, &WordError{word, off, ErrUnknownMod}
		}
		if m.IsGeneric() {
			if generic[m-Ctrl] {
				return c, &WordError{word, off, ErrRepeatedMod}
			}
			generic[m-Ctrl] = true
		} else if seen&m.Sides() != 0 {
			return c, &WordError{word, off, ErrRepeatedMod}
		}
		seen |= m.Sides()
		c.Mods = append(c.Mods, m)
		rest, off = rest[i+1:], off+i+1
	}
	word := strings.TrimSpace(rest)
	k, ok := Parse(word)
	if pressed && strings.EqualFold(word, AnyName) {
		k, ok = Any, true
	}
	if word == "+" {
		return c, &WordError{s, off, ErrNoKey}
	}
	if !ok {
		if _, isMod := ParseMod(word); isMod && len(c.Mods) > 0 {
			return c, &WordError{word, off, ErrNoKey}
		}
		return c, &WordError{word, off, ErrUnknownKey}
	}
	c.Key, c.Mods = k, slices.Clip(c.Mods) // whoever adds one gets a copy, since several places may share a combo
	return c, nil
}
