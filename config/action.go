package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"toshy/remap"
	"toshy/remap/key"
)

// An actionForm is one kind of table that is an action: its first key, and what may stand beside it.
type actionForm struct {
	doc   string
	value schema // of the first key
	with  table
	build func(b *builder, n, v *node) *remap.Action // n: the table, v: the value of the first key
}

// forms is every action that is a table, by the key that says which; formNames has them in the
// order in which they are looked for. An init fills it, since actions stand in actions.
var forms map[string]actionForm

var formNames = []string{
	"layer", "hold", "tap", "text", "unicode", "run", "notify", "action", "set", "toggle", "wait", "if", "cycle", "one_shot", "move", "wheel", "hwheel",
	"caps_word", "repeat", "passthrough", "cancel", "escape", "with_mark", "mark", "taps", "compose", "call", "eject", "dump",
}

var escapes = []string{"key", "combo"}

// Limits of single values.
const (
	maxWait  = 10 * time.Second
	maxSteps = 1000 // of a pointer movement
	maxTaps  = 5
)

func init() {
	forms = map[string]actionForm{
		"hold":        {"as the combo, but its first modifier stays down until yours is released", comboText, nil, (*builder).holdAction},
		"tap":         {"sends the combo once, never held", comboText, nil, comboAction(remap.DoTap)},
		"text":        {"types a text with the keys of the layout", anyText, nil, textAction(remap.DoText)},
		"unicode":     {`types characters by Unicode entry; also "U+221E"`, anyText, nil, textAction(remap.DoUnicode)},
		"run":         {"starts a program as the user, without a shell: the program, then its arguments", schema{"type": "array", "items": textOrEmpty, "minItems": 1}, nil, (*builder).runAction},
		"notify":      {"shows a notification", anyText, nil, effectAction(remap.EffectNotify)},
		"action":      {"what the running desktop has for it, such as launcher", anyText, nil, effectAction(remap.EffectDesktop)},
		"set":         {"sets states and settings: name = value", named(value), nil, (*builder).setAction},
		"toggle":      {"the next value of a state or setting", anyText, nil, (*builder).toggleAction},
		"wait":        {"waits before the rest of the list, 0s to 10s", duration, nil, (*builder).waitAction},
		"if":          {"then, when the condition holds, or else", condition, table{{"then", "action when it holds", actionValue}, {"else", "action when it does not", actionValue}}, (*builder).ifAction},
		"cycle":       {"another one each time", actionList, nil, listAction(remap.DoCycle)},
		"call":        {"as a list, but nothing in it is held", actionList, nil, listAction(remap.DoCall)},
		"one_shot":    {"modifiers that count for the next key", anyText, table{{"timeout", "how long; without it, until the next key", duration}}, (*builder).oneShotAction},
		"move":        {"moves the pointer: right and down", schema{"type": "array", "items": numbers(-maxSteps, maxSteps), "minItems": 2, "maxItems": 2}, nil, (*builder).moveAction},
		"wheel":       {"turns the wheel up", numbers(-maxSteps, maxSteps), nil, wheelAction(relWheel)},
		"hwheel":      {"turns the wheel to the right", numbers(-maxSteps, maxSteps), nil, wheelAction(relHWheel)},
		"caps_word":   {"capitals until the word ends", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoCapsWord})},
		"repeat":      {"the last action or key again", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoRepeat})},
		"cancel":      {"ends macros, sequences and one-shots", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoCancel})},
		"eject":       {"gives the keyboards back and ends the program", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectEject}})},
		"dump":        {"shows the state of the engine", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectDump}})},
		"passthrough": {"keys go through unmapped", schema{"enum": []any{true, false, "toggle"}}, nil, (*builder).passthroughAction},
		"escape":      {"the next key, or combo, goes through as it is", choice(escapes...), nil, (*builder).escapeAction},
		"mark":        {"sets the mark", boolean, nil, (*builder).markAction},
		"with_mark":   {"sends the combo, with Shift while the mark is set", comboText, table{{"mark", "sets the mark first", onlyTrue}}, (*builder).withMarkAction},
		"taps":        {"as many actions as there are taps", schema{"type": "array", "items": actionValue, "minItems": 1, "maxItems": maxTaps}, table{{"interval", "how far apart the taps may be, 150ms to 1.5s", duration}, {"min_delay", "the least time between them, 50ms to 500ms", duration}}, (*builder).tapsAction},
		"layer": {"the layer is on while the key is held", anyText, table{
			{"once", "for the next key", onlyTrue}, {"on", "until changed", onlyTrue}, {"off", "no longer", onlyTrue}, {"toggle", "the other way until changed", onlyTrue},
		}, (*builder).layerAction},
		"compose": {"a dead key, see [compose]", anyText, nil, (*builder).composeAction},
	}
}

