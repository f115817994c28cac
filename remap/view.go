package remap

import (
	"math"
	"slices"
	"time"

	"toshy/remap/key"
)

// timing has the times of a view. The flags say which of them come from a rule with a condition.
type timing struct {
	suspend, tapHold         time.Duration
	tapInterval, minTapDelay time.Duration
	suspendByRule            bool
	tapHoldByRule            bool
}

// A view is what is active for one keyboard in one situation, compiled to tables. So a key press evaluates no condition and
// takes the same time for any number of maps. Keyboards in the same situation share a view, and recently used views are
// kept.
type view struct {
	active   []bool // results of Compiled.conds; they identify the view, together with
	order    []int  // the layers that are on, in the order in which they were turned on, if there are several
	used     uint64 // the time of the latest use, in refreshes
	modmap   [key.Count]key.Code
	tapHold  [key.Count]*TapHold
	byCode   [key.Count]int32    // the index of the map, plus 1, that a physical key chooses (ByPhysicalKey)
	physical [key.Count]*TapHold // for keys that no modmap changed
	hasCombo [key.Count]entries  // the kinds of entries that have this key
	chordKey [key.Count]bool
	combos   comboTable
	passing  [key.Count]uint16 // the index into passes, plus 1, of the first passing entry with this key
	passes   []passingIn
	ofLayers int32 // lower ranks belong to keymaps of layers
	layerAt  []int // of each of these ranks, its layer
	chords   []*ChordMap
	timing   timing
	pacing   Pacing
	isPaced  bool // pacing delays something
	unicode  Unicode
}

// maxViews bounds the views that are kept in case their situation comes back.
const maxViews = MaxDevices + 16

func (v *view) build(c *Compiled) {
	for k := range v.modmap {
		v.modmap[k] = key.Code(k)
	}
	clear(v.tapHold[:])
	clear(v.byCode[:])
	clear(v.physical[:])
	clear(v.hasCombo[:])
	clear(v.chordKey[:])
	v.chords = v.chords[:0]
	active := v.active
	var from [key.Count]int // the index of the modmap, plus 1, that contains a key's entry
	for i := len(c.modmaps) - 1; i >= 0; i-- {
		if active[i] {
			for k, to := range c.modmaps[i] {
				v.modmap[k], from[k] = to, i+1
			}
		}
	}
	active = active[len(c.modmaps):]
	for i := len(c.tapHolds) - 1; i >= 0; i-- {
		for k, t := range c.tapHolds[i] {
			switch {
			case !active[i]:
			case c.program.TapHolds[i].ByPhysicalKey:
				v.byCode[k] = int32(i) + 1
			case c.program.TapHolds[i].Physical:
				if m := c.besides[i]; m < 0 || from[k] == m+1 { // otherwise an earlier table says that the key stays itself
					v.physical[k] = t
				}
			default:
				v.tapHold[k] = t
			}
		}
	}
	active = active[len(c.tapHolds):]
	for i := range c.program.Chords {
		if active[i] {
			v.chords = append(v.chords, &c.program.Chords[i])
			for _, chord := range c.program.Chords[i].Chords {
				for _, k := range chord.Keys {
					v.chordKey[k] = true
				}
			}
		}
	}
	active = active[len(c.program.Chords):]
	v.buildCombos(c, active[:len(c.keymaps)])
	active = active[len(c.keymaps):]
	v.buildTiming(c, active[:len(c.timings)])
	active = active[len(c.timings):]
	v.pacing, v.unicode = Pacing{}, Unicode{}
	if i := slices.Index(active[:len(c.pacings)], true); i >= 0 {
		v.pacing = c.pacings[i]
	}
	v.isPaced = v.pacing.Pre|v.pacing.Post|v.pacing.FastPre|v.pacing.FastPost != 0
	if i := slices.Index(active[len(c.pacings):len(active)-len(c.abbreviations)], true); i >= 0 {
		v.unicode = c.program.Unicodes[i]
	}
	if v.unicode.End == 0 {
		v.unicode.End = key.Enter
	}
}

// entries says which kinds of entries have a key.
type entries uint8

