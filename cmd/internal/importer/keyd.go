package importer

import (
	"fmt"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// keyd translates one configuration of keyd.
type keyd struct {
	doc     *document
	aliases map[string]string // alias = key
	layers  map[string]string // layers of the file: their modifiers, "" for none
	main    *section          // [modmap.main]
	actions *section          // [keymap.main]: what is not one key
	window  string            // of chords
}

// keydModLayers are the layers that keyd has without being told: modifiers.
var keydModLayers = map[string]key.Mod{"control": key.Ctrl, "shift": key.Shift, "alt": key.Alt, "meta": key.Meta, "altgr": key.RAlt}

var keydMods = map[byte]key.Mod{'C': key.Ctrl, 'M': key.Meta, 'A': key.Alt, 'S': key.Shift, 'G': key.RAlt}

type keydLine struct {
	section, key, value string
	line                int
}

// Keyd converts a configuration of keyd: sections in brackets, lines of key = value.
func Keyd(name string, source []byte) (*Result, error) {
	k := &keyd{doc: newDocument(name), aliases: map[string]string{}, layers: map[string]string{}}
	lines := k.read(string(source))
	for _, l := range lines {
		if l.section == "aliases" {
			k.aliases[l.value] = l.key
		}
		if base, mods, _ := strings.Cut(l.section, ":"); base != "main" && base != "ids" && base != "global" && base != "aliases" {
			k.layers[base] = mods
		}
	}
	for _, l := range lines {
		switch base, _, _ := strings.Cut(l.section, ":"); base {
		case "aliases":
		case "ids":
			k.id(l)
		case "global":
			k.global(l)
		case "main":
			k.mainEntry(l)
		default:
			k.layerEntry(base, l)
		}
	}
	return k.doc.finish()
}

var keydSection = pattern(`^\[(.*)\]$`)

func (k *keyd) read(source string) []keydLine {
	var list []keydLine
	section := ""
	n := 0
	for text := range strings.Lines(source) {
		n++
		text = strings.TrimSpace(text)
		if m := keydSection().FindStringSubmatch(text); m != nil {
			section = strings.TrimSpace(m[1])
			continue
		}
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "include "):
			k.doc.lost(n, "the file %s is included: convert it, too", strings.TrimSpace(text[len("include"):]))
		case section == "":
			k.doc.lost(n, "a line before the first section")
		default:
			name, value, has := strings.Cut(text, "=")
			if has && strings.TrimSpace(name) == "" { // the key =
				rest, more, ok := strings.Cut(value, "=")
				if ok && strings.TrimSpace(rest) == "" {
					name, value = "equal", more
				}
			}
			list = append(list, keydLine{section, strings.TrimSpace(name), strings.TrimSpace(value), n})
		}
	}
	return list
}

var keydID = pattern(`^(-?)(?:k:|m:)?([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::[0-9a-fA-F]+)?$`)

func (k *keyd) id(l keydLine) {
	if l.key == "*" {
		return
	}
	m := keydID().FindStringSubmatch(l.key)
	if m == nil {
		k.doc.lost(l.line, "the device %s", l.key)
		return
	}
	field := "allow"
	if m[1] != "" {
		field = "ignore"
	}
	match := inline("vendor", "0x"+m[2], "product", "0x"+m[3])
	s := k.doc.single("devices")
	for _, f := range s.fields {
		if f.key == field {
			match = strings.TrimSuffix(strings.TrimPrefix(f.value, "["), "]") + ", " + match
		}
	}
	s.set(field, "["+match+"]", l.line)
}

func (k *keyd) global(l keydLine) {
	ms := func() (string, bool) {
		n, err := strconv.Atoi(l.value)
		return asTime(float64(n) / 1000), err == nil && n >= 0
	}
	switch l.key {
	case "chord_timeout":
		if t, ok := ms(); ok {
			k.window = t
			return
		}
	}
	k.doc.lost(l.line, "%s in [global] is not translated", l.key)
}

// keydKeys are names of keyd's that differ from the kernel's.
var keydKeys = map[string]string{"control": "leftctrl", "leftcontrol": "leftctrl", "rightcontrol": "rightctrl", "altgr": "rightalt", "print": "sysrq"}

func (k *keyd) key(name string) (key.Code, bool) {
	if to, ok := k.aliases[name]; ok {
		name = to
	}
	if to, ok := keydKeys[name]; ok {
		name = to
	}
	return keyNamed(name)
}

// combo reads C-S-a.
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
	code, ok := k.key(s)
	c.Key = code
	return c, ok
}

