package remap

import (
	"time"

	"toshy/remap/key"
)

// A suspendWindow is the time in which modifiers are withheld from the output until it is known
// whether they become part of a combo. Tap-hold keys open one too, while they are undecided.
type suspendWindow struct {
	open      bool
	kind      windowKind
	length    time.Duration // nominal
	deadline  time.Duration
	undecided int // tap-hold keys that are held and not decided
}

type windowKind uint8

const (
	windowSuspend windowKind = iota
	windowTapHold
)

// pointerLookBack is how long a pointer's activity keeps later modifiers from being withheld: a
// click without motion finds them down.
const pointerLookBack = 250 * time.Millisecond

// withholds says whether modifiers wait at all in the present situation.
func (e *Engine) withholds() bool {
	return !e.compiled.program.Options.Masking || e.view.timing.suspend > 0
}

// pressModifier handles the press of a key that is a modifier, or a tap-hold key whose tap is one.
func (e *Engine) pressModifier(i int) {
	s := &e.held[i]
	others := false
	for j := range e.held {
		others = others || j != i && e.held[j].modifier
	}
	withhold := false
	switch {
	case s.undecided:
		withhold = true
	case e.withholds():
		withhold = !others || e.suspend.open
	}
	if withhold {
		s.suspended = true
		kind := windowSuspend
		if s.undecided {
			kind = windowTapHold
		}
		e.reopenWindow(kind, s)
		if s.undecided && e.suspend.open {
			s.deadline = e.suspend.deadline // a tap that is a modifier waits as modifiers do
		}
		return
	}
	s.exerted = true
	e.pressKey(s.id, false)
}

// pressUndecided handles the press of a tap-hold key whose tap is a plain key.
func (e *Engine) pressUndecided(i int) {
	s := &e.held[i]
	s.suspended = true
	length, _ := e.windowLength(windowTapHold, s)
	e.openWindow(windowTapHold, length)
}

// releaseModifier handles the release of a key that is a modifier by now.
func (e *Engine) releaseModifier(i int) {
	s := &e.held[i]
	id := s.id
	switch {
	case e.sticky.active && e.sticky.isTrigger(s):
		e.endSticky()
	case s.spent: // a silent lift
	case s.undecided:
		e.decideTap(i)
		e.resumeFor(i)
	default:
		e.resumeReleased(i)
	}
	s = &e.held[i]
	exerted := s.exerted
	if s.lost {
		e.consume(id) // nobody let go of it: this is no tap
	}
	e.remove(i)
	if exerted {
		e.maskRelease(id)
		e.releaseKey(id, false)
	}
}

// windowLength is the time of a window, and whether a rule with a condition set it.
func (e *Engine) windowLength(kind windowKind, s *slot) (time.Duration, bool) {
	t := &e.view.timing
	if kind == windowSuspend {
		return t.suspend, t.suspendByRule
	}
	if s != nil && s.tapHold != nil && s.tapHold.Timeout > 0 {
		return s.tapHold.Timeout, true
	}
	return t.tapHold, t.tapHoldByRule
}

// openWindow withholds everything that is held from now on.
func (e *Engine) openWindow(kind windowKind, length time.Duration) {
	for j := range e.held {
		if e.held[j].modifier && (e.held[j].undecided || e.withholds()) {
			e.held[j].suspended = true
		}
	}
	w := &e.suspend
	w.open, w.kind, w.length, w.deadline = true, kind, length, e.now+length
	if e.now-e.pointerAt < pointerLookBack {
		e.resumePlain()
	}
}

// reopenWindow starts the window again, unless the running one is longer.
func (e *Engine) reopenWindow(kind windowKind, s *slot) {
	length, byRule := e.windowLength(kind, s)
	if w := &e.suspend; w.open && length < w.length && !(byRule && kind == w.kind) {
		return
	}
	e.openWindow(kind, length)
}

// closeIfIdle closes a window that withholds nothing any more.
func (e *Engine) closeIfIdle() {
	for i := range e.held {
		if e.held[i].suspended {
			return
		}
	}
	e.closeWindow()
}

