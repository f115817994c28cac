package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"toshy/remap/key"
)

// maxAliases bounds how deeply aliases may be nested: one may name itself.
const maxAliases = 30

// meaning translates an action.
func (k *kanata) meaning(l lisp) (meaning, error) {
	if k.depth++; k.depth > maxAliases {
		k.depth = 0
		return meaning{}, errors.New("aliases that refer to each other")
	}
	defer func() { k.depth = max(0, k.depth-1) }()
	if !l.isList {
		return k.atom(l)
	}
	return k.call(l.head(), l.args(), l)
}

func (k *kanata) atom(l lisp) (meaning, error) {
	s := l.atom
	if name, ok := strings.CutPrefix(s, "$"); ok && k.vars[name].line > 0 {
		return k.meaning(k.vars[name])
	}
	if name, ok := strings.CutPrefix(s, "@"); ok {
		a, ok := k.aliases[name]
		if !ok {
			return meaning{}, fmt.Errorf("there is no alias %s", s)
		}
		return k.meaning(a)
	}
	switch s {
	case "XX", "✗", "∅", "•", "nop0":
		return doesAction(str("block")), nil
	case "rpt", "rpt-any", "rpt-key":
		return doesAction(inline("repeat", "true")), nil
	case "sldr":
		do, err := k.leader()
		return doesAction(do), err
	case "scnl":
		return doesAction(inline("cancel", "true")), nil
	case "dynamic-macro-record-stop":
		return meaning{}, errors.New("the end of a recording: press the key with { record = ... } again")
	case "lrld", "lrnx", "lrpv":
		return meaning{}, errors.New("toshy reads a changed configuration by itself")
	}
	c, ok := k.combo(s)
	switch {
	case ok && c.Key.IsWheel() && len(c.Mods) == 0:
		return doesAction(wheelAction(c.Key)), nil
	case ok && len(c.Mods) == 0:
		return isKey(c.Key), nil
	case ok:
		return doesAction(str(lispWords(c))), nil
	case utf8.RuneCountInString(s) == 1 && k.monad:
		return doesAction(inline("unicode", str(s))), nil
	}
	return meaning{}, fmt.Errorf("the action %s is not known", s)
}

// lispWords writes a combo to send: programs do not care which side of Ctrl, Shift and Super goes down.
func lispWords(c key.Combo) string {
	sides := map[key.Mod]key.Mod{key.LCtrl: key.Ctrl, key.LShift: key.Shift, key.LMeta: key.Meta}
	var mods []key.Mod
	for _, m := range c.Mods {
		if g, ok := sides[m]; ok {
			m = g
		}
		if !slices.Contains(mods, m) {
			mods = append(mods, m)
		}
	}
	return comboWords(key.Combo{Mods: mods, Key: c.Key})
}

// number is a number, or a variable with a number.
func (k *kanata) number(l lisp) (float64, error) {
	l = k.named(l)
	n, err := strconv.ParseFloat(strings.TrimPrefix(l.atom, ":"), 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is not a number", l)
	}
	return n, nil
}

// call translates a list action.
func (k *kanata) call(head string, args []lisp, l lisp) (meaning, error) {
	switch head {
	case "tap-hold", "tap-hold-press", "tap-hold-release", "tap-hold-press-timeout", "tap-hold-release-timeout", "tap-hold-release-keys", "tap-hold-except-keys", "tap-hold-tap-keys", "tap-hold-opposite-hand", "tap-hold-opposite-hand-release", "tap-hold-next", "tap-hold-next-release", "tap-next", "tap-next-release":
		return k.tapHold(head, args, l)
	case "one-shot", "one-shot-press", "one-shot-release", "one-shot-press-pcancel", "one-shot-release-pcancel", "sticky-key", "around-next", "around-next-single":
		return k.oneShot(head, args, l.line)
	case "layer-while-held", "layer-toggle":
		if err := k.hasLayer(args); err != nil {
			return meaning{}, err
		}
		if args[0].atom == k.layers[0] {
			return meaning{}, errors.New("the base layer while a key is held")
		}
		return doesAction(inline("layer", str(args[0].atom))), nil
	case "multi", "around":
		return k.multi(args, l.line)
	}
	a, err := k.action(head, args, l)
	return doesAction(a), err
}

