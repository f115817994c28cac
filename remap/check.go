package remap

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"toshy/remap/key"
)

// checker walks a program and collects its mistakes.
type checker struct {
	program  *Program
	compiled *Compiled
	table    string
	problems []error

	conds   map[*Cond]bool       // conditions already checked; false while one is being checked
	actions map[*Action]*checked // likewise; nil while one is
	inside  *checked             // what the current action is part of
	groups  int                  // how many groups a condition may ask
	follows map[*Nested]*checked // what a sequence does without a key

	sequences []sequence
}

// A sequence records where a sequence is opened first.
type sequence struct {
	nested *Nested
	table  string
	origin Origin
}

// checked is what is known about an action or sequence after its check.
type checked struct {
	height int       // how deep actions are nested in it
	opens  []*Nested // the sequences that it opens
}

func newChecker(c *Compiled) *checker {
	return &checker{
		program: c.program, compiled: c, conds: map[*Cond]bool{}, actions: map[*Action]*checked{},
		inside: &checked{}, groups: len(c.program.Groups), follows: map[*Nested]*checked{},
	}
}

func (k *checker) problem(o Origin, format string, args ...any) {
	k.problems = append(k.problems, &Problem{Origin: o, Table: k.table, Message: fmt.Sprintf(format, args...)})
}

func (k *checker) modifiers() {
	c := k.compiled
	k.table = "modifiers"
	for i := range c.modOf {
		c.modOf[i] = -1
	}
	for m := key.Mod(0); m < key.Custom0; m++ {
		c.modOf[m.Code()], c.modCode[m] = int8(m), m.Code()
	}
	for i, m := range k.program.Modifiers {
		switch {
		case i >= key.MaxCustom:
			k.problem(Origin{}, "too many modifiers (%s): a program has at most %d", m.Name, key.MaxCustom)
		case m.Carrier == 0 || m.Carrier >= 0x300:
			k.problem(Origin{}, "modifier %s needs a carrier key", m.Name)
		case c.modOf[m.Carrier] >= 0:
			k.problem(Origin{}, "modifier %s: its carrier %s is a modifier already", m.Name, m.Carrier)
		default:
			c.modOf[m.Carrier] = int8(int(key.Custom0) + i)
			c.modCode[int(key.Custom0)+i] = m.Carrier
			c.hidden[m.Carrier] = m.Hidden
		}
	}
}

// sets checks the sets of modifiers that act as one key.
func (k *checker) sets() {
	c := k.compiled
	for code, m := range c.modOf {
		if m >= 0 {
			c.modSet[code] = 1 << m
		}
	}
	for i, set := range k.program.Sets {
		if i >= key.MaxSets {
			k.problem(Origin{}, "more than %d keys are several modifiers", key.MaxSets)
			return
		}
		code := key.Set0 + key.Code(i)
		before := len(k.problems)
		k.output(key.Combo{Mods: set, Key: code}, Origin{})
		if len(k.problems) > before {
			continue
		}
		for _, m := range set {
			c.modSet[code] |= 1 << m.Left()
			c.sets[i] = append(c.sets[i], c.modCode[m.Left()])
		}
	}
}

// states checks variables and groups.
func (k *checker) states() {
	k.table = "variables"
	named := map[string]bool{}
	for i := range k.program.Vars {
		v := &k.program.Vars[i]
		if v.Default < 0 || v.Default >= len(v.Values) {
			k.problem(Origin{}, "%s has no initial value", v.Name)
		}
		if named[v.Name] {
			k.problem(Origin{}, "two variables are named %s", v.Name)
		}
		named[v.Name] = true
	}
	k.table = "macros"
	if n := len(k.program.Macros); n > MaxMacros {
		k.problem(Origin{}, "a program has at most %d macros, this one has %d", MaxMacros, n)
	}
	k.table = "layers"
	for i, c := range k.program.LayerMods {
		if i >= len(k.program.Layers) || c != 0 && (!k.keyOK(c) || k.compiled.modSet[c] == 0) {
			k.problem(Origin{}, "layer %d is not a modifier", i)
		}
	}
	clear(named)
	for _, name := range k.program.Layers {
		if named[name] {
			k.problem(Origin{}, "two layers are named %s", name)
		}
		named[name] = true
	}
	for i := range k.program.Groups {
		g := &k.program.Groups[i]
		k.table, k.groups = fmt.Sprintf("group %q", g.Name), i
		k.cond(g.Cond, Origin{})
		k.compiled.layerGroups = append(k.compiled.layerGroups, len(k.problems) == 0 && k.compiled.needsLayer(g.Cond))
	}
	k.groups = len(k.program.Groups)
	for i := range k.program.Vars {
		k.table = fmt.Sprintf("variable %q", k.program.Vars[i].Name)
		k.cond(k.program.Vars[i].ResetOnFocus, Origin{})
		for _, s := range k.program.Vars[i].SetBy {
			k.cond(s.When, Origin{})
			if s.Value < 0 || int(s.Value) >= len(k.program.Vars[i].Values) {
				k.problem(Origin{}, "%s is set to a value that it does not have", k.program.Vars[i].Name)
			}
		}
	}
}

