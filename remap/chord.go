package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// maxChord is the most keys that a chord may have.
const maxChord = 8

// chordState is a chord that is being pressed. Its keys wait in the queue, so that none leaks.
type chordState struct {
	scene *scene

	pending  bool
	bypass   bool               // the next press is no chord: it was tried
	keys     [maxChord]key.Code // as the modmaps made them
	from     [maxChord]physicalKey
	n        int
	deadline time.Duration
}

func newChordState(s *scene) chordState { return chordState{scene: s} }

// waits says whether a chord is being pressed.
func (c *chordState) waits() bool { return c.pending }

// due is when the chord that is being pressed ends, Never for none.
func (c *chordState) due() time.Duration {
	if c.pending {
		return c.deadline
	}
	return Never
}

// begin begins a chord with its first key, as the modmaps made it, unless this press was tried already.
func (c *chordState) begin(ev *Event, k key.Code) bool {
	if c.bypass {
		return false
	}
	c.pending, c.n, c.deadline = true, 0, ev.At+c.window()
	c.add(ev, k)
	return true
}

// retry lets the next press begin a chord again.
func (c *chordState) retry() { c.bypass = false }

// end ends the chord.
func (c *chordState) end() { c.pending, c.bypass, c.n = false, false, 0 }

// giveUp ends the chord: its first key is itself.
func (c *chordState) giveUp() {
	c.end()
	c.bypass = true
}

// has says whether an event is of a key of the pending chord.
func (c *chordState) has(ev *Event) bool {
	return ev.Type == TypeKey && slices.Contains(c.from[:c.n], ev.physical())
}

func (c *chordState) add(ev *Event, k key.Code) {
	c.keys[c.n], c.from[c.n] = k, ev.physical()
	c.n++
}

// extend takes one more key, if a chord can come of it. What the keys are together is returned, as by find.
func (c *chordState) extend(ev *Event) (a *Action, longer bool) {
	k := c.scene.viewOf(ev.Device).modmap[ev.Code]
	if c.has(ev) || c.n == maxChord || !c.scene.now().chordKey[k] || slices.Contains(c.keys[:c.n], k) {
		return nil, false
	}
	c.add(ev, k)
	if a, longer = c.find(); a == nil && !longer {
		c.n--
	}
	return a, longer
}

// window is the time in which the keys have to be pressed.
func (c *chordState) window() time.Duration {
	w := time.Duration(0)
	for _, m := range c.scene.now().chords {
		w = max(w, m.Window)
	}
	if w == 0 {
		w = defaultChordWindow
	}
	return w
}

// find looks for the chord that has exactly the keys pressed so far, and says whether a longer one
// may still come of them.
func (c *chordState) find() (a *Action, longer bool) {
	for _, m := range c.scene.now().chords {
		for i := range m.Chords {
			have := 0
			for _, k := range m.Chords[i].Keys {
				if slices.Contains(c.keys[:c.n], k) {
					have++
				}
			}
			switch {
			case have < c.n:
			case len(m.Chords[i].Keys) > c.n:
				longer = true
			case a == nil:
				a = m.Chords[i].Action
			}
		}
	}
	return a, longer
}

// complete is the action of the keys pressed so far, nil if they are no chord.
func (c *chordState) complete() *Action {
	if a, _ := c.find(); c.n > 1 {
		return a
	}
	return nil
}

// each gives the keys of the chord.
func (c *chordState) each(yield func(from physicalKey, is key.Code)) {
	for i, p := range c.from[:c.n] {
		yield(p, c.keys[i])
	}
}

// beginChord holds the press of a key back that may be the first of a chord.
func (e *Engine) beginChord(ev Event, id key.Code) bool {
	if e.next.kind() != modeTop || !e.chord.begin(&ev, id) {
		return false
	}
	e.queue.putBack(ev)
	return true
}

// chordSees lets the pending chord look at event n of the queue.
func (e *Engine) chordSees(n int) {
	ev := e.queue.at(n)
	switch {
	case ev.At > e.chord.due() || ev.Type != TypeKey:
		e.chordTimeout()
	case ev.Value == Release && e.chord.has(&ev):
		e.chordTimeout()
	case ev.Value == Press:
		switch a, longer := e.chord.extend(&ev); {
		case longer:
		case a != nil:
			e.fireChord(a)
		default:
			e.chordTimeout()
		}
	}
}

// chordTimeout ends a pending chord: with the keys that are down if they are one, else each key is
// itself.
func (e *Engine) chordTimeout() {
	if a := e.chord.complete(); a != nil {
		e.fireChord(a)
		return
	}
	e.chord.giveUp()
	e.queue.rescan()
}

// fireChord takes the presses of the chord out of the queue and runs its action; the key pressed
// last is its trigger.
func (e *Engine) fireChord(a *Action) {
	c := e.chord
	e.chord.end()
	e.queue.rescan()
	left := c.size() // only its own presses: behind a macro the same keys may have been typed again
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
	e.match(a, trigger, Press, e.hand.mods(-1)|e.next.mods())
}

// size is the number of keys that are pressed.
func (c *chordState) size() int { return c.n }
