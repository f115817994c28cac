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
	pending  bool
	bypass   bool               // the next press is no chord: it was tried
	keys     [maxChord]key.Code // as the modmaps made them
	from     [maxChord]physicalKey
	n        int
	deadline time.Duration
}

// physicalKey is a key of a keyboard, before all mapping.
type physicalKey struct {
	dev  uint8
	code key.Code
}

// has says whether an event is of a key of the pending chord.
func (c *chordState) has(ev *Event) bool {
	for _, p := range c.from[:c.n] {
		if ev.Type == TypeKey && ev.Code == p.code && ev.Device == p.dev {
			return true
		}
	}
	return false
}

func (c *chordState) hasKey(k key.Code) bool { return slices.Contains(c.keys[:c.n], k) }

func (c *chordState) add(ev *Event, k key.Code) {
	c.keys[c.n], c.from[c.n] = k, physicalKey{ev.Device, ev.Code}
	c.n++
}

// beginChord holds the press of a key back that may be the first of a chord.
func (e *Engine) beginChord(ev Event) bool {
	if e.chord.bypass || e.mode.kind != modeTop {
		return false
	}
	e.chord = chordState{pending: true, deadline: ev.At + e.chordWindow()}
	e.chord.add(&ev, e.view.modmap[ev.Code])
	e.queue = slices.Insert(e.queue, 0, ev)
	e.scanned = 1
	return true
}

func (e *Engine) chordWindow() time.Duration {
	w := time.Duration(0)
	for _, m := range e.view.chords {
		w = max(w, m.Window)
	}
	if w == 0 {
		w = defaultChordWindow
	}
	return w
}

// find looks for the chord that has exactly the keys pressed so far, and says whether a longer one
// may still come of them.
func (e *Engine) findChord() (a *Action, longer bool) {
	c := &e.chord
	for _, m := range e.view.chords {
		for i := range m.Chords {
			have := 0
			for _, k := range m.Chords[i].Keys {
				for _, p := range c.keys[:c.n] {
					if p == k {
						have++
					}
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

// chordSees lets the pending chord look at event n of the queue.
func (e *Engine) chordSees(n int) {
	ev := &e.queue[n]
	c := &e.chord
	if ev.At > c.deadline || ev.Type != TypeKey {
		e.chordTimeout()
		return
	}
	mine := c.has(ev)
	if ev.Value == Release && mine {
		e.chordTimeout()
	}
	if ev.Value != Press {
		return
	}
	if k := e.devices[ev.Device].view.modmap[ev.Code]; !mine && c.n < maxChord && e.view.chordKey[k] && !c.hasKey(k) {
		c.add(ev, k)
		if a, longer := e.findChord(); a != nil || longer {
			if !longer {
				e.fireChord(a)
			}
			return
		}
		c.n--
	}
	e.chordTimeout()
}

// chordTimeout ends a pending chord: with the keys that are down if they are one, else each key is
// itself.
func (e *Engine) chordTimeout() {
	if a, _ := e.findChord(); a != nil && e.chord.n > 1 {
		e.fireChord(a)
		return
	}
	e.chord = chordState{bypass: true}
	e.scanned = 0
}

// fireChord takes the presses of the chord out of the queue and runs its action; the key pressed
// last is its trigger.
func (e *Engine) fireChord(a *Action) {
	c := e.chord
	e.chord = chordState{}
	e.scanned = 0
	left := c.n // only its own presses: behind a macro the same keys may have been typed again
	e.queue = slices.DeleteFunc(e.queue, func(ev Event) bool {
		mine := left > 0 && ev.Value == Press && c.has(&ev)
		if mine {
			left--
		}
		return mine
	})
	if e.combo.active {
		e.endCombo(-1)
	}
	e.decideAllHold()
	for i, p := range c.from[:c.n] {
		if j := e.find(p.dev, p.code); j >= 0 { // its keyboard lost a release
			e.keyEvent(j, Release)
		}
		e.held = append(e.held, slot{code: p.code, id: c.keys[i], dev: p.dev, at: e.now, chord: true})
	}
	e.match(a, len(e.held)-1, Press)
}
