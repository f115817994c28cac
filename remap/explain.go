package remap

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// A Situation is what conditions read, for an explanation.
type Situation struct {
	Window Window
	Device Device
	Vars   []int32    // by index into Program.Vars; missing ones have their defaults
	Layers []int      // the layers that are on
	Held   []key.Code // physical keys
	Last   key.Code   // the physical key that was pressed last; 0: none
	Types  bool       // the session types characters that no key types
}

// A Rule is a table of the program, and the place of the part that applies.
type Rule struct {
	Name   string
	Origin Origin
}

// A KeyPath is what a physical key is before keymaps see it.
type KeyPath struct {
	Key     key.Code
	Becomes key.Code // after modmaps
	Modmap  *Rule    // nil: no modmap changes it
	TapHold *TapHold // nil: it has one meaning
	TapRule *Rule    // where the tap-hold is written
}

// Tapped is what the key means if you press and release it alone.
func (p *KeyPath) Tapped() key.Code {
	if p.TapHold != nil {
		return p.TapHold.Tap
	}
	return p.Becomes
}

// Held is what the key means while you press another key; 0 if it turns on a layer then.
func (p *KeyPath) Held() key.Code {
	if p.TapHold != nil {
		return p.TapHold.Hold
	}
	return p.Becomes
}

// A Part is a part of a condition, with its value in a situation.
type Part struct {
	Source string // as written
	Column int    // where it begins in its expression, from 1
	Value  bool
	Group  string // the group whose definition contains it; "": the rule itself
	Have   string // what it reads: `app is "kitty"`; "" if it depends on several things
}

// A Candidate is a keymap that has the combo.
type Candidate struct {
	Rule               // of the entry
	Keymap   int       // index into Program.Keymaps
	Combo    key.Combo // as the entry has it
	Action   *Action   // what it would do
	Active   bool      // its condition is true
	Shadowed bool      // it is active, and an earlier one wins
	Passes   []key.Mod // modifiers that are held in addition to those of the entry: they stay down with the output
	Lets     string    // for an entry that lets modifiers pass: why it does
	Why      []Part    // for an inactive keymap: the first part that is false, then the reasons for that
}

// An Explanation says what happens to a combo.
type Explanation struct {
	Held       []KeyPath // the keys that are held, in order
	Pressed    KeyPath
	Reserved   string      // "eject" or "diagnostic": the key is taken before all rules
	Acts       *Action     // the action of a tap of the key, which runs instead of any keymap entry; nil: keymaps decide
	Modifier   bool        // the pressed key is a modifier: keymaps do not see it alone
	Combo      key.Combo   // what keymaps look up, with specific modifiers
	NoModifier []key.Code  // held keys that are not modifiers here, so keymaps ignore them
	Winner     int         // index into Candidates, -1: none, so the key passes through
	Candidates []Candidate // in order of priority
	Chords     []Rule      // active chords that wait for more keys when you press this one
}

// situation is a Situation with everything evaluated.
type situation struct {
	c    *Compiled
	env  env
	view view
}

func (c *Compiled) at(s *Situation) *situation {
	p := c.program
	x := &situation{c: c, env: env{window: &s.Window, device: &s.Device, held: s.Held, last: s.Last, program: p}}
	for i := range p.Vars {
		v := int32(p.Vars[i].Default)
		if i < len(s.Vars) {
			v = s.Vars[i]
		}
		x.env.vars = append(x.env.vars, v)
	}
	x.env.layers = make([]bool, len(p.Layers))
	x.view.order = s.Layers
	for _, l := range s.Layers {
		x.env.layers[l] = true
	}
	for i := range p.Groups {
		x.env.groups = append(x.env.groups, p.Groups[i].Cond.eval(&x.env))
	}
	for _, cond := range c.conds {
		x.view.active = append(x.view.active, cond.eval(&x.env))
	}
	x.view.build(c)
	return x
}

// Choice is the index of the part that a DoDesktop or DoIf action uses in a situation, -1 if it uses none.
func (c *Compiled) Choice(a *Action, s *Situation) int {
	x := c.at(s)
	chosen := a.branch(&x.env)
	for i, b := range a.List {
		if b == chosen && chosen != nil {
			return i
		}
	}
	return -1
}

