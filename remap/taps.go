package remap

import (
	"time"

	"toshy/remap/key"
)

// A tapCount counts the taps of one DoTaps. It uses the times that applied at the first tap.
type tapCount struct {
	action   *Action
	count    int
	last     time.Duration
	interval time.Duration
	least    time.Duration
	deadline time.Duration // Never while only the first tap is counted and has no action
	window   Window        // the focused window at the first tap
	pass     key.ModSet    // as in runner
}

// A delayedAction runs later, without a key.
type delayedAction struct {
	at     time.Duration
	action *Action
	window Window // the window that its conditions read
	pass   key.ModSet
}

// tapGrace is how long the reference waits before it sends the result of counted taps, so that the modifiers are up. toshy
// lifts modifiers and needs no wait; tapGrace exists only to reproduce the reference.
const tapGrace = 150 * time.Millisecond

// maxDelayed bounds the actions that wait. There are more only if the clock stops.
const maxDelayed = 16

// countTap counts one more tap of a. It returns the action that this tap itself runs, nil for none.
func (r *runner) countTap(a *Action) *Action {
	i := 0
	for i < len(r.taps) && r.taps[i].action != a {
		i++
	}
	if i < len(r.taps) {
		t := &r.taps[i]
		switch since := r.clock.now() - t.last; {
		case since < t.least:
			return nil
		case since >= t.interval || t.count == 5:
			r.finishTaps(i)
			i = len(r.taps)
		}
	}
	if i == len(r.taps) {
		r.taps = append(r.taps, r.newTapCount(a))
	}
	t := &r.taps[i]
	t.count++
	t.last = r.clock.now()
	t.deadline = r.clock.now() + t.interval
	r.clock.expect()
	if t.count == 1 && a.List[0] == nil {
		t.deadline = Never
	}
	if a.Value == 0 {
		return nil
	}
	n := t.count - 1
	if t.count == len(a.List) { // the next tap begins a new count
		r.taps = append(r.taps[:i], r.taps[i+1:]...)
	}
	return a.List[n]
}

func (r *runner) newTapCount(a *Action) tapCount {
	t := tapCount{action: a, interval: a.Time, least: a.Time2, window: r.scene.focused(), pass: r.pass}
	if t.interval == 0 {
		t.interval = r.scene.now().timing.tapInterval
	}
	if t.least == 0 {
		t.least = r.scene.now().timing.minTapDelay
	}
	if t.least >= t.interval {
		t.least = t.interval / 4
	}
	return t
}

// finishTaps ends count i. If there is an action for the count, it is sent a little later.
func (r *runner) finishTaps(i int) {
	t := r.taps[i]
	r.taps = append(r.taps[:i], r.taps[i+1:]...)
	if n := t.count - 1; t.action.Value == 0 && n < len(t.action.List) && t.action.List[n] != nil {
		at := r.clock.now()
		if r.scene.options().Reference {
			at += tapGrace
		}
		if len(r.delayed) < maxDelayed {
			r.delayed = append(r.delayed, delayedAction{at, t.action.List[n], t.window, t.pass})
			r.clock.expect()
		}
	}
}

// runTapTimers finishes counts whose time is over and runs delayed actions. A macro that waits goes first.
func (r *runner) runTapTimers() {
	for i := 0; i < len(r.taps); i++ {
		if r.taps[i].deadline <= r.clock.now() {
			r.finishTaps(i)
			i--
		}
	}
	for i := 0; i < len(r.delayed); i++ {
		d := r.delayed[i]
		if d.at > r.clock.now() {
			continue
		}
		if r.waiting {
			r.delayed[i].at = r.until
			continue
		}
		r.delayed = append(r.delayed[:i], r.delayed[i+1:]...)
		i--
		r.recordTap(d.action)
		r.scene.askAbout(d.window)
		r.run(d.action, -1, outside, d.pass)
		r.scene.askNow()
	}
}

// tapsDue is the time when the first count ends or the first delayed action runs, Never if there is none.
func (r *runner) tapsDue() time.Duration {
	if len(r.taps) == 0 && len(r.delayed) == 0 {
		return Never
	}
	return r.firstTapTimer()
}

func (r *runner) firstTapTimer() time.Duration {
	at := Never
	for i := range r.taps {
		at = min(at, r.taps[i].deadline)
	}
	for i := range r.delayed {
		at = min(at, r.delayed[i].at)
	}
	return at
}

// later runs an action as soon as nothing else runs. It returns false if there is no room for it.
func (r *runner) later(a *Action) {
	if len(r.delayed) < maxDelayed {
		r.delayed = append(r.delayed, delayedAction{r.clock.now(), a, r.scene.focused(), 0})
		r.clock.expect()
	}
}
