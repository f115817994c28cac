package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// The words that are actions. "unset" removes an entry of the configuration that this file builds on.
const (
	wordBlock   = "block"
	wordNothing = "nothing"
	wordPass    = "pass"
	wordUnset   = "unset"
)

// action compiles the value of an entry; nil if it contains a mistake. "pass" in it forwards b.trigger.
func (b *builder) action(n *node) *remap.Action {
	switch n.kind {
	case kindString:
		switch n.str() {
		case wordBlock:
			return &remap.Action{Kind: remap.DoIgnore}
		case wordNothing:
			return &remap.Action{Kind: remap.DoNothing}
		case wordPass:
			if b.trigger == nil {
				b.ps.error(n.valueSpan(), "write the combo", "there is no combo to pass on here")
				return nil
			}
			if b.trigger.Key == key.Any {
				return &remap.Action{Kind: remap.DoThrough}
			}
			return remap.Send(onceEach(*b.trigger))
		case wordUnset:
			b.ps.error(n.valueSpan(), `to do nothing, write "block"`, `"unset" removes a whole entry, so you cannot use it inside an action`)
			return nil
		}
		return b.sendAction(n, remap.DoCombo)
	case kindArray:
		return b.listOf(n)
	case kindTable:
		return b.tableAction(n)
	}
	if n.kind == kindInt {
		b.ps.error(n.valueSpan(), cmp.Or(actionWords[strings.ToLower(n.key)], fmt.Sprintf("a key is written in quotes: %q; to wait, write { wait = \"50ms\" }", shown(n))), "an action cannot be %s", n.kind)
		return nil
	}
	if n.kind == kindBool {
		b.ps.error(n.valueSpan(), `to do nothing, write "block"; to let the combo through unchanged, write "pass"`, "an action cannot be %s", n.kind)
		return nil
	}
	b.ps.error(n.valueSpan(), `an action is a combo "Ctrl-T", a list [...], a table { ... } or "block"`, "an action cannot be %s", n.kind)
	return nil
}

// sendAction sends the combo in a string value.
func (b *builder) sendAction(n *node, k remap.ActionKind) *remap.Action {
	if c, known := b.sent[n.str()]; known {
		return b.combination(k, c)
	}
	if n.kind == kindString && b.allMods(n.str()) {
		code, ok := b.set(n, b.mods(n.str()))
		if !ok || !b.checkOutput(n, key.Combo{Mods: b.mods(n.str())}) {
			return nil
		}
		return &remap.Action{Kind: k, Combo: key.Combo{Key: code}}
	}
	c, ok := b.comboValue(n)
	if !ok || !b.checkOutput(n, c) {
		return nil
	}
	b.sent[n.str()] = c
	return b.combination(k, c)
}

// combination makes an action that sends a combo. It allocates many at a time.
func (b *builder) combination(k remap.ActionKind, c key.Combo) *remap.Action {
	if len(b.spare) == 0 {
		b.spare = make([]remap.Action, 32)
	}
	a := &b.spare[0]
	b.spare = b.spare[1:]
	a.Kind, a.Combo = k, c
	return a
}

// onceEach is a combo as a program sees it: of two modifiers of one kind, only the first stays.
func onceEach(c key.Combo) key.Combo {
	var seen key.ModSet
	var mods []key.Mod
	for _, m := range c.Mods {
		if kind := kindOf(m); seen&kind == 0 {
			seen |= kind
			mods = append(mods, m)
		}
	}
	return key.Combo{Mods: mods, Key: c.Key}
}

// kindOf is a modifier that means either side.
func kindOf(m key.Mod) key.ModSet {
	if m < key.ModFn {
		return 3 << (m &^ 1)
	}
	return m.Sides()
}

// checkOutput refuses what no keyboard can press. To a program, two modifiers of one kind are one.
func (b *builder) checkOutput(n *node, c key.Combo) bool {
	var seen key.ModSet
	for _, m := range c.Mods {
		sides := kindOf(m)
		if seen&sides != 0 {
			b.ps.error(n.valueSpan(), "leave one out: a program does not tell left from right", "%q presses the left and the right key of one modifier", n.str())
			return false
		}
		seen |= sides
	}
	return true
}

// listOf compiles a list that runs its elements in order. A hold inside stays next to its combo, as the engine expects.
func (b *builder) listOf(n *node) *remap.Action {
	if len(n.kids) == 0 {
		b.ps.error(n.valueSpan(), `to do nothing, write "block"`, "an empty list")
		return nil
	}
	list := make([]*remap.Action, 0, len(n.kids))
	ok := true
	for _, e := range n.kids {
		a := b.action(e)
		switch {
		case a == nil:
			ok = false
		case a.Kind == remap.DoList && a.Repeats == remap.RepeatsByKind:
			list = append(list, a.List...)
		default:
			list = append(list, a)
		}
	}
	if !ok {
		return nil
	}
	return &remap.Action{Kind: remap.DoList, List: list}
}

