package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// tapHoldMore translates what follows the hold of a tap-hold: its meaning after the timeout, keys that decide, hands. args
// begins with the hold.
func (k *kanata) tapHoldMore(head string, tap *meaning, args []lisp, line int) ([]string, error) {
	var timing []string
	hold, args := args[0], args[1:]
	switch {
	case len(args) == 0:
	case strings.HasSuffix(head, "-timeout"):
		if args[0].String() != hold.String() {
			m, err := k.holdHalf(args[0])
			if err != nil || m.layer != "" {
				return nil, fmt.Errorf("%s when the time is over", args[0])
			}
			timing = append(timing, "on_timeout", m.value())
		}
		args = args[1:]
	case strings.HasSuffix(head, "-keys") && k.named(args[0]).isList && k.named(args[0]).head() != "require-prior-idle":
		keys, err := k.keys(k.named(args[0]).list)
		if err != nil {
			return nil, err
		}
		timing = append(timing, "tap_keys", array(keys))
		args = args[1:]
	}
	if head == "tap-hold-except-keys" {
		k.doc.note(line, "%s: the key is held here when its time is over, also when no other key is pressed", head)
	}
	opposite := strings.HasPrefix(head, "tap-hold-opposite-hand")
	options := map[string]string{"same-hand": "tap", "neutral": "ignore", "unknown-hand": "ignore"}
	if opposite {
		timing = append(timing, "opposite_hand", "true")
		options["timeout"] = "tap"
	}
	var neutral []string
	for i, a := range args {
		rest := a.args()
		switch name := a.head(); {
		case a.atom == ":timeout-button" && i+1 < len(args):
			m, err := k.holdHalf(args[i+1])
			if err != nil || m.layer != "" {
				return nil, fmt.Errorf("%s when the time is over", args[i+1])
			}
			timing = append(timing, "on_timeout", m.value())
		case i > 0 && args[i-1].atom == ":timeout-button":
		case name == "require-prior-idle" && len(rest) == 1:
			n, err := k.number(rest[0])
			if err != nil {
				return nil, err
			}
			timing = append(timing, "idle", str(asTime(n/1000)))
		case name == "tap-repress-timeout" && len(rest) == 1:
			n, err := k.number(rest[0])
			if err != nil {
				return nil, err
			}
			if n > 0 {
				timing = append(timing, "quick_tap", str(asTime(n/1000)))
			}
		case name == "neutral-keys":
			keys, err := k.keys(rest)
			if err != nil {
				return nil, err
			}
			neutral = keys
		case opposite && options[name] != "" && len(rest) == 1:
			options[name] = rest[0].atom
		default:
			k.doc.note(line, "%s: toshy has no counterpart for %s", head, a)
		}
	}
	if !slices.Contains(timing, "idle") && k.idle != "" {
		timing = append(timing, "idle", k.idle)
	}
	if !opposite {
		return timing, nil
	}
	if options["same-hand"] != "tap" {
		return nil, errors.New("a key of the same hand that decides otherwise")
	}
	keys := map[string][]string{options["neutral"]: neutral}
	for _, n := range k.neither {
		if !slices.Contains(neutral, n) {
			keys[options["unknown-hand"]] = append(keys[options["unknown-hand"]], n)
		}
	}
	for _, l := range [][2]string{{"tap", "tap_keys"}, {"hold", "hold_keys"}, {"ignore", "ignore_keys"}} {
		if list := keys[l[0]]; list != nil {
			timing = append(timing, l[1], array(list))
		}
	}
	if options["timeout"] == "tap" {
		timing = append(timing, "on_timeout", tap.value())
	}
	return timing, nil
}

// keys are the names of keys in toshy's language.
func (k *kanata) keys(list []lisp) ([]string, error) {
	var names []string
	for _, x := range list {
		c, ok := k.key(x.atom)
		if !ok {
			return nil, fmt.Errorf("the key %s is not known", x)
		}
		names = append(names, str(keyText(c)))
	}
	return names, nil
}

// hands translates defhands. A key in neither list belongs to no hand.
func (k *kanata) hands(args []lisp) {
	s := k.doc.single("hands")
	of := map[key.Code]bool{}
	for _, a := range args {
		keys, err := k.keys(a.args())
		if err != nil || a.head() != "left" && a.head() != "right" {
			k.doc.lost(a.line, "hands: %s", a)
			continue
		}
		for _, x := range a.args() {
			c, _ := k.key(x.atom)
			of[c] = true
		}
		s.set(a.head(), array(keys), a.line)
	}
	for _, x := range k.source {
		if c, ok := k.key(x.atom); ok && !of[c] && !isModifier(c) {
			k.neither = append(k.neither, str(keyText(c)))
		}
	}
	if k.neither != nil {
		s.set("neither", array(k.neither), 0)
	}
}

