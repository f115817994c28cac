package remap

import (
	"regexp"
	"slices"
	"time"

	"toshy/remap/key"
)

// A source provides random numbers for programs and events: a generator, rapid, or a fuzzer's bytes.
type source interface {
	n(limit int) int // 0 to limit-1
}

func chance(s source, percent int) bool { return s.n(100) >= 100-percent }

func pick[T any](s source, list []T) T { return list[s.n(len(list))] }

// The keys of random programs. No rule uses the free keys; each belongs to one keyboard.
var (
	chaosKeys    = []key.Code{30, 31, 32, 33, 16, 17, 18, 57, 15, 28, 1, 58, 59, 60, 12, 14}
	chaosMods    = []key.Code{29, 97, 42, 54, 56, 100, 125, 126, key.Fn}
	chaosButtons = []key.Code{0x110, 0x111, 0x112}
	chaosWheel   = []key.Code{key.WheelUp, key.WheelDown, key.WheelLeft, key.WheelRight}
	chaosCarrier = []key.Code{194, 193, 192}
	chaosTimes   = []time.Duration{0, 0, 1, time.Millisecond, 20 * time.Millisecond, 150 * time.Millisecond, 600 * time.Millisecond, 2 * time.Second}
)

var chaosLayouts = []*Layout{
	nil,
	{Map: map[key.Code]key.Code{16: 30, 30: 16, 17: 44, 44: 17, 31: 0x3ff, 32: 0xffff}, Correct: true},
	{Symbols: map[string][]Step{
		"a": {{Key: 16}}, "u": {{Key: 22}}, "H": {{Mods: []key.Code{42}, Key: 35}}, "ß": {{Key: 12}, {Mods: []key.Code{100, 42, 0xffff}, Key: 31}},
		"2": {{Key: 3}}, "1": {{Key: 2}}, "E": {{Key: 18}}, "i": {{Key: 0x3ff}},
	}, Map: map[key.Code]key.Code{30: 31}},
}

const (
	chaosDevices  = 3
	firstFree     = key.Code(0x180)
	freePerDevice = 3
)

func isFree(c key.Code) bool { return c >= firstFree && c < firstFree+chaosDevices*freePerDevice }

// chaos creates random programs that Compile accepts.
type chaos struct {
	s      source
	p      *Program
	nested []*Nested
	// What the random program may do to free keys.
	loses, repeats bool
	holdOnly       bool // layers are on only while a key is held
	locks          bool // layers may stay on
}

func (c *chaos) any() key.Code {
	switch c.s.n(12) {
	case 0, 1:
		return pick(c.s, chaosMods)
	case 2:
		return pick(c.s, chaosButtons)
	case 3:
		return pick(c.s, chaosCarrier)
	case 4:
		if n := len(c.p.Sets); n > 0 {
			return key.Set0 + key.Code(c.s.n(n))
		}
	}
	return pick(c.s, chaosKeys)
}

// mods are of different kinds, as Compile requires for an output combo.
func (c *chaos) mods() []key.Mod {
	var mods []key.Mod
	for kind := range key.Mod(4) {
		if !chance(c.s, 30) {
			continue
		}
		switch c.s.n(3) {
		case 0:
			mods = append(mods, 2*kind)
		case 1:
			mods = append(mods, 2*kind+1)
		default:
			mods = append(mods, key.Ctrl+kind)
		}
	}
	if n := len(c.p.Modifiers); n > 0 && chance(c.s, 20) {
		mods = append(mods, key.Custom0+key.Mod(c.s.n(n)))
	}
	if len(mods) > 1 && chance(c.s, 50) {
		mods[0], mods[1] = mods[1], mods[0]
	}
	return mods
}

func (c *chaos) output() key.Combo {
	k := c.any()
	if chance(c.s, 8) {
		k = pick(c.s, chaosWheel)
	}
	return key.Combo{Mods: c.mods(), Key: k}
}

func (c *chaos) trigger() key.Combo {
	k := pick(c.s, chaosKeys)
	switch c.s.n(13) {
	case 12:
		k, c.loses = key.Any, true
	case 0:
		k = pick(c.s, chaosButtons)
	case 1:
		k = pick(c.s, chaosWheel)
	}
	if chance(c.s, 40) {
		return key.Combo{Key: k, Any: chance(c.s, 20)}
	}
	return key.Combo{Mods: c.mods(), Key: k, Any: chance(c.s, 20)}
}

