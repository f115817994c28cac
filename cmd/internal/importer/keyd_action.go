package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"toshy/remap/key"
)

var keydCall = pattern(`^(\w+)\((.*)\)$`)

// arguments splits the text between the brackets of a call at its own commas.
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

// entryMeaning is meaning for a whole line. A line that is not converted leaves no layer behind.
func (k *keyd) entryMeaning(from key.Code, l keydLine) (meaning, error) {
	planes := len(k.board.planes)
	m, err := k.meaning(from, l.value, l.line)
	if err != nil {
		k.board.planes = k.board.planes[:planes]
	}
	return m, err
}

// meaning translates the text after the = of a key.
func (k *keyd) meaning(from key.Code, value string, line int) (meaning, error) {
	if c, ok := k.combo(value); ok && value != "noop" {
		if keydAliases[value] != nil {
			k.doc.note(line, "keyd 2.6 ignores %s as a value; toshy takes it as %s", value, keydAliases[value][0])
		}
		if m, isMod := key.ModOf(c.Key); isMod && len(c.Mods) == 0 && from != c.Key {
			if own := keydLayerOf(m); c.Key == keydRight(m) && k.layers[own] != nil {
				k.doc.note(line, "%s counts for the entries of [%s] here, too; in keyd only layer(%s) does", value, own, own)
			}
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
	if call, rest := closedCall(value); rest != "" {
		k.doc.note(line, "%q after the bracket is left out, as keyd does not read it", rest)
		value = call
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
	case "overloadt", "overloadt2", "lettermod":
		addLine(&k.seen.waiting, line)
		if m[1] != "overloadt" {
			k.doc.note(line, "if you press this key twice within its time, keyd takes the second press as held when the time of the first one ends; toshy measures each press by itself")
		}
		if m[1] == "lettermod" {
			k.idleNote(m[1], line)
		}
		return k.overload(m[1], args, line)
	case "overload":
		return k.overload(m[1], args, line)
	case "overloadi":
		k.idleNote(m[1], line)
		return k.overloadIdle(args, line)
	case "layer":
		if mod, ok := keydModLayers[args[0]]; ok {
			return isKey(mod.Code()), nil
		}
		if err := k.hasLayer(args[0]); err != nil {
			return meaning{}, err
		}
		return doesAction(inline("layer", str(k.layer(args[0])))), nil
	case "oneshot":
		addLine(&k.seen.oneShots, line)
		return k.oneshot(from, args[0])
	case "oneshotm", "oneshotk":
		addLine(&k.seen.oneShots, line)
		return k.oneshotWith(m[1], args, line)
	case "timeout":
		return k.timeout(args, line)
	}
	a, err := k.action(m[1], m[2], args, line)
	return doesAction(a), err
}

// closedCall splits what stands after the bracket that closes a call. Macros and commands end with the line.
func closedCall(s string) (call, rest string) {
	if strings.HasPrefix(s, "macro") || strings.HasPrefix(s, "command") {
		return s, ""
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[:i+1], strings.TrimSpace(s[i+1:])
			}
		}
	}
	return s, ""
}