// A layerWithMods is a layer that is on together with modifiers.
type layerWithMods struct {
	name, of string
	mods     []key.Mod
	line     int
}

// withModifiers is the text in the name of such a layer that comes before its modifiers.
const withModifiers = " with "

// layerWith finds modifiers and one layer among the actions of a multi. They become a separate layer, in which keys have
// these modifiers.
func (k *kanata) layerWith(list []lisp, line int) (string, bool) {
	w := layerWithMods{line: line}
	for _, a := range list {
		if h := a.head(); (h == "layer-while-held" || h == "layer-toggle") && k.hasLayer(a.args()) == nil && w.of == "" {
			w.of = a.args()[0].atom
			continue
		}
		c, ok := k.combo(a.atom)
		m, isMod := key.ModOf(c.Key)
		if !ok || !isMod || len(c.Mods) > 0 || a.isList {
			return "", false
		}
		w.mods = append(w.mods, m)
	}
	if w.of == "" || w.of == k.layers[0] || len(w.mods) == 0 {
		return "", false
	}
	w.name = w.of + withModifiers + lispWordsOf(w.mods)
	if !slices.ContainsFunc(k.withMods, func(x layerWithMods) bool { return x.name == w.name }) {
		k.withMods = append(k.withMods, w)
	}
	return w.name, true
}

func lispWordsOf(mods []key.Mod) string {
	return strings.TrimSuffix(lispWords(key.Combo{Mods: mods, Key: key.A}), "-A")
}

// eitherSide is a modifier whose side does not matter.
func eitherSide(m key.Mod) key.Mod {
	for _, g := range []key.Mod{key.Ctrl, key.Shift, key.Meta} {
		if g.Sides()&m.Sides() != 0 {
			return g
		}
	}
	return m
}

// emitWithMods makes the layers with modifiers: their keys do the same, with the modifiers.
func (k *kanata) emitWithMods() {
	for _, w := range k.withMods {
		k.doc.copied[w.of] = true
		p := k.board.plane(w.name, w.line)
		p.mods = lispWordsOf(w.mods)
		for _, x := range k.board.plane(w.of, w.line).binds {
			m := x.is
			switch combo, err := strconv.Unquote(m.do); {
			case m.plain() && !isModifier(m.key):
				m = doesAction(str(p.mods + "-" + keyText(m.key)))
			case err == nil && sendsCombo(combo):
				m = doesAction(str(p.mods + "-" + combo))
			}
			k.board.put(p, x.key, m, x.line)
		}
	}
}

// sendsCombo says whether a text is a combo, and not a word for another action.
func sendsCombo(s string) bool {
	return !slices.Contains([]string{"block", "nothing", "pass", "unset"}, s)
}

// withoutTyping removes actions that turn on a layer while someone types: (multi (layer-switch typing) (on-idle 40 tap-vkey
// base)), also in a switch without a check. In such a layer, keys have one meaning. In toshy, idle does this.
func (k *kanata) withoutTyping(args []lisp) []lisp {
	var rest []lisp
	for _, a := range args {
		l := k.named(a)
		if l.head() == "switch" && len(l.list) == 4 && l.list[1].isList && len(l.list[1].list) == 0 {
			l = k.named(l.list[2])
		}
		if args := l.args(); l.head() == "fork" && len(args) == 3 && args[1].atom == "XX" {
			l = k.named(args[0])
		}
		ms, switches := 0.0, false
		if l.head() == "hold-for-duration" && len(l.list) == 3 {
			for _, x := range l.args() {
				if n, err := k.number(x); err == nil {
					ms = n
				}
				v, known := k.virtuals[x.atom]
				switches = switches || known && (v.atom == "XX" || v.head() == "layer-while-held" || v.head() == "layer-toggle")
			}
		}
		if l.head() == "multi" && len(l.list) == 3 {
			for _, x := range l.args() {
				x = k.named(x)
				switches = switches || x.head() == "layer-switch"
				if (x.head() == "on-idle" || x.head() == "on-idle-fakekey") && len(x.list) == 4 {
					for _, y := range x.args() {
						if n, err := k.number(y); err == nil {
							ms = max(ms, n)
						}
					}
				}
			}
		}
		if ms > 0 && switches && len(args) > 1 {
			k.typing = ms
			continue
		}
		rest = append(rest, a)
	}
	return rest
}