func (k *kanata) hasLayer(args []lisp) error {
	if len(args) != 1 {
		return errors.New("a layer without a name")
	}
	if !slices.Contains(k.layers, args[0].atom) {
		return fmt.Errorf("there is no layer %s", args[0])
	}
	return nil
}

// tapHolds describes each variant of a tap-hold: where its times, its tap and its hold are, and how it decides.
var tapHolds = map[string]struct {
	quick, timeout, tap, hold, most int // places of the arguments; -1: none
	preset                          string
}{
	"tap-hold":                 {0, 1, 2, 3, 4, "tap_preferred"},
	"tap-hold-press":           {0, 1, 2, 3, 4, "hold_on_press"},
	"tap-hold-release":         {0, 1, 2, 3, 4, "permissive"},
	"tap-hold-press-timeout":   {0, 1, 2, 3, 5, "hold_on_press"},
	"tap-hold-release-timeout": {0, 1, 2, 3, 5, "permissive"},
	"tap-hold-release-keys":    {0, 1, 2, 3, 5, "permissive"},
	"tap-hold-except-keys":     {0, 1, 2, 3, 5, "hold_on_press"},
	"tap-hold-opposite-hand":   {-1, 0, 1, 2, 9, "hold_on_press"},

	"tap-hold-opposite-hand-release": {-1, 0, 1, 2, 9, "permissive"},
	"tap-hold-tap-keys":              {0, 1, 2, 3, 5, "tap_preferred"},
}

// monadTapHolds are kmonad's, which have one time or none.
var monadTapHolds = map[string]struct {
	quick, timeout, tap, hold, most int
	preset                          string
}{
	"tap-hold":              {-1, 0, 1, 2, 3, "tap_preferred"},
	"tap-hold-next":         {-1, 0, 1, 2, 3, "hold_on_press"},
	"tap-hold-next-release": {-1, 0, 1, 2, 3, "permissive"},
	"tap-next":              {-1, -1, 0, 1, 2, "hold_on_press"},
	"tap-next-release":      {-1, -1, 0, 1, 2, "permissive"},
}

func (k *kanata) tapHold(head string, args []lisp, l lisp) (meaning, error) {
	kind, ok := tapHolds[head]
	if k.monad {
		kind, ok = monadTapHolds[head]
	}
	if !ok || len(args) <= kind.hold {
		return meaning{}, fmt.Errorf("%s is incomplete", l)
	}
	k.typing = 0
	tap, err := k.half(args[kind.tap])
	typing := k.typing
	if err != nil {
		return meaning{}, fmt.Errorf("the tap: %w", err)
	}
	hold, err := k.holdHalf(args[kind.hold])
	if err != nil {
		return meaning{}, fmt.Errorf("the hold: %w", err)
	}
	timing := []string{"preset", str(kind.preset)}
	timeout := 60_000.0
	if kind.timeout >= 0 {
		if timeout, err = k.number(args[kind.timeout]); err != nil {
			return meaning{}, err
		}
	}
	timing = append(timing, "timeout", str(asTime(min(max(timeout, 1), 60_000)/1000)))
	if kind.quick >= 0 {
		if quick, err := k.number(args[kind.quick]); err != nil {
			return meaning{}, err
		} else if quick > 0 {
			timing = append(timing, "quick_tap", str(asTime(min(quick, 60_000)/1000)))
		}
	}
	more, err := k.tapHoldMore(head, tap, args[kind.hold:], l.line)
	if err != nil {
		return meaning{}, err
	}
	timing = append(timing, more...)
	if typing > 0 && !slices.Contains(timing, "idle") {
		k.doc.note(l.line, "the layer that is on while you type is left out: the key is its tap if another one was pressed less than %v ms before", typing)
		timing = append(timing, "idle", str(asTime(min(typing, 60_000)/1000)))
	}
	return meaning{tap: tap, hold: hold, timing: timing}, nil
}