func (e *Engine) closeWindow() {
	e.suspend = suspendWindow{undecided: e.suspend.undecided}
}

// resume ends the window: everything withheld goes out in press order, what is undecided as hold.
func (e *Engine) resume() { e.resumeUpTo(len(e.held), -1) }

// windowTimeout is resume when the window's time is over. A key with a longer time of its own waits on.
func (e *Engine) windowTimeout() {
	end := len(e.held)
	for i := range e.held {
		if s := &e.held[i]; s.undecided && s.deadline > e.now {
			end = i
			break
		}
	}
	e.resumeUpTo(end, -1)
}

// resumeReleased is resume on the release of modifier i: a Shift that is let go early does not turn
// the letter on another Shift key into a hold.
func (e *Engine) resumeReleased(i int) { e.resumeUpTo(len(e.held), i) }

// resumeFor is resume on the release of tap-hold key i: keys that are undecided and were pressed
// after it stay undecided, so that rolling over two of them types both.
func (e *Engine) resumeFor(i int) { e.resumeUpTo(i+1, -1) }

func (e *Engine) resumeUpTo(end, released int) {
	if !e.suspend.open {
		return
	}
	shift := released >= 0 && e.isShiftRollover(released)
	deadline := e.suspend.deadline
	e.closeWindow()
	for i := range e.held {
		s := &e.held[i]
		if !s.suspended || i >= end && s.undecided {
			continue
		}
		if released >= 0 && s.undecided && s.tapHold.Preset != HoldDefault && s.deadline > e.now {
			continue // the release of a modifier says nothing about it
		}
		s.suspended = false
		if s.undecided {
			e.settleUndecided(i, shift)
		}
		wasSpent := s.spent
		if e.combo.active && s.spent {
			s.late = true // its combo is still held: it would change its meaning
			continue
		}
		s.spent = false
		if e.sticky.active && e.sticky.isTrigger(s) {
			continue
		}
		e.exert(s, wasSpent)
	}
	if e.suspend.undecided > 0 {
		for i := range e.held {
			if e.held[i].undecided {
				deadline = max(deadline, e.held[i].deadline)
			}
		}
		e.suspend.open, e.suspend.kind, e.suspend.deadline = true, windowTapHold, deadline
	}
}

// settleUndecided decides a tap-hold key whose window ended. Its own shift case is in isShiftRollover.
func (e *Engine) settleUndecided(i int, asTap bool) {
	if asTap {
		e.decideTap(i)
		return
	}
	e.becomeHold(i)
}

// exert puts a withheld key down on the output. used: a combo has used it already.
func (e *Engine) exert(s *slot, used bool) {
	s.late = false
	if s.exerted {
		return
	}
	s.exerted = true
	e.pressKey(s.id, false)
	if used {
		e.consume(s.id)
	}
}

// isShiftRollover recognises Shift let go while a tap-hold key that is a Shift when held is still
// undecided, was the last key pressed, and is the only other one withheld: fast typing of a capital.
func (e *Engine) isShiftRollover(released int) bool {
	isShift := func(c key.Code) bool { return c == key.LeftShift || c == key.RightShift }
	if !isShift(e.held[released].id) {
		return false
	}
	n := 0
	ok := false
	for i := range e.held {
		s := &e.held[i]
		if i == released || !s.suspended {
			continue
		}
		n++
		ok = s.undecided && isShift(s.hold) && e.lastKey == s.id
	}
	return n == 1 && ok
}

// resumePlain ends the waiting of plain modifiers on pointer activity. A tap-hold key stays
// undecided: a touch of the mouse must not eat an Enter.
func (e *Engine) resumePlain() {
	if !e.suspend.open {
		return
	}
	for i := range e.held {
		s := &e.held[i]
		if !s.suspended || s.undecided {
			continue
		}
		s.suspended = false
		wasSpent := s.spent
		if e.combo.active && s.spent {
			s.late = true
			continue
		}
		s.spent = false
		if !(e.sticky.active && e.sticky.isTrigger(s)) {
			e.exert(s, wasSpent)
		}
	}
	if e.suspend.undecided == 0 {
		e.closeWindow()
	}
}
