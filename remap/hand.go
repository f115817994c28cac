package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// A hand is the keys that are physically down, and what each of them is. It gives keys their meaning
// of two, withholds modifiers until it is known whether a combo uses them, and ends what a key's
// press has begun when the key goes up. What a plain key does is not its affair: it says which are to
// be looked up.
type hand struct {
	clock  *clock
	scene  *scene
	ledger *ledger
	layers *layers

	slots     []slot   // in press order
	last      key.Code // what was pressed last
	lastPlain time.Duration
	window    suspendWindow
	pointerAt time.Duration // last activity of a pointer
	aside     int           // keys that others stand in for
	holds     []physicalKey // keys that became held, or tapped for an action, and are to be looked up
	tapped    *TapHold      // what was tapped last, and when
	tappedAt  time.Duration
}

// A slot is one key that is physically down. What its press became is decided once and kept until
// its release, whatever changes in between.
type slot struct {
	code key.Code // physical
	id   key.Code // what it is: after modmaps; the tap of an undecided tap-hold key
	hold key.Code // its second meaning
	down claim    // what it holds down on the output
	dev  uint8

	modifier  bool // takes part in combos: a modifier, or a tap-hold key that may become one
	undecided bool // tap or hold is not known yet
	waiting   bool // undecided by a preset that lets other keys wait
	suspended bool // withheld from the output until the window ends
	exerted   bool // it has taken effect as a modifier, or as the hold of a tap-hold key
	spent     bool // used by a combo while withheld
	late      bool // is to be exerted when the held combo ends
	lost      bool // its keyboard is gone
	chord     bool // part of a chord that was made
	over      bool // what it was held down for has ended: its repeats mean nothing
	held      bool // became its hold
	timedOut  bool // its time was over before another key decided
	became    bool // its combo made it a modifier
	aside     bool // a modifier that such a key stands in for

	action   *Action    // that its press ran, for its repeats
	pass     key.ModSet // the modifiers that passed then
	tapHold  *TapHold
	layer    int // layer+1 that is on while it is down
	at       time.Duration
	deadline time.Duration // of an undecided key
}

func newHand(c *clock, s *scene, l *ledger, y *layers) hand {
	return hand{clock: c, scene: s, ledger: l, layers: y, slots: make([]slot, 0, 256), holds: make([]physicalKey, 0, 32), pointerAt: -time.Hour, lastPlain: -time.Hour}
}

func (s *slot) physical() physicalKey { return physicalKey{s.dev, s.code} }

// find returns the number of a key that is down, -1 if it is not.
func (h *hand) find(p physicalKey) int {
	for i := range h.slots {
		if h.slots[i].code == p.code && h.slots[i].dev == p.dev {
			return i
		}
	}
	return -1
}

// physical is the key itself of number i.
func (h *hand) physical(i int) physicalKey { return h.slots[i].physical() }

// is is what key i is.
func (h *hand) is(i int) key.Code { return h.slots[i].id }

// isModifier says whether key i is a modifier, and can no longer become anything else.
func (h *hand) isModifier(i int) bool {
	_, is := h.scene.modOf(h.slots[i].id)
	return is
}

// ofChord says whether key i is part of a chord.
func (h *hand) ofChord(i int) bool { return h.slots[i].chord }

// mods is the set of modifiers that are held now, withheld, used and bound ones included, but not
// that of key except.
func (h *hand) mods(except int) key.ModSet {
	var set key.ModSet
	for i := range h.slots {
		s := &h.slots[i]
		if !s.modifier || i == except {
			continue
		}
		if m, ok := h.scene.modOf(s.id); ok {
			set |= m
		}
	}
	return set
}

// modsAs is mods as a view makes the keys, whatever they were made when they went down.
func (h *hand) modsAs(v *view, except int) key.ModSet {
	var set key.ModSet
	for i := range h.slots {
		if m, ok := h.scene.modOf(v.modmap[h.slots[i].code]); ok && i != except {
			set |= m
		}
	}
	return set
}

