package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// maxChord is the largest number of keys in a chord.
const maxChord = 8

// chordState is a chord that is being pressed. Its keys wait in the queue, so that none leaks.
type chordState struct {
	clock *clock
	scene *scene

	pending  bool
	began    time.Duration      // when its first key was pressed
	bypass   bool               // the next press starts no chord: that was tried already
	keys     [maxChord]key.Code // after modmaps
	from     [maxChord]physicalKey
	n        int
	found    *Action       // of the keys pressed so far
	hold     time.Duration // how long these must be held before the chord runs
	longer   bool          // the keys may still become a longer chord
	last     time.Duration // when the last one was pressed
	deadline time.Duration
}

func newChordState(c *clock, s *scene) chordState { return chordState{clock: c, scene: s} }

// waits says whether a chord is being pressed.
func (c *chordState) waits() bool { return c.pending }

// due is the time when the current chord ends, Never if there is none.
func (c *chordState) due() time.Duration {
	if c.pending {
		return c.deadline
	}
	return Never
}

// begin starts a chord with its first key, after modmaps, unless this press was tried already.
func (c *chordState) begin(ev *Event, k key.Code) bool {
	if c.bypass {
		return false
	}
	c.pending, c.n, c.began = true, 0, ev.At
	c.add(ev, k)
	c.deadline = c.began + c.window()
	c.clock.expect()
	return true
}

// retry lets the next press start a chord again.
func (c *chordState) retry() { c.bypass = false }

// end ends the chord.
func (c *chordState) end() { c.pending, c.bypass, c.n, c.found, c.hold = false, false, 0, nil, 0 }

// giveUp ends the chord. Its first key then means itself.
func (c *chordState) giveUp() {
	c.end()
	c.bypass = true
}

// has says whether an event belongs to a key of the pending chord.
func (c *chordState) has(ev *Event) bool {
	return ev.Type == TypeKey && slices.Contains(c.from[:c.n], ev.physical())
}

func (c *chordState) add(ev *Event, k key.Code) {
	c.keys[c.n], c.from[c.n] = k, ev.physical()
	c.n++
	c.last = ev.At
}

// extend adds one more key if that can make a chord. It returns the result of find for all keys.
func (c *chordState) extend(ev *Event) (a *Action, longer bool) {
	k := c.scene.viewOf(ev.Device).modmap[ev.Code]
	if c.has(ev) || c.n == maxChord || !c.scene.now().chordKey[k] || slices.Contains(c.keys[:c.n], k) {
		return nil, false
	}
	c.add(ev, k)
	if a, longer = c.find(ev.At); a == nil && !longer {
		c.n--
	} else {
		c.deadline = c.began + c.window()
	}
	return a, longer
}

// window is the longest time that any chord with the keys pressed so far allows.
func (c *chordState) window() time.Duration {
	w := time.Duration(0)
	for _, m := range c.scene.now().chords {
		if m.window() > w && slices.ContainsFunc(m.Chords, c.within) {
			w = m.window()
		}
	}
	return w
}

// within says whether all keys pressed so far belong to one chord.
func (c *chordState) within(of Chord) bool {
	for _, k := range c.keys[:c.n] {
		if !slices.Contains(of.Keys, k) {
			return false
		}
	}
	return true
}

// find looks for the chord with exactly the keys pressed so far, and says whether a longer chord is still possible. It
// ignores chords whose time was over at the last press, last.
func (c *chordState) find(last time.Duration) (a *Action, longer bool) {
	hold := time.Duration(0)
	for _, m := range c.scene.now().chords {
		if c.n > 1 && last > c.began+m.window() {
			continue
		}
		for i := range m.Chords {
			switch of := &m.Chords[i]; {
			case !c.within(*of):
			case len(of.Keys) > c.n:
				longer = true
			case a == nil:
				a, hold = of.Action, m.Hold
			}
		}
	}
	c.found, c.hold, c.longer = a, hold, longer
	return a, longer
}

// complete is the action for the keys pressed so far, nil if they are no chord.
func (c *chordState) complete() *Action {
	if c.n > 1 {
		return c.found
	}
	return nil
}

// mustHold says whether the keys pressed so far are a chord that runs only if you hold them.
func (c *chordState) mustHold() bool { return c.n > 1 && c.found != nil && c.hold > 0 }

// await makes a chord that must be held wait, and returns the time when the chord ends by itself.
func (c *chordState) await() time.Duration {
	if c.mustHold() {
		c.deadline = c.last + c.hold
		if c.longer {
			c.deadline = max(c.deadline, c.began+c.window())
		}
	}
	return c.deadline
}

// each gives the keys of the chord.
func (c *chordState) each(yield func(from physicalKey, is key.Code)) {
	for i, p := range c.from[:c.n] {
		yield(p, c.keys[i])
	}
}

// beginChord holds back the press of a key that may be the first of a chord.
func (e *Engine) beginChord(ev *Event, id key.Code) bool {
	if e.next.kind() != modeTop || !e.chord.begin(ev, id) {
		return false
	}
	e.queue.putBack(*ev)
	return true
}

// chordSees lets the pending chord look at event n of the queue.
func (e *Engine) chordSees(n int) {
	ev := e.queue.at(n)
	switch {
	case ev.At > e.chord.due() && ev.At > e.chord.await():
		e.chordTimeout()
	case ev.Type != TypeKey:
		e.endChord()
	case ev.Value == Release && e.chord.has(&ev):
		e.endChord()
	case ev.Value == Press:
		switch a, longer := e.chord.extend(&ev); {
		case longer:
		case a == nil:
			e.endChord()
		case e.chord.mustHold():
			e.chord.await()
		default:
			e.fireChord(a)
		}
	}
}

// endChord ends a pending chord before its time. A chord that must be held longer does not run.
func (e *Engine) endChord() {
	if !e.chord.mustHold() {
		e.chordTimeout()
		return
	}
	e.chord.giveUp()
	e.queue.rescan()
}

// chordTimeout ends a pending chord. If the keys that are down are a chord, it runs; otherwise each key means itself.
func (e *Engine) chordTimeout() {
	if a := e.chord.complete(); a != nil {
		e.fireChord(a)
		return
	}
	e.chord.giveUp()
	e.queue.rescan()
}

// fireChord removes the chord's presses from the queue and runs its action. The key pressed last is the trigger.
func (e *Engine) fireChord(a *Action) {
	c := e.chord
	e.chord.end()
	e.queue.rescan()
	left := c.size() // only the chord's own presses: behind a macro, the same keys may have been typed again
	e.queue.delete(func(ev Event) bool {
		mine := left > 0 && ev.Value == Press && c.has(&ev)
		if mine {
			left--
		}
		return mine
	})
	if e.ledger.holdsCombo() {
		e.hand.endCombo(-1)
	}
	e.hand.decideAllHold()
	trigger := -1
	c.each(func(p physicalKey, is key.Code) {
		if j := e.hand.find(p); j >= 0 { // its keyboard lost a release
			e.release(j)
		}
		trigger = e.hand.pressChord(p, is)
	})
	e.match(a, trigger, Press, e.hand.mods(-1)|e.next.held())
}

// size is the number of keys that are pressed.
func (c *chordState) size() int { return c.n }