func (k *kanata) half(l lisp) (*meaning, error) {
	m, err := k.meaning(l)
	if l = k.named(l); err == nil && m.tap != nil && (strings.HasPrefix(l.head(), "one-shot") || l.head() == "sticky-key" || strings.HasPrefix(l.head(), "around-next")) {
		return m.tap, nil // a tap is over at once
	}
	if err == nil && m.tap != nil {
		err = errors.New("a key with two meanings inside another")
	}
	return &m, err
}

// holdHalf translates what a key means while held: a key, a layer, or modifiers with a layer.
func (k *kanata) holdHalf(l lisp) (*meaning, error) {
	l = k.named(l)
	if l.head() == "multi" {
		if name, ok := k.layerWith(k.parts(l.args()), l.line); ok {
			return holdsLayer(name), nil
		}
	}
	if h := l.head(); (h == "layer-while-held" || h == "layer-toggle") && k.hasLayer(l.args()) == nil {
		return holdsLayer(l.list[1].atom), nil
	}
	return k.half(l)
}

// oneShot translates a modifier or layer for the next key, which also applies while its key is held.
func (k *kanata) oneShot(head string, args []lisp, line int) (meaning, error) {
	timeout := 0.0
	if !strings.HasPrefix(head, "around") {
		if len(args) != 2 {
			return meaning{}, fmt.Errorf("%s needs a time and an action", head)
		}
		var err error
		if timeout, err = k.number(args[0]); err != nil {
			return meaning{}, err
		}
		args = args[1:]
	}
	if len(args) != 1 {
		return meaning{}, fmt.Errorf("%s needs an action", head)
	}
	hold, err := k.holdHalf(args[0])
	if err != nil {
		return meaning{}, err
	}
	timing := []string{"preset", str("hold_on_press"), "timeout", str("1m")}
	if hold.layer != "" {
		tap := doesAction(inline(append([]string{"layer", str(hold.layer), "once", "true"}, oneShotEnds(head, timeout)...)...))
		return meaning{tap: &tap, hold: hold, timing: timing}, nil
	}
	m, isMod := key.ModOf(hold.key)
	if !isMod || !hold.plain() {
		return meaning{}, errors.New("one-shot for a key that is not a modifier")
	}
	tap := doesAction(inline(append([]string{"one_shot", str(comboWord(m))}, oneShotEnds(head, timeout)...)...))
	return meaning{tap: &tap, hold: hold, timing: timing}, nil
}

// oneShotEnds says how a one-shot ends.
func oneShotEnds(head string, timeout float64) (pairs []string) {
	if timeout > 0 {
		pairs = append(pairs, "timeout", str(asTime(timeout/1000)))
	}
	if strings.HasPrefix(head, "one-shot-release") {
		pairs = append(pairs, "until", str("release"))
	}
	if strings.HasSuffix(head, "-pcancel") {
		pairs = append(pairs, "again", str("cancel"))
	}
	return pairs
}

// parts are the actions of a multi, including nested ones.
func (k *kanata) parts(args []lisp) []lisp {
	var list []lisp
	for _, a := range args {
		if a.atom == "reverse-release-order" {
			continue
		}
		a = k.named(a)
		if h := a.head(); h == "multi" || h == "around" {
			list = append(list, a.args()...)
			continue
		}
		list = append(list, a)
	}
	return list
}

// multi translates simultaneous actions: modifiers and a key are a combo, modifiers and a layer are a layer.
func (k *kanata) multi(args []lisp, line int) (meaning, error) {
	args = k.withoutTyping(args)
	list := k.parts(args)
	if len(list) == 1 {
		return k.meaning(list[0])
	}
	if name, ok := k.layerWith(list, line); ok {
		return doesAction(inline("layer", str(name))), nil
	}
	c, err := k.comboOf(list)
	if err != nil {
		return k.inTurn(list, line)
	}
	if isModifier(c.Key) && len(c.Mods) > 0 {
		return severalModifiers(c)
	}
	if len(c.Mods) == 0 {
		return isKey(c.Key), nil
	}
	return doesAction(str(lispWords(c))), nil
}

