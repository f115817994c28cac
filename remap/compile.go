package remap

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"toshy/remap/key"
)

// Times that count where no rule sets one.
const (
	defaultTapHold     = time.Second
	defaultTapInterval = 250 * time.Millisecond
	defaultMinTapDelay = 70 * time.Millisecond
	defaultChordWindow = 50 * time.Millisecond
	maxPacing          = 200 * time.Millisecond
)

// A Problem is a part of a program that cannot work.
type Problem struct {
	Origin  Origin
	Table   string // the table it stands in: `keymap "firefox"`
	Message string
}

func (p *Problem) Error() string {
	if p.Origin.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s: %s", p.Origin.File, p.Origin.Line, p.Origin.Column, p.Table, p.Message)
	}
	return p.Table + ": " + p.Message
}

// Compiled is a checked program in the form that the engine looks things up in. It is not changed by
// running and may serve several engines.
type Compiled struct {
	program  *Program
	modOf    [key.Count]int8 // number of the modifier that a key is, -1: none
	modCode  [16]key.Code    // and back
	hidden   [key.Count]bool // carriers that never reach the output
	modmaps  []map[key.Code]key.Code
	tapHolds []map[key.Code]*TapHold
	keymaps  [][]binding
	nested   map[*Nested]map[comboKey]*Action
	timings  []Timing
	global   timing
	pacings  []Pacing
	conds    []*Cond // of modmaps, tap-holds, chords, keymaps, timings, pacings, in this order
	reads    []reads // what each of conds reads
	groups   []reads
	// varEffects tell of each value of each variable, made beforehand: a key press allocates nothing.
	varEffects [][]Effect
}

// comboKey is a key with an exact set of modifiers.
type comboKey uint32

func combo(mods key.ModSet, c key.Code) comboKey { return comboKey(mods)<<16 | comboKey(c) }

// A binding is one expanded entry of a keymap.
type binding struct {
	combo  comboKey
	action *Action
}

// Compile checks a program and prepares it. The error joins a *Problem for everything that cannot
// work; a program without conditions, keys or maps is fine and forwards everything.
func Compile(p *Program) (*Compiled, error) {
	c := &Compiled{program: p, nested: map[*Nested]map[comboKey]*Action{}}
	check := checker{program: p, compiled: c}
	check.modifiers()
	for i := range p.Modmaps {
		m := &p.Modmaps[i]
		check.modmap(m)
		c.modmaps = append(c.modmaps, m.Keys)
		c.addCond(m.When)
	}
	for i := range p.TapHolds {
		m := &p.TapHolds[i]
		check.tapHolds(m)
		keys := make(map[key.Code]*TapHold, len(m.Keys))
		for k, t := range m.Keys {
			keys[k] = &t
		}
		c.tapHolds = append(c.tapHolds, keys)
		c.addCond(m.When)
	}
	for i := range p.Chords {
		m := &p.Chords[i]
		check.chords(m)
		c.addCond(m.When)
	}
	for i := range p.Keymaps {
		m := &p.Keymaps[i]
		check.table = fmt.Sprintf("keymap %q", m.Name)
		c.keymaps = append(c.keymaps, check.entries(m.allEntries()))
		c.addCond(m.When)
	}
	check.timings()
	for i, v := range p.Vars {
		if !strings.HasPrefix(v.Name, "settings.") {
			c.varEffects = append(c.varEffects, nil) // a state is nobody else's affair
			continue
		}
		effects := make([]Effect, len(v.Values))
		for n := range effects {
			effects[n] = Effect{Kind: EffectVar, Var: i, Value: int32(n), Text: v.Name}
		}
		c.varEffects = append(c.varEffects, effects)
	}
	for i := range p.Groups {
		c.groups = append(c.groups, c.readsOf(p.Groups[i].Cond))
	}
	if len(p.Modifiers) > key.MaxCustom {
		check.problem(Origin{}, "a program has at most %d modifiers of its own, this one has %d", key.MaxCustom, len(p.Modifiers))
	}
	return c, errors.Join(check.problems...)
}

func (m *Keymap) allEntries() []Entry {
	if m.Level3 {
		return slices.Concat(Level3Entries(), m.Entries)
	}
	return m.Entries
}

func (c *Compiled) addCond(cond *Cond) {
	c.conds = append(c.conds, cond)
	c.reads = append(c.reads, c.readsOf(cond))
}

// reads says which inputs a condition depends on: bit n for Field n, then variables and layers.
type reads uint16

const (
	readsVars   reads = 1 << numFields
	readsLayers reads = 1 << (numFields + 1)
	readsAll    reads = 1<<(numFields+2) - 1
	readsWindow       = 1<<FieldApp | 1<<FieldTitle | 1<<FieldExe | 1<<FieldDesktop | 1<<FieldSession
	readsDevice       = 1<<FieldDevice | 1<<FieldKeyboard | 1<<FieldCapsLock | 1<<FieldNumLock
)

