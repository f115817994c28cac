package remap

import (
	"slices"
	"time"
)

// typingIdle is how long ago the last plain key must lie for a Balanced key to become its hold:
// within it the user is typing, and a home-row key is a letter.
const typingIdle = 150 * time.Millisecond

// beginTapHold gives a fresh slot its two meanings, or the tap at once where typing says so.
func (h *hand) beginTapHold(s *slot, t *TapHold) {
	s.id, s.tapHold = t.Tap, t
	if ago := s.at - h.tappedAt; t.QuickTap > 0 && h.tapped == t && ago >= 0 && ago < t.QuickTap {
		return // tapped a moment ago: held now, it repeats
	}
	if idle := t.idle(); idle > 0 && s.at-h.lastPlain < idle {
		return
	}
	s.hold, s.undecided = t.Hold, true
	s.waiting = t.Preset == Permissive || t.Preset == TapPreferred || t.Preset == Balanced || t.listens()
	timeout := t.Timeout
	if timeout == 0 {
		timeout = h.scene.now().timing.tapHold
	}
	s.deadline = s.at + timeout
	if s.deadline < s.at {
		s.deadline = Never
	}
}

// decideAllHold decides every undecided key as hold, in press order: another key goes down.
func (h *hand) decideAllHold() {
	if h.window.undecided == 0 {
		return
	}
	for i := range h.slots {
		if h.slots[i].undecided && h.slots[i].suspended {
			h.becomeHold(i)
			s := &h.slots[i]
			s.suspended = false
			if !s.spent {
				h.exert(s, false)
			}
		}
	}
}

// decideHolding decides the undecided keys of one preset as hold.
func (h *hand) decideHolding(p Preset) {
	for i := range h.slots {
		if s := &h.slots[i]; s.undecided && s.tapHold.Preset == p && s.suspended {
			h.decideHold(i)
		}
	}
}

// decideHold decides one key as hold and puts it down.
func (h *hand) decideHold(i int) {
	h.becomeHold(i)
	s := &h.slots[i]
	s.suspended = false
	h.exert(s, false)
	if h.window.undecided == 0 && h.window.open && h.window.kind == windowTapHold {
		h.resume()
	}
}

// becomeHold gives a key its second meaning.
func (h *hand) becomeHold(i int) {
	s := &h.slots[i]
	s.undecided, s.waiting, s.held = false, false, true
	h.window.undecided--
	if s.timedOut = s.timedOut && s.tapHold.TimeoutDo != nil; s.timedOut {
		s.id, s.modifier, s.exerted = 0, false, true
		h.holds = append(h.holds, s.physical())
		return
	}
	if _, isMod := h.scene.modOf(s.hold); s.tapHold.HoldLayer == 0 && (s.tapHold.HoldDo != nil || !isMod && !h.scene.options().Reference) {
		s.id, s.modifier, s.exerted = s.hold, false, true
		if s.tapHold.HoldDo != nil {
			s.id = 0
		}
		h.holds = append(h.holds, s.physical())
		return
	}
	if l := s.tapHold.HoldLayer; l > 0 {
		s.id, s.modifier, s.exerted = 0, false, true
		h.holdLayer(i, l-1)
		return
	}
	s.id = s.hold
	_, s.modifier = h.scene.modOf(s.id)
}

// decideTap gives a key its first meaning.
func (h *hand) decideTap(i int) {
	s := &h.slots[i]
	s.undecided, s.waiting = false, false
	h.window.undecided--
	_, s.modifier = h.scene.modOf(s.id)
	h.tapped, h.tappedAt = s.tapHold, h.clock.now()
	h.lastPlain = h.clock.now() // it is typed now
}

// releaseTap handles the release of an undecided key: it was a tap. Its press and release go
// through the keymaps as a pair, so that nothing that the press puts down can stay.
func (h *hand) releaseTap(i int) {
	h.decideTap(i)
	h.slots[i].suspended = false
	h.resumeFor(i)
}

// waitingKey is the index of the key that lets others wait, -1 if none does.
func (h *hand) waitingKey() int {
	if h.window.undecided == 0 {
		return -1
	}
	for i := range h.slots {
		if h.slots[i].undecided && h.slots[i].waiting {
			return i
		}
	}
	return -1
}

// undecidedDue is when the first undecided key becomes its hold, Never for none.
func (h *hand) undecidedDue() time.Duration {
	if h.window.undecided == 0 {
		return Never
	}
	return h.firstDeadline()
}