// Relative axes of linux/input-event-codes.h.
const (
	relX      = 0x00
	relY      = 0x01
	relHWheel = 0x06
	relWheel  = 0x08
)

// The words that are actions. "unset" takes an entry out of what is extended.
const (
	wordBlock   = "block"
	wordNothing = "nothing"
	wordPass    = "pass"
	wordUnset   = "unset"
)

// action compiles the value of an entry; nil when it is wrong.
func (b *builder) action(n *node, trigger *key.Combo) *remap.Action {
	switch n.kind {
	case kindString:
		switch n.str() {
		case wordBlock:
			return &remap.Action{Kind: remap.DoIgnore}
		case wordNothing:
			return &remap.Action{Kind: remap.DoNothing}
		case wordPass:
			if trigger == nil {
				b.ps.error(n.valueSpan(), "write the combo", "there is no combo to pass on here")
				return nil
			}
			return remap.Send(*trigger)
		case wordUnset:
			b.ps.error(n.valueSpan(), `to do nothing is "block"`, `"unset" takes a whole entry away and cannot stand inside an action`)
			return nil
		}
		return b.sendAction(n, remap.DoCombo)
	case kindArray:
		return b.listOf(n, trigger)
	case kindTable:
		return b.tableAction(n, trigger)
	}
	b.ps.error(n.valueSpan(), `an action is a combo "Ctrl-T", a list [...], a table { ... } or "block"`, "an action cannot be %s", n.kind)
	return nil
}

// sendAction sends the combo in a string value.
func (b *builder) sendAction(n *node, k remap.ActionKind) *remap.Action {
	c, ok := b.comboValue(n)
	if !ok || !b.checkOutput(n, c) {
		return nil
	}
	return &remap.Action{Kind: k, Combo: c}
}

// checkOutput refuses what no keyboard can press: two modifiers of one kind are one to a program.
func (b *builder) checkOutput(n *node, c key.Combo) bool {
	var seen key.ModSet
	for _, m := range c.Mods {
		sides := m.Sides()
		if m < key.ModFn {
			sides = 3 << (m &^ 1)
		}
		if seen&sides != 0 {
			b.ps.error(n.valueSpan(), "leave one out: a program does not tell left from right", "%q presses two modifiers of one kind", n.str())
			return false
		}
		seen |= sides
	}
	return true
}

