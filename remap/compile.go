package remap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap/key"
)

// Times for programs whose rules set none.
const (
	defaultTapHold     = time.Second
	defaultTapInterval = 250 * time.Millisecond
	defaultMinTapDelay = 70 * time.Millisecond
	defaultChordWindow = 50 * time.Millisecond
	maxPacing          = 200 * time.Millisecond
)

// A Problem is a mistake in a program.
type Problem struct {
	Origin  Origin
	Table   string // the table that contains it: `keymap "firefox"`
	Message string
}

func (p *Problem) Error() string {
	if p.Origin.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s: %s", p.Origin.File, p.Origin.Line, p.Origin.Column, p.Table, p.Message)
	}
	return p.Table + ": " + p.Message
}

// Compiled is a checked program in the form that the engine uses for lookups. Engines do not change it, so several may
// share one.
type Compiled struct {
	program       *Program
	modOf         [key.Count]int8         // number of the modifier that a key is, -1: none
	modSet        [key.Count]key.ModSet   // the modifiers of a key: one, or those of a set
	sets          [key.MaxSets][]key.Code // the keys that a set sends
	modCode       [16]key.Code            // the reverse
	hidden        [key.Count]bool         // carriers that never reach the output
	modmaps       []map[key.Code]key.Code
	tapHolds      []map[key.Code]*TapHold
	besides       []int // for each map of tap-holds, the modmap of the same table, -1: none
	hands         [key.Count]handOf
	keymaps       []bindings
	nested        map[*Nested]*strokes
	abbreviations []map[string]*Action
	endings       map[rune]*Action // the characters that can end an abbreviation, each with the action that types it
	repeats       bool             // some action is DoRepeat
	timings       []Timing
	global        timing
	pacings       []Pacing
	conds         []*Cond // of modmaps, tap-holds, chords, keymaps, timings, pacings, unicodes, abbreviations, in this order
	reads         []reads // the inputs that each of conds reads
	groups        []reads
	// layerGroups says for each group whether it is true only while some layer is on.
	layerGroups []bool
	asked       [key.Count]asked // what conditions ask about keys
	asksKeys    bool             // whether any condition asks about keys
	searches    []search
	numbers     map[search]int // indices into searches
	searchOf    map[*Cond]int  // the search that a condition makes
	// varEffects has an effect for each value of each variable, made beforehand: a key press allocates nothing.
	varEffects [][]Effect
	noticeAt   [key.Count]uint16 // for output keys that something waits for: the index into noticed, plus 1
	noticed    [][]noticed
	// noticesBare says whether something waits for a key without modifiers.
	noticesBare bool
}

// Program is the program that was compiled. Do not change it.
func (c *Compiled) Program() *Program { return c.program }

// asks notes that a condition asks about a key.
func (c *Compiled) asks(cond *Cond) {
	what := askedHeld
	if cond.Op == CondLast {
		what = askedLast
	}
	c.asked[cond.Value] |= what
	c.asksKeys = true
}

// modifier is the modifier that a key is, whichever code it has.
func (c *Compiled) modifier(k key.Code) (key.Mod, bool) {
	if k >= key.Count || c.modOf[k] < 0 {
		return 0, false
	}
	return key.Mod(c.modOf[k]), true
}

// comboKey is a key with an exact set of modifiers.
type comboKey uint32

func combo(mods key.ModSet, c key.Code) comboKey { return comboKey(mods)<<16 | comboKey(c) }

func (k comboKey) key() key.Code { return key.Code(k & 0xffff) }

func (k comboKey) mods() key.ModSet { return key.ModSet(k >> 16) }

// A binding is one expanded entry of a keymap.
type binding struct {
	combo  comboKey
	action *Action
}

// A passing entry also matches while modifiers other than its own are held.
type passing struct {
	combo  key.Combo
	action *Action
	last   bool // any other entry comes before it
}