const (
	hasExact entries = 1 << iota
	hasPassing
	hasAny // a keymap has an entry for `any`
)

// A passingIn is a passing entry in its keymap.
type passingIn struct {
	passing
	rank int32  // of the keymap: a lower rank comes first
	next uint16 // the index into passes, plus 1, of the next one with its key
}

// lastRank is the rank of entries that come after those of all keymaps.
const lastRank = math.MaxInt32

// buildCombos puts the entries of the active keymaps into the tables.
func (v *view) buildCombos(c *Compiled, active []bool) {
	n := 0
	var maps []int
	for i := range c.keymaps {
		if active[i] {
			n += len(c.keymaps[i].exact)
			maps = append(maps, i)
		}
	}
	v.sort(maps, c.program)
	v.ofLayers = 0
	v.layerAt = v.layerAt[:0]
	for v.ofLayers < int32(len(maps)) && c.program.Keymaps[maps[v.ofLayers]].Layer > 0 {
		v.layerAt = append(v.layerAt, c.program.Keymaps[maps[v.ofLayers]].Layer-1)
		v.ofLayers++
	}
	v.combos.reset(n)
	clear(v.passing[:])
	v.passes = v.passes[:0]
	for rank := len(maps) - 1; rank >= 0; rank-- {
		m := &c.keymaps[maps[rank]]
		for _, b := range m.exact {
			v.combos.set(b.combo, b.action, int32(rank))
			v.hasCombo[b.combo.key()] |= hasExact
		}
	}
	for _, last := range []bool{true, false} {
		for rank := len(maps) - 1; rank >= 0; rank-- {
			for _, p := range c.keymaps[maps[rank]].passing {
				if p.last == last && len(v.passes) < math.MaxUint16 {
					v.addPassing(p, rank)
				}
			}
		}
	}
	if v.hasCombo[key.Any] != 0 {
		v.markAny(c)
	}
}

// markAny marks the keys to which an entry for `any` may apply: those that are not modifiers.
func (v *view) markAny(c *Compiled) {
	for k := range v.hasCombo {
		if key.Code(k).IsKey() && c.modSet[k] == 0 {
			v.hasCombo[k] |= hasAny
		}
	}
}

// sort puts keymaps, given by their indices in the program, in order of priority. Keymaps of layers come first; the layer
// that was turned on last comes before the others.
func (v *view) sort(maps []int, p *Program) {
	if len(v.order) < 2 {
		return
	}
	place := func(i int) int {
		if l := p.Keymaps[i].Layer; l > 0 {
			return -1 - slices.Index(v.order, l-1)
		}
		return 1
	}
	slices.SortStableFunc(maps, func(a, b int) int { return place(a) - place(b) })
}

// addPassing puts an entry before those that were added earlier.
func (v *view) addPassing(p passing, rank int) {
	k := p.combo.Key
	in := passingIn{passing: p, rank: int32(rank), next: v.passing[k]}
	if p.last {
		in.rank = lastRank
	}
	v.passes = append(v.passes, in)
	v.passing[k] = uint16(len(v.passes))
	v.hasCombo[k] |= hasPassing
}

// find is the action of a combo, nil if there is none, and the modifiers that pass.
func (v *view) find(look comboKey) (a *Action, pass key.ModSet) {
	a, pass, _ = v.findRank(look)
	return a, pass
}

// findInLayers is find for layers' keymaps alone, with the layer of the action.
func (v *view) findInLayers(look comboKey) (a *Action, pass key.ModSet, layer int) {
	if a, pass, rank := v.findRank(look); a != nil && rank < v.ofLayers {
		return a, pass, v.layerAt[rank]
	}
	return nil, 0, -1
}

func (v *view) findRank(look comboKey) (a *Action, pass key.ModSet, rank int32) {
	a, rank = v.combos.get(look)
	if v.hasCombo[look.key()]&(hasPassing|hasAny) == 0 {
		return a, 0, rank
	}
	return v.findMore(look, a, rank)
}