func (c *Compiled) readsOf(cond *Cond) reads {
	if cond == nil {
		return 0
	}
	var r reads
	switch cond.Op {
	case CondConst:
	case CondAll, CondAny, CondNot:
		for _, k := range cond.Kids {
			r |= c.readsOf(k)
		}
	case CondGroup:
		r = c.groupReads(cond.Var)
	case CondVar:
		r = readsVars
	case CondLayer:
		r = readsLayers
	default:
		r = 1 << cond.Field
	}
	return r
}

func (c *Compiled) groupReads(group int) reads {
	if group < 0 || group >= len(c.program.Groups) {
		return 0
	}
	return c.readsOf(c.program.Groups[group].Cond)
}

// checker walks a program and collects what is wrong with it.
type checker struct {
	program  *Program
	compiled *Compiled
	table    string
	problems []error
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

func (k *checker) keyOK(c key.Code) bool { return c > 0 && c < key.Count }

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
		case !k.keyOK(from) || !k.keyOK(t.Tap) || t.HoldLayer == 0 && !k.keyOK(t.Hold):
			k.problem(m.Lines[from], "%s needs a key to tap and a key or layer to hold", from)
		case t.Tap == t.Hold && t.HoldLayer == 0:
			k.problem(m.Lines[from], "%s is %s both tapped and held: use a plain modmap entry", from, t.Tap)
		case t.HoldLayer < 0 || t.HoldLayer > len(k.program.Layers):
			k.problem(m.Lines[from], "%s holds a layer that does not exist", from)
		case t.Timeout < 0 || t.QuickTap < 0:
			k.problem(m.Lines[from], "%s has a negative time", from)
		}
	}
	k.cond(m.When, m.Origin)
}

func (k *checker) chords(m *ChordMap) {
	k.table = fmt.Sprintf("chord %q", m.Name)
	for _, c := range m.Chords {
		switch {
		case len(c.Keys) < 2 || len(c.Keys) > maxChord:
			k.problem(c.Origin, "a chord has 2 to %d keys, this one has %d", maxChord, len(c.Keys))
		case c.Action == nil:
			k.problem(c.Origin, "a chord needs an action")
		}
		for i, code := range c.Keys {
			if !k.keyOK(code) || slices.Contains(c.Keys[:i], code) {
				k.problem(c.Origin, "a chord needs different keys, %s is not one more", code)
			}
		}
		k.action(c.Action, c.Origin, 0)
	}
	k.cond(m.When, m.Origin)
}