// listOf runs its elements in order. A hold inside stays beside its combo, as the engine wants it.
func (b *builder) listOf(n *node, trigger *key.Combo) *remap.Action {
	if len(n.kids) == 0 {
		b.ps.error(n.valueSpan(), `to do nothing is "block"`, "an empty list")
		return nil
	}
	list := make([]*remap.Action, 0, len(n.kids))
	ok := true
	for _, e := range n.kids {
		a := b.action(e, trigger)
		switch {
		case a == nil:
			ok = false
		case a.Kind == remap.DoList:
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

// tableAction finds out what kind of table it is: an action, or the second strokes of a sequence.
func (b *builder) tableAction(n *node, trigger *key.Combo) *remap.Action {
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
			hint := "write each action in a table of its own, in a list"
			if _, other := forms[k.key]; !other {
				hint = didYouMean(k.key, form.with.names())
			}
			b.ps.error(k.keySpan(), hint, "%q cannot stand beside %q", k.key, f)
		}
		a := form.build(b, n, v)
		if b.ps.errors > errs {
			return nil
		}
		return a
	}
	if len(n.kids) == 0 {
		b.ps.error(n.valueSpan(), `to do nothing is "block"`, "an empty table")
		return nil
	}
	return b.sequence(n, trigger)
}

// sequence compiles { "Cmd-S" = ..., "Cmd-C" = ... }.
func (b *builder) sequence(n *node, trigger *key.Combo) *remap.Action {
	errs := b.ps.errors
	s := &remap.Nested{}
	if trigger != nil {
		s.Name = trigger.String()
	}
	for _, k := range n.kids {
		switch k.key {
		case "immediately":
			s.Immediate = b.action(k, trigger)
		case "on_timeout":
			s.OnTimeout = b.action(k, trigger)
		case "timeout":
			s.Timeout = b.duration(k, 0, time.Hour)
		case "otherwise":
			s.Otherwise = remap.Otherwise(b.choice(k, otherwises...))
		default:
			if !strings.ContainsAny(k.key, "-+") {
				if _, isKey := key.Parse(k.key); !isKey {
					b.ps.error(k.keySpan(), didYouMean(k.key, slices.Concat(formNames, nestedKeys)), "%q is neither an action nor a stroke", k.key)
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
	return &remap.Action{Kind: remap.DoNested, Nested: s}
}

// entry compiles one combo = action.
func (b *builder) entry(n *node) (remap.Entry, bool) {
	c, ok := b.comboKey(n)
	if ok {
		if b.isModifier(c.Key) {
			b.ps.error(n.keySpan(), "a key that is a modifier is changed by a [modmap]", "%q never triggers an entry by itself: it is a modifier", n.key)
			ok = false
		}
	}
	a := b.action(n, &c)
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

func (b *builder) holdAction(_, v *node) *remap.Action {
	a := b.sendAction(v, remap.DoCombo)
	if a == nil {
		return nil
	}
	if len(a.Combo.Mods) == 0 {
		b.ps.error(v.valueSpan(), `{ hold = "Alt-Tab" } keeps Alt down`, "hold keeps the first modifier of a combo down, and this has none")
		return nil
	}
	return remap.Hold(a.Combo)
}

func comboAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action { return b.sendAction(v, k) }
}

func textAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		s, ok := b.textValue(v)
		if !ok {
			return nil
		}
		if k == remap.DoUnicode {
			s = codePoint(s)
		}
		return &remap.Action{Kind: k, Text: s}
	}
}

// codePoint reads "U+221E"; any other text is itself.
func codePoint(s string) string {
	var r rune
	if hex, ok := strings.CutPrefix(s, "U+"); ok && len(hex) >= 4 && len(hex) <= 6 {
		var rest string
		if n, _ := fmt.Sscanf(hex+" ", "%x%s", &r, &rest); n == 1 && utf8.ValidRune(r) {
			return string(r)
		}
	}
	return s
}

func (b *builder) textValue(v *node) (string, bool) {
	if !b.is(v, kindString, name(v.key, "a text")) {
		return "", false
	}
	if n := utf8.RuneCountInString(v.str()); n == 0 || n > remap.MaxText {
		b.ps.error(v.valueSpan(), "", "%s has 1 to %d characters, not %d", name(v.key, "this text"), remap.MaxText, n)
		return "", false
	}
	return v.str(), true
}

func effectAction(k remap.EffectKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		s, ok := b.textValue(v)
		if !ok {
			return nil
		}
		return &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: k, Text: s}}
	}
}

func plainAction(a remap.Action) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		if on, ok := v.value.(bool); !ok || !on {
			b.ps.error(v.valueSpan(), fmt.Sprintf("{ %s = true }", v.key), "%s is true, not %s", v.key, shown(v))
			return nil
		}
		c := a
		return &c
	}
}

func (b *builder) runAction(_, v *node) *remap.Action {
	if v.kind != kindArray {
		hint := `run = ["kitty", "--single-instance"]`
		if v.kind == kindString {
			hint = "no shell reads it: run = [" + quoted(strings.Fields(v.str())) + "]"
		}
		b.ps.error(v.valueSpan(), hint, "run is a list: the program, then its arguments")
		return nil
	}
	var args []string
	for _, e := range b.strings(v) {
		args = append(args, e.str())
	}
	if len(args) == 0 || args[0] == "" {
		b.ps.error(v.valueSpan(), `run = ["kitty"]`, "run needs a program")
		return nil
	}
	return &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectRun, Args: args}}
}