func (c *chaos) cond(depth int) *Cond {
	p := c.p
	switch c.s.n(15) {
	case 14:
		return &Cond{Op: CondHeld + CondOp(c.s.n(2)), Value: int32(pick(c.s, chaosKeys))}
	case 0:
		return &Cond{Op: CondConst, Value: int32(c.s.n(2))}
	case 1:
		if depth < 3 {
			return &Cond{Op: CondNot, Kids: []*Cond{c.cond(depth + 1)}}
		}
	case 2, 3:
		if depth < 3 {
			return &Cond{Op: CondAll + CondOp(c.s.n(2)), Kids: []*Cond{c.cond(depth + 1), c.cond(depth + 1)}}
		}
	case 4:
		if len(p.Groups) > 0 {
			return &Cond{Op: CondGroup, Var: c.s.n(len(p.Groups))}
		}
	case 5, 6:
		if len(p.Vars) > 0 {
			return &Cond{Op: CondVar, Var: c.s.n(len(p.Vars)), Value: int32(c.s.n(2))}
		}
	case 7, 8:
		if len(p.Layers) > 0 {
			return &Cond{Op: CondLayer, Value: int32(c.s.n(len(p.Layers)))}
		}
	case 9:
		return &Cond{Op: CondLock, Field: FieldCapsLock + Field(c.s.n(2))}
	case 10:
		return &Cond{Op: CondEqual, Field: FieldApp, Strings: []string{"Firefox"}, Fold: true}
	case 11:
		return &Cond{Op: CondMatch, Field: FieldTitle, Regexp: regexp.MustCompile("^a|b$")}
	case 12:
		return &Cond{Op: CondWithin, Field: FieldApp, Strings: []string{"FOX"}, Fold: true}
	}
	return nil
}

func (c *chaos) when() *Cond {
	if chance(c.s, 60) {
		return nil
	}
	return c.cond(0)
}

func (c *chaos) actions(n, depth int) []*Action {
	var list []*Action
	for range n {
		list = append(list, c.action(depth))
	}
	return list
}

func (c *chaos) action(depth int) *Action {
	s, p := c.s, c.p
	a := &Action{Kind: ActionKind(s.n(int(DoEffect) + 1))}
	if chance(s, 6) {
		a.Kind = DoBind
	}
	if depth > 3 || chance(s, 40) {
		a.Kind = DoCombo
	}
	switch a.Kind {
	case DoCombo, DoTap:
		a.Combo = c.output()
	case DoOneShot:
		a.Combo = key.Combo{Mods: c.mods()}
		a.Time = pick(s, chaosTimes)
		if len(a.Combo.Mods) == 0 {
			a.Combo.Mods = []key.Mod{key.Shift}
		}
		a.Value = int32(s.n(8))
	case DoLock:
		if a.Combo.Mods = c.mods(); len(a.Combo.Mods) == 0 {
			a.Combo.Key = pick(s, slices.Concat(chaosKeys, chaosMods, chaosCarrier))
		}
	case DoPress:
		a.List = c.actions(2, depth+1)
		if chance(s, 30) {
			a.List[s.n(2)] = nil
		}
	case DoWithout:
		a.Combo.Mods, a.List = c.mods(), []*Action{Send(c.output())}
	case DoBind:
		return List(a, Send(c.output()))
	case DoList, DoCall, DoCycle:
		a.List = c.actions(1+s.n(4), depth+1)
	case DoIf:
		a.Cond, a.List = c.cond(0), c.actions(1+s.n(2), depth+1)
	case DoInspect: // it allocates, because it creates a text
		a.Kind = DoNothing
	case DoDesktop:
		a.List = c.actions(1+s.n(3), depth+1)
		for range a.List {
			a.Conds = append(a.Conds, c.cond(0))
		}
	case DoNested:
		a.Nested = c.sequence(depth)
	case DoWait:
		a.Time = pick(s, chaosTimes)
	case DoText, DoUnicode:
		a.Text = pick(s, []string{"", "a", "Hi, ∞!", "AbC-ß", "the quick brown fox jumps over the lazy dog"})
	case DoTaps:
		a.List = c.actions(1+s.n(5), depth+1)
		if len(a.List) > 1 && chance(s, 30) {
			a.List[0] = nil
		}
		a.Time, a.Time2, a.Value = pick(s, chaosTimes), pick(s, chaosTimes), int32(s.n(2))
	case DoSetMark:
		a.Value = int32(s.n(2))
	case DoWithMark, DoSetWithMark:
		a.List = []*Action{Send(c.output())}
	case DoSet, DoNext:
		if len(p.Vars) == 0 {
			return Send(c.output())
		}
		a.Var = s.n(len(p.Vars))
		a.Value = int32(s.n(len(p.Vars[a.Var].Values)))
	case DoLayerOn, DoLayerOff, DoLayerToggle, DoLayerOnce, DoLayerHold, DoLayerOnly, DoLayerSwap:
		if len(p.Layers) == 0 {
			return Send(c.output())
		}
		a.Value = int32(s.n(len(p.Layers)))
		if a.Kind == DoLayerOnce {
			a.Var, a.Time = s.n(8), pick(s, chaosTimes)
		}
		if c.holdOnly && a.Kind != DoLayerOff && a.Kind != DoLayerSwap {
			a.Kind = DoLayerHold
		}
		c.locks = c.locks || a.Kind == DoLayerOn || a.Kind == DoLayerToggle || a.Kind == DoLayerOnce || a.Kind == DoLayerOnly
	case DoRecord, DoPlay:
		if len(p.Macros) == 0 {
			return Send(c.output())
		}
		a.Value = int32(s.n(len(p.Macros)))
		c.repeats = c.repeats || a.Kind == DoPlay
	case DoPointer:
		a.Axis, a.Value = uint16(s.n(10)), int32(s.n(5)-2)
	case DoTurbo:
		a.List = []*Action{Send(c.output())} // more at once is paced from the time of the call on
		a.Time = 100*time.Millisecond + pick(s, chaosTimes)
	case DoGlide:
		a.Axis, a.Value, a.Time = uint16(s.n(10)), int32(1+s.n(2000)), pick(s, chaosTimes)
	case DoRepeat, DoThrough: // a list may let a key through twice
		c.repeats = true
	case DoPassthrough:
		a.Value = int32(s.n(3))
	case DoEffect:
		a.Effect = &Effect{Kind: EffectNotify}
	}
	return a
}

