package remap

import (
	"time"

	"toshy/remap/key"
)

// A suspendWindow is the time during which modifiers are withheld from the output, until it is known whether they are part
// of a combo. Undecided tap-hold keys open one, too.
type suspendWindow struct {
	open      bool
	kind      windowKind
	length    time.Duration // nominal
	deadline  time.Duration
	undecided int // the number of held, undecided tap-hold keys
}

type windowKind uint8

const (
	windowSuspend windowKind = iota
	windowTapHold
)

// pointerLookBack is how long after pointer activity new modifiers are not withheld, so that a click without motion finds
// them down.
const pointerLookBack = 250 * time.Millisecond

// mayWithhold says whether modifiers wait at all in the current situation.
func (h *hand) mayWithhold() bool {
	return !h.scene.options().Masking || h.scene.now().timing.suspend > 0
}

// pressModifier handles the press of a key that is a modifier, or a tap-hold key whose tap is one.
func (h *hand) pressModifier(i int) {
	s := &h.slots[i]
	others := false
	for j := range h.slots {
		others = others || j != i && h.slots[j].modifier
	}
	withhold := false
	switch {
	case s.undecided:
		withhold = true
	case h.mayWithhold():
		withhold = !others || h.window.open
	}
	if withhold {
		s.suspended = true
		kind := windowSuspend
		if s.undecided {
			kind = windowTapHold
		}
		h.reopenWindow(kind, s)
		if s.undecided && h.window.open {
			s.deadline = h.window.deadline - (h.clock.now() - s.at) // a tap that is a modifier waits like a modifier, from the time when it was typed
		}
		return
	}
	s.exerted, s.down = true, h.ledger.take(s.id, false)
}

// pressUndecided handles the press of a tap-hold key whose tap is a plain key.
func (h *hand) pressUndecided(i int) {
	s := &h.slots[i]
	s.suspended = true
	length, _ := h.windowLength(windowTapHold, s)
	h.openWindow(windowTapHold, length)
}

// releaseModifier handles the release of a key that is now a modifier.
func (h *hand) releaseModifier(i int) {
	s := &h.slots[i]
	switch {
	case h.ledger.binds(s.physical()):
		h.ledger.unbind()
	case s.spent: // a silent lift
	case s.undecided:
		h.decideTap(i)
		h.resumeFor(i)
	default:
		h.resumeReleased(i)
	}
	s = &h.slots[i]
	down := s.down
	if s.lost {
		h.ledger.consume(s.id) // nobody released it: this is no tap
	}
	h.remove(i)
	if !down.none() {
		h.ledger.dropUsed(&down)
	}
}

// windowLength is the length of a window, and whether a rule with a condition set it.
func (h *hand) windowLength(kind windowKind, s *slot) (time.Duration, bool) {
	t := &h.scene.now().timing
	if kind == windowSuspend {
		return t.suspend, t.suspendByRule
	}
	if s != nil && s.tapHold != nil && s.tapHold.Timeout > 0 {
		return s.tapHold.Timeout, true
	}
	return t.tapHold, t.tapHoldByRule
}

// openWindow withholds everything that is held from now on.
func (h *hand) openWindow(kind windowKind, length time.Duration) {
	for j := range h.slots {
		if h.slots[j].modifier && (h.slots[j].undecided || h.mayWithhold()) {
			h.slots[j].suspended = true
		}
	}
	w := &h.window
	w.open, w.kind, w.length, w.deadline = true, kind, length, h.clock.now()+length
	if h.clock.now()-h.pointerAt < pointerLookBack {
		h.resumePlain()
	}
}

// reopenWindow starts the window again, unless the running one is longer.
func (h *hand) reopenWindow(kind windowKind, s *slot) {
	length, byRule := h.windowLength(kind, s)
	if w := &h.window; w.open && length < w.length && !(byRule && kind == w.kind) {
		return
	}
	h.openWindow(kind, length)
}

// extend starts the window again if it is open: the modifiers may belong to an action that runs.
func (h *hand) extend() {
	if h.window.open {
		h.reopenWindow(windowSuspend, nil)
	}
}

// expects says whether a window is open or a key is undecided, so that one of them may have a deadline.
func (h *hand) expects() bool { return h.window.open || h.window.undecided > 0 }

// withholds says whether keys currently wait for what comes next.
func (h *hand) withholds() bool { return h.window.open }

// windowDue is the time when the window ends by itself, Never if none is open.
func (h *hand) windowDue() time.Duration {
	if h.window.open {
		return h.window.deadline
	}
	return Never
}

// closeAll forgets the window and the withheld keys.
func (h *hand) closeAll() { h.window = suspendWindow{} }

// closeIfIdle closes a window that no longer withholds anything.
func (h *hand) closeIfIdle() {
	for i := range h.slots {
		if h.slots[i].suspended {
			return
		}
	}
	h.closeWindow()
}

func (h *hand) closeWindow() {
	h.window = suspendWindow{undecided: h.window.undecided}
}

