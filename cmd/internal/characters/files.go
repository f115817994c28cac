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
	typesFile    = "types/toshy"
	rulesFile    = "rules/evdev"
	postFile     = "rules/evdev.post"
)

// The number of characters on a spare code, and on a borrowed one.
const (
	levels         = 8
	borrowedLevels = 4
)

const header = "// Made by \"toshy characters install\"; \"toshy characters remove\" takes it away.\n"

// An Assignment says which characters are on which spare codes.
type Assignment struct {
	Codes []Code
	Left  []rune // characters without room
}

// A Code has up to eight characters, a borrowed one up to four.
type Code struct {
	Code  key.Code
	Runes []rune
}

// Assign puts characters on the free codes, in order: the first ones reach the most programs.
func Assign(runes []rune, free []key.Code) Assignment {
	var a Assignment
	for _, c := range free {
		n := min(room(c), len(runes))
		if n == 0 {
			break
		}
		a.Codes = append(a.Codes, Code{c, slices.Clone(runes[:n])})
		runes = runes[n:]
	}
	a.Left = slices.Clone(runes)
	return a
}

func room(c key.Code) int {
	if key.IsBorrowed(c) {
		return borrowedLevels
	}
	return levels
}

// wanted are all characters, including those without room.
func (a *Assignment) wanted() string {
	var all []rune
	for _, c := range a.Codes {
		all = append(all, c.Runes...)
	}
	return string(append(all, a.Left...))
}

// A Count says how many characters are on codes, and how many of them reach programs that do not take all codes.
type Count struct {
	All      int `json:"characters"`
	X11      int `json:"x11"`      // X11 programs
	Chromium int `json:"chromium"` // Chromium and Electron on Wayland
}

// Count counts the characters.
func (a *Assignment) Count() (n Count) {
	for _, c := range a.Codes {
		n.All += len(c.Runes)
		if c.Code < key.FirstWaylandOnly {
			n.X11 += len(c.Runes)
		}
		if key.ChromiumKnows(c.Code) {
			n.Chromium += len(c.Runes)
		}
	}
	return n
}

// xkbOffset is the difference between XKB's code and the kernel's.
const xkbOffset = 8

// keyNames are the names of keys that do not have their number as a name (xkeyboard-config, keycodes/evdev).
var keyNames = map[key.Code]string{
	183: "FK13", 184: "FK14", 185: "FK15", 186: "FK16", 187: "FK17", 188: "FK18", 189: "FK19", 190: "FK20", 191: "FK21", 192: "FK22",
	129: "AGAI", 131: "UNDO", 132: "FRNT", 133: "COPY", 134: "OPEN", 135: "PAST", 136: "FIND", 137: "CUT", 138: "HELP",
}

func keyName(c key.Code) string {
	if name := keyNames[c]; name != "" {
		return "<" + name + ">"
	}
	return fmt.Sprintf("<I%d>", int(c)+xkbOffset)
}

// types is the file with the type of borrowed keys: they keep their first level, and Shift and the third level still mean
// something to programs, except together with the modifier of the fifth level.
const types = header + `xkb_types "characters" {
    virtual_modifiers LevelThree, LevelFive;
    type "TOSHY_CHARACTERS" {
        modifiers = Shift+LevelThree+LevelFive;
        map[Shift] = Level1;
        preserve[Shift] = Shift;
        map[LevelThree] = Level1;
        preserve[LevelThree] = LevelThree;
        map[Shift+LevelThree] = Level1;
        preserve[Shift+LevelThree] = Shift+LevelThree;
        map[LevelFive] = Level2;
        map[Shift+LevelFive] = Level3;
        map[LevelThree+LevelFive] = Level4;
        map[Shift+LevelThree+LevelFive] = Level5;
        level_name[Level1] = "Base";
        level_name[Level2] = "Character 1";
        level_name[Level3] = "Character 2";
        level_name[Level4] = "Character 3";
        level_name[Level5] = "Character 4";
    };
};
`

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
		kind, syms := "EIGHT_LEVEL", make([]string, 0, levels)
		if key.IsBorrowed(c.Code) {
			kind, syms = "TOSHY_CHARACTERS", append(syms, "NoSymbol") // it keeps its own
		}
		for _, r := range c.Runes {
			syms = append(syms, fmt.Sprintf("U%04X", r))
		}
		for n := len(c.Runes); n < room(c.Code); n++ {
			syms = append(syms, "NoSymbol")
		}
		fmt.Fprintf(&b, "    key %s { type[Group1] = \"%s\", symbols[Group1] = [ %s ] };", keyName(c.Code), kind, strings.Join(syms, ", "))
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
		if c.Code >= key.FirstWaylandOnly && !key.IsBorrowed(c.Code) {
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
		"! option = types\n  " + Option + " = +toshy(characters)\n" +
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