func (c *chaos) sequence(depth int) *Nested {
	if len(c.nested) > 0 && chance(c.s, 20) {
		return pick(c.s, c.nested)
	}
	n := &Nested{Timeout: pick(c.s, chaosTimes), Otherwise: Otherwise(c.s.n(3))}
	c.loses = c.loses || n.Otherwise == Swallow
	for range 1 + c.s.n(3) {
		n.Entries = append(n.Entries, Entry{Combo: c.trigger(), Action: c.action(depth + 1)})
	}
	if chance(c.s, 30) {
		n.Immediate = c.action(depth + 1)
	}
	if chance(c.s, 30) {
		n.OnTimeout = c.action(depth + 1)
	}
	if chance(c.s, 30) {
		n.OnMiss = c.action(depth + 1)
	}
	if chance(c.s, 15) { // the way back needs a key
		n.Entries = append(n.Entries, Entry{Combo: c.trigger(), Action: &Action{Kind: DoNested, Nested: n}})
	}
	c.nested = append(c.nested, n)
	return n
}

func (c *chaos) program() *Program {
	s := c.s
	p := &Program{}
	c.p = p
	for i := range s.n(3) {
		p.Modifiers = append(p.Modifiers, Modifier{Name: string(rune('H' + i)), Carrier: chaosCarrier[i], Hidden: chance(s, 50)})
	}
	if chance(s, 30) && len(p.Modifiers) == 2 {
		p.Modifiers[0], p.Modifiers[1] = p.Modifiers[1], p.Modifiers[0]
	}
	first := s.n(4)
	for i := range s.n(4) {
		p.Vars = append(p.Vars, Var{Name: string(rune('a' + (first+i)%4)), Values: []string{"false", "true", "x"}[:2+s.n(2)]})
	}
	for i := range s.n(4) {
		p.Layers = append(p.Layers, string(rune('a'+(first+i)%4)))
	}
	for i := range s.n(4) {
		p.Macros = append(p.Macros, string(rune('a'+i)))
	}
	for range s.n(3) {
		if set := c.mods(); len(set) > 1 {
			p.Sets = append(p.Sets, set)
		}
	}
	for range p.Layers {
		p.LayerMods = append(p.LayerMods, pick(s, []key.Code{0, 0, 0, 0, key.LeftCtrl, key.RightAlt}))
	}
	if n := len(p.Sets); n > 0 && len(p.LayerMods) > 0 {
		p.LayerMods[0] = key.Set0 + key.Code(s.n(n))
	}
	for range s.n(3) {
		g := Group{Cond: c.cond(0)}
		p.Groups = append(p.Groups, g)
	}
	for i := range p.Vars {
		if chance(s, 20) {
			p.Vars[i].ResetOnFocus = c.cond(0)
		}
	}
	o := &p.Options
	p.Unicodes = []Unicode{{Method: UnicodeMethod(s.n(3))}}
	o.Unreachable, o.Folded = Unreachable(s.n(4)), Unreachable(s.n(4))
	o.Placeholder = pick(s, []string{"", "a"})
	o.Masking, o.IgnoreRepeats = chance(s, 70), chance(s, 20)
	o.Reference = !o.Masking && chance(s, 30)
	if chance(s, 20) {
		o.MaskKey = pick(s, []key.Code{183, key.RightCtrl, 194})
	}
	if chance(s, 10) {
		o.EjectKey, o.DiagnosticKey = key.F16, key.F15
	}
	for range s.n(3) {
		m := Modmap{When: c.when(), Keys: map[key.Code]key.Code{}}
		for range 1 + s.n(4) {
			m.Keys[c.any()] = c.any()
		}
		p.Modmaps = append(p.Modmaps, m)
	}
	for range s.n(3) {
		m := TapHoldMap{When: c.when(), Keys: map[key.Code]TapHold{}, Physical: chance(s, 20), ByPhysicalKey: chance(s, 10)}
		for range 1 + s.n(4) {
			t := TapHold{Tap: c.any(), Hold: c.any(), Preset: Preset(s.n(5))}
			if chance(s, 50) {
				t.Hold = pick(s, chaosMods)
			}
			if t.Tap == t.Hold {
				t.Tap = 2
			}
			if n := len(p.Layers); n > 0 && chance(s, 20) {
				t.HoldLayer = 1 + s.n(n)
			}
			if chance(s, 15) {
				t.TapDo = c.action(1)
			}
			if chance(s, 15) && t.HoldLayer == 0 {
				t.HoldDo = c.action(1)
			}
			if chance(s, 15) {
				t.TimeoutDo = c.action(1)
			}
			if chance(s, 20) {
				t.OppositeHand, t.Idle = chance(s, 60), pick(s, []time.Duration{0, NoIdle, 20 * time.Millisecond, time.Second})
				for _, l := range []*[]key.Code{&t.HoldKeys, &t.TapKeys, &t.IgnoreKeys} {
					if chance(s, 50) {
						*l = append(*l, pick(s, chaosKeys))
					}
				}
			}
			t.Timeout, t.QuickTap = pick(s, chaosTimes), pick(s, chaosTimes)
			m.Keys[c.any()] = t
		}
		p.TapHolds = append(p.TapHolds, m)
	}
	for range s.n(2) {
		m := ChordMap{When: c.when(), Window: pick(s, chaosTimes)}
		if chance(s, 30) {
			m.Hold = pick(s, chaosTimes)
		}
		for range 1 + s.n(3) {
			all := append([]key.Code(nil), chaosKeys...)
			if chance(s, 20) {
				all = append(all, chaosMods...)
			}
			ch := Chord{Action: c.action(0)}
			for range 2 + s.n(2) {
				i := s.n(len(all))
				ch.Keys = append(ch.Keys, all[i])
				all = append(all[:i], all[i+1:]...)
			}
			m.Chords = append(m.Chords, ch)
		}
		p.Chords = append(p.Chords, m)
	}
	for range s.n(4) {
		m := Keymap{When: c.when(), Level3: chance(s, 5), Passing: Passing(s.n(3))}
		if n := len(p.Layers); n > 0 && chance(s, 30) {
			m.Layer = 1 + s.n(n)
			on := &Cond{Op: CondLayer, Value: int32(m.Layer - 1)}
			if m.When != nil {
				on = &Cond{Op: CondAll, Kids: []*Cond{on, m.When}}
			}
			m.When = on
		}
		for range 1 + s.n(6) {
			m.Entries = append(m.Entries, Entry{Combo: c.trigger(), Action: c.action(0)})
		}
		p.Keymaps = append(p.Keymaps, m)
	}
	for range s.n(3) {
		t := Timing{When: c.when()}
		for _, d := range []**time.Duration{&t.Suspend, &t.TapHold, &t.TapInterval, &t.MinTapDelay} {
			if chance(s, 40) {
				v := pick(s, chaosTimes)
				*d = &v
			}
		}
		p.Timings = append(p.Timings, t)
	}
	if chance(s, 15) {
		ms := func() time.Duration { return time.Duration(s.n(3)*s.n(30)) * time.Millisecond }
		p.Pacings = append(p.Pacings, Pacing{When: c.when(), Pre: ms(), Post: ms(), FastPre: ms() / 8, FastPost: ms() / 8})
	}
	return p
}
