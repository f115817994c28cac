package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// A forked is an action of a key while one of some modifiers is held.
type forked struct {
	mods   []key.Mod
	action lisp
}

// fork translates (fork LEFT RIGHT (KEYS)): RIGHT while one of these modifiers is held.
func (k *kanata) fork(p *plane, c key.Code, l lisp) error {
	args := l.args()
	if len(args) != 3 || !args[2].isList || isModifier(c) {
		return errors.New("(fork ...) of another kind than two actions and modifiers")
	}
	mods, err := kanataModifiers(args[2].list)
	if err != nil {
		return fmt.Errorf("(fork ...) by %w", err)
	}
	return k.forks(p, c, args[0], []forked{{mods, args[1]}}, l.line)
}

func kanataModifiers(list []lisp) ([]key.Mod, error) {
	var mods []key.Mod
	for _, x := range list {
		kc, ok := lispKey(x.atom)
		m, isMod := key.ModOf(kc)
		if !ok || !isMod || x.isList {
			return nil, fmt.Errorf("%s, which is not a modifier", x)
		}
		mods = append(mods, m)
	}
	return mods, nil
}

// forks gives a key an action, and others while modifiers are held.
func (k *kanata) forks(p *plane, c key.Code, without lisp, list []forked, line int) error {
	left, err := k.meaning(without)
	if err != nil {
		return err
	}
	if left.tap != nil || left.layer != "" {
		return errors.New("a key of two meanings that asks for modifiers")
	}
	for _, f := range list {
		if err := k.forkTo(p, c, f, line); err != nil {
			return err
		}
	}
	if left.plain() { // which must not hide the combos
		left = doesAction(left.value())
	}
	k.board.put(p, c, left, line)
	return nil
}

func (k *kanata) forkTo(p *plane, c key.Code, f forked, line int) error {
	right := k.named(f.action)
	without := (right.head() == "unshift" || right.head() == "unmod") && len(right.list) == 2
	if without {
		right = k.named(right.list[1])
	}
	r, err := k.meaning(right)
	if err != nil {
		return err
	}
	if r.tap != nil {
		return errors.New("a key of two meanings while modifiers are held")
	}
	for _, m := range f.mods {
		do := r.value()
		word := lispWordsOf([]key.Mod{eitherSide(m)})
		if combo, err := strconv.Unquote(do); err == nil && sendsCombo(combo) && !without && !strings.Contains("-"+combo, "-"+word+"-") {
			do = str(word + "-" + combo)
		}
		combo := key.Combo{Mods: []key.Mod{m}, Key: c}
		if p == k.board.main {
			k.board.combo(p.name+" forks", combo, do, false, p.when, line)
		} else {
			k.board.layerCombo(p, combo, do, line)
		}
	}
	return nil
}

// switchAction translates (switch CHECK ACTION break ...) whose checks ask for modifiers, or for layers. The last one has an empty
// check.
func (k *kanata) switchAction(p *plane, c key.Code, l lisp) error {
	args := l.args()
	if len(args) == 0 || len(args)%3 != 0 {
		return errors.New("(switch ...) needs a check, an action, and break or fallthrough for each case")
	}
	if m, ok := k.afterTyping(args, l.line); ok {
		k.board.put(p, c, m, l.line)
		return nil
	}
	last := lisp{atom: "XX", line: l.line}
	var byModifiers []forked
	var layers []string
	var actions []lisp
	for i := 0; i < len(args); i += 3 {
		check, action := args[i], args[i+1]
		switch mods, err := kanataModifiers(check.list); {
		case !check.isList:
			return fmt.Errorf("(switch ...): %s is not a check", check)
		case args[i+2].atom != "break" && i+3 < len(args):
			return errors.New("(switch ...) with fallthrough: write one rule for each case")
		case len(check.list) == 0:
			last = action
			if i+3 < len(args) {
				return errors.New("(switch ...) with a case that is never reached")
			}
		case err == nil:
			byModifiers = append(byModifiers, forked{mods, action})
		default:
			when, err := k.layerCheck(check)
			if err != nil {
				return err
			}
			layers, actions = append(layers, when), append(actions, action)
		}
	}
	switch {
	case len(layers) == 0 && !isModifier(c):
		return k.forks(p, c, last, byModifiers, l.line)
	case len(byModifiers) > 0 || len(layers) == 0:
		return errors.New("(switch ...) by modifiers of a modifier, or by modifiers and layers")
	}
	do, err := k.plainAction(last)
	if err != nil {
		return err
	}
	for i := len(layers) - 1; i >= 0; i-- {
		then, err := k.plainAction(actions[i])
		if err != nil {
			return err
		}
		do = inline("if", str(layers[i]), "then", then, "else", do)
	}
	k.board.put(p, c, doesAction(do), l.line)
	return nil
}

// afterTyping translates (switch ((key-timing 1 lt 200)) a break () (tap-hold ... a lctl) break): a key with two meanings that is its
// tap if another key was pressed shortly before.
func (k *kanata) afterTyping(args []lisp, line int) (meaning, bool) {
	if len(args) != 6 || len(args[0].list) != 1 || !args[3].isList || len(args[3].list) > 0 {
		return meaning{}, false
	}
	check := args[0].list[0]
	if check.head() != "key-timing" || len(check.list) != 4 || check.list[2].atom != "lt" && check.list[2].atom != "less-than" {
		return meaning{}, false
	}
	ms, err := k.number(check.list[3])
	tap, err2 := k.meaning(args[1])
	is, err3 := k.meaning(args[4])
	if err != nil || err2 != nil || err3 != nil || is.tap == nil || tap.tap != nil || is.tap.value() != tap.value() {
		return meaning{}, false
	}
	if n, err := k.number(check.list[1]); err != nil || n != 1 {
		k.doc.note(line, "(key-timing %s ...): here the time since the last key decides", check.list[1])
	}
	timing := slices.Clone(is.timing)
	if i := slices.Index(timing, "idle"); i >= 0 {
		timing = slices.Delete(timing, i, i+2)
	}
	is.timing = append(timing, "idle", str(asTime(min(max(ms, 1), 60_000)/1000)))
	return is, true
}

// plainAction is an action that is no key with two meanings.
func (k *kanata) plainAction(l lisp) (string, error) {
	m, err := k.meaning(l)
	if err == nil && m.tap != nil {
		err = fmt.Errorf("%s is a key with two meanings", l)
	}
	return m.value(), err
}

// layerCheck translates ((layer a) (layer b)), which is true if one of the layers is on.
func (k *kanata) layerCheck(check lisp) (string, error) {
	var any []string
	for _, x := range check.list {
		if h := x.head(); (h != "layer" && h != "base-layer") || len(x.list) != 2 {
			return "", fmt.Errorf("(switch ...) that asks for %s: layers and modifiers are converted; write other checks as a rule of their own", x)
		}
		name := x.list[1].atom
		if !slices.Contains(k.layers, name) {
			return "", fmt.Errorf("there is no layer %s", name)
		}
		if name == k.layers[0] {
			var none []string
			for _, n := range k.layers[1:] {
				none = append(none, equal("layer", n).text)
			}
			if len(none) == 0 {
				return "true", nil
			}
			any = append(any, "not ("+strings.Join(none, " or ")+")")
			continue
		}
		any = append(any, equal("layer", name).text)
	}
	return strings.Join(any, " or "), nil
}