// hasLayer says why a layer cannot be turned on.
func (k *keyd) hasLayer(name string) error {
	l := k.layers[name]
	if l == nil {
		return fmt.Errorf("there is no layer %q", name)
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
	if m.tap != nil && strings.HasPrefix(value, "oneshot") { // a tap is over at once
		return m.tap, nil
	}
	if m.tap != nil {
		return nil, fmt.Errorf("%s inside another key with two meanings", value)
	}
	return &m, nil
}

// overload translates a key with two meanings: overload(layer, tap), overloadt(layer, tap, ms) and similar actions.
func (k *keyd) overload(kind string, args []string, line int) (meaning, error) {
	if len(args) < 2 {
		return meaning{}, fmt.Errorf("%s(...) has too few arguments", kind)
	}
	tap, err := k.half(args[1], line)
	if err != nil {
		return meaning{}, fmt.Errorf("the tap: %w", err)
	}
	hold := holdsLayer(k.layer(args[0]))
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
		idle, err := strconv.Atoi(arg(args, 2))
		if err != nil || idle < 0 {
			return meaning{}, fmt.Errorf("%s(...) needs a time", kind)
		}
		timing = append(timing, "idle", str(asTime(float64(idle)/1000)))
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

// overloadIdle translates overloadi(tap, overloadX(layer, tap, ...), idle): shortly after another key, it is its tap.
func (k *keyd) overloadIdle(args []string, line int) (meaning, error) {
	idle, err := strconv.Atoi(arg(args, 2))
	if err != nil || idle < 0 || len(args) != 3 {
		return meaning{}, errors.New("overloadi(...) needs two actions and a time")
	}
	first, err := k.half(args[0], line)
	if err != nil {
		return meaning{}, err
	}
	m, err := k.meaning(0, args[1], line)
	if err != nil {
		return meaning{}, err
	}
	if m.tap == nil || m.tap.value() != first.value() {
		return meaning{}, errors.New("overloadi(...) whose second action is not tapped as the first one")
	}
	m.timing = append(m.timing, "idle", str(asTime(float64(idle)/1000)))
	return m, nil
}

// oneshot translates oneshot(layer): it applies to the next key, and while the key is held.
func (k *keyd) oneshot(from key.Code, name string) (meaning, error) {
	timing := []string{"preset", str("hold_on_press"), "timeout", str("1m")}
	if mod, ok := keydModLayers[name]; ok {
		pairs := []string{"one_shot", str(comboWord(mod))}
		if k.oneShot != "" {
			pairs = append(pairs, "timeout", k.oneShot)
		}
		tap, hold := doesAction(inline(pairs...)), isKey(mod.Code())
		if m, is := key.ModOf(from); is && m.Sides()&mod.Sides() != 0 { // its own side
			hold = isKey(from)
		}
		return meaning{tap: &tap, hold: &hold, timing: timing, once: true}, nil
	}
	if err := k.hasLayer(name); err != nil {
		return meaning{}, err
	}
	tap := doesAction(inline("layer", str(k.layer(name)), "once", "true"))
	return meaning{tap: &tap, hold: holdsLayer(k.layer(name)), timing: timing, once: true}, nil
}

// comboWord is a modifier in toshy's language.
func comboWord(m key.Mod) string { return (&python{}).modText(m) }

// action translates calls that are not keys.
func (k *keyd) action(name, text string, args []string, line int) (string, error) {
	switch name {
	case "swap", "toggle":
		return k.toggled(name, args[0], line)
	case "swapm":
		swap, err := k.toggled("swap", args[0], line)
		if err != nil {
			return "", err
		}
		return k.before(swap, arg(args, 1), line)
	case "togglem":
		toggle, err := k.toggled("toggle", args[0], line)
		return k.after(arg(args, 1), toggle, line, err)
	case "clearm":
		return k.after(args[0], k.clear(), line, nil)
	case "layerm":
		hold, err := k.layerAction(args[0])
		return k.after(arg(args, 1), hold, line, err)
	case "setlayout":
		if l := k.layers[args[0]]; args[0] != "main" && (l == nil || !l.layout) {
			return "", fmt.Errorf("there is no layout %q", args[0])
		}
		if !k.layout {
			return str("nothing"), nil
		}
		return inline("set", inline(k.state(), str(args[0]))), nil
	case "clear":
		return k.clear(), nil
	case "macro":
		return k.macro(text)
	case "macro2":
		if len(args) == 3 {
			k.doc.note(line, "%s: toshy does not repeat a macro at its own times", name)
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
	return "", fmt.Errorf("toshy has no counterpart for %s(...)", name)
}

// clear turns off every layer that the file can leave on.
func (k *keyd) clear() string {
	list := []string{}
	for _, n := range k.order {
		if l := k.layers[n]; !l.layout && l.parts == nil {
			if _, isMod := keydModLayers[n]; !isMod {
				list = append(list, inline("layer", str(k.layer(n)), "off", "true"))
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

// together translates keys of a macro that go down together: modifiers before the last one belong to a combo.
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