func (k *checker) options() {
	k.table = "options"
	o := &k.program.Options
	for _, c := range []key.Code{o.MaskKey, o.EjectKey, o.DiagnosticKey} {
		if c != 0 && !k.keyOK(c) {
			k.problem(Origin{}, "%s is not a key of a keyboard", c)
		}
	}
}

// hands checks which hand presses which key.
func (k *checker) hands() {
	k.table = "hands"
	h := &k.program.Hands
	var seen [key.Count]bool
	for _, keys := range [][]key.Code{h.Left, h.Right, h.Neither} {
		for _, c := range keys {
			switch {
			case !k.keyOK(c):
				k.problem(Origin{}, "%s is not a key of a keyboard", c)
			case seen[c]:
				k.problem(Origin{}, "%s has two hands", c)
			default:
				seen[c] = true
			}
		}
	}
}

// keyOK says whether c is a key that can be down. A step of a wheel cannot.
func (k *checker) keyOK(c key.Code) bool {
	return c > 0 && c < key.WheelUp || c.IsSet() && int(c-key.Set0) < len(k.program.Sets)
}

// strokeOK says whether c can be tapped, as a key or as a step of a wheel.
func (k *checker) strokeOK(c key.Code) bool { return k.keyOK(c) || c.IsWheel() }

// maxTime is the longest time in a program. Anything longer is a mistake of unit.
const maxTime = time.Hour

func (k *checker) time(d time.Duration, o Origin) {
	switch {
	case d < 0:
		k.problem(o, "a time is negative: %v", d)
	case d > maxTime:
		k.problem(o, "a time is longer than an hour: %v", d)
	}
}

func (k *checker) modmap(m *Modmap) {
	k.table = fmt.Sprintf("modmap %q", m.Name)
	for _, from := range slices.Sorted(maps.Keys(m.Keys)) {
		if !k.keyOK(from) || !k.keyOK(m.Keys[from]) {
			k.problem(m.Lines[from], "needs a key on both sides, not %s and %s", from, m.Keys[from])
		}
	}
	k.cond(m.When, m.Origin)
}

func (k *checker) tapHolds(m *TapHoldMap) {
	k.table = fmt.Sprintf("modmap %q", m.Name)
	for _, from := range slices.Sorted(maps.Keys(m.Keys)) {
		t := m.Keys[from]
		switch {
		case !k.keyOK(from) || !k.keyOK(t.Tap) && t.TapDo == nil || t.HoldLayer == 0 && t.HoldDo == nil && !k.keyOK(t.Hold):
			k.problem(m.Lines[from], "%s needs a key or action to tap and a key, action or layer to hold", from)
		case t.Tap == t.Hold && t.HoldLayer == 0 && t.TapDo == nil && t.HoldDo == nil:
			k.problem(m.Lines[from], "%s is %s both tapped and held: use a plain modmap entry", from, t.Tap)
		case t.HoldLayer < 0 || t.HoldLayer > len(k.program.Layers):
			k.problem(m.Lines[from], "%s holds a layer that does not exist", from)
		}
		k.action(t.TapDo, m.Lines[from])
		k.action(t.HoldDo, m.Lines[from])
		k.action(t.TimeoutDo, m.Lines[from])
		k.time(t.Timeout, m.Lines[from])
		k.time(t.QuickTap, m.Lines[from])
		if t.Idle != NoIdle {
			k.time(t.Idle, m.Lines[from])
		}
	}
	k.cond(m.When, m.Origin)
}

func (k *checker) chords(m *ChordMap) {
	k.table = fmt.Sprintf("chord %q", m.Name)
	k.time(m.Window, m.Origin)
	k.time(m.Hold, m.Origin)
	for _, c := range m.Chords {
		switch {
		case len(c.Keys) < 2 || len(c.Keys) > maxChord:
			k.problem(c.Origin, "a chord has 2 to %d keys, this one has %d", maxChord, len(c.Keys))
		case c.Action == nil:
			k.problem(c.Origin, "a chord needs an action")
		}
		for i, code := range c.Keys {
			if !k.keyOK(code) || slices.Contains(c.Keys[:i], code) {
				k.problem(c.Origin, "a chord needs different keys, and %s is in it twice", code)
			}
		}
		k.action(c.Action, c.Origin)
	}
	k.cond(m.When, m.Origin)
}

