package remap

import (
	"time"

	"toshy/remap/key"
)

// maxChord is the most keys that a chord may have.
const maxChord = 8

// chordState is a chord that is being pressed. Its keys wait in the queue, so that none leaks.
type chordState struct {
	pending  bool
	bypass   bool // the next press is no chord: it was tried
	keys     [maxChord]key.Code
	n        int
	deadline time.Duration
}

// beginChord holds the press of a key back that may be the first of a chord.
func (e *Engine) beginChord(ev Event) bool {
	if e.chord.bypass || e.mode.kind != modeTop {
		e.chord.bypass = false
		return false
	}
	c := &e.chord
	*c = chordState{pending: true, n: 1, deadline: ev.At + e.chordWindow()}
	c.keys[0] = e.view.modmap[ev.Code]
	e.queue = append(e.queue, Event{})
	copy(e.queue[1:], e.queue)
	e.queue[0] = ev
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
	ev := e.queue[n]
	c := &e.chord
	k := key.Code(0)
	if ev.Type == TypeKey {
		k = e.devices[ev.Device].view.modmap[ev.Code]
	}
	mine := false
	for _, p := range c.keys[:c.n] {
		mine = mine || p == k
	}
	switch {
	case ev.At > c.deadline:
		e.chordTimeout()
	case ev.Type != TypeKey:
		e.chordTimeout()
	case ev.Value == Press && !mine && c.n < maxChord && e.view.chordKey[k]:
		c.keys[c.n] = k
		c.n++
		a, longer := e.findChord()
		if a == nil && !longer {
			c.n--
			e.chordTimeout()
		} else if !longer {
			e.fireChord(a)
		}
	case ev.Value == Press || ev.Value == Release && mine:
		e.chordTimeout()
	}
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
	kept := 0
	for _, ev := range e.queue {
		mine := false
		if ev.Type == TypeKey && ev.Value == Press {
			for _, k := range c.keys[:c.n] {
				mine = mine || e.devices[ev.Device].view.modmap[ev.Code] == k
			}
		}
		if !mine {
			e.queue[kept] = ev
			kept++
			continue
		}
		e.held = append(e.held, slot{code: ev.Code, id: e.devices[ev.Device].view.modmap[ev.Code], dev: ev.Device, at: ev.At, chord: true})
	}
	e.queue = e.queue[:kept]
	if e.combo.active {
		e.endCombo(-1)
	}
	e.decideAllHold()
	e.match(a, len(e.held)-1, Press)
}
