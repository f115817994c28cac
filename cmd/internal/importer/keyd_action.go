package importer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"toshy/remap/key"
)

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
			if depth == 0 && i > from && !(i+1 < len(s) && strings.TrimSpace(s[from:i]) == "" && s[i+1] == ',') {
				list = append(list, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(list, strings.TrimSpace(s[from:]))
}

func arg(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// meaning translates what stands after the = of a key.
func (k *keyd) meaning(from key.Code, value string, line int) (meaning, error) {
	if c, ok := k.combo(value); ok && value != "noop" {
		if m, isMod := key.ModOf(c.Key); isMod && len(c.Mods) == 0 {
			k.doc.note(line, "keyd does not take the modifier %s as what a key does, only layer(%s): it is converted as that", value, keydLayerOf(m))
		}
		switch {
		case c.Key.IsWheel():
			return doesAction(wheelAction(c.Key)), nil
		case len(c.Mods) == 0:
			return isKey(c.Key), nil
		}
		return doesAction(str(comboWords(c))), nil
	}
	if value == "noop" {
		return doesAction(str("block")), nil
	}
	m := keydCall().FindStringSubmatch(value)
	if m == nil {
		if utf8.RuneCountInString(value) == 1 {
			return doesAction(inline("unicode", str(value))), nil
		}
		return meaning{}, fmt.Errorf("the action %q is not known", value)
	}
	args := arguments(m[2])
	if args[0] != "" && !strings.HasPrefix(m[2], args[0]) && m[1] != "macro" && m[1] != "command" {
		k.doc.note(line, "keyd does not take blanks inside of %s: it is converted without them", value)
	}
	switch m[1] {
	case "overload", "overloadt", "overloadt2", "lettermod":
		return k.overload(m[1], args, line)
	case "overloadi":
		return k.overloadIdle(args, line)
	case "layer":
		if mod, ok := keydModLayers[args[0]]; ok {
			return isKey(mod.Code()), nil
		}
		if err := k.hasLayer(args[0]); err != nil {
			return meaning{}, err
		}
		return doesAction(inline("layer", str(args[0]))), nil
	case "oneshot":
		return k.oneshot(from, args[0])
	}
	a, err := k.action(m[1], m[2], args, line)
	return doesAction(a), err
}

// hasLayer says why a layer cannot be turned on.
func (k *keyd) hasLayer(name string) error {
	l := k.layers[name]
	if l == nil {
		return fmt.Errorf("the layer %q is not there", name)
	}
	if l.layout || l.parts != nil {
		return fmt.Errorf("the layer %q cannot be turned on by itself", name)
	}
	return nil
}

func wheelAction(c key.Code) string {
	switch c {
	case key.WheelUp:
		return inline("wheel", "1")
	case key.WheelDown:
		return inline("wheel", "-1")
	case key.WheelLeft:
		return inline("hwheel", "-1")
	}
	return inline("hwheel", "1")
}

// half translates the tap of a key with two meanings, or another action inside one.
func (k *keyd) half(value string, line int) (*meaning, error) {
	m, err := k.meaning(0, value, line)
	if err != nil {
		return nil, err
	}
	if m.tap != nil {
		return nil, fmt.Errorf("%s inside another key with two meanings", value)
	}
	return &m, nil
}

// overload translates a key with two meanings: overload(layer, tap), overloadt(layer, tap, ms) and
// their like.
func (k *keyd) overload(kind string, args []string, line int) (meaning, error) {
	if len(args) < 2 {
		return meaning{}, fmt.Errorf("%s(...) has too few arguments", kind)
	}
	tap, err := k.half(args[1], line)
	if err != nil {
		return meaning{}, fmt.Errorf("the tap: %w", err)
	}
	hold := holdsLayer(args[0])
	if mod, ok := keydModLayers[args[0]]; ok {
		h := isKey(mod.Code())
		hold = &h
	} else if err := k.hasLayer(args[0]); err != nil {
		return meaning{}, err
	}
	preset := map[string]string{"overload": "hold_on_press", "overloadt": "tap_preferred", "overloadt2": "permissive", "lettermod": "balanced"}[kind]
	timing := []string{"preset", str(preset)}
	i := 2
	if kind == "lettermod" {
		i = 3
		if idle := arg(args, 2); idle != "150" {
			k.doc.note(line, "a key is itself here for 150 ms after another one, not for %s", idle)
		}
	}
	switch n, err := strconv.Atoi(arg(args, i)); {
	case kind == "overload" && k.tapTime != "":
		timing = append(timing, "timeout", k.tapTime)
	case kind == "overload": // however long it is held, alone it is tapped
		timing = append(timing, "timeout", str("1m"))
	case err != nil || n <= 0:
		return meaning{}, fmt.Errorf("%s(...) needs a time", kind)
	default:
		timing = append(timing, "timeout", str(asTime(float64(n)/1000)))
	}
	return meaning{tap: tap, hold: hold, timing: timing}, nil
}

// overloadIdle translates overloadi(tap, overloadt2(layer, tap, ms), idle), which is lettermod.
func (k *keyd) overloadIdle(args []string, line int) (meaning, error) {
	if m := keydCall().FindStringSubmatch(arg(args, 1)); m != nil && m[1] == "overloadt2" && len(args) == 3 {
		if inner := arguments(m[2]); len(inner) == 3 && inner[1] == args[0] {
			return k.overload("lettermod", []string{inner[0], inner[1], args[2], inner[2]}, line)
		}
	}
	return meaning{}, fmt.Errorf("overloadi with other actions than a key and its overloadt2")
}

// oneshot translates oneshot(layer): it counts for the next key, and while the key is held.
func (k *keyd) oneshot(from key.Code, name string) (meaning, error) {
	timing := []string{"preset", str("hold_on_press"), "timeout", str("1m")}
	if mod, ok := keydModLayers[name]; ok {
		pairs := []string{"one_shot", str(comboWord(mod))}
		if k.oneShot != "" {
			pairs = append(pairs, "timeout", k.oneShot)
		}
		tap, hold := doesAction(inline(pairs...)), isKey(mod.Code())
		if isModifier(from) {
			hold = isKey(from)
		}
		return meaning{tap: &tap, hold: &hold, timing: timing}, nil
	}
	if err := k.hasLayer(name); err != nil {
		return meaning{}, err
	}
	tap := doesAction(inline("layer", str(name), "once", "true"))
	return meaning{tap: &tap, hold: holdsLayer(name), timing: timing}, nil
}

// comboWord is a modifier in toshy's words.
func comboWord(m key.Mod) string { return (&python{}).modText(m) }

// action translates the call of what is no key.
func (k *keyd) action(name, text string, args []string, line int) (string, error) {
	switch name {
	case "swap", "swapm":
		if err := k.hasLayer(args[0]); err != nil {
			return "", err
		}
		swap := inline("layer", str(args[0]), "swap", "true")
		if name == "swap" {
			return swap, nil
		}
		m, err := k.meaning(0, arg(args, 1), line)
		if err == nil && m.tap != nil {
			err = fmt.Errorf("a key with two meanings as a macro")
		}
		return array([]string{m.value(), swap}), err
	case "toggle":
		if mod, isMod := keydModLayers[args[0]]; isMod {
			p := k.board.plane(args[0]+"-toggled", line)
			p.mods = comboWord(mod)
			return inline("layer", str(p.name), "toggle", "true"), nil
		}
		if err := k.hasLayer(args[0]); err != nil {
			return "", err
		}
		return inline("layer", str(args[0]), "toggle", "true"), nil
	case "setlayout":
		if l := k.layers[args[0]]; args[0] != "main" && (l == nil || !l.layout) {
			return "", fmt.Errorf("the layout %q is not there", args[0])
		}
		if !k.layout {
			return str("nothing"), nil
		}
		return inline("set", inline("layout", str(args[0]))), nil
	case "clear":
		return k.clear(), nil
	case "macro":
		return k.macro(text)
	case "macro2":
		if len(args) == 3 {
			k.doc.note(line, "%s: a macro is not repeated by times of its own", name)
			inner := args[2]
			if m := keydCall().FindStringSubmatch(inner); m != nil && m[1] == "macro" {
				inner = m[2]
			}
			return k.macro(inner)
		}
	case "command":
		k.doc.note(line, "the command runs as you, not as root")
		return inline("run", array(strs([]string{"sh", "-c", text}))), nil
	case "repeat":
		return inline("repeat", "true"), nil
	}
	return "", fmt.Errorf("%s(...) is not translated", name)
}

// clear turns off every layer that the file can leave on.
func (k *keyd) clear() string {
	list := []string{}
	for _, n := range k.order {
		if l := k.layers[n]; !l.layout && l.parts == nil {
			if _, isMod := keydModLayers[n]; !isMod {
				list = append(list, inline("layer", str(n), "off", "true"))
			}
		}
	}
	list = append(list, inline("cancel", "true"))
	if len(list) == 1 {
		return list[0]
	}
	return array(list)
}

var keydWait = pattern(`^[0-9]+ms$`)

// macro translates macro(C-a hello 100ms enter): combos, keys, texts and waits.
func (k *keyd) macro(s string) (string, error) {
	var list []string
	for _, w := range strings.Fields(s) {
		switch c, ok := k.combo(w); {
		case keydWait().MatchString(w):
			list = append(list, inline("wait", str(w)))
		case ok && c.Key.IsWheel():
			list = append(list, wheelAction(c.Key))
		case ok:
			list = append(list, str(comboWords(c)))
		case strings.Contains(w, "+") && len(w) > 1:
			more, err := k.together(w)
			if err != nil {
				return "", err
			}
			list = append(list, more...)
		default:
			list = append(list, inline("text", str(w)))
		}
	}
	switch len(list) {
	case 0:
		return "", fmt.Errorf("an empty macro")
	case 1:
		return list[0], nil
	}
	return array(list), nil
}

// together translates keys of a macro that go down together: modifiers before the last one are those of a combo.
func (k *keyd) together(w string) ([]string, error) {
	var list []string
	var mods []key.Mod
	words := strings.Split(w, "+")
	for i, n := range words {
		c, ok := k.combo(strings.ToLower(n)) // no capitals among these
		if !ok {
			return nil, fmt.Errorf("the key %s of the macro (%s) is not known", n, w)
		}
		if m, isMod := key.ModOf(c.Key); isMod && i < len(words)-1 {
			mods = append(mods, m)
			continue
		}
		list = append(list, str(comboWords(key.Combo{Mods: append(mods, c.Mods...), Key: c.Key})))
	}
	return list, nil
}
