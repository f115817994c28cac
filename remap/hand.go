package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// A hand is the keys that are physically down, and what each of them means. It decides keys with two meanings, withholds
// modifiers until it knows whether a combo uses them, and ends what a key press began when the key goes up. It does not
// decide what a plain key does: it says which keys to look up.
type hand struct {
	clock  *clock
	scene  *scene
	ledger *ledger
	layers *layers

	slots     []slot   // in the order of their presses
	last      key.Code // the key pressed last
	lastPlain time.Duration
	window    suspendWindow
	pointerAt time.Duration // the time of the latest pointer activity
	aside     int           // the number of keys with aside set
	holds     []physicalKey // keys that became held, or tapped for an action, and must be looked up
	tapped    *TapHold      // the latest tap, and its time
	tappedAt  time.Duration
}

// A slot is one key that is physically down. What its press became is decided once and stays until its release, whatever
// changes in between.
type slot struct {
	code key.Code // physical
	id   key.Code // what it means: after modmaps; the tap of an undecided tap-hold key
	hold key.Code // its second meaning
	down claim    // what it holds down on the output
	dev  uint8

	modifier  bool // takes part in combos: a modifier, or a tap-hold key that may become one
	undecided bool // tap or hold is not known yet
	waiting   bool // undecided, with a preset that lets other keys wait
	suspended bool // withheld from the output until the window ends
	exerted   bool // it has taken effect as a modifier, or as the hold of a tap-hold key
	spent     bool // a combo used it while it was withheld
	late      bool // exert it when the held combo ends
	lost      bool // its keyboard is gone
	chord     bool // part of a chord that ran
	over      bool // what it was held down for has ended, so its repeats do nothing
	held      bool // became its hold
	timedOut  bool // its time ended before another key decided
	became    bool // its combo made it a modifier
	aside     bool // a modifier that such a key replaces

	action   *Action    // that its press ran, for its repeats
	pass     key.ModSet // the modifiers that passed at that time
	tapHold  *TapHold
	layer    int // layer+1 that it holds on
	at       time.Duration
	deadline time.Duration // of an undecided key
}

func newHand(c *clock, s *scene, l *ledger, y *layers) hand {
	return hand{clock: c, scene: s, ledger: l, layers: y, slots: make([]slot, 0, 256), holds: make([]physicalKey, 0, 32), pointerAt: -time.Hour, lastPlain: -time.Hour}
}

func (s *slot) physical() physicalKey { return physicalKey{s.dev, s.code} }

// find returns the index of a key that is down, -1 if it is not.
func (h *hand) find(p physicalKey) int {
	for i := range h.slots {
		if h.slots[i].code == p.code && h.slots[i].dev == p.dev {
			return i
		}
	}
	return -1
}

// physical is the physical key at index i.
func (h *hand) physical(i int) physicalKey { return h.slots[i].physical() }

// is is what key i means.
func (h *hand) is(i int) key.Code { return h.slots[i].id }

// isModifier says whether key i is a modifier that can no longer become anything else.
func (h *hand) isModifier(i int) bool {
	_, is := h.scene.modOf(h.slots[i].id)
	return is
}

// ofChord says whether key i is part of a chord.
func (h *hand) ofChord(i int) bool { return h.slots[i].chord }

// mods is the set of modifiers that are held now, including withheld, used and bound ones, without that of key except.
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

// modsAs is mods as a view maps the keys, whatever they became when they went down.
func (h *hand) modsAs(v *view, except int) key.ModSet {
	var set key.ModSet
	for i := range h.slots {
		if m, ok := h.scene.modOf(v.modmap[h.slots[i].code]); ok && i != except {
			set |= m
		}
	}
	return set
}

// press handles a key with a known identity that went down. t is set if it has two meanings. It returns the index of a
// plain key, which must be looked up, else -1. mapped says whether some entry has the key.
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

// becomes makes key i a modifier until it goes up, because its combo sends one. The combo's own modifiers are lifted while
// they are held with it, except those that pass.
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

