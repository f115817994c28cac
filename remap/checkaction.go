package remap

import (
	"slices"
	"unicode/utf8"

	"toshy/remap/key"
)

// maxDepth bounds how deep actions may be nested.
const maxDepth = 32

func (k *checker) action(a *Action, o Origin) {
	if a == nil {
		return
	}
	if (a.Kind == DoCombo || a.Kind == DoText) && len(a.List) == 0 { // nearly all are like that, and contain no other action
		k.actionItself(a, o)
		k.inside.height = max(k.inside.height, 1)
		return
	}
	done, begun := k.actions[a]
	if begun && done == nil {
		k.problem(o, "an action contains itself")
		return
	}
	if !begun {
		k.actions[a] = nil
		outer := k.inside
		k.inside = &checked{}
		k.actionItself(a, o)
		for _, x := range a.List {
			k.action(x, o)
		}
		k.inside.height++
		if k.inside.height == maxDepth+1 {
			k.problem(o, "actions are nested more than %d deep", maxDepth)
		}
		done = k.inside
		k.actions[a], k.inside = done, outer
	}
	k.inside.height = max(k.inside.height, done.height)
	for _, n := range done.opens {
		k.opens(n)
	}
}

func (k *checker) opens(n *Nested) {
	if !slices.Contains(k.inside.opens, n) {
		k.inside.opens = append(k.inside.opens, n)
	}
}

// actionItself checks an action without the actions in its list.
func (k *checker) actionItself(a *Action, o Origin) {
	k.time(a.Time, o)
	k.time(a.Time2, o)
	switch a.Kind {
	case DoRepeat:
		k.compiled.repeats = true
	case DoCombo, DoTap:
		if !k.strokeOK(a.Combo.Key) {
			k.problem(o, "a combo needs a key")
		}
		k.output(a.Combo, o)
	case DoOneShot:
		if len(a.Combo.Mods) == 0 {
			k.problem(o, "a one-shot needs a modifier")
		}
		k.output(a.Combo, o)
	case DoLock:
		if (a.Combo.Key == 0) == (len(a.Combo.Mods) == 0) || a.Combo.Key != 0 && (!k.keyOK(a.Combo.Key) || a.Combo.Key.IsSet()) {
			k.problem(o, "a lock needs modifiers or a key")
		}
		k.output(a.Combo, o)
	case DoPress:
		if len(a.List) != 2 {
			k.problem(o, "an action for a press and a release needs both; one of them can be nothing")
		}
	case DoWithout:
		if len(a.List) != 1 || a.List[0] == nil || a.List[0].Kind != DoCombo {
			k.problem(o, "only a combo can be sent without modifiers")
		}
		k.mods(a.Combo, o)
	case DoList, DoCall:
		if slices.Contains(a.List, nil) {
			k.problem(o, "an action of a list is missing")
		}
	case DoCycle:
		if len(a.List) == 0 || slices.Contains(a.List, nil) {
			k.problem(o, "a cycle needs actions")
		}
	case DoIf:
		k.cond(a.Cond, o)
		if len(a.List) == 0 || len(a.List) > 2 {
			k.problem(o, "a condition needs one or two actions")
		}
	case DoDesktop:
		for _, c := range a.Conds {
			k.cond(c, o)
		}
		if len(a.Conds) != len(a.List) || slices.Contains(a.List, nil) {
			k.problem(o, "an action of the desktop needs as many conditions as actions")
		}
	case DoNested:
		k.nested(a.Nested, o)
	case DoText, DoUnicode:
		if n, limit := utf8.RuneCountInString(a.Text), k.program.Options.textLimit(); n > limit {
			k.problem(o, "a text has at most %d characters, this one has %d", limit, n)
		}
		for _, r := range a.Text {
			if a.Kind == DoText && r < utf8.RuneSelf && usStrokes[r].code == 0 {
				k.problem(o, "a text has the control character U+%04X, which no key types", r)
				break
			}
		}
	case DoTaps:
		if len(a.List) == 0 || len(a.List) > 5 {
			k.problem(o, "taps are counted from 1 to 5, not to %d", len(a.List))
		}
	case DoTurbo:
		if len(a.List) != 1 || a.List[0] == nil || !a.List[0].Steady() {
			k.problem(o, "only an action that sends something can be repeated while a key is held")
		}
	case DoGlide:
		if a.Axis > 0x0f || a.Value == 0 || max(a.Value, -a.Value) > MaxSpeed {
			k.problem(o, "a movement needs an axis and a speed of 1 to %d", MaxSpeed)
		}
	case DoWithMark, DoSetWithMark:
		if len(a.List) != 1 || a.List[0] == nil || a.List[0].Kind != DoCombo {
			k.problem(o, "the mark needs exactly one combo")
		}
	case DoSet, DoNext:
		if a.Var < 0 || a.Var >= len(k.program.Vars) {
			k.problem(o, "a variable that does not exist is set")
		} else if a.Kind == DoSet && (a.Value < 0 || int(a.Value) >= len(k.program.Vars[a.Var].Values)) {
			k.problem(o, "%s has no such value", k.program.Vars[a.Var].Name)
		}
	case DoLayerOn, DoLayerOff, DoLayerToggle, DoLayerOnce, DoLayerHold, DoLayerOnly, DoLayerSwap:
		if a.Value < 0 || int(a.Value) >= len(k.program.Layers) {
			k.problem(o, "a layer that does not exist is changed")
		}
	case DoRecord, DoPlay:
		if a.Value < 0 || int(a.Value) >= len(k.program.Macros) {
			k.problem(o, "a macro that does not exist is recorded or played")
		}
	case DoPointer:
		if a.Axis > 0x0f { // REL_MAX
			k.problem(o, "a pointer has no axis %d", a.Axis)
		}
	case DoEffect:
		if a.Effect == nil {
			k.problem(o, "an effect is empty")
		}
	default:
		if a.Kind > DoEffect {
			k.problem(o, "an action of kind %d does not exist", a.Kind)
		}
	}
}