// resume ends the window: all withheld keys go out in press order, undecided ones as hold.
func (h *hand) resume() { h.resumeUpTo(len(h.slots), -1) }

// windowTimeout is resume when the window's time is over. A key with its own longer time continues to wait.
func (h *hand) windowTimeout() {
	end := len(h.slots)
	for i := range h.slots {
		s := &h.slots[i]
		if s.undecided && s.deadline > h.clock.now() {
			end = i
			break
		}
		s.timedOut = s.undecided
	}
	h.resumeUpTo(end, -1)
}

// resumeReleased is resume for the release of modifier i. If a Shift is released early, a letter on another Shift key does
// not become a hold.
func (h *hand) resumeReleased(i int) { h.resumeUpTo(len(h.slots), i) }

// resumeFor is resume for the release of tap-hold key i. Undecided keys that were pressed after it stay undecided, so that
// rolling over two of them types both.
func (h *hand) resumeFor(i int) { h.resumeUpTo(i+1, -1) }

func (h *hand) resumeUpTo(end, released int) {
	if !h.window.open {
		return
	}
	shift := released >= 0 && h.isShiftRollover(released)
	deadline := h.window.deadline
	h.closeWindow()
	for i := range h.slots {
		s := &h.slots[i]
		if !s.suspended || i >= end && s.undecided {
			continue
		}
		if released >= 0 && s.undecided && s.tapHold.Preset != HoldDefault && s.deadline > h.clock.now() {
			continue // the release of a modifier does not affect it
		}
		s.suspended = false
		if s.undecided {
			h.settleUndecided(i, shift)
		}
		wasSpent := s.spent
		if h.ledger.holdsCombo() && s.spent && !s.exerted {
			s.late = true // its combo is still held, and this key would change the combo's meaning
			continue
		}
		s.spent = false
		if h.ledger.binds(s.physical()) {
			continue
		}
		h.exert(s, wasSpent)
	}
	if h.window.undecided > 0 {
		for i := range h.slots {
			if h.slots[i].undecided {
				deadline = max(deadline, h.slots[i].deadline)
			}
		}
		h.window.open, h.window.kind, h.window.deadline = true, windowTapHold, deadline
	}
}

// settleUndecided decides a tap-hold key whose window ended. isShiftRollover has the special case for Shift.
func (h *hand) settleUndecided(i int, asTap bool) {
	if asTap {
		h.decideTap(i)
		if s := &h.slots[i]; s.tapHold.TapDo != nil {
			s.exerted = true
			h.holds = append(h.holds, s.physical())
		}
		return
	}
	h.becomeHold(i)
}

// exert presses a withheld key on the output. used: a combo has already used it.
func (h *hand) exert(s *slot, used bool) {
	s.late = false
	if s.exerted {
		return
	}
	s.exerted, s.down = true, h.ledger.take(s.id, false)
	if used {
		h.ledger.consume(s.id)
	}
}

// isShiftRollover recognises that Shift is released while a tap-hold key that acts as Shift when held is still undecided,
// was pressed last, and is the only other withheld key: fast typing of a capital.
func (h *hand) isShiftRollover(released int) bool {
	isShift := func(c key.Code) bool { return c == key.LeftShift || c == key.RightShift }
	if !isShift(h.slots[released].id) {
		return false
	}
	n := 0
	ok := false
	for i := range h.slots {
		s := &h.slots[i]
		if i == released || !s.suspended {
			continue
		}
		n++
		ok = s.undecided && isShift(s.hold) && h.last == s.id
	}
	return n == 1 && ok
}

// pointerMoves notes that a pointer that is not grabbed moved, clicked or scrolled.
func (h *hand) pointerMoves() {
	h.pointerAt = h.clock.now()
	h.decideOld()
	h.resumePlain()
}

// touchTime is how long a key must be down before the pointer decides it. Before that, it was only touched in passing.
const touchTime = 150 * time.Millisecond

// decideOld decides undecided keys that have been down for a while as hold: the user holds them while using the pointer.
func (h *hand) decideOld() {
	if h.window.undecided == 0 || h.scene.options().Reference {
		return
	}
	for i := range h.slots {
		if s := &h.slots[i]; s.undecided && s.suspended && h.clock.now()-s.at >= touchTime {
			h.decideHold(i)
		}
	}
}

// resumePlain ends the waiting of plain modifiers on pointer activity. A tap-hold key stays undecided: touching the mouse
// must not eat an Enter.
func (h *hand) resumePlain() {
	if !h.window.open {
		return
	}
	for i := range h.slots {
		s := &h.slots[i]
		if !s.suspended || s.undecided {
			continue
		}
		s.suspended = false
		wasSpent := s.spent
		if h.ledger.holdsCombo() && s.spent {
			s.late = true
			continue
		}
		s.spent = false
		if !h.ledger.binds(s.physical()) {
			h.exert(s, wasSpent)
		}
	}
	if h.window.undecided == 0 {
		h.closeWindow()
	}
}