// press takes a key with a known identity that went down. t: it has two meanings. A plain key is to be
// looked up: its number is returned, else -1. mapped says that some entry has the key.
func (h *hand) press(ev *Event, id key.Code, t *TapHold) int {
	s := slot{code: ev.Code, id: id, dev: ev.Device, at: ev.At}
	if h.aside > 0 {
		h.comeBack()
	}
	if t != nil {
		h.beginTapHold(&s, t)
	}
	_, isMod := h.scene.modOf(s.id)
	s.modifier = isMod || s.undecided
	if s.id.IsButton() && !s.undecided {
		return h.pressButton(s)
	}
	if h.window.undecided > 0 || h.ledger.holdsCombo() {
		h.pressDecides(s.id, s.undecided)
	}
	h.slots = append(h.slots, s)
	h.last = s.id
	i := len(h.slots) - 1
	if s.undecided {
		h.window.undecided++
	}
	switch {
	case isMod:
		h.pressModifier(i)
	case s.undecided:
		h.pressUndecided(i)
	default:
		h.lastPlain = s.at
		return i
	}
	return -1
}

// becomes makes key i a modifier until it goes up: that is what its combo sends. The modifiers of the combo are put
// aside as long as they are held with it, but for those that pass.
func (h *hand) becomes(i int, c key.Code, pass key.ModSet) {
	s := &h.slots[i]
	s.id, s.became, s.modifier, s.action = c, true, true, nil
	h.exert(s, false)
	for j := range h.slots {
		o := &h.slots[j]
		m, isMod := h.scene.modOf(o.id)
		if j == i || !isMod || !o.modifier || o.undecided || m&^pass == 0 {
			continue
		}
		o.aside, o.modifier, o.suspended, o.spent, o.late, o.exerted = true, false, false, false, false, false
		h.aside++
		h.ledger.consume(o.id)
		h.ledger.dropUsed(&o.down)
	}
	h.closeIfIdle()
}

// comeBack restores the modifiers that were put aside, if no key replaces them any longer.
func (h *hand) comeBack() {
	if slices.ContainsFunc(h.slots, func(s slot) bool { return s.became }) {
		return
	}
	for i := range h.slots {
		if s := &h.slots[i]; s.aside {
			s.aside, s.modifier = false, true
			h.exert(s, true)
		}
	}
	h.aside = 0
}

// hasHolds says whether keys became held and are to be looked up.
func (h *hand) hasHolds() bool { return len(h.holds) > 0 }

// nextHold takes the first key that became held and is to be looked up, -1 for none, with the action that it has.
func (h *hand) nextHold() (int, *Action) {
	for len(h.holds) > 0 {
		i := h.find(h.holds[0])
		h.holds = slices.Delete(h.holds, 0, 1)
		if i >= 0 {
			s := &h.slots[i]
			s.exerted = false
			switch {
			case s.timedOut:
				return i, s.tapHold.TimeoutDo
			case s.held:
				return i, s.tapHold.HoldDo
			}
			return i, nil // a tap that is an action
		}
	}
	return -1, nil
}

// tapAction is what a tap of key i runs, nil if it is a key.
func (h *hand) tapAction(i int) *Action {
	if t := h.slots[i].tapHold; t != nil && !h.slots[i].held {
		return t.TapDo
	}
	return nil
}

// undecided says whether a key is down that is not decided.
func (h *hand) undecided() bool { return h.window.undecided > 0 }

// pressDecides ends what the press of a key ends, the held combo, and decides the undecided keys that it decides.
func (h *hand) pressDecides(id key.Code, undecided bool) {
	if h.ledger.holdsCombo() && (undecided || !id.IsButton()) {
		h.endCombo(-1)
	}
	if !undecided {
		h.decideAllHold()
	} else {
		h.decideHolding(HoldOnPress)
	}
}

// pressButton forwards a button: it ends the suspend window, so that a click finds its modifiers.
func (h *hand) pressButton(s slot) int {
	h.decideAllHold()
	h.resume()
	h.slots = append(h.slots, s)
	i := len(h.slots) - 1
	if h.scene.now().hasCombo[s.id] != 0 && !h.scene.passing() {
		return i
	}
	h.slots[i].down = h.ledger.take(s.id, true)
	return -1
}

// pressChord takes a key that is part of a chord, and returns its number.
func (h *hand) pressChord(p physicalKey, id key.Code) int {
	h.slots = append(h.slots, slot{code: p.code, id: id, dev: p.dev, at: h.clock.now(), chord: true})
	return len(h.slots) - 1
}

// pressWheel takes a step of the wheel as a key, and returns its number.
func (h *hand) pressWheel(step key.Code) int {
	h.slots = append(h.slots, slot{code: step, id: step})
	return len(h.slots) - 1
}

// ran notes the action that the press of key i runs, and the modifiers that pass.
func (h *hand) ran(i int, a *Action, pass key.ModSet) { h.slots[i].action, h.slots[i].pass = a, pass }

