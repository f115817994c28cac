// Package characters puts characters on spare codes of the user's keymap (key.Spare), so that every program gets them as
// plain key presses. It writes XKB files into the user's configuration folder and sets an option of the keyboard layout.
//
// A wrong rules file ends the session, and the next one does not start. So everything is compiled first, with the user's
// own layouts and options. Then the files are renamed into place, the rules last. If anything fails, everything is
// restored.
package characters

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// Option is the option of the keyboard layout that the files are for.
const Option = "toshy:characters"

// The files, below the folder xkb.
const (
	symbolsFile  = "symbols/toshy"
	keycodesFile = "keycodes/toshy"
	rulesFile    = "rules/evdev"
	postFile     = "rules/evdev.post"
)

// levels is the number of characters on a spare code.
const levels = 8

const header = "// Made by \"toshy characters install\"; \"toshy characters remove\" takes it away.\n"

// An Assignment says which characters are on which spare codes.
type Assignment struct {
	Codes []Code
	Left  []rune // characters without room
}

// A Code has up to eight characters.
type Code struct {
	Code  key.Code
	Runes []rune
}

// Assign puts characters on the free spare codes, in order: X11 programs also get the first ones.
func Assign(runes []rune, free []key.Code) Assignment {
	var a Assignment
	for _, c := range free {
		n := min(levels, len(runes))
		if n == 0 {
			break
		}
		a.Codes = append(a.Codes, Code{c, slices.Clone(runes[:n])})
		runes = runes[n:]
	}
	a.Left = slices.Clone(runes)
	return a
}

// wanted are all characters, including those without room.
func (a *Assignment) wanted() string {
	var all []rune
	for _, c := range a.Codes {
		all = append(all, c.Runes...)
	}
	return string(append(all, a.Left...))
}

// Count is the number of characters on codes, and how many of them X11 programs get.
func (a *Assignment) Count() (all, x11 int) {
	for _, c := range a.Codes {
		all += len(c.Runes)
		if c.Code < key.FirstWaylandOnly {
			x11 += len(c.Runes)
		}
	}
	return all, x11
}

// xkbOffset is the difference between XKB's code and the kernel's.
const xkbOffset = 8

func keyName(c key.Code) string { return fmt.Sprintf("<I%d>", int(c)+xkbOffset) }

// symbols is the file with the characters. The keys that choose the level are on spare codes, so it does not matter whether
// the layout has an AltGr.
func (a *Assignment) symbols() string {
	var b strings.Builder
	b.WriteString(header + "partial\nxkb_symbols \"characters\" {\n")
	for _, m := range []struct {
		code     key.Code
		sym, mod string
	}{{key.SpareLevel3, "ISO_Level3_Shift", "Mod5"}, {key.SpareLevel5, "ISO_Level5_Shift", "Mod3"}} {
		fmt.Fprintf(&b, "    key %s { type[Group1] = \"ONE_LEVEL\", symbols[Group1] = [ %s ] };\n", keyName(m.code), m.sym)
		fmt.Fprintf(&b, "    modifier_map %s { %s };\n", m.mod, keyName(m.code))
	}
	for _, c := range a.Codes {
		syms := make([]string, 0, levels)
		for _, r := range c.Runes {
			syms = append(syms, fmt.Sprintf("U%04X", r))
		}
		for len(syms) < levels {
			syms = append(syms, "NoSymbol")
		}
		fmt.Fprintf(&b, "    key %s { type[Group1] = \"EIGHT_LEVEL\", symbols[Group1] = [ %s ] };", keyName(c.Code), strings.Join(syms, ", "))
		fmt.Fprintf(&b, " // %s\n", comment(c.Runes))
	}
	b.WriteString("};\n")
	return b.String()
}

// comment shows characters to people. Characters that would end the line or have no visible shape are shown as numbers.
func comment(runes []rune) string {
	var shown []string
	for _, r := range runes {
		if printable(r) {
			shown = append(shown, string(r))
		}
	}
	return strings.Join(shown, " ")
}

// keycodes is the file with the names of the codes. The system's own file only names codes that have a name in the kernel.
func (a *Assignment) keycodes() string {
	var b strings.Builder
	b.WriteString(header + "xkb_keycodes \"characters\" {\n")
	for _, c := range a.Codes {
		if c.Code >= key.FirstWaylandOnly {
			fmt.Fprintf(&b, "    %s = %d;\n", keyName(c.Code), int(c.Code)+xkbOffset)
		}
	}
	b.WriteString("};\n")
	return b.String()
}

// Our block of the rules, also in a file that someone else has written.
const (
	blockBegin = "// toshy characters: begin\n"
	blockEnd   = "// toshy characters: end\n"
	block      = blockBegin +
		"! option = symbols\n  " + Option + " = +toshy(characters)\n" +
		"! option = keycodes\n  " + Option + " = +toshy(characters)\n" +
		blockEnd
	// wholeRules is what a user's own complete rules file must contain: it replaces the system's.
	wholeRules = block + "! include %S/evdev\n"
)

// rules is the rules file with our block. old is the user's file, "" for none; post says that the file is added to the
// system's rules.
func rules(old string, post bool) string {
	rest := withoutBlock(old)
	switch {
	case rest != "":
		return block + rest
	case post:
		return header + block
	}
	return header + wholeRules
}

// withoutBlock is a rules file without our block, "" if nothing is left that someone else wrote.
func withoutBlock(text string) string {
	before, rest, ok := strings.Cut(text, blockBegin)
	if !ok {
		return text
	}
	_, after, ok := strings.Cut(rest, blockEnd)
	if !ok {
		return text // someone has cut the block; they must repair it
	}
	if before == header && (after == "" || after == "! include %S/evdev\n") {
		return ""
	}
	return before + after
}