// findMore is findRank for a key that also has entries that let modifiers pass, or entries for `any`. a is the result
// without those.
func (v *view) findMore(look comboKey, a *Action, rank int32) (*Action, key.ModSet, int32) {
	kinds, pass := v.hasCombo[look.key()], key.ModSet(0)
	if kinds&hasPassing != 0 {
		a, pass, rank = v.findPassing(look, a, rank)
	}
	if kinds&hasAny != 0 {
		if b, p, r := v.findRank(combo(look.mods(), key.Any)); b != nil && (a == nil || r < rank) {
			return b, p, r
		}
	}
	return a, pass, rank
}

// findPassing is findRank for entries that let modifiers pass. a is the result without those.
func (v *view) findPassing(look comboKey, a *Action, rank int32) (*Action, key.ModSet, int32) {
	for n := v.passing[look.key()]; n > 0; n = v.passes[n-1].next {
		p := &v.passes[n-1]
		if a != nil && p.rank >= rank {
			break
		}
		if pass, ok := p.takes(look.mods()); ok {
			return p.action, pass, p.rank
		}
	}
	return a, 0, rank
}

// meanings are the two meanings of a key that a modmap turned into id, nil if it has only one.
func (v *view) meanings(c *Compiled, code, id key.Code) *TapHold {
	if m := v.byCode[code]; m > 0 {
		return c.tapHolds[m-1][id]
	}
	if p := v.physical[code]; p != nil && id == code {
		return p
	}
	return v.tapHold[id]
}

// buildTiming takes each value from the first active rule that sets it.
func (v *view) buildTiming(c *Compiled, active []bool) {
	v.timing = c.global
	t := &v.timing
	var haveSuspend, haveTapHold, haveInterval, haveDelay bool
	for i, on := range active {
		if !on {
			continue
		}
		r := &c.timings[i]
		if r.Suspend != nil && !haveSuspend {
			haveSuspend, t.suspend, t.suspendByRule = true, *r.Suspend, r.When != nil
		}
		if r.TapHold != nil && !haveTapHold {
			haveTapHold, t.tapHold, t.tapHoldByRule = true, *r.TapHold, r.When != nil
		}
		if d := r.TapInterval; d != nil && !haveInterval && *d >= 150*time.Millisecond && *d <= 1500*time.Millisecond {
			haveInterval, t.tapInterval = true, *d
		}
		if d := r.MinTapDelay; d != nil && !haveDelay && *d >= 50*time.Millisecond && *d <= 500*time.Millisecond {
			haveDelay, t.minTapDelay = true, *d
		}
	}
}

// A comboTable is a hash table from a combo to its action with open addressing: almost always one probe, whatever its size.
type comboTable struct {
	keys    []comboKey // 0: free (no combo has key 0 without modifiers)
	actions []*Action
	ranks   []int32 // of their keymaps
	shift   uint8
}

func (t *comboTable) reset(entries int) {
	bits := uint8(6)
	for 1<<bits < 2*entries {
		bits++
	}
	if len(t.keys) < 1<<bits {
		t.keys, t.actions, t.ranks = make([]comboKey, 1<<bits), make([]*Action, 1<<bits), make([]int32, 1<<bits)
	} else {
		t.keys, t.actions, t.ranks = t.keys[:1<<bits], t.actions[:1<<bits], t.ranks[:1<<bits]
		clear(t.keys)
		clear(t.actions)
	}
	t.shift = 32 - bits
}

// slot returns the place of k, or a free place for it. Fibonacci hashing spreads neighbouring key codes.
func (t *comboTable) slot(k comboKey) uint32 {
	i := uint32(k) * 2654435769 >> t.shift
	for t.keys[i] != 0 && t.keys[i] != k {
		i = (i + 1) & uint32(len(t.keys)-1)
	}
	return i
}

func (t *comboTable) set(k comboKey, a *Action, rank int32) {
	i := t.slot(k)
	t.keys[i], t.actions[i], t.ranks[i] = k, a, rank
}

func (t *comboTable) get(k comboKey) (*Action, int32) {
	i := t.slot(k)
	return t.actions[i], t.ranks[i]
}