// action is what the press of key i ran, nil if it went out as it is, and the modifiers that passed.
func (h *hand) action(i int) (*Action, key.ModSet) { return h.slots[i].action, h.slots[i].pass }

// putDown lets key i down on the output as what it is.
func (h *hand) putDown(i int) {
	s := &h.slots[i]
	if h.ledger.isDown(s.id) {
		s.down = h.ledger.takeAgain(s.id)
	} else {
		s.down = h.ledger.take(s.id, true)
	}
}

// release handles the release of a key that is down. The press of a key that comes out as a tap is to be looked
// up before it is released: release says so.
func (h *hand) release(i int) (tap bool) {
	s := &h.slots[i]
	h.releaseLayer(s)
	if h.ledger.comboOf(s.physical()) {
		h.endCombo(i)
		h.remove(i)
		return false
	}
	if s.id.IsButton() && !s.undecided {
		h.releasePlain(i)
		return false
	}
	_, isMod := h.scene.modOf(s.id)
	if isMod && h.ledger.holdsCombo() {
		h.endCombo(i)
	}
	switch {
	case s.lost && (s.undecided || isMod && s.suspended && !s.exerted && !h.standsFor(s)):
		h.remove(i) // nobody chose between tap and hold, or let the modifier go: nothing happened
		h.closeIfIdle()
	case isMod:
		h.releaseModifier(i)
	case s.undecided:
		h.releaseTap(i)
		return true
	default:
		h.releasePlain(i)
	}
	return false
}

// standsFor says whether the bound modifier stands for a key of this code.
func (h *hand) standsFor(s *slot) bool {
	p, bound := h.ledger.boundBy()
	return bound && p.code == s.id
}

// releasePlain lifts what the press of a key put down.
func (h *hand) releasePlain(i int) {
	down := h.slots[i].down
	h.remove(i)
	h.ledger.drop(&down, true)
}

// remove takes a key out of the table.
func (h *hand) remove(i int) {
	s := &h.slots[i]
	if s.undecided {
		h.window.undecided--
	}
	h.releaseLayer(s)
	if s.aside {
		h.aside--
	}
	if h.ledger.binds(s.physical()) {
		h.ledger.unbind()
	}
	last := len(h.slots) - 1
	if i < last {
		copy(h.slots[i:], h.slots[i+1:])
	}
	h.slots[last] = slot{} // of what was typed nothing stays
	h.slots = h.slots[:last]
}

// repeat handles the keyboard's own autorepeat. A plain key is to be looked up: repeat says so.
func (h *hand) repeat(i int) (plain bool) {
	s := &h.slots[i]
	if s.over || s.id.IsButton() || h.ledger.comboOf(s.physical()) {
		return false
	}
	if h.scene.options().IgnoreRepeats {
		if !s.exerted && s.down.of(s.code) {
			h.ledger.repeat(s.code)
		}
		return false
	}
	_, isMod := h.scene.modOf(s.id)
	switch {
	case s.undecided:
	case isMod:
		if s.exerted && !s.suspended {
			h.ledger.repeat(s.id)
		}
	case s.exerted:
		h.ledger.repeat(s.id)
	default:
		return true
	}
	return false
}

// repeatPlain repeats what key i has put down. A press that was consumed has nothing to repeat.
func (h *hand) repeatPlain(i int) {
	if s := &h.slots[i]; !s.down.none() {
		h.ledger.repeat(s.down.key())
	}
}

// releaseAll forgets all keys: they do nothing until they are pressed again.
func (h *hand) releaseAll() {
	clear(h.slots)
	h.slots, h.holds, h.aside = h.slots[:0], h.holds[:0], 0
}

// held describes the keys that are down.
func (h *hand) held() []HeldKey {
	all := make([]HeldKey, 0, len(h.slots)) // one that grows leaves copies behind
	for i := range h.slots {
		s := &h.slots[i]
		all = append(all, HeldKey{Device: s.dev, Key: s.code, Is: s.id, Undecided: s.undecided, Withheld: s.suspended})
	}
	return all
}

// holders lists the keys that hold a key down on the output.
func (h *hand) holders(c key.Code) (all []Holder) {
	for i := range h.slots {
		if s := &h.slots[i]; h.ledger.includes(s.down, c) {
			all = append(all, Holder{s.dev, s.code, ForItself})
		}
	}
	return all
}
