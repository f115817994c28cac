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

// fork translates (fork LEFT RIGHT (KEYS)): RIGHT while one of these keys is held.
func (k *kanata) fork(p *plane, c key.Code, l lisp) error {
	args := l.args()
	if len(args) != 3 || !args[2].isList {
		return errors.New("(fork ...) needs two actions and a list of keys")
	}
	mods, err := k.modifiers(args[2].list)
	if err != nil || isModifier(c) {
		k.switches = append(k.switches, kanataSwitch{p, c, []switchCase{{check: args[2], action: args[1]}}, args[0], l.line})
		return nil
	}
	return k.forks(p, c, args[0], []forked{{mods, args[1]}}, l.line)
}

func (k *kanata) modifiers(list []lisp) ([]key.Mod, error) {
	var mods []key.Mod
	for _, x := range list {
		kc, ok := k.key(x.atom)
		m, isMod := key.ModOf(kc)
		if !ok || !isMod || x.isList {
			return nil, fmt.Errorf("%s, which is not a modifier", x)
		}
		mods = append(mods, m)
	}
	return mods, nil
}

// forks gives a key an action, and others for when modifiers are held.
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

// A switchCase is one case of a switch.
type switchCase struct {
	check, action lisp
	goesOn        bool // fallthrough
}

// A kanataSwitch is a key with a switch that tests conditions.
type kanataSwitch struct {
	plane *plane
	key   key.Code
	cases []switchCase
	last  lisp
	line  int
}

// sends says whether one of the actions sends a key.
func (s *kanataSwitch) sends(k *kanata, c key.Code) bool {
	for _, x := range append([]switchCase{{action: s.last}}, s.cases...) {
		if m, err := k.meaning(x.action); err == nil && sends(&m, c) {
			return true
		}
	}
	return false
}

// switchAction translates (switch CHECK ACTION break ...). If the checks only test modifiers, the cases are combos.
// Otherwise they are conditions, which depend on what the file's other keys do.
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
	var cases []switchCase
	var byModifiers []forked
	for i := 0; i < len(args); i += 3 {
		check, action, end := args[i], args[i+1], args[i+2].atom
		switch mods, err := k.modifiers(check.list); {
		case !check.isList:
			return fmt.Errorf("(switch ...): %s is not a check", check)
		case end != "break" && end != "fallthrough":
			return fmt.Errorf("(switch ...): %s is neither break nor fallthrough", args[i+2])
		case len(check.list) == 0 && end == "break" && i+3 < len(args):
			return errors.New("(switch ...) with a case that is never reached")
		case len(check.list) == 0 && (end == "break" || i+3 == len(args)):
			last = action
		default:
			cases = append(cases, switchCase{check, action, end == "fallthrough"})
			if err == nil && end == "break" {
				byModifiers = append(byModifiers, forked{mods, action})
			}
		}
	}
	if len(byModifiers) == len(cases) && !isModifier(c) {
		return k.forks(p, c, last, byModifiers, l.line)
	}
	k.switches = append(k.switches, kanataSwitch{p, c, cases, last, l.line})
	return nil
}

// putSwitches gives keys with a switch their actions, after all other keys.
func (k *kanata) putSwitches() {
	actions := make([]string, len(k.switches))
	for i, s := range k.switches {
		do, err := k.switchByConditions(s.key, s.cases, s.last)
		if err != nil {
			k.doc.lost(s.line, "%s: %v", keyText(s.key), err)
		}
		actions[i] = do
	}
	for i, s := range k.switches {
		if actions[i] != "" {
			k.board.put(s.plane, s.key, doesAction(actions[i]), s.line)
		}
	}
}

// switchByConditions is a switch as an action with conditions.
func (k *kanata) switchByConditions(c key.Code, cases []switchCase, last lisp) (string, error) {
	do, err := k.plainAction(last)
	if err != nil {
		return "", err
	}
	for i := len(cases) - 1; i >= 0; i-- {
		x := cases[i]
		when, err := k.anyCheck(c, x.check.list, x.check.line)
		if err != nil {
			return "", fmt.Errorf("(switch ...): %w", err)
		}
		then, err := k.plainAction(x.action)
		if err != nil {
			return "", err
		}
		switch {
		case !x.goesOn && when.text == "":
			do = then
		case !x.goesOn:
			do = inline("if", str(when.text), "then", then, "else", do)
		case when.text == "":
			do = array([]string{then, do})
		default:
			do = array([]string{inline("if", str(when.text), "then", then, "else", str("nothing")), do})
		}
	}
	return do, nil
}

// afterTyping translates (switch ((key-timing 1 lt 200)) a break () (tap-hold ... a lctl) break): a key with two meanings
// that is a tap if another key was pressed shortly before.
func (k *kanata) afterTyping(args []lisp, line int) (meaning, bool) {
	if len(args) != 6 || len(args[0].list) != 1 || !args[3].isList || len(args[3].list) > 0 {
		return meaning{}, false
	}
	check := args[0].list[0]
	if check.head() == "input" && len(check.list) == 3 && check.list[1].atom == "virtual" {
		return k.whileTyping(args[1], args[4])
	}
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

// whileTyping translates (switch ((input virtual v)) a break () (tap-hold ... a lctl) break): the virtual key is down while you type.
func (k *kanata) whileTyping(first, second lisp) (meaning, bool) {
	tap, err := k.meaning(first)
	is, err2 := k.meaning(second)
	if err != nil || err2 != nil || is.tap == nil || tap.tap != nil || is.tap.value() != tap.value() || !slices.Contains(is.timing, "idle") {
		return meaning{}, false
	}
	return is, true
}

// plainAction is an action that is not a key with two meanings.
func (k *kanata) plainAction(l lisp) (string, error) {
	m, err := k.meaning(l)
	if err == nil && m.tap != nil {
		err = fmt.Errorf("%s is a key with two meanings", l)
	}
	return m.value(), err
}