// Groups are the names of the groups that are true in a situation and that test something about the window's application.
func (c *Compiled) Groups(s *Situation) (names []string) {
	const ofApplication = 1<<FieldApp | 1<<FieldTitle | 1<<FieldExe | 1<<FieldCategories
	x := c.at(s)
	for i, g := range c.program.Groups {
		if x.env.groups[i] && c.readsOf(g.Cond)&ofApplication != 0 {
			names = append(names, g.Name)
		}
	}
	return names
}

// KeysFor returns the physical keys that give a wanted key in a situation: as a modifier if held is true, else when pressed
// alone. The most likely ones come first: a modifier that a modmap turns into the wanted one, the key itself, a key with
// two meanings, others.
func (c *Compiled) KeysFor(wanted key.Code, held bool, s *Situation) []key.Code {
	x := c.at(s)
	var keys []key.Code
	ranks := map[key.Code]int{}
	for k := key.Code(1); k < key.Count; k++ {
		p := x.path(k)
		if held && p.Held() != wanted || !held && p.Tapped() != wanted {
			continue
		}
		keys = append(keys, k)
		_, isMod := key.ModOf(k)
		switch {
		case held && isMod && p.Modmap != nil:
		case k == wanted:
			ranks[k] = 1
		case p.TapHold != nil:
			ranks[k] = 2
		default:
			ranks[k] = 3
		}
	}
	slices.SortStableFunc(keys, func(a, b key.Code) int { return ranks[a] - ranks[b] })
	return keys
}

func (x *situation) path(k key.Code) KeyPath { return x.c.path(&x.view, k) }

// path is the identity of a key in a view, found in the same way as Engine.press finds it.
func (c *Compiled) path(v *view, k key.Code) KeyPath {
	p := KeyPath{Key: k, Becomes: v.modmap[k]}
	prog := c.program
	active := v.active
	for i := range prog.Modmaps {
		m := &prog.Modmaps[i]
		if _, has := m.Keys[k]; has && active[i] {
			if p.Becomes != k {
				p.Modmap = &Rule{m.Name, m.lineOf(k)}
			}
			break
		}
	}
	active = active[len(prog.Modmaps):]
	p.TapHold = v.tapHold[p.Becomes]
	byMap := -1
	if m := v.byCode[k]; m > 0 {
		byMap = int(m) - 1
		p.TapHold = c.tapHolds[byMap][p.Becomes]
	} else if t := v.physical[k]; t != nil && p.Becomes == k {
		p.TapHold = t
	}
	for i := range prog.TapHolds {
		m := &prog.TapHolds[i]
		if p.TapHold == nil || !active[i] || byMap >= 0 && i != byMap || c.tapHolds[i][p.Becomes] != p.TapHold {
			continue
		}
		p.TapRule = &Rule{m.Name, lineOf(m.Lines, p.Becomes, m.Origin)}
		break
	}
	return p
}

func (m *Modmap) lineOf(k key.Code) Origin { return lineOf(m.Lines, k, m.Origin) }

func lineOf(lines map[key.Code]Origin, k key.Code, otherwise Origin) Origin {
	if o, ok := lines[k]; ok {
		return o
	}
	return otherwise
}