// nested checks the sequence that an action opens. Its second strokes may open it again.
func (k *checker) nested(n *Nested, o Origin) {
	if n == nil || len(n.Entries) == 0 && n.Immediate == nil {
		k.problem(o, "a sequence needs a second stroke")
		return
	}
	k.opens(n)
	if _, done := k.compiled.nested[n]; done {
		return
	}
	k.compiled.nested[n] = nil // found again inside itself: already checked
	k.time(n.Timeout, o)
	outer := k.inside
	k.inside = &checked{}
	k.action(n.Immediate, o)
	k.action(n.OnTimeout, o)
	k.follows[n], k.sequences = k.inside, append(k.sequences, sequence{n, k.table, o})
	k.inside = &checked{}
	k.action(n.OnMiss, o)
	actions := k.actions
	k.actions = map[*Action]*checked{} // the same actions may appear here again, because it takes a key to reach them
	all := k.entries(&Keymap{Entries: n.Entries, Passing: PassNever})
	table := &strokes{exact: make(map[comboKey]*Action), passing: all.passing}
	for _, b := range all.exact {
		table.exact[b.combo] = b.action
	}
	k.actions, k.inside = actions, outer
	k.compiled.nested[n] = table
}

// circles refuses sequences that open themselves without a key: they would never end.
func (k *checker) circles() {
	open := map[*Nested]bool{} // false: already checked
	var walk func(n *Nested) bool
	walk = func(n *Nested) bool {
		if is, begun := open[n]; begun {
			return is
		}
		open[n] = true
		defer func() { open[n] = false }()
		return k.follows[n] != nil && slices.ContainsFunc(k.follows[n].opens, walk)
	}
	for _, q := range k.sequences {
		if walk(q.nested) {
			k.table = q.table
			k.problem(q.origin, "the sequence %q opens itself again without a key", q.nested.Name)
		}
	}
}

// output refuses an output combo that presses one kind of modifier twice.
func (k *checker) output(c key.Combo, o Origin) {
	k.mods(c, o)
	var seen key.ModSet
	for _, m := range c.Mods {
		both := m.Sides()
		if m < key.ModFn {
			both = 3 << (m &^ 1)
		}
		if seen&both != 0 {
			k.problem(o, "%s has two modifiers of one kind", c)
			return
		}
		seen |= m.Sides()
	}
}