func (h *hand) firstDeadline() time.Duration {
	at := Never
	for i := range h.slots {
		if h.slots[i].undecided {
			at = min(at, h.slots[i].deadline)
		}
	}
	return at
}

// decideDue decides the first undecided key whose time is over.
func (h *hand) decideDue() {
	for i := range h.slots {
		if s := &h.slots[i]; s.undecided && s.deadline <= h.clock.now() {
			s.timedOut = true
			h.decideHold(i)
			return
		}
	}
}

// waits says whether a key lets others wait until it is decided.
func (h *hand) waits() bool { return h.waitingKey() >= 0 }

// waitsBehind says whether a key that is down was pressed after the first key that lets others wait.
func (h *hand) waitsBehind(i int) bool {
	w := h.waitingKey()
	return w < 0 || i >= w
}

// sees lets the waiting key look at an event that waits. inside: it releases a key that was pressed while
// waiting. A key whose press is to be looked up now is returned, else -1.
func (h *hand) sees(ev Event, inside bool) int {
	w := h.waitingKey()
	s := &h.slots[w]
	switch {
	case ev.At >= s.deadline:
		s.timedOut = true
		h.decideHold(w)
	case ev.Type != TypeKey || ev.Code.IsButton():
		h.decideHold(w) // a click or a turn of the wheel with the key held
	case ev.Value == Release && ev.Code == s.code && ev.Device == s.dev:
		return h.tapDown(w)
	case ev.Value == Release && !inside: // of a key that was down before
	case s.tapHold.listens():
		return h.hears(w, ev)
	case ev.Value == Release && s.tapHold.Preset != TapPreferred:
		h.decideHold(w) // another key was pressed and released inside
	}
	return -1
}

// A word is what another key says about an undecided one.
type word uint8

const (
	askPreset word = iota
	sayHold
	sayTap
	sayNothing
)

// word is what the press of a key says about an undecided key that listens.
func (h *hand) word(s *slot, ev Event) word {
	t, hands := s.tapHold, &h.scene.compiled().hands
	switch {
	case slices.Contains(t.HoldKeys, ev.Code):
		return sayHold
	case slices.Contains(t.TapKeys, ev.Code):
		return sayTap
	case slices.Contains(t.IgnoreKeys, ev.Code):
		return sayNothing
	case t.OppositeHand && hands[s.code] != noHand && hands[s.code] == hands[ev.Code]:
		if h.isPlain(ev) {
			return sayTap
		}
		return sayNothing // several of one hand may become held together
	}
	return askPreset
}

// isPlain says whether a key that is pressed is neither a modifier nor has two meanings.
func (h *hand) isPlain(ev Event) bool {
	v := h.scene.viewOf(ev.Device)
	id := v.modmap[ev.Code]
	_, isMod := h.scene.modOf(id)
	return !isMod && v.meanings(h.scene.compiled(), ev.Code, id) == nil
}

// hears is sees for a listening key, when another key goes down, or when a key goes up that was pressed while waiting.
func (h *hand) hears(w int, ev Event) int {
	s := &h.slots[w]
	hold := false
	switch h.word(s, ev) {
	case sayHold:
		hold = true
	case sayTap:
		return h.tapDown(w)
	case askPreset:
		switch s.tapHold.Preset {
		case HoldOnPress:
			hold = true
		case HoldDefault:
			hold = ev.Value == Release || h.isPlain(ev)
		case Permissive, Balanced:
			hold = ev.Value == Release
		}
	}
	if hold {
		h.decideHold(w)
	}
	return -1
}

// tapDown decides a waiting key as tap; its press goes out before what waits behind it, its release
// follows in its own place.
func (h *hand) tapDown(i int) int {
	h.decideTap(i)
	s := &h.slots[i]
	s.suspended = false
	h.resumeFor(i)
	if s.modifier {
		h.exert(&h.slots[i], false)
		return -1
	}
	return i
}

// settle decides the keys that let others wait as hold.
func (h *hand) settle() {
	for i := 0; i < len(h.slots); i++ {
		if h.slots[i].undecided && h.slots[i].waiting {
			h.decideHold(i)
		}
	}
}

// settleAll decides all undecided keys as hold.
func (h *hand) settleAll() {
	for i := range h.slots {
		if h.slots[i].undecided {
			h.decideHold(i)
		}
	}
}

// forgetTap forgets that a key was tapped a moment ago.
func (h *hand) forgetTap() { h.tapped, h.tappedAt = nil, 0 }