// takes says whether the entry matches with these modifiers, and which of them pass.
func (p *passing) takes(held key.ModSet) (pass key.ModSet, ok bool) {
	pass = held
	for _, m := range p.combo.Mods {
		if m.Sides()&held == 0 {
			return 0, false
		}
		pass &^= m.Sides()
	}
	return pass, true
}

// bindings are the entries of a keymap.
type bindings struct {
	exact   []binding
	passing []passing // for each key, the entry with the most modifiers comes last
}

// strokes are the second strokes of a sequence.
type strokes struct {
	exact   map[comboKey]*Action
	passing []passing
}

// find is the action of a second stroke, nil if there is none, and the modifiers that pass.
func (s *strokes) find(look comboKey) (*Action, key.ModSet) {
	if a, pass := s.findKey(look); a != nil || !look.key().IsKey() {
		return a, pass
	}
	return s.findKey(combo(look.mods(), key.Any))
}

func (s *strokes) findKey(look comboKey) (*Action, key.ModSet) {
	if a := s.exact[look]; a != nil {
		return a, 0
	}
	for i := len(s.passing) - 1; i >= 0; i-- {
		if p := &s.passing[i]; p.combo.Key == look.key() {
			if pass, ok := p.takes(look.mods()); ok {
				return p.action, pass
			}
		}
	}
	return nil, 0
}

// passes says whether an entry also matches while other modifiers are held, and whether all other entries then come before
// it. byLayer: a layer decides whether the keymap is active.
func (m *Keymap) passes(x *Entry, byLayer bool) (is, last bool) {
	switch {
	case x.Combo.Any || m.Passing == PassAlways:
		return true, false
	case m.Passing == PassNever || len(x.Combo.Mods) > 0:
		return false, false
	case byLayer:
		return true, false
	}
	return x.Action.isPrefix(), true
}

// byLayer says whether a layer decides whether a keymap is active.
func (c *Compiled) byLayer(m *Keymap) bool { return m.Layer > 0 || c.needsLayer(m.When) }

// needsLayer says whether a condition is true only while some layer is on.
func (c *Compiled) needsLayer(cond *Cond) bool {
	if cond == nil {
		return false
	}
	switch cond.Op {
	case CondLayer:
		return true
	case CondAll:
		return slices.ContainsFunc(cond.Kids, c.needsLayer)
	case CondAny:
		return len(cond.Kids) > 0 && !slices.ContainsFunc(cond.Kids, func(k *Cond) bool { return !c.needsLayer(k) })
	case CondGroup:
		return cond.Var >= 0 && cond.Var < len(c.layerGroups) && c.layerGroups[cond.Var]
	}
	return false
}

// isPrefix says whether an action only prepares for later keys: it turns on a layer or modifiers.
func (a *Action) isPrefix() bool {
	switch a.Kind {
	case DoLayerOn, DoLayerToggle, DoLayerOnce, DoLayerHold, DoLayerOnly, DoLayerSwap, DoOneShot, DoLock:
		return true
	case DoList:
		return len(a.List) == 1 && a.List[0] != nil && a.List[0].isPrefix()
	}
	return false
}

// isForNext says whether an action only adds to what the next key means. Whatever waits for that key then keeps waiting.
func (a *Action) isForNext() bool {
	switch a.Kind {
	case DoLayerOnce, DoLayerHold, DoOneShot:
		return true
	case DoList:
		return len(a.List) == 1 && a.List[0] != nil && a.List[0].isForNext()
	}
	return false
}