// Explain says what happens in a situation if you press a key while you hold others: what each key is, which entry wins,
// and why the other keymaps with the combo do not.
func (c *Compiled) Explain(held []key.Code, pressed key.Code, s *Situation) *Explanation {
	with := *s
	with.Held = slices.Concat(s.Held, held)
	s = &with
	x := c.at(s)
	for _, k := range held {
		if t := x.path(k).TapHold; t != nil && t.HoldLayer > 0 {
			with := *s
			with.Layers = append(slices.Clone(s.Layers), t.HoldLayer-1)
			s, x = &with, c.at(&with)
		}
	}
	e := &Explanation{Pressed: x.path(pressed), Winner: -1}
	switch pressed {
	case c.program.Options.EjectKey:
		e.Reserved = "eject"
	case c.program.Options.DiagnosticKey:
		e.Reserved = "diagnostic"
	}
	var set key.ModSet
	for _, k := range held {
		p := x.path(k)
		e.Held = append(e.Held, p)
		switch m := c.modOf[p.Held()]; {
		case m >= 0:
			set |= 1 << m
			e.Combo.Mods = append(e.Combo.Mods, key.Mod(m))
		case p.TapHold == nil || p.TapHold.HoldLayer == 0:
			e.NoModifier = append(e.NoModifier, k)
		}
	}
	e.Combo.Key = e.Pressed.Tapped()
	if t := e.Pressed.TapHold; t != nil && t.TapDo != nil {
		e.Acts = t.TapDo
		return e
	}
	if c.modOf[e.Combo.Key] >= 0 {
		e.Modifier = true
		return e
	}
	e.Chords = x.chords(e.Pressed.Becomes)
	active := x.view.active[len(c.modmaps)+len(c.tapHolds)+len(c.program.Chords):]
	for _, f := range x.entries(set, e.Combo.Key) {
		i, entry := f.keymap, f.entry
		m := &c.program.Keymaps[i]
		n := Candidate{Rule: Rule{m.Name, entry.Origin}, Keymap: i, Combo: entry.Combo, Action: entry.Action, Active: active[i], Lets: f.lets}
		for mod := range key.Mod(16) {
			if f.pass>>mod&1 != 0 {
				n.Passes = append(n.Passes, mod)
			}
		}
		if n.Origin == (Origin{}) {
			n.Origin = m.Origin // a generated entry
		}
		switch {
		case !n.Active:
			n.Why = x.why(m.When, "", "")
		case e.Winner < 0:
			e.Winner = len(e.Candidates)
		default:
			n.Shadowed = true
		}
		e.Candidates = append(e.Candidates, n)
	}
	return e
}

// A found entry has the combo in question.
type found struct {
	keymap int
	entry  *Entry
	pass   key.ModSet
	lets   string
	last   bool
}

// entries finds the entries that have a combo, one per keymap, in order of priority.
func (x *situation) entries(set key.ModSet, k key.Code) (all []found) {
	maps := make([]int, len(x.c.program.Keymaps))
	for i := range maps {
		maps[i] = i
	}
	x.view.sort(maps, x.c.program)
	for _, i := range maps {
		m := &x.c.program.Keymaps[i]
		if f := m.find(set, k, x.c.byLayer(m)); f.entry != nil {
			f.keymap = i
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		switch {
		case a.last == b.last:
			return 0
		case a.last:
			return 1
		}
		return -1
	})
	return all
}

// find returns the entry for a combo. Of two, it returns the later one, and prefers an entry that names the modifiers to
// one that lets them pass.
func (m *Keymap) find(set key.ModSet, k key.Code, byLayer bool) found {
	f := m.findKey(set, k, byLayer)
	if f.entry == nil && k.IsKey() {
		f = m.findKey(set, key.Any, byLayer)
	}
	return f
}

func (m *Keymap) findKey(set key.ModSet, k key.Code, byLayer bool) (best found) {
	entries := m.allEntries()
	for i := len(entries) - 1; i >= 0; i-- {
		x := &entries[i]
		if x.Combo.Key != k {
			continue
		}
		is, last := m.passes(x, byLayer)
		if !is {
			if slices.Contains(x.Combo.Expand(), set) {
				return found{entry: x}
			}
			continue
		}
		p := passing{combo: x.Combo}
		pass, ok := p.takes(set)
		if !ok || best.entry != nil && len(best.entry.Combo.Mods) >= len(x.Combo.Mods) {
			continue
		}
		best = found{entry: x, pass: pass, last: last}
		switch {
		case x.Combo.Any:
			best.lets = "the entry says * for other modifiers"
		case m.Passing == PassAlways:
			best.lets = "the keymap lets them pass"
		case last:
			best.lets = "an entry that turns on a layer or one-shot modifiers also works while other modifiers are held"
		default:
			best.lets = "entries of a layer that name no modifiers let them pass"
		}
	}
	return best
}