// variableNamed finds a state or setting by its short name.
func (b *builder) variableNamed(short string, at span) (int, bool) {
	for _, prefix := range []string{"state.", "settings."} {
		if i, ok := b.vars[prefix+short]; ok {
			return i, true
		}
	}
	names := append(b.varNames("state."), b.varNames("settings.")...)
	hint := didYouMean(short, names)
	if hint == "" {
		hint = fmt.Sprintf("declare it: [state.%s] default = false", short)
	}
	b.ps.error(at, hint, "there is no state or setting %q", short)
	return 0, false
}

func (b *builder) setAction(_, v *node) *remap.Action {
	if !b.is(v, kindTable, "set") {
		return nil
	}
	var list []*remap.Action
	for _, k := range v.kids {
		i, ok := b.variableNamed(k.key, k.keySpan())
		if !ok {
			continue
		}
		if j, ok := b.varValue(k, &b.program.Vars[i]); ok {
			list = append(list, &remap.Action{Kind: remap.DoSet, Var: i, Value: int32(j)})
		}
	}
	switch len(list) {
	case 0:
		if len(v.kids) == 0 {
			b.ps.error(v.valueSpan(), "{ set = { name = true } }", "set needs a name and its value")
		}
		return nil
	case 1:
		return list[0]
	}
	return remap.List(list...)
}

func (b *builder) toggleAction(_, v *node) *remap.Action {
	if !b.is(v, kindString, "toggle") {
		return nil
	}
	i, ok := b.variableNamed(v.str(), v.valueSpan())
	if !ok {
		return nil
	}
	return &remap.Action{Kind: remap.DoNext, Var: i}
}

func (b *builder) waitAction(_, v *node) *remap.Action {
	return &remap.Action{Kind: remap.DoWait, Time: b.duration(v, 0, maxWait)}
}

func (b *builder) ifAction(n, v *node) *remap.Action {
	c := b.when(v)
	a := &remap.Action{Kind: remap.DoIf, Cond: c, List: []*remap.Action{nil, nil}}
	then, otherwise := n.get("then"), n.get("else")
	if then == nil && otherwise == nil {
		b.ps.error(v.keySpan(), `{ if = "...", then = "Ctrl-A", else = "Ctrl-B" }`, "if needs then, else or both")
		return nil
	}
	if then != nil {
		a.List[0] = b.action(then, nil)
	}
	if otherwise != nil {
		a.List[1] = b.action(otherwise, nil)
	}
	return a
}

func listAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		if !b.is(v, kindArray, v.key) {
			return nil
		}
		if len(v.kids) == 0 {
			b.ps.error(v.valueSpan(), "", "%s needs at least one action", v.key)
			return nil
		}
		a := &remap.Action{Kind: k}
		for _, e := range v.kids {
			a.List = append(a.List, b.action(e, nil))
		}
		return a
	}
}

func (b *builder) oneShotAction(n, v *node) *remap.Action {
	if !b.is(v, kindString, "one_shot") {
		return nil
	}
	// A combo needs a key: give it one to read the modifiers.
	c, ok := b.combo(v.str()+"-a", func(from, to int) span { return v.within(min(from, len(v.str())), min(to, len(v.str()))) })
	if !ok || !b.checkOutput(v, c) {
		return nil
	}
	a := &remap.Action{Kind: remap.DoOneShot, Combo: key.Combo{Mods: c.Mods}}
	if t := n.get("timeout"); t != nil {
		a.Time = b.duration(t, 0, time.Hour)
	}
	return a
}

func (b *builder) steps(v *node) int32 {
	i, ok := v.value.(int64)
	if !ok || i < -maxSteps || i > maxSteps {
		b.ps.error(v.valueSpan(), "wheel = 1 turns up, -1 down; hwheel = 1 turns right; move = [10, 0] moves right", "this is a whole number from -%d to %d", maxSteps, maxSteps)
		return 0
	}
	return int32(i)
}