// tableAction finds out whether a table is an action, or the second strokes of a sequence.
func (b *builder) tableAction(n *node) *remap.Action {
	for _, f := range formNames {
		v := n.get(f)
		if v == nil {
			continue
		}
		form := forms[f]
		errs := b.ps.errors
		for _, k := range n.kids {
			if k.key == f || slices.Contains(form.with.names(), k.key) {
				continue
			}
			hint := "write each action in a separate table, in a list"
			if _, other := forms[k.key]; !other {
				hint = cmp.Or(actionWords[strings.ToLower(k.key)], didYouMean(k.key, form.with.names()))
			}
			if f == "if" || k.key == "if" {
				hint = cmp.Or(didYouMean(k.key, form.with.names()), ifHint)
			}
			if (f == "hold" || f == "tap") && (k.key == "hold" || k.key == "tap") || f == "layer" && k.key == "tap" {
				hint = dualHint
			}
			b.ps.error(k.keySpan(), hint, "%q and %q cannot be used together", k.key, f)
		}
		a := form.build(b, n, v)
		if b.ps.errors > errs {
			return nil
		}
		return a
	}
	if len(n.kids) == 0 {
		b.ps.error(n.valueSpan(), `to do nothing, write "block"`, "an empty table")
		return nil
	}
	return b.sequence(n)
}

// sequence compiles { "Cmd-S" = ..., "Cmd-C" = ... }.
func (b *builder) sequence(n *node) *remap.Action {
	errs := b.ps.errors
	s := &remap.Nested{}
	giveBack := false
	if b.trigger != nil {
		s.Name = b.trigger.String()
	}
	for _, k := range n.kids {
		switch k.key {
		case "immediately":
			s.Immediate = b.action(k)
		case "on_timeout":
			s.OnTimeout = b.action(k)
		case "timeout":
			s.Timeout = b.duration(k, 0, time.Hour)
		case "otherwise":
			s.Otherwise = remap.Otherwise(b.choice(k, otherwises...))
			giveBack = otherwises[s.Otherwise] == "give_back"
		default:
			meant := actionWords[strings.ToLower(k.key)]
			if _, isMod := key.ParseMod(k.key); isMod && meant != "" {
				b.ps.error(k.keySpan(), meant, "%q is neither an action nor a stroke", k.key)
				continue
			}
			if !strings.ContainsAny(k.key, "-+") || meant != "" {
				_, isKey := key.Parse(k.key)
				isKey = isKey || strings.EqualFold(k.key, key.AnyName)
				if isKey && meant != "" && len(n.kids) == 1 && k.key == strings.ToLower(k.key) && b.own(n) {
					b.ps.warn(k.keySpan(), meant, "this waits for the key %s, and then runs the action", k.key)
				}
				if !isKey {
					b.ps.error(k.keySpan(), cmp.Or(meant, didYouMean(k.key, slices.Concat(formNames, nestedKeys))), "%q is neither an action nor a stroke", k.key)
					continue
				}
			}
			if e, ok := b.entry(k); ok {
				s.Entries = append(s.Entries, e)
			}
		}
	}
	if b.ps.errors > errs {
		return nil
	}
	if len(s.Entries) == 0 {
		b.ps.error(n.valueSpan(), `{ "Cmd-S" = "Ctrl-S", timeout = "1s" }`, "a sequence needs a second stroke")
		return nil
	}
	if giveBack { // the strokes so far, then the stroke that has no entry
		typed := &remap.Action{Kind: remap.DoCall}
		for _, c := range b.strokes {
			typed.List = append(typed.List, &remap.Action{Kind: remap.DoTap, Combo: key.Combo{Mods: c.Mods, Key: c.Key}})
		}
		s.Otherwise, s.OnMiss = remap.LookUpAgain, typed
		if s.OnTimeout == nil {
			s.OnTimeout = typed
		}
	}
	return &remap.Action{Kind: remap.DoNested, Nested: s}
}

// entry compiles one combo = action.
func (b *builder) entry(n *node) (remap.Entry, bool) {
	c, ok := b.comboKey(n)
	if ok {
		if b.isModifier(c.Key) {
			b.ps.error(n.keySpan(), modifierHint(n, c.Key), "%q never triggers an entry by itself: it is a modifier", n.key)
			ok = false
		}
	}
	outer := b.trigger
	b.strokes = append(b.strokes, c)
	b.trigger = &b.strokes[len(b.strokes)-1]
	a := b.action(n)
	b.trigger, b.strokes = outer, b.strokes[:len(b.strokes)-1]
	if !ok || a == nil {
		return remap.Entry{}, false
	}
	return remap.Entry{Combo: c, Action: a, Origin: origin(n.keySpan())}, true
}

func (b *builder) isModifier(c key.Code) bool {
	if _, is := key.ModOf(c); is {
		return true
	}
	return slices.ContainsFunc(b.program.Modifiers, func(m remap.Modifier) bool { return m.Carrier == c })
}
