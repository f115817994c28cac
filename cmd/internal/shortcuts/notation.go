package shortcuts

import (
	"slices"
	"strings"
	"unicode"

	"toshy/remap/key"
	"toshy/remap/window/layout"
)

// otherKeys are X's and GTK's names, in lower case, of keys that type no character and have another name in package key
// (xkbcommon/xkbcommon-keysyms.h).
var otherKeys = map[string]string{
	"page_up": "PageUp", "prior": "PageUp", "pgup": "PageUp", "page_down": "PageDown", "next": "PageDown", "pgdown": "PageDown", "pgdn": "PageDown",
	"print": "SysRq", "return": "Enter", "escape": "Esc", "iso_left_tab": "Tab", "backtab": "Tab", "del": "Delete", "ins": "Insert",
	"kp_enter": "KPEnter", "kp_add": "KPPlus", "kp_subtract": "KPMinus", "menu": "Compose",
	"xf86screensaver": "ScreenLock", "screensaver": "ScreenLock", "xf86explorer": "File", "xf86www": "WWW", "xf86search": "Search", "search": "Search",
	"xf86calculator": "Calc", "xf86mail": "Mail",
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

// A matching is how a desktop finds the shortcut that was pressed.
type matching int

const (
	// byKey: the key that has the symbol on any level, with exactly the modifiers that are written: GNOME and its
	// relatives (get_keycodes_for_keysym of mutter), and the others that use X's XKeysymToKeycode.
	byKey matching = iota
	// byTyped: the symbol that the keys type; Shift counts for it, and must not be written. Or the one that the key types alone (sway,
	// phoc, river).
	byTyped
	// byMeaning is byTyped, but only for letters also by what the key types alone (KWin: modifiersRelevantForGlobalShortcuts), and by
	// another layout only for keys that type nothing Latin.
	byMeaning
	// byWritten: the symbol that the keys type, or that the key types alone. Shift must be written (labwc, niri, COSMIC).
	byWritten
	// byFirst is byWritten for the first of the user's layouts, whichever is active (Hyprland).
	byFirst
	// byFirstKey: the key that has the symbol alone or with Shift in the first of the user's layouts, whichever is active, with exactly
	// the modifiers that are written (i3: translate_keysyms). i3 looks in no other layout for letters that this one lacks.
	byFirstKey
)

// keys are a shortcut as a desktop's settings name it.
type keys struct {
	mods   string // in order, joined by -
	match  matching
	symbol layout.Symbol // its place depends on the layout; 0: one of the others
	place  key.Code      // the key in this place, whatever it types; 0: name
	name   string        // a key that has the same place on all layouts, or a modifier alone
}

// read makes keys of modifiers and the name of a key or symbol. It returns false for something that keyboards do not have,
// or that toshy has no name for.
func (m matching) read(mods []string, symbol string) (keys, bool) {
	words, ok := modifierNames(mods)
	if !ok {
		return keys{}, false
	}
	k := keys{mods: strings.Join(words, "-"), match: m}
	low := strings.ToLower(symbol)
	if name, ok := modifierKeys[low]; ok && len(mods) == 0 {
		k.name = name
		return k, true
	}
	if low == "above_tab" { // GNOME's own name
		k.place, _ = key.Parse("grave")
		return k, true
	}
	if name, ok := otherKeys[low]; ok {
		k.name = name
		return k, true
	}
	if k.symbol = symbolNamed(symbol); k.symbol != 0 {
		return k, true
	}
	c, known := key.Parse(low)
	k.name = nameOf(c)
	return k, known && k.name != ""
}

// symbolNamed is a character or a dead key by its name; 0 for other keys, such as Space. Desktops write letters as capitals, and names
// of symbols in any case.
func symbolNamed(name string) layout.Symbol {
	low := strings.ToLower(name)
	if strings.HasPrefix(low, "kp_") || strings.HasPrefix(low, "0x") {
		return 0
	}
	s := layout.SymbolNamed(name)
	if s == 0 {
		s = layout.SymbolNamed(low)
	}
	switch r := s.Rune(); {
	case r > ' ' && r != '\x7f':
		return layout.SymbolNamed(string(unicode.ToLower(r)))
	case strings.HasPrefix(low, "dead_"):
		return s
	}
	return 0
}

// on is the combo that the keys are while a layout is active, in the notation of package key. It returns false if the layout
// does not have the symbol, or has it where the desktop does not find it. Combos are sent with the active layout: they name a
// key by its symbol, with the names of a US keyboard.
func (k keys) on(l layout.Layout) (string, bool) {
	mods, name, place := k.mods, k.name, k.place
	if k.symbol != 0 {
		find := l.Find
		switch k.match {
		case byFirst:
			find = l.FindFirst
		case byFirstKey:
			find = l.FindOnlyInFirst
		}
		p, ok := find(k.symbol)
		if !ok {
			return "", false
		}
		shift := slices.Contains(strings.Split(mods, "-"), "Shift")
		typed := k.match == byTyped || k.match == byMeaning
		switch {
		case k.match == byKey, k.match == byFirstKey && !p.Level3:
		case p.Level3,
			p.Shift && shift == typed,
			k.match == byMeaning && (shift && !k.hasCapital(find, p) || k.hidden(l, p)):
			return "", false
		case p.Shift && typed:
			names, _ := modifierNames(append(strings.FieldsFunc(mods, func(r rune) bool { return r == '-' }), "Shift"))
			mods = strings.Join(names, "-")
		}
		place = key.Code(p.Key)
	}
	if place != 0 {
		if us, ok := l.Positions[uint16(place)]; ok {
			place = key.Code(us)
		}
		name = nameOf(place)
	}
	if mods != "" && name != "" {
		mods += "-"
	}
	text := mods + name
	if _, isMod := key.ParseMod(text); isMod {
		return text, true
	}
	_, err := key.ParseCombo(text, nil)
	return text, err == nil
}

// hasCapital says whether the key at p, which types the symbol alone, types its capital with Shift.
func (k keys) hasCapital(find func(layout.Symbol) (layout.Place, bool), p layout.Place) bool {
	r := k.symbol.Rune()
	capital, ok := find(layout.SymbolNamed(string(unicode.ToUpper(r))))
	return ok && unicode.IsLetter(r) && capital == layout.Place{Key: p.Key, Shift: true}
}

// hidden says whether the layout itself has another Latin character where a layout with Latin letters has the symbol.
func (k keys) hidden(l layout.Layout, p layout.Place) bool {
	const latin1 = 0xff
	types := l.At(p).Rune()
	return types != 0 && types <= latin1 && types != k.symbol.Rune()
}

// modifierNames are toshy's names for a desktop's modifiers, in order. It returns false for one that toshy does not know.
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
	slices.SortFunc(names, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return names, true
}

// nameOf is the name of a key in combos.
func nameOf(c key.Code) string {
	k := c.String()
	switch k {
	case "":
		return ""
	case "leftbrace":
		return "LeftBrace"
	case "rightbrace":
		return "RightBrace"
	}
	return strings.ToUpper(k[:1]) + k[1:]
}

// fromGTK parses a GTK accelerator: "<Super>Page_Up".
func (m matching) fromGTK(s string) (keys, bool) {
	var mods []string
	for strings.HasPrefix(s, "<") {
		mod, rest, ok := strings.Cut(s[1:], ">")
		if !ok {
			return keys{}, false
		}
		mods, s = append(mods, mod), rest
	}
	if s == "" || s == "disabled" {
		return keys{}, false
	}
	return m.read(mods, s)
}

// fromPlus parses a key sequence joined by +, as in Qt, sway and niri: "Meta+PgDown".
func (m matching) fromPlus(s string) (keys, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, ", ") { // several strokes
		return keys{}, false
	}
	symbol := s
	var mods []string
	if i := strings.LastIndexByte(strings.TrimSuffix(s, "+"), '+'); i >= 0 {
		mods, symbol = strings.Split(s[:i], "+"), s[i+1:]
	}
	return m.read(mods, symbol)
}

// all are those spellings of a shortcut that toshy understands.
func all(list []string, read func(string) (keys, bool)) []keys {
	var understood []keys
	for _, s := range list {
		if k, ok := read(s); ok {
			understood = append(understood, k)
		}
	}
	return understood
}