// entries checks the entries of a keymap and expands their combos.
func (k *checker) entries(m *Keymap) bindings {
	byLayer := len(k.problems) == 0 && k.compiled.byLayer(m)
	entries, room := m.allEntries(), 0
	for i := range entries {
		room += entries[i].Combo.Sets()
	}
	all := bindings{exact: make([]binding, 0, room)}
	var mods []key.Mod
	var sets []key.ModSet // that mods mean
	for _, x := range entries {
		switch {
		case !k.strokeOK(x.Combo.Key) && x.Combo.Key != key.Any:
			k.problem(x.Origin, "a combo needs a key")
			continue
		case k.compiled.modOf[x.Combo.Key] >= 0:
			k.problem(x.Origin, "%s is a modifier and never triggers an entry by itself: use a modmap", x.Combo.Key)
			continue
		case x.Action == nil:
			k.problem(x.Origin, "%s needs an action", x.Combo)
			continue
		}
		k.mods(x.Combo, x.Origin)
		k.action(x.Action, x.Origin)
		if is, last := m.passes(&x, byLayer); is {
			all.passing = append(all.passing, passing{x.Combo, x.Action, last})
			continue
		}
		if sets == nil || !slices.Equal(x.Combo.Mods, mods) { // nearly always they are those of the entry before
			mods, sets = x.Combo.Mods, x.Combo.Expand()
		}
		for _, set := range sets {
			all.exact = append(all.exact, binding{combo(set, x.Combo.Key), x.Action})
		}
	}
	slices.SortStableFunc(all.passing, func(a, b passing) int { return len(a.combo.Mods) - len(b.combo.Mods) })
	return all
}

func (k *checker) mods(c key.Combo, o Origin) {
	var seen key.ModSet
	for _, m := range c.Mods {
		if m > key.Meta || m >= key.Custom0 && !m.IsGeneric() && int(m-key.Custom0) >= len(k.program.Modifiers) {
			k.problem(o, "%s names a modifier that does not exist", c)
			return
		}
		if seen&m.Sides() != 0 {
			k.problem(o, "%s names one modifier twice", c)
			return
		}
		seen |= m.Sides()
	}
}

func (k *checker) cond(c *Cond, o Origin) {
	if c == nil {
		return
	}
	if done, begun := k.conds[c]; begun {
		if !done {
			k.problem(o, "the condition %q contains itself", c.Source)
		}
		return
	}
	k.conds[c] = false
	ok := c.Op <= CondWithin && c.Field < numFields
	switch c.Op {
	case CondNot:
		ok = ok && len(c.Kids) == 1
	case CondGroup: // groups are evaluated in their order
		ok = ok && c.Var >= 0 && c.Var < k.groups
	case CondVar:
		ok = ok && c.Var >= 0 && c.Var < len(k.program.Vars)
	case CondLayer:
		ok = ok && c.Value >= 0 && int(c.Value) < len(k.program.Layers)
	case CondHeld, CondLast:
		if ok = c.Value > 0 && c.Value < key.Count && k.keyOK(key.Code(c.Value)) && !key.Code(c.Value).IsSet(); ok {
			k.compiled.asks(c)
		}
	case CondLock:
		ok = ok && (c.Field == FieldCapsLock || c.Field == FieldNumLock || c.Field == FieldLevel3)
	case CondMatch:
		ok = ok && c.Regexp != nil
	case CondPrefix, CondSuffix, CondWithin:
		ok = ok && len(c.Strings) == 1
	}
	if !ok {
		k.problem(o, "the condition %q refers to something that does not exist", c.Source)
	}
	for _, x := range c.Kids {
		k.cond(x, o)
	}
	k.compiled.addSearch(c)
	k.conds[c] = true
}

func (k *checker) timings() {
	k.table = "timing"
	for _, t := range k.program.Timings {
		k.cond(t.When, Origin{})
		for _, d := range []*time.Duration{t.Suspend, t.TapHold, t.TapInterval, t.MinTapDelay} {
			if d != nil {
				k.time(*d, Origin{})
			}
		}
	}
	k.table = "pacing"
	for _, p := range k.program.Pacings {
		k.cond(p.When, Origin{})
		for _, d := range []time.Duration{p.Pre, p.Post, p.FastPre, p.FastPost} {
			k.time(d, Origin{})
		}
	}
	k.table = "unicode"
	for _, u := range k.program.Unicodes {
		k.cond(u.When, Origin{})
		if u.End != 0 && !k.keyOK(u.End) {
			k.problem(Origin{}, "a hex entry ends with a key, not with %s", u.End)
		}
	}
}
