package remap

import (
	"slices"

	"toshy/remap/key"
)

// maxQueue bounds the events that wait for a decision or a macro. A typist cannot fill the queue within any timeout. If a
// cat or a script does, the decision is made at once.
const maxQueue = 128

// A queue has the waiting events in order of arrival.
type queue struct {
	events    []Event
	scanned   int  // how many the pending decision has looked at
	replaying bool // events are being removed
}

func newQueue() queue { return queue{events: make([]Event, 0, maxQueue)} }

func (q *queue) empty() bool { return len(q.events) == 0 }

func (q *queue) len() int { return len(q.events) }

// at is waiting event n.
func (q *queue) at(n int) Event { return q.events[n] }

func (q *queue) add(ev Event) { q.events = append(q.events, ev) }

// putBack puts an event before all waiting events. The pending decision has already looked at it.
func (q *queue) putBack(ev Event) {
	q.events = slices.Insert(q.events, 0, ev)
	q.scanned = 1
}

// take removes and returns the first event.
func (q *queue) take() Event {
	ev := q.events[0]
	copy(q.events, q.events[1:])
	q.events[len(q.events)-1] = Event{} // nothing that was typed stays in memory
	q.events = q.events[:len(q.events)-1]
	q.scanned = 0
	return ev
}

// unseen is the index of the first event that the pending decision has not looked at, and marks it as seen; -1 if there is
// none.
func (q *queue) unseen() int {
	if q.scanned >= len(q.events) {
		return -1
	}
	q.scanned++
	return q.scanned - 1
}

// rescan lets the next decision see all events.
func (q *queue) rescan() { q.scanned = 0 }

// delete removes the events for which take returns true.
func (q *queue) delete(take func(ev Event) bool) {
	q.events = slices.DeleteFunc(q.events, take)
}

func (q *queue) clear() {
	clear(q.events)
	q.events, q.scanned = q.events[:0], 0
}

// begin starts removing events, until end. It returns false if someone already does.
func (q *queue) begin() bool {
	if q.replaying {
		return false
	}
	q.replaying = true
	return true
}

func (q *queue) end() { q.replaying = false }

// hasPress says whether a press of a key waits.
func (q *queue) hasPress() bool {
	return slices.ContainsFunc(q.events, func(ev Event) bool { return ev.Type == TypeKey && ev.Value == Press })
}

// hasKey says whether an event for a key waits.
func (q *queue) hasKey(p physicalKey) bool {
	for i := range q.events {
		if ev := &q.events[i]; ev.Type == TypeKey && ev.Code == p.code && ev.Device == p.dev {
			return true
		}
	}
	return false
}

// pressedBefore says whether a press of event n's key waits before event n.
func (q *queue) pressedBefore(n int) bool {
	for i := range q.events[:n] {
		ev := &q.events[i]
		if ev.Type == TypeKey && ev.Value == Press && ev.Code == q.events[n].Code && ev.Device == q.events[n].Device {
			return true
		}
	}
	return false
}

// holdsOf says whether an event from a keyboard waits.
func (q *queue) holdsOf(dev uint8) bool {
	return slices.ContainsFunc(q.events, func(ev Event) bool { return ev.Device == dev })
}

// busy says whether events must wait: for a macro that sleeps, or for an undecided tap-hold or chord key that makes others
// wait.
func (e *Engine) busy() bool {
	return e.runner.waits() || e.undecided()
}

// undecided says whether an undecided chord or tap-hold key makes others wait.
func (e *Engine) undecided() bool { return e.chord.waits() || e.hand.waits() }

// enqueue adds an event to the queue and lets the pending decision look at it.
func (e *Engine) enqueue(ev *Event) {
	if e.passesQueue(ev) {
		e.handle(ev)
		return
	}
	if e.cancels(ev) {
		e.runner.cancel()
		e.drain()
		e.accept(ev)
		return
	}
	if ev.Type == TypeKey && ev.Value == Repeat {
		return // later it would be part of a burst; if the user still holds the key, it repeats again
	}
	for e.queue.len() == maxQueue {
		e.settle()
		if e.queue.len() == maxQueue { // this can only be a macro: end it here, so that no keys are lost
			e.runner.cancel()
			e.drain()
		}
	}
	if e.queue.empty() && !e.busy() {
		e.handle(ev)
	} else {
		e.queue.add(*ev)
	}
	e.drain()
}

// passesQueue says whether an event need not wait. The release or repeat of a key that was pressed before an undecided key
// does not matter to the decision, and if it waited, the desktop would repeat the key. While a macro runs, everything keeps
// its order.
func (e *Engine) passesQueue(ev *Event) bool {
	if isMotion(ev) {
		return true
	}
	if e.runner.waits() || ev.Type != TypeKey || ev.Value == Press {
		return false
	}
	i := e.hand.find(ev.physical())
	return i >= 0 && !e.queue.hasKey(ev.physical()) && !e.hand.waitsBehind(i) && !e.hand.isModifier(i)
}

// cancels says whether an event ends the current macro. A key whose entry cancels must not wait behind the macro that it
// ends. Waiting modifiers are part of its combo.
func (e *Engine) cancels(ev *Event) bool {
	if !e.runner.waits() || ev.Type != TypeKey || ev.Value != Press || !e.scene.knows(ev.Device) || e.scene.passing() {
		return false
	}
	mods := e.hand.mods(-1) | e.next.held()
	for n := range e.queue.len() {
		q := e.queue.at(n)
		if m, ok := e.scene.modOf(e.modmapped(&q)); ok && q.Type == TypeKey {
			mods &^= m
			if q.Value != Release {
				mods |= m
			}
		}
	}
	k := e.scene.layout().lookup(e.modmapped(ev))
	v := e.scene.viewOf(ev.Device)
	if v.hasCombo[k] == 0 {
		return false
	}
	a, _ := v.find(combo(mods, k))
	return a != nil && a.Kind == DoCancel
}

// modmapped is the current key of an event, after modmaps.
func (e *Engine) modmapped(ev *Event) key.Code {
	if v := e.scene.viewOf(ev.Device); v != nil && ev.Type == TypeKey {
		return v.modmap[ev.Code]
	}
	return 0
}

// drain handles waiting events, as far as decisions have been made.
func (e *Engine) drain() {
	if !e.queue.begin() {
		return
	}
	defer e.queue.end()
	for !e.queue.empty() && !e.runner.waits() {
		if !e.undecided() {
			ev := e.queue.take()
			e.handle(&ev)
			continue
		}
		n := e.queue.unseen()
		switch {
		case n < 0:
			return
		case e.chord.waits():
			e.chordSees(n)
		default:
			ev := e.queue.at(n)
			i := e.hand.sees(ev, ev.Value == Release && e.queue.pressedBefore(n))
			e.lookUpHolds()
			if i >= 0 {
				e.lookUp(i, Press)
			}
		}
	}
	if e.queue.empty() {
		e.queue.rescan()
	}
}

// settle makes every open decision now: undecided keys become their hold, and the keys of an incomplete chord mean
// themselves.
func (e *Engine) settle() {
	if e.chord.waits() {
		e.endChord()
	}
	e.hand.settle()
	e.lookUpHolds()
	e.drain()
}