func (x *situation) chords(k key.Code) []Rule {
	var list []Rule
	for _, m := range x.view.chords {
		for _, c := range m.Chords {
			if slices.Contains(c.Keys, k) {
				list = append(list, Rule{m.Name, c.Origin})
			}
		}
	}
	return list
}

// why follows a condition to the first part that decides its value: the first false part of a false "and", the true part of
// a "not", the definition of a group. above is the source of the enclosing part, which is not repeated.
func (x *situation) why(c *Cond, group, above string) []Part {
	if c == nil {
		return nil
	}
	value := c.eval(&x.env)
	part := Part{Source: c.Source, Column: c.Column, Value: value, Group: group, Have: x.have(c)}
	var rest []Part
	switch c.Op {
	case CondAll, CondAny:
		// The first false part decides a false "and", and the first true part a true "or", so only that part is shown.
		// Otherwise all parts decide.
		if value == (c.Op == CondAny) {
			for _, k := range c.Kids {
				if k.eval(&x.env) == value {
					return x.why(k, group, above)
				}
			}
		}
		part.Have = x.haveAll(c)
	case CondNot:
		rest = x.why(c.Kids[0], group, c.Source)
		if n := len(rest); n > 0 && rest[0].Source == c.Source {
			part.Have, rest = rest[0].Have, rest[1:]
		}
	case CondGroup:
		g := &x.env.program.Groups[c.Var]
		rest = x.why(g.Cond, g.Name, "")
	}
	if part.Source == "" || part.Source == above && group == "" {
		if len(rest) == 0 {
			return []Part{part}
		}
		return rest
	}
	return append([]Part{part}, rest...)
}

// haveAll says what the parts of a condition read, each fact once.
func (x *situation) haveAll(c *Cond) string {
	const most = 3 // more do not help
	var words []string
	asked := map[int]bool{} // groups
	var walk func(c *Cond)
	walk = func(c *Cond) {
		if h := x.have(c); h != "" && !slices.Contains(words, h) {
			words = append(words, h)
		}
		if c.Op == CondGroup && !asked[c.Var] {
			asked[c.Var] = true
			walk(x.env.program.Groups[c.Var].Cond)
		}
		for i := 0; i < len(c.Kids) && len(words) <= most; i++ {
			walk(c.Kids[i])
		}
	}
	walk(c)
	if len(words) > most {
		return ""
	}
	all := ""
	for i, w := range words {
		if i > 0 {
			all += ", "
		}
		all += w
	}
	return all
}

// have says what a single comparison reads.
func (x *situation) have(c *Cond) string {
	onOff := func(name string, on bool) string {
		if on {
			return name + " is on"
		}
		return name + " is off"
	}
	switch c.Op {
	case CondVar:
		v := &x.env.program.Vars[c.Var]
		return fmt.Sprintf("%s is %s", v.Name, v.Values[x.env.vars[c.Var]])
	case CondLayer:
		return onOff("layer "+x.env.program.Layers[c.Value], x.env.layers[c.Value])
	case CondHeld:
		if c.eval(&x.env) {
			return key.Code(c.Value).String() + " is held"
		}
		return key.Code(c.Value).String() + " is not held"
	case CondLast:
		if x.env.last == 0 {
			return "the last key is not known"
		}
		return "the last key is " + x.env.last.String()
	case CondLock:
		if c.Field == FieldLevel3 {
			if x.env.level3 {
				return "the layout has a third level"
			}
			return "the layout has no third level"
		}
		return onOff(c.Field.String(), c.eval(&x.env))
	case CondEqual, CondMatch, CondPrefix, CondSuffix, CondWithin:
		if c.Field == FieldCategories {
			if names := CategoryNames(x.env.field(c.Field)); len(names) > 0 {
				return "categories are " + strings.Join(names, ", ")
			}
			return "categories are not known"
		}
		if s := x.env.field(c.Field); s != "" {
			return fmt.Sprintf("%s is %q", c.Field, s)
		}
		return fmt.Sprintf("%s is not known", c.Field)
	}
	return ""
}