// action translates the other actions.
func (k *kanata) action(head string, args []lisp, l lisp) (string, error) {
	switch head {
	case "layer-switch":
		if err := k.hasLayer(args); err != nil {
			return "", err
		}
		return k.layerSwitch(args[0].atom), nil
	case "layer-add", "layer-rem", "layer-next":
		if err := k.hasLayer(args); err != nil {
			return "", err
		}
		return inline("layer", str(args[0].atom), map[string]string{"layer-add": "on", "layer-rem": "off", "layer-next": "once"}[head], "true"), nil
	case "macro", "macro-release-cancel", "tap-macro", "macro-release-cancel-and-cancel-on-press", "macro-cancel-on-press":
		return k.macro(args)
	case "macro-repeat", "tap-macro-release":
		k.doc.note(l.line, "%s runs once for each press here", head)
		return k.macro(args)
	case "tap-dance", "tap-dance-eager", "multi-tap":
		return k.tapDance(head, args, l.line)
	case "unicode":
		if len(args) == 1 {
			return inline("unicode", str(strings.TrimPrefix(args[0].atom, "U+"))), nil
		}
	case "cmd", "cmd-log":
		words := k.words(args)
		if len(words) > 0 {
			return inline("run", array(strs(words))), nil
		}
	case "cmd-button":
		runs := func(a lisp) string { return inline("run", array(strs([]string{"sh", "-c", a.atom}))) }
		switch len(args) {
		case 1:
			return runs(args[0]), nil
		case 2:
			return inline("press", runs(args[0]), "release", runs(args[1])), nil
		}
	case "stepped":
		var list []string
		for _, a := range args {
			do, err := k.plainAction(a)
			if err != nil {
				return "", err
			}
			list = append(list, do)
		}
		if len(list) > 0 {
			return inline("cycle", array(list)), nil
		}
	case "caps-word", "caps-word-custom":
		k.doc.note(l.line, "%s ends with the word here, without a time", head)
		return inline("caps_word", "true"), nil
	case "mwheel-up", "mwheel-down", "mwheel-left", "mwheel-right":
		return k.glide("scroll", strings.TrimPrefix(head, "mwheel-"), args)
	case "movemouse-up", "movemouse-down", "movemouse-left", "movemouse-right":
		return k.glide("pointer", strings.TrimPrefix(head, "movemouse-"), args)
	case "movemouse-accel-up", "movemouse-accel-down", "movemouse-accel-left", "movemouse-accel-right":
		return k.glide("pointer", strings.TrimPrefix(head, "movemouse-accel-"), args)
	case "on-press", "on-release", "on-press-fakekey", "on-release-fakekey":
		return k.virtual(head, args)
	case "dynamic-macro-record", "dynamic-macro-play":
		if len(args) == 1 {
			return inline(strings.TrimPrefix(head, "dynamic-macro-"), str("m"+args[0].atom)), nil
		}
	case "arbitrary-code":
		if n, err := k.number(arg0(args)); err == nil && n > 0 && n < float64(key.Count) {
			return str(keyText(key.Code(n))), nil
		}
	case "unmod", "unshift":
		if len(args) == 1 {
			if c, ok := k.combo(args[0].atom); ok {
				mods := map[string]string{"unmod": "Ctrl-Shift-Alt-Super", "unshift": "Shift"}[head]
				return inline("without", str(mods), "send", str(lispWords(c))), nil
			}
		}
	}
	return "", fmt.Errorf("toshy has no counterpart for (%s ...) in this place", head)
}

func (k *kanata) words(args []lisp) []string {
	var out []string
	for _, a := range args {
		if a.isList {
			out = append(out, k.words(a.list)...)
		} else {
			out = append(out, a.atom)
		}
	}
	return out
}

// layerSwitch makes a layer the base layer: it stays on, and all other possible base layers are turned off.
func (k *kanata) layerSwitch(name string) string {
	var list []string
	for i, n := range k.layers {
		switch {
		case i == 0:
		case n == name:
			list = append(list, inline("layer", str(n), "on", "true"))
		case k.switched[n]:
			list = append(list, inline("layer", str(n), "off", "true"))
		}
	}
	switch len(list) {
	case 0:
		return str("nothing")
	case 1:
		return list[0]
	}
	return array(list)
}

func arg0(args []lisp) lisp {
	if len(args) == 0 {
		return lisp{}
	}
	return args[0]
}