// comeBack restores the modifiers that were lifted, if no key replaces them any longer.
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

// hasHolds says whether keys became held and must be looked up.
func (h *hand) hasHolds() bool { return len(h.holds) > 0 }

// nextHold removes and returns the first key that became held and must be looked up, with its action; -1 if there is none.
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
			return i, nil // a tap that runs an action
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

// undecided says whether an undecided key is down.
func (h *hand) undecided() bool { return h.window.undecided > 0 }

// pressDecides ends what a key press ends, including the held combo, and decides the undecided keys that the press decides.
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

// pressButton forwards a button. It ends the suspend window first, so that a click comes with its modifiers.
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

// pressChord adds a key that is part of a chord, and returns its index.
func (h *hand) pressChord(p physicalKey, id key.Code) int {
	h.slots = append(h.slots, slot{code: p.code, id: id, dev: p.dev, at: h.clock.now(), chord: true})
	return len(h.slots) - 1
}

// pressWheel adds a step of the wheel as a key, and returns its index.
func (h *hand) pressWheel(step key.Code) int {
	h.slots = append(h.slots, slot{code: step, id: step})
	return len(h.slots) - 1
}

// ran notes the action that the press of key i ran, and the modifiers that pass.
func (h *hand) ran(i int, a *Action, pass key.ModSet) { h.slots[i].action, h.slots[i].pass = a, pass }

// action is what the press of key i ran, nil if the key went out unchanged, and the modifiers that passed.
func (h *hand) action(i int) (*Action, key.ModSet) { return h.slots[i].action, h.slots[i].pass }

// putDown presses key i on the output as what it means.
func (h *hand) putDown(i int) {
	s := &h.slots[i]
	if h.ledger.isDown(s.id) {
		s.down = h.ledger.takeAgain(s.id)
	} else {
		s.down = h.ledger.take(s.id, true)
	}
}

// release handles the release of a key that is down. It returns true if the key turns out to be a tap: then its press must
// be looked up before it is released.
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
		h.remove(i) // nobody chose between tap and hold, or released the modifier: nothing happened
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

// standsFor says whether the bound modifier replaces a key with this code.
func (h *hand) standsFor(s *slot) bool {
	p, bound := h.ledger.boundBy()
	return bound && p.code == s.id
}

// releasePlain lifts what a key press put down.
func (h *hand) releasePlain(i int) {
	down := h.slots[i].down
	h.remove(i)
	h.ledger.drop(&down, true)
}

// remove removes a key from the table.
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
	h.slots[last] = slot{} // nothing that was typed stays in memory
	h.slots = h.slots[:last]
}

// repeat handles the keyboard's own autorepeat. It returns true if the key is plain and must be looked up.
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

// repeatPlain repeats what key i has put down. A consumed press has nothing to repeat.
func (h *hand) repeatPlain(i int) {
	if s := &h.slots[i]; !s.down.none() {
		h.ledger.repeat(s.down.key())
	}
}

// releaseAll forgets all keys: they do nothing until the user presses them again.
func (h *hand) releaseAll() {
	clear(h.slots)
	h.slots, h.holds, h.aside = h.slots[:0], h.holds[:0], 0
}

// held describes the keys that are down.
func (h *hand) held() []HeldKey {
	all := make([]HeldKey, 0, len(h.slots)) // a slice that grows leaves copies behind
	for i := range h.slots {
		s := &h.slots[i]
		all = append(all, HeldKey{Device: s.dev, Key: s.code, Is: s.id, Undecided: s.undecided, Withheld: s.suspended})
	}
	return all
}

// holders lists the keys that hold down a key of the output.
func (h *hand) holders(c key.Code) (all []Holder) {
	for i := range h.slots {
		if s := &h.slots[i]; h.ledger.includes(s.down, c) {
			all = append(all, Holder{s.dev, s.code, ForItself})
		}
	}
	return all
}
