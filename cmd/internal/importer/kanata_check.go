package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// anyCheck translates checks of a switch on key c, one of which must be true. An empty list is always true.
func (k *kanata) anyCheck(c key.Code, list []lisp, line int) (cond, error) {
	var any []cond
	for _, x := range list {
		one, err := k.check(c, x, line)
		if err != nil {
			return cond{}, err
		}
		any = append(any, one)
	}
	return anyOf(any...), nil
}

// check translates one check.
func (k *kanata) check(c key.Code, x lisp, line int) (cond, error) {
	if !x.isList {
		return k.keyCheck(x, "held", line)
	}
	args := x.args()
	switch x.head() {
	case "or":
		return k.anyCheck(c, args, line)
	case "not":
		none, err := k.anyCheck(c, args, line)
		return not(none), err
	case "and":
		var all []cond
		for _, a := range args {
			one, err := k.check(c, a, line)
			if err != nil {
				return cond{}, err
			}
			all = append(all, one)
		}
		return allOf(all...), nil
	case "layer", "base-layer":
		if len(args) == 1 {
			return k.layerCheck(args[0].atom)
		}
	case "key-history":
		if len(args) == 2 && args[1].atom == "1" {
			return k.keyCheck(args[0], "last", line)
		}
		return cond{}, fmt.Errorf("it asks for %s: toshy knows only the last key, last(\"KEY\")", x)
	case "input":
		if len(args) == 2 && args[0].atom == "real" {
			if code, ok := k.key(args[1].atom); ok {
				return asksKey("held", code), nil
			}
		}
		return cond{}, fmt.Errorf("it asks for %s: toshy has no virtual keys; use a layer, and layer == \"NAME\"", x)
	case "input-history":
		return k.inputHistory(c, args, x, line)
	case "key-timing":
		return cond{}, fmt.Errorf("it asks for %s: only a key with two meanings can ask for the time since the last key: write idle", x)
	}
	return cond{}, fmt.Errorf("it asks for %s, which toshy does not know", x)
}

// inputHistory translates (input-history real KEY 2): the newest input is the key of the switch itself.
func (k *kanata) inputHistory(c key.Code, args []lisp, x lisp, line int) (cond, error) {
	if len(args) != 3 || args[0].atom != "real" {
		return cond{}, fmt.Errorf("it asks for %s: toshy has no virtual keys", x)
	}
	code, ok := k.key(args[1].atom)
	switch {
	case !ok:
		return cond{}, fmt.Errorf("the key %s is not known", args[1])
	case args[2].atom == "1" && code == c:
		return cond{}, nil
	case args[2].atom == "1":
		return cond{text: never}, nil
	case args[2].atom != "2" || isModifier(code):
		return cond{}, fmt.Errorf("it asks for %s: toshy knows only the last key that is not a modifier, last(\"KEY\")", x)
	}
	k.lastNote(line)
	return asksKey("last", code), nil
}

func (k *kanata) lastNote(line int) {
	k.doc.note(line, "the last key: for toshy, this is the last key within a minute that is not a modifier")
}

// asksKey is held("A") or last("A").
func asksKey(what string, codes ...key.Code) cond {
	var any []cond
	for _, c := range codes {
		any = append(any, named(fmt.Sprintf("%s(%s)", what, quoteCond(keyText(c)))))
	}
	return anyOf(any...)
}

// keyCheck tests whether a key is sent, or was sent last, by the keys that the first layer turns into it. toshy tests
// physical keys.
func (k *kanata) keyCheck(x lisp, what string, line int) (cond, error) {
	c, ok := k.key(x.atom)
	switch {
	case !ok || x.isList:
		return cond{}, fmt.Errorf("the key %s is not known", x)
	case what == "last" && isModifier(c):
		return cond{}, fmt.Errorf("it asks for %s as the last key, which is a modifier", x)
	}
	from, err := k.sources(c)
	if err != nil {
		return cond{}, err
	}
	for _, p := range k.board.planes {
		if slices.ContainsFunc(p.binds, func(b bind) bool {
			return slices.Contains(from, b.key) != (b.is.plain() && b.is.key == c) || !b.is.plain() && sends(&b.is, c)
		}) {
			k.doc.note(line, "(switch ...): toshy asks for keys of the keyboard (%s) and not for what they send; this differs if the layer %s has changed them", keyList(from), p.name)
		}
	}
	if what == "last" {
		k.lastNote(line)
	}
	return asksKey(what, from...), nil
}

func keyList(codes []key.Code) string {
	var words []string
	for _, c := range codes {
		words = append(words, keyText(c))
	}
	return strings.Join(words, ", ")
}

// sources are the physical keys that send a key in the first layer.
func (k *kanata) sources(c key.Code) ([]key.Code, error) {
	var from []key.Code
	for _, s := range k.switches {
		if s.plane == k.board.main && s.sends(k, c) {
			return nil, onlyAtTimes(c, s.key)
		}
	}
	if k.board.main.find(c) == nil {
		from = append(from, c)
	}
	for i := range k.board.main.binds {
		b := &k.board.main.binds[i]
		switch {
		case b.is.plain() && b.is.key == c:
			from = append(from, b.key)
		case sends(&b.is, c):
			return nil, onlyAtTimes(c, b.key)
		}
	}
	if len(from) == 0 {
		return nil, errors.New("it asks for " + keyText(c) + ", which no key of the first layer sends: write a condition with held(\"KEY\")")
	}
	return from, nil
}

func onlyAtTimes(c, by key.Code) error {
	return fmt.Errorf("it asks for %s, which %s sends only at times: write a condition with held(\"%s\")", keyText(c), keyText(by), keyText(by))
}

// sends says whether a meaning can send a key.
func sends(m *meaning, c key.Code) bool {
	if m == nil {
		return false
	}
	if sends(m.tap, c) || sends(m.hold, c) {
		return true
	}
	if m.plain() {
		return m.key == c
	}
	words := m.do + m.mods
	if mod, is := key.ModOf(c); is {
		return strings.Contains(words, comboWord(mod)) || strings.Contains(words, comboWord(eitherSide(mod)))
	}
	return strings.HasSuffix(words, "-"+keyText(c)+"\"") || strings.Contains(words, "\""+keyText(c)+"\"")
}

// layerCheck translates (layer NAME).
func (k *kanata) layerCheck(name string) (cond, error) {
	switch {
	case !slices.Contains(k.layers, name):
		return cond{}, fmt.Errorf("there is no layer %s", name)
	case name != k.layers[0]:
		return equal("layer", name), nil
	}
	var others []cond
	for _, n := range k.layers[1:] {
		others = append(others, equal("layer", n))
	}
	if len(others) == 0 {
		return cond{}, nil
	}
	return not(anyOf(others...)), nil
}