// Compile checks a program and prepares it. The error joins a *Problem for each mistake. A program without conditions, keys
// or maps is valid and forwards everything.
func Compile(p *Program) (*Compiled, error) {
	c := &Compiled{program: p, nested: map[*Nested]*strokes{}, numbers: map[search]int{}, searchOf: map[*Cond]int{}}
	check := newChecker(c)
	check.modifiers()
	check.sets()
	check.states()
	check.options()
	check.hands()
	for i := range p.Modmaps {
		check.modmap(&p.Modmaps[i])
	}
	for i := range p.TapHolds {
		check.tapHolds(&p.TapHolds[i])
	}
	for i := range p.Chords {
		check.chords(&p.Chords[i])
	}
	for i := range p.Keymaps {
		m := &p.Keymaps[i]
		check.table = fmt.Sprintf("keymap %q", m.Name)
		check.cond(m.When, m.Origin)
		c.keymaps = append(c.keymaps, check.entries(m))
	}
	for i := range p.Abbreviations {
		c.abbreviations = append(c.abbreviations, check.abbreviations(&p.Abbreviations[i]))
	}
	if len(p.Abbreviations) > 0 {
		c.endings = endings()
	}
	check.circles()
	check.timings()
	if len(check.problems) > 0 {
		return nil, errors.Join(check.problems...)
	}
	c.prepare()
	return c, nil
}

// prepare computes what a valid program needs at run time.
func (c *Compiled) prepare() {
	p := c.program
	c.notices()
	c.hands = p.Hands.table()
	for i := range p.Groups { // first, because later conditions use groups
		c.groups = append(c.groups, c.readsOf(p.Groups[i].Cond))
	}
	tables := map[string]int{} // index of a modmap, plus 1
	for i := range p.Modmaps {
		tables[p.Modmaps[i].Name] = i + 1
		c.modmaps = append(c.modmaps, p.Modmaps[i].Keys)
		c.addCond(p.Modmaps[i].When)
	}
	for i := range p.TapHolds {
		keys := make(map[key.Code]*TapHold, len(p.TapHolds[i].Keys))
		for k, t := range p.TapHolds[i].Keys {
			if t.TapDo != nil && c.modSet[t.Tap] != 0 {
				t.Tap = 0 // it is not a modifier until it is held
			}
			keys[k] = &t
		}
		c.tapHolds = append(c.tapHolds, keys)
		c.besides = append(c.besides, tables[p.TapHolds[i].Name]-1)
		c.addCond(p.TapHolds[i].When)
	}
	for i := range p.Chords {
		c.addCond(p.Chords[i].When)
	}
	for i := range p.Keymaps {
		c.addCond(p.Keymaps[i].When)
	}
	c.global = timing{suspend: 0, tapHold: defaultTapHold, tapInterval: defaultTapInterval, minTapDelay: defaultMinTapDelay}
	for _, t := range p.Timings {
		c.timings = append(c.timings, t)
		c.addCond(t.When)
	}
	for _, q := range p.Pacings {
		for _, d := range []*time.Duration{&q.Pre, &q.Post, &q.FastPre, &q.FastPost} {
			*d = min(*d, maxPacing)
		}
		c.pacings = append(c.pacings, q)
		c.addCond(q.When)
	}
	for _, u := range p.Unicodes {
		c.addCond(u.When)
	}
	for i := range p.Abbreviations { // last: see scene.replacement
		c.addCond(p.Abbreviations[i].When)
	}
	for i, v := range p.Vars {
		if !strings.HasPrefix(v.Name, "settings.") {
			c.varEffects = append(c.varEffects, nil) // nobody outside the engine sees states
			continue
		}
		effects := make([]Effect, len(v.Values))
		for n := range effects {
			effects[n] = Effect{Kind: EffectVar, Var: i, Value: int32(n), Text: v.Name}
		}
		c.varEffects = append(c.varEffects, effects)
	}
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
	readsKeys   reads = 1 << (numFields + 2)
	readsAll    reads = 1<<(numFields+3) - 1
	readsWindow       = 1<<FieldApp | 1<<FieldTitle | 1<<FieldExe | 1<<FieldDesktop | 1<<FieldSession | 1<<FieldCategories
	readsLayout       = 1 << FieldLevel3
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
		r = c.groups[cond.Var]
	case CondVar:
		r = readsVars
	case CondLayer:
		r = readsLayers
	case CondHeld, CondLast:
		r = readsKeys
	default:
		r = 1 << cond.Field
	}
	return r
}