// entries checks the entries of a keymap and expands their combos.
func (k *checker) entries(entries []Entry) []binding {
	var all []binding
	for _, x := range entries {
		switch {
		case !k.keyOK(x.Combo.Key):
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
		k.action(x.Action, x.Origin, 0)
		for _, set := range x.Combo.Expand() {
			all = append(all, binding{combo(set, x.Combo.Key), x.Action})
		}
	}
	return all
}

func (k *checker) mods(c key.Combo, o Origin) {
	for _, m := range c.Mods {
		if m >= key.Custom0 && !m.IsGeneric() && int(m-key.Custom0) >= len(k.program.Modifiers) {
			k.problem(o, "%s names a modifier that does not exist", c)
		}
	}
}

// maxDepth bounds how deep actions may stand in each other, so that a program that contains itself
// is refused.
const maxDepth = 32

func (k *checker) action(a *Action, o Origin, depth int) {
	if a == nil {
		return
	}
	if depth > maxDepth {
		k.problem(o, "actions stand in each other more than %d deep", maxDepth)
		return
	}
	switch a.Kind {
	case DoCombo, DoTap:
		if !k.keyOK(a.Combo.Key) {
			k.problem(o, "a combo needs a key")
		}
		k.output(a.Combo, o)
	case DoOneShot:
		if len(a.Combo.Mods) == 0 {
			k.problem(o, "a one-shot needs a modifier")
		}
		k.output(a.Combo, o)
	case DoIf:
		k.cond(a.Cond, o)
		if len(a.List) == 0 || len(a.List) > 2 {
			k.problem(o, "a condition needs one or two actions")
		}
	case DoText:
		if n, limit := utf8.RuneCountInString(a.Text), k.program.Options.textLimit(); n > limit {
			k.problem(o, "a text has at most %d characters, this one has %d", limit, n)
		}
	case DoTaps:
		if len(a.List) == 0 || len(a.List) > 5 {
			k.problem(o, "taps are counted from 1 to 5, not to %d", len(a.List))
		}
	case DoCycle, DoCall:
		if len(a.List) == 0 {
			k.problem(o, "a cycle needs actions")
		}
	case DoWithMark, DoSetWithMark:
		if len(a.List) != 1 || a.List[0].Kind != DoCombo {
			k.problem(o, "the mark goes with one combo")
		}
	case DoSet, DoNext:
		if a.Var < 0 || a.Var >= len(k.program.Vars) {
			k.problem(o, "a variable that does not exist is set")
		} else if a.Kind == DoSet && (a.Value < 0 || int(a.Value) >= len(k.program.Vars[a.Var].Values)) {
			k.problem(o, "%s has no such value", k.program.Vars[a.Var].Name)
		}
	case DoLayerOn, DoLayerOff, DoLayerToggle, DoLayerOnce, DoLayerHold:
		if a.Value < 0 || int(a.Value) >= len(k.program.Layers) {
			k.problem(o, "a layer that does not exist is changed")
		}
	case DoEffect:
		if a.Effect == nil {
			k.problem(o, "an effect says nothing")
		}
	case DoNested:
		k.nested(a.Nested, o, depth)
	}
	if a.Time < 0 || a.Time2 < 0 {
		k.problem(o, "a time is negative")
	}
	for _, x := range a.List {
		k.action(x, o, depth+1)
	}
}

func (k *checker) nested(n *Nested, o Origin, depth int) {
	if n == nil || len(n.Entries) == 0 && n.Immediate == nil {
		k.problem(o, "a sequence needs a second stroke")
		return
	}
	if _, done := k.compiled.nested[n]; done {
		return
	}
	k.compiled.nested[n] = nil // found again inside itself: done
	k.action(n.Immediate, o, depth+1)
	k.action(n.OnTimeout, o, depth+1)
	k.action(n.OnMiss, o, depth+1)
	table := make(map[comboKey]*Action)
	for _, b := range k.entries(n.Entries) {
		table[b.combo] = b.action
	}
	k.compiled.nested[n] = table
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

func (k *checker) cond(c *Cond, o Origin) {
	if c == nil {
		return
	}
	ok := true
	switch c.Op {
	case CondNot:
		ok = len(c.Kids) == 1
	case CondGroup:
		ok = c.Var >= 0 && c.Var < len(k.program.Groups)
	case CondVar:
		ok = c.Var >= 0 && c.Var < len(k.program.Vars)
	case CondLayer:
		ok = c.Value >= 0 && int(c.Value) < len(k.program.Layers)
	case CondMatch:
		ok = c.Regexp != nil
	case CondPrefix, CondSuffix, CondWithin:
		ok = len(c.Strings) == 1
	}
	if !ok {
		k.problem(o, "the condition %q refers to something that does not exist", c.Source)
	}
	for _, x := range c.Kids {
		k.cond(x, o)
	}
}

func (k *checker) timings() {
	c := k.compiled
	k.table = "timing"
	c.global = timing{suspend: 0, tapHold: defaultTapHold, tapInterval: defaultTapInterval, minTapDelay: defaultMinTapDelay}
	for _, t := range k.program.Timings {
		k.cond(t.When, Origin{})
		for _, d := range []*time.Duration{t.Suspend, t.TapHold, t.TapInterval, t.MinTapDelay} {
			if d != nil && *d < 0 {
				k.problem(Origin{}, "a time is negative")
			}
		}
		c.timings = append(c.timings, t)
		c.addCond(t.When)
	}
	k.table = "pacing"
	for _, p := range k.program.Pacings {
		k.cond(p.When, Origin{})
		for _, d := range []*time.Duration{&p.Pre, &p.Post, &p.FastPre, &p.FastPost} {
			*d = min(max(*d, 0), maxPacing)
		}
		c.pacings = append(c.pacings, p)
		c.addCond(p.When)
	}
}

// UsesPointer says whether the program moves the pointer, turns a wheel or clicks.
func (c *Compiled) UsesPointer() bool {
	uses := false
	for _, m := range c.modmaps {
		for _, to := range m {
			uses = uses || to.IsButton()
		}
	}
	for _, m := range c.tapHolds {
		for _, t := range m {
			uses = uses || t.Tap.IsButton() || t.Hold.IsButton()
		}
	}
	for _, m := range c.keymaps {
		for _, b := range m {
			uses = uses || usesPointer(b.action, 0)
		}
	}
	for _, m := range c.program.Chords {
		for _, x := range m.Chords {
			uses = uses || usesPointer(x.Action, 0)
		}
	}
	return uses
}

func usesPointer(a *Action, depth int) bool {
	if a == nil || depth > maxDepth {
		return false
	}
	switch a.Kind {
	case DoPointer:
		return true
	case DoCombo, DoTap:
		return a.Combo.Key.IsButton() || a.Combo.Key.IsWheel()
	case DoNested:
		for _, x := range a.Nested.Entries {
			if usesPointer(x.Action, depth+1) {
				return true
			}
		}
		return usesPointer(a.Nested.Immediate, depth+1) || usesPointer(a.Nested.OnTimeout, depth+1)
	}
	for _, x := range a.List {
		if usesPointer(x, depth+1) {
			return true
		}
	}
	return false
}