func comboWords(c key.Combo) string { return (&python{}).comboText(c) }

var keydCall = pattern(`^(\w+)\((.*)\)$`)

// arguments splits what stands between the brackets of a call at its own commas.
func arguments(s string) []string {
	var list []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				list = append(list, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(list, strings.TrimSpace(s[from:]))
}

// mainEntry translates a line of [main]: a key for a key, a key with two meanings, a chord, or an
// action.
func (k *keyd) mainEntry(l keydLine) {
	if strings.Contains(l.key, "+") {
		k.chord(l)
		return
	}
	from, ok := k.key(l.key)
	if !ok {
		k.doc.lost(l.line, "the key %s is not known", l.key)
		return
	}
	if err := k.mainValue(from, l); err != nil {
		k.doc.lost(l.line, "%s: %v", l.key, err)
	}
}

func (k *keyd) mainValue(from key.Code, l keydLine) error {
	modmap := func(value string) error {
		if k.main == nil {
			k.main = k.doc.table("modmap", "main", l.line)
		}
		k.main.entry(keyText(from), value, l.line)
		return nil
	}
	if c, ok := k.combo(l.value); ok && len(c.Mods) == 0 {
		return modmap(str(keyText(c.Key)))
	}
	if m := keydCall().FindStringSubmatch(l.value); m != nil {
		args := arguments(m[2])
		switch m[1] {
		case "overload", "overloadt", "overloadt2", "overloadi", "lettermod":
			return k.overload(from, m[1], args, modmap)
		case "layer":
			if mod, ok := keydModLayers[args[0]]; ok {
				return modmap(str(keyText(mod.Code())))
			}
		}
	}
	if _, isMod := key.ModOf(from); isMod {
		return fmt.Errorf("an action of a key that is a modifier: make it another key by a [modmap] first, then give that one the action")
	}
	a, err := k.action(l.value)
	if err != nil {
		return err
	}
	if k.actions == nil {
		k.actions = k.doc.table("keymap", "main", l.line)
	}
	k.actions.entry(keyText(from), a, l.line)
	return nil
}

// overload translates a key with two meanings: overload(layer, tap), overloadt(layer, tap, ms) and
// their like.
func (k *keyd) overload(from key.Code, kind string, args []string, put func(string) error) error {
	if kind == "overloadi" { // tap, the call of another overload, idle time
		return fmt.Errorf("overloadi is not translated: preset = \"balanced\" looks at typing, too")
	}
	layer, tap := args[0], arg(args, 1)
	c, ok := k.combo(tap)
	if len(args) < 2 || !ok || len(c.Mods) > 0 {
		return fmt.Errorf("the tap %q is not one key", tap)
	}
	preset := map[string]string{"overload": "hold_on_press", "overloadt": "tap_preferred", "overloadt2": "permissive", "lettermod": "balanced"}[kind]
	pairs := []string{"tap", str(keyText(c.Key))}
	if mod, ok := keydModLayers[layer]; ok {
		if mod.Code() == c.Key {
			return put(str(keyText(c.Key)))
		}
		pairs = append(pairs, "hold", str(keyText(mod.Code())))
	} else if _, ok := k.layers[layer]; ok {
		pairs = append(pairs, "layer", str(layer))
	} else {
		return fmt.Errorf("the layer %q is not there", layer)
	}
	pairs = append(pairs, "preset", str(preset))
	i := 2
	if kind == "lettermod" {
		i = 3
	}
	if n, err := strconv.Atoi(arg(args, i)); err == nil && n > 0 {
		pairs = append(pairs, "timeout", str(asTime(float64(n)/1000)))
	} else if kind == "overload" { // however long it is held, alone it is tapped
		pairs = append(pairs, "timeout", str("1m"))
	}
	return put(inline(pairs...))
}

func arg(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

func (k *keyd) chord(line keydLine) {
	var names []string
	for _, w := range strings.Split(line.key, "+") {
		c, ok := k.key(strings.TrimSpace(w))
		if !ok {
			k.doc.lost(line.line, "the key %s is not known", w)
			return
		}
		names = append(names, keyText(c))
	}
	a, err := k.action(line.value)
	if err != nil {
		k.doc.lost(line.line, "%s: %v", line.key, err)
		return
	}
	for _, s := range k.doc.sections {
		if s.kind == "chord" {
			s.entry(strings.Join(names, "+"), a, line.line)
			return
		}
	}
	s := k.doc.table("chord", "main", line.line)
	if k.window != "" {
		s.set("window", str(k.window), line.line)
	}
	s.entry(strings.Join(names, "+"), a, line.line)
}
