package importer

import (
	"slices"
	"strings"

	"toshy/remap/key"
)

// keydModLayers are keyd's predefined layers: modifiers. Its alt is the left one.
var keydModLayers = map[string]key.Mod{"control": key.Ctrl, "shift": key.Shift, "alt": key.LAlt, "meta": key.Meta, "altgr": key.RAlt}

// keydLayerOf is the layer of a modifier.
func keydLayerOf(m key.Mod) string {
	for name, l := range keydModLayers {
		if l.Sides()&m.Sides() != 0 {
			return name
		}
	}
	return ""
}

// keydRight is the right key of a modifier, which keyd sends unchanged; it turns other modifiers into their layer.
func keydRight(m key.Mod) key.Code {
	switch m {
	case key.RCtrl:
		return key.RightCtrl
	case key.RShift:
		return key.RightShift
	case key.RMeta:
		return key.RightMeta
	}
	return 0
}

var keydMods = map[byte]key.Mod{'C': key.Ctrl, 'M': key.Meta, 'A': key.LAlt, 'S': key.Shift, 'G': key.RAlt}

// keydAliases are keyd's names for either side of a modifier.
var keydAliases = map[string][]string{
	"control": {"leftctrl", "rightctrl"}, "shift": {"leftshift", "rightshift"}, "meta": {"leftmeta", "rightmeta"},
	"alt": {"leftalt"}, "altgr": {"rightalt"},
}

// keydKeys are names of keyd's that differ from the kernel's.
var keydKeys = map[string]string{
	"leftcontrol": "leftctrl", "rightcontrol": "rightctrl", "display": "rotate_display",
	"leftmouse": "btn_left", "rightmouse": "btn_right", "middlemouse": "btn_middle", "mouse1": "btn_side", "mouse2": "btn_extra",
	"mouseback": "btn_back", "mouseforward": "btn_forward", "favorites": "bookmarks", "prev": "video_prev", "next": "video_next",
	"cycle": "brightness_cycle", "auto": "brightness_auto", "off": "display_off",
	"scrollup": "wheelup", "scrolldown": "wheeldown", "scrollleft": "wheelleft", "scrollright": "wheelright",
}

// shifted are the characters that a key of a US keyboard types with Shift.
var shifted = map[string]string{
	"!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9", ")": "0", "_": "minus", "+": "equal",
	"~": "grave", "{": "leftbrace", "}": "rightbrace", "|": "backslash", ":": "semicolon", "\"": "apostrophe", "<": "comma", ">": "dot", "?": "slash",
}

// keys are the keys of a name: an alias may name several.
func (k *keyd) keys(name string) []key.Code {
	if codes := k.aliases[name]; codes != nil {
		return codes
	}
	c, ok := k.key(name)
	if !ok || k.own[c] {
		return nil
	}
	return []key.Code{c}
}

var otherKeys = pattern(`^(?:F1[3-9]|F2[0-4]|Bookmarks)$`)

// tellOtherKeys reports keys for which keyd also takes others, which no program would see without it.
func (k *keyd) tellOtherKeys(l keydLine) {
	for w := range strings.SplitSeq(l.key, "+") {
		c, ok := k.key(w)
		if name := keyText(c); ok && otherKeys().MatchString(name) {
			k.doc.note(l.line, "keyd also takes some other keys as %s, such as those of Fn and the touchpad. If yours is one of them, write its own name here: toshy keys --press shows it", name)
		}
	}
}

// key is one key by its own name.
func (k *keyd) key(name string) (key.Code, bool) {
	if to, ok := keydKeys[name]; ok {
		name = to
	}
	if len(name) == 1 && strings.ToLower(name) != name {
		return 0, false // a capital is no key
	}
	return keyNamed(name)
}

// sent is the key that a value names. An alias means its first key.
func (k *keyd) sent(name string) (key.Code, bool) {
	if n, ok := strings.CutPrefix(name, "prog"); ok && len(n) == 1 && n >= "1" && n <= "4" { // keyd's second name for F21 to F24
		return key.Parse("f2" + n)
	}
	if codes := keydAliases[name]; codes != nil {
		return key.Parse(codes[0])
	}
	return k.key(name)
}

// alias translates a line of [aliases]: key = name. If the name is a key, the key becomes that one.
func (k *keyd) alias(l keydLine) {
	c, ok := k.key(l.key)
	if !ok || l.value == "" {
		k.doc.lost(l.line, "the alias %s of the key %s", l.value, l.key)
		return
	}
	for n, codes := range k.aliases { // a key has one alias at a time
		k.aliases[n] = slices.DeleteFunc(slices.Clone(codes), func(x key.Code) bool { return x == c })
	}
	if _, is := k.sent(l.value); is && k.aliases[l.value] == nil && keydAliases[l.value] == nil {
		old, _ := k.key(l.value)
		if !k.own[old] {
			k.aliases[l.value] = []key.Code{old}
		}
	}
	k.aliases[l.value] = append(k.aliases[l.value], c)
	if to, is := k.sent(l.value); is && to != c {
		k.board.put(k.board.main, c, isKey(to), l.line)
	}
	k.own[c] = false
}

// combo parses C-S-a, A and !.
func (k *keyd) combo(s string) (key.Combo, bool) {
	var c key.Combo
	for len(s) > 2 && s[1] == '-' {
		m, ok := keydMods[s[0]]
		if !ok {
			return c, false
		}
		c.Mods = append(c.Mods, m)
		s = s[2:]
	}
	name := s
	if to, ok := shifted[s]; ok {
		name = to
	}
	if len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		name = strings.ToLower(s)
	}
	if name != s && !slices.Contains(c.Mods, key.Shift) {
		c.Mods = append(c.Mods, key.Shift)
	}
	code, ok := k.sent(name)
	c.Key = code
	return c, ok
}

// joinMods are modifiers in toshy's language.
func joinMods(mods []key.Mod) string {
	var words []string
	for _, m := range mods {
		words = append(words, comboWord(m))
	}
	return strings.Join(words, "-")
}

func comboWords(c key.Combo) string { return (&python{}).comboText(c) }
