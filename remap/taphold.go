package remap

import (
	"slices"
	"time"
)

// typingIdle is how much time must have passed since the last plain key for a Balanced key to become its hold. Within this
// time the user is typing, and a home-row key is a letter.
const typingIdle = 150 * time.Millisecond

// beginTapHold gives a fresh slot its two meanings, or the tap at once if the user is typing.
func (h *hand) beginTapHold(s *slot, t *TapHold) {
	s.id, s.tapHold = t.Tap, t
	if ago := s.at - h.tappedAt; t.QuickTap > 0 && h.tapped == t && ago >= 0 && ago < t.QuickTap {
		return // tapped a moment ago: if held now, it repeats
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

// decideAllHold decides every undecided key as hold, in press order, because another key goes down.
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

// decideHolding decides the undecided keys with one preset as hold.
func (h *hand) decideHolding(p Preset) {
	for i := range h.slots {
		if s := &h.slots[i]; s.undecided && s.tapHold.Preset == p && s.suspended {
			h.decideHold(i)
		}
	}
}

// decideHold decides one key as hold and presses its output.
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
	h.lastPlain = h.clock.now() // this is when it is typed
}

// releaseTap handles the release of an undecided key: it was a tap. Its press and release go through the keymaps as a pair,
// so that nothing that the press holds down can stay down.
func (h *hand) releaseTap(i int) {
	h.decideTap(i)
	h.slots[i].suspended = false
	h.resumeFor(i)
}

// waitingKey is the index of the key that makes others wait, -1 if there is none.
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

// undecidedDue is the time when the first undecided key becomes its hold, Never if there is none.
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

// waits says whether an undecided key makes others wait.
func (h *hand) waits() bool { return h.waitingKey() >= 0 }

// waitsBehind says whether a key that is down was pressed after the first key that makes others wait.
func (h *hand) waitsBehind(i int) bool {
	w := h.waitingKey()
	return w < 0 || i >= w
}

// sees lets the waiting key look at an event that waits. inside: the event releases a key that was pressed while waiting.
// It returns the index of a key whose press must be looked up now, else -1.
func (h *hand) sees(ev Event, inside bool) int {
	w := h.waitingKey()
	s := &h.slots[w]
	switch {
	case ev.At >= s.deadline:
		s.timedOut = true
		h.decideHold(w)
	case ev.Type != TypeKey || ev.Code.IsButton():
		h.decideHold(w) // a click or a turn of the wheel while the key is held
	case ev.Value == Release && ev.Code == s.code && ev.Device == s.dev:
		return h.tapDown(w)
	case ev.Value == Release && !inside: // of a key that was already down
	case s.tapHold.listens():
		return h.hears(w, ev)
	case ev.Value == Release && s.tapHold.Preset != TapPreferred:
		h.decideHold(w) // another key was pressed and released inside
	}
	return -1
}

// A word is what another key decides for an undecided one.
type word uint8

const (
	askPreset word = iota
	sayHold
	sayTap
	sayNothing
)

// word is what the press of a key decides for an undecided key that listens.
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
		return sayNothing // several keys of one hand may become held together
	}
	return askPreset
}

// isPlain says whether a pressed key is not a modifier and does not have two meanings.
func (h *hand) isPlain(ev Event) bool {
	v := h.scene.viewOf(ev.Device)
	id := v.modmap[ev.Code]
	_, isMod := h.scene.modOf(id)
	return !isMod && v.meanings(h.scene.compiled(), ev.Code, id) == nil
}

// hears is sees for a listening key, for the press of another key or the release of a key that was pressed while waiting.
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

// tapDown decides a waiting key as tap. Its press goes out before the events that wait behind it, its release later in its
// own place.
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

// settle decides the keys that make others wait as hold.
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

// forgetTap forgets the latest tap.
func (h *hand) forgetTap() { h.tapped, h.tappedAt = nil, 0 }
