package remap

import (
	"math"
	"slices"
	"time"

	"toshy/remap/key"
)

// timing holds the times that count in a view. The flags say which came from a rule with a condition.
type timing struct {
	suspend, tapHold         time.Duration
	tapInterval, minTapDelay time.Duration
	suspendByRule            bool
	tapHoldByRule            bool
}

// A view is what is active for one keyboard in one situation, compiled to tables, so that a key
// press asks no condition and does not care how many maps there are. Keyboards in the same situation
// share one; views that were used lately are kept.
type view struct {
	active   []bool // result of each of Compiled.conds; identifies the view, together with
	order    []int  // the layers that are on in the order in which they were turned on, if there are several
	used     uint64 // when it was used last, in refreshes
	modmap   [key.Count]key.Code
	tapHold  [key.Count]*TapHold
	byCode   [key.Count]int32    // number of the map, from 1, that a physical key chooses (ByPhysicalKey)
	physical [key.Count]*TapHold // of keys that no modmap changed
	hasCombo [key.Count]entries  // what kinds of entries have this key
	chordKey [key.Count]bool
	combos   comboTable
	passing  [key.Count]uint16 // number in passes, from 1, of the first passing entry with this key
	passes   []passingIn
	ofLayers int32 // ranks below it are of keymaps of layers
	chords   []*ChordMap
	timing   timing
	pacing   Pacing
	isPaced  bool // pacing makes something wait
	unicode  Unicode
}

// maxViews bounds the views that are kept for situations that may come back.
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
	var from [key.Count]int // number of the modmap, from 1, that a key's entry is in
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
				if m := c.besides[i]; m < 0 || from[k] == m+1 { // else another table, which comes first, says that the key stays itself
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

// entries says what kinds of entries a key has.
type entries uint8

const (
	hasExact entries = 1 << iota
	hasPassing
	hasAny // a keymap has an entry for any key
)

// A passingIn is a passing entry in its keymap.
type passingIn struct {
	passing
	rank int32  // of the keymap: lower ones count first
	next uint16 // number in passes, from 1, of the next one with its key
}

// lastRank is that of entries that come after those of all keymaps.
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
	for v.ofLayers < int32(len(maps)) && c.program.Keymaps[maps[v.ofLayers]].Layer > 0 {
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

// markAny marks the keys for which an entry for any key may count: those that are no modifiers.
func (v *view) markAny(c *Compiled) {
	for k := range v.hasCombo {
		if key.Code(k).IsKey() && c.modSet[k] == 0 {
			v.hasCombo[k] |= hasAny
		}
	}
}

// sort brings keymaps, numbers in the program, into the order in which they count: where several layers are on theirs
// come first, and that of the layer that was turned on last before the others.
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

// addPassing puts an entry before those that were added before it.
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

// find is the action of a combo, nil for none, and the modifiers that pass.
func (v *view) find(look comboKey) (a *Action, pass key.ModSet) {
	a, pass, _ = v.findRank(look)
	return a, pass
}

// findInLayers is find for the keymaps of layers alone.
func (v *view) findInLayers(look comboKey) (a *Action, pass key.ModSet) {
	if a, pass, rank := v.findRank(look); rank < v.ofLayers {
		return a, pass
	}
	return nil, 0
}

func (v *view) findRank(look comboKey) (a *Action, pass key.ModSet, rank int32) {
	a, rank = v.combos.get(look)
	if v.hasCombo[look.key()]&(hasPassing|hasAny) == 0 {
		return a, 0, rank
	}
	return v.findMore(look, a, rank)
}

// findMore is findRank for a key with entries that let modifiers pass, or with entries for any key. a is the result without
// them.
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

// findPassing is findRank for the entries that let modifiers pass. a is the result without them.
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

// meanings are the two meanings of a key that a modmap makes id, nil if it has one.
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

// A comboTable is a hash table from a combo to its action with open addressing: one probe, nearly
// always, whatever its size.
type comboTable struct {
	keys    []comboKey // 0: free (no combo is key 0 without modifiers)
	actions []*Action
	ranks   []int32 // of the keymaps that they are in
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

// slot returns the place of k: where it is, or where it would go. Fibonacci hashing spreads the
// neighbouring codes of a keyboard.
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
