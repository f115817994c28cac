package remap

import "time"

// A tapCount counts the taps of one DoTaps. Its times are those of its first tap.
type tapCount struct {
	action   *Action
	count    int
	last     time.Duration
	interval time.Duration
	least    time.Duration
	deadline time.Duration // Never while only the first tap is counted and it does nothing
	window   Window        // that had the focus at the first tap
}

// A delayedAction is run later, by no key.
type delayedAction struct {
	at     time.Duration
	action *Action
	window Window // that its conditions ask about
}

// tapGrace is how long the reference waits before it sends what taps were counted for, so that the
// modifiers are up. Lifting makes it needless; it is kept where the reference is reproduced.
const tapGrace = 150 * time.Millisecond

// maxDelayed bounds the actions that wait. There are more only when time stands still.
const maxDelayed = 16

// countTap counts one more tap of a.
func (e *Engine) countTap(a *Action) {
	i := 0
	for i < len(e.taps) && e.taps[i].action != a {
		i++
	}
	if i < len(e.taps) {
		t := &e.taps[i]
		switch since := e.now - t.last; {
		case since < t.least:
			return
		case since >= t.interval || t.count == 5:
			e.finishTaps(i)
			i = len(e.taps)
		}
	}
	if i == len(e.taps) {
		e.taps = append(e.taps, e.newTapCount(a))
	}
	t := &e.taps[i]
	t.count++
	t.last = e.now
	t.deadline = e.now + t.interval
	if t.count == 1 && a.List[0] == nil {
		t.deadline = Never
	}
}

func (e *Engine) newTapCount(a *Action) tapCount {
	t := tapCount{action: a, interval: a.Time, least: a.Time2, window: e.window}
	if t.interval == 0 {
		t.interval = e.view.timing.tapInterval
	}
	if t.least == 0 {
		t.least = e.view.timing.minTapDelay
	}
	if t.least >= t.interval {
		t.least = t.interval / 4
	}
	return t
}

// finishTaps ends count i: its action, if there is one for that number, is sent a little later.
func (e *Engine) finishTaps(i int) {
	t := e.taps[i]
	e.taps = append(e.taps[:i], e.taps[i+1:]...)
	if n := t.count - 1; n < len(t.action.List) && t.action.List[n] != nil {
		at := e.now
		if e.compiled.program.Options.Reference {
			at += tapGrace
		}
		if len(e.delayed) < maxDelayed {
			e.delayed = append(e.delayed, delayedAction{at, t.action.List[n], t.window})
		}
	}
}

// runTapTimers finishes counts whose time is over and runs what is due. A macro that waits goes first.
func (e *Engine) runTapTimers() {
	for i := 0; i < len(e.taps); i++ {
		if e.taps[i].deadline <= e.now {
			e.finishTaps(i)
			i--
		}
	}
	for i := 0; i < len(e.delayed); i++ {
		d := e.delayed[i]
		if d.at > e.now {
			continue
		}
		if e.macro.running() {
			e.delayed[i].at = e.macro.until
			continue
		}
		e.delayed = append(e.delayed[:i], e.delayed[i+1:]...)
		i--
		e.askedFor, e.asked = d.window, true
		e.run(d.action, -1, outside)
		e.asked = false
	}
}