func (b *builder) moveAction(_, v *node) *remap.Action {
	if v.kind != kindArray || len(v.kids) != 2 {
		b.ps.error(v.valueSpan(), "move = [10, 0] moves to the right", "move is a list of two numbers: right and down")
		return nil
	}
	var list []*remap.Action
	for i, axis := range []uint16{relX, relY} {
		if n := b.steps(v.kids[i]); n != 0 {
			list = append(list, &remap.Action{Kind: remap.DoPointer, Axis: axis, Value: n})
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return remap.List(list...)
}

func wheelAction(axis uint16) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		return &remap.Action{Kind: remap.DoPointer, Axis: axis, Value: b.steps(v)}
	}
}

func (b *builder) passthroughAction(_, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoPassthrough, Value: 2}
	if on, ok := v.value.(bool); ok {
		a.Value = 0
		if on {
			a.Value = 1
		}
	} else if v.str() != "toggle" {
		b.ps.error(v.valueSpan(), `true, false or "toggle"`, "passthrough cannot be %s", shown(v))
	}
	return a
}

func (b *builder) escapeAction(_, v *node) *remap.Action {
	return &remap.Action{Kind: remap.DoEscapeKey + remap.ActionKind(b.choice(v, escapes...))}
}

func (b *builder) markAction(_, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoSetMark}
	if b.boolean(v) {
		a.Value = 1
	}
	return a
}

func (b *builder) withMarkAction(n, v *node) *remap.Action {
	a := &remap.Action{Kind: remap.DoWithMark, List: []*remap.Action{b.sendAction(v, remap.DoCombo)}}
	if m := n.get("mark"); m != nil {
		if !b.boolean(m) {
			b.ps.error(m.valueSpan(), "leave it out", "beside with_mark, mark is true")
		}
		a.Kind = remap.DoSetWithMark
	}
	return a
}

func (b *builder) tapsAction(n, v *node) *remap.Action {
	if v.kind != kindArray || len(v.kids) == 0 || len(v.kids) > maxTaps {
		b.ps.error(v.valueSpan(), `taps = ["Ctrl-D", { text = "twice" }]`, "taps is a list of 1 to %d actions", maxTaps)
		return nil
	}
	a := &remap.Action{Kind: remap.DoTaps}
	for _, e := range v.kids {
		x := b.action(e, nil)
		if x != nil && x.Kind == remap.DoNothing {
			x = nil
		}
		a.List = append(a.List, x)
	}
	if t := n.get("interval"); t != nil {
		a.Time = b.duration(t, minTapInterval, maxTapInterval)
	}
	if t := n.get("min_delay"); t != nil {
		a.Time2 = b.duration(t, minMinTapDelay, maxMinTapDelay)
	}
	return a
}

func (b *builder) layerAction(n, v *node) *remap.Action {
	i, ok := b.layerValue(v)
	if !ok {
		return nil
	}
	a := &remap.Action{Kind: remap.DoLayerHold, Value: int32(i)}
	said := ""
	for _, k := range n.kids {
		kinds := map[string]remap.ActionKind{"once": remap.DoLayerOnce, "on": remap.DoLayerOn, "off": remap.DoLayerOff, "toggle": remap.DoLayerToggle}
		kind, ok := kinds[k.key]
		if !ok {
			continue
		}
		if !b.boolean(k) || said != "" {
			b.ps.error(k.keySpan(), `once = true, on = true, off = true or toggle = true; none of them: while the key is held`, "%s goes with one way to change it", "layer")
		}
		said, a.Kind = k.key, kind
	}
	return a
}

// layerValue reads the name of a layer.
func (b *builder) layerValue(v *node) (int, bool) {
	if !b.is(v, kindString, "a layer") {
		return 0, false
	}
	i, ok := b.layers[v.str()]
	if !ok {
		b.ps.error(v.valueSpan(), b.layerHint(v.str()), "there is no layer %q", v.str())
	}
	b.layerUsed[v.str()] = true
	return i, ok
}
