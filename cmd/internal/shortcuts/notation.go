package shortcuts

import (
	"slices"
	"strings"

	"toshy/remap/key"
)

// symbols are X's and GTK's names of keys that have another name in package key, in lower case
// (xkbcommon/xkbcommon-keysyms.h).
var symbols = map[string]string{
	"page_up": "PageUp", "prior": "PageUp", "pgup": "PageUp", "page_down": "PageDown", "next": "PageDown", "pgdown": "PageDown", "pgdn": "PageDown",
	"print": "SysRq", "return": "Enter", "escape": "Esc", "period": "Dot", "grave": "Grave", "quoteleft": "Grave", "above_tab": "Grave",
	"bracketleft": "LeftBrace", "bracketright": "RightBrace", "apostrophe": "Apostrophe", "quoteright": "Apostrophe", "iso_left_tab": "Tab",
	"backtab": "Tab", "del": "Delete", "ins": "Insert", "kp_enter": "KPEnter", "kp_add": "KPPlus", "kp_subtract": "KPMinus", "menu": "Compose",
	"xf86screensaver": "ScreenLock", "screensaver": "ScreenLock", "xf86explorer": "File", "xf86www": "WWW", "xf86search": "Search", "search": "Search",
	"xf86calculator": "Calc", "xf86mail": "Mail", "`": "Grave", "[": "LeftBrace", "]": "RightBrace", "\\": "Backslash", ";": "Semicolon", "'": "Apostrophe",
	",": "Comma", ".": "Dot", "/": "Slash", "-": "Minus", "=": "Equal",
}

// shifted are symbols that a US keyboard types with Shift, with their keys. A desktop that names one means Shift as well,
// for example Plasma's Alt+~. Combos are sent with the active layout, so the key is where that layout has its US symbol.
var shifted = map[string]string{
	"asciitilde": "Grave", "exclam": "1", "at": "2", "numbersign": "3", "dollar": "4", "percent": "5", "asciicircum": "6", "ampersand": "7",
	"asterisk": "8", "parenleft": "9", "parenright": "0", "underscore": "Minus", "plus": "Equal", "braceleft": "LeftBrace", "braceright": "RightBrace",
	"bar": "Backslash", "colon": "Semicolon", "quotedbl": "Apostrophe", "less": "Comma", "greater": "Dot", "question": "Slash",
	"~": "Grave", "!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9", ")": "0", "_": "Minus",
	"{": "LeftBrace", "}": "RightBrace", "|": "Backslash", ":": "Semicolon", "\"": "Apostrophe", "<": "Comma", ">": "Dot", "?": "Slash",
}

// modifiers are the desktops' names for modifiers, in lower case. Meta is Super in KDE, but in X and GTK it is Alt on all
// current keyboards; GTK never writes it by itself.
var modifiers = map[string]string{
	"super": "Super", "mod4": "Super", "meta": "Super", "logo": "Super", "win": "Super", "mod": "Super",
	"primary": "Ctrl", "control": "Ctrl", "ctrl": "Ctrl", "alt": "Alt", "mod1": "Alt", "shift": "Shift",
}

// modifierKeys are keys that open something when they are tapped.
var modifierKeys = map[string]string{"super_l": "LeftMeta", "super_r": "RightMeta", "super": "LeftMeta", "meta": "LeftMeta", "meta_l": "LeftMeta", "alt_l": "LeftAlt"}

// order is the order of modifiers in a combo.
var order = []string{"Ctrl", "Alt", "Shift", "Super"}

// combo writes modifiers and a key symbol as a combo. It returns false for something that keyboards do not have, or that
// toshy has no name for.
func combo(mods []string, symbol string) (string, bool) {
	words, ok := modifierNames(mods)
	if !ok {
		return "", false
	}
	low := strings.ToLower(symbol)
	if k, ok := modifierKeys[low]; ok && len(mods) == 0 {
		return k, true
	}
	k, ok := symbols[low]
	if on, with := shifted[low]; with {
		k, ok = on, true
		if !slices.Contains(words, "Shift") {
			words = append(words, "Shift")
		}
	}
	if !ok {
		c, known := key.Parse(low)
		if !known {
			return "", false
		}
		return write(words, c)
	}
	return writeNamed(words, k)
}

// modifierNames are toshy's names for a desktop's modifiers. It returns false for one that toshy does not know.
func modifierNames(mods []string) (names []string, ok bool) {
	for _, m := range mods {
		name, ok := modifiers[strings.ToLower(m)]
		if !ok {
			return nil, false
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, true
}

// write writes modifiers and a key as a combo.
func write(words []string, c key.Code) (string, bool) {
	k := c.String()
	if k == "" {
		return "", false
	}
	return writeNamed(words, strings.ToUpper(k[:1])+k[1:])
}

func writeNamed(words []string, k string) (string, bool) {
	slices.SortFunc(words, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	text := strings.Join(append(words, k), "-")
	_, err := key.ParseCombo(text, nil)
	return text, err == nil
}

// fromGTK parses a GTK accelerator: "<Super>Page_Up".
func fromGTK(s string) (string, bool) {
	var mods []string
	for strings.HasPrefix(s, "<") {
		m, rest, ok := strings.Cut(s[1:], ">")
		if !ok {
			return "", false
		}
		mods, s = append(mods, m), rest
	}
	if s == "" || s == "disabled" {
		return "", false
	}
	return combo(mods, s)
}

// fromPlus parses a key sequence joined by +, as in Qt, sway and niri: "Meta+PgDown".
func fromPlus(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, ", ") { // several strokes
		return "", false
	}
	symbol := s
	var mods []string
	if i := strings.LastIndexByte(strings.TrimSuffix(s, "+"), '+'); i >= 0 {
		mods, symbol = strings.Split(s[:i], "+"), s[i+1:]
	}
	if symbol == "+" {
		symbol = "plus"
	}
	return combo(mods, symbol)
}

// first is the first of several spellings of a shortcut that can be pressed, "" if none can.
func first(list []string, read func(string) (string, bool)) string {
	for _, s := range list {
		if c, ok := read(s); ok {
			return c
		}
	}
	return ""
}
