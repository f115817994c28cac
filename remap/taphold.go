package remap

import "time"

// typingIdle is how long ago the last plain key must lie for a Balanced key to become its hold:
// within it the user is typing, and a home-row key is a letter.
const typingIdle = 150 * time.Millisecond

// beginTapHold gives a fresh slot its two meanings, or the tap at once where typing says so.
func (e *Engine) beginTapHold(s *slot, t *TapHold) {
	s.id, s.tapHold = t.Tap, t
	if t.QuickTap > 0 && e.last.tapHold == t && s.at-e.last.tapAt < t.QuickTap {
		return // tapped a moment ago: held now, it repeats
	}
	if t.Preset == Balanced && s.at-e.lastPlain < typingIdle {
		return
	}
	s.hold, s.undecided = t.Hold, true
	s.waiting = t.Preset == Permissive || t.Preset == TapPreferred || t.Preset == Balanced
	timeout := t.Timeout
	if timeout == 0 {
		timeout = e.view.timing.tapHold
	}
	s.deadline = s.at + timeout
	if s.deadline < s.at {
		s.deadline = Never
	}
}

// decideAllHold decides every undecided key as hold, in press order: another key goes down.
func (e *Engine) decideAllHold() {
	if e.suspend.undecided == 0 {
		return
	}
	for i := range e.held {
		if e.held[i].undecided && e.held[i].suspended {
			e.becomeHold(i)
			s := &e.held[i]
			s.suspended = false
			if !s.spent {
				e.exert(s, false)
			}
		}
	}
}

// decideHolding decides the undecided keys of one preset as hold.
func (e *Engine) decideHolding(p Preset) {
	for i := range e.held {
		if s := &e.held[i]; s.undecided && s.tapHold.Preset == p && s.suspended {
			e.decideHold(i)
		}
	}
}

// decideHold decides one key as hold and puts it down.
func (e *Engine) decideHold(i int) {
	e.becomeHold(i)
	s := &e.held[i]
	s.suspended = false
	e.exert(s, false)
	if e.suspend.undecided == 0 && e.suspend.open && e.suspend.kind == windowTapHold {
		e.resume()
	}
}

// becomeHold gives a key its second meaning.
func (e *Engine) becomeHold(i int) {
	s := &e.held[i]
	s.undecided, s.waiting = false, false
	e.suspend.undecided--
	if l := s.tapHold.HoldLayer; l > 0 {
		s.id, s.modifier, s.exerted = 0, false, true
		e.holdLayer(s, l-1)
		return
	}
	s.id = s.hold
	_, s.modifier = e.modOf(s.id)
}

// decideTap gives a key its first meaning.
func (e *Engine) decideTap(i int) {
	s := &e.held[i]
	s.undecided, s.waiting = false, false
	e.suspend.undecided--
	_, s.modifier = e.modOf(s.id)
	e.last.tapHold, e.last.tapAt = s.tapHold, e.now
}

// releaseTap handles the release of an undecided key: it was a tap. Its press and release go
// through the keymaps as a pair, so that nothing that the press puts down can stay.
func (e *Engine) releaseTap(i int) {
	e.decideTap(i)
	s := &e.held[i]
	s.suspended = false
	e.resumeFor(i)
	e.tapKey(i)
	if j := e.find(e.held[i].dev, e.held[i].code); j >= 0 {
		e.releasePlain(j)
	}
}

// waitingKey is the index of the key that lets others wait, -1 if none does.
func (e *Engine) waitingKey() int {
	if e.suspend.undecided == 0 {
		return -1
	}
	for i := range e.held {
		if e.held[i].undecided && e.held[i].waiting {
			return i
		}
	}
	return -1
}

// undecidedDue is the index of an undecided key whose time is over, -1 if there is none.
func (e *Engine) undecidedDue() int {
	if e.suspend.undecided == 0 {
		return -1
	}
	for i := range e.held {
		if e.held[i].undecided && e.held[i].deadline <= e.now {
			return i
		}
	}
	return -1
}

// waitingSees lets the waiting key look at event n of the queue.
func (e *Engine) waitingSees(n int) {
	ev := e.queue[n]
	w := e.waitingKey()
	s := &e.held[w]
	switch {
	case ev.At >= s.deadline:
		e.decideHold(w)
	case ev.Type != TypeKey || ev.Code.IsButton():
		e.decideHold(w) // a click or a turn of the wheel with the key held
	case ev.Value == Release && ev.Code == s.code && ev.Device == s.dev:
		e.tapDown(w)
	case ev.Value == Release && s.tapHold.Preset != TapPreferred && e.pressedInQueue(n):
		e.decideHold(w) // another key was pressed and released inside
	}
}

// pressedInQueue says whether the key whose release stands at n was pressed while waiting.
func (e *Engine) pressedInQueue(n int) bool {
	for _, q := range e.queue[:n] {
		if q.Type == TypeKey && q.Value == Press && q.Code == e.queue[n].Code && q.Device == e.queue[n].Device {
			return true
		}
	}
	return false
}

// tapDown decides a waiting key as tap; its press goes out before what waits behind it, its release
// follows in its own place.
func (e *Engine) tapDown(i int) {
	e.decideTap(i)
	s := &e.held[i]
	s.suspended = false
	e.resumeFor(i)
	if s.modifier {
		e.exert(&e.held[i], false)
		return
	}
	e.transform(i, Press)
}
