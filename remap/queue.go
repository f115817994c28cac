package remap

import "toshy/remap/key"

// maxQueue bounds the events that wait for a decision or a macro. A typist does not fill it within
// any timeout; who does (a cat, a script) gets the decision made at once.
const maxQueue = 128

// busy says whether events have to wait: for a macro that sleeps, or for a tap-hold or chord key
// that lets others wait until it is decided.
func (e *Engine) busy() bool {
	return e.macro.running() || e.chord.pending || e.waitingKey() >= 0
}

// enqueue puts an event behind those that wait and lets the pending decision look at it.
func (e *Engine) enqueue(ev Event) {
	if e.passesQueue(&ev) {
		e.handle(ev)
		return
	}
	if e.cancels(ev) {
		e.cancelMacro()
		e.drain()
		e.offer(ev)
		return
	}
	if ev.Type == TypeKey && ev.Value == Repeat {
		return // later it would be a burst: whoever still holds the key then repeats it again
	}
	for len(e.queue) == maxQueue {
		e.settle()
		if len(e.queue) == maxQueue { // a macro: it has to end here, or keys would be lost
			e.cancelMacro()
			e.drain()
		}
	}
	if len(e.queue) == 0 && !e.busy() {
		e.handle(ev)
	} else {
		e.queue = append(e.queue, ev)
	}
	e.drain()
}

// passesQueue says whether an event need not wait: the release or repeat of a key that was pressed
// before an undecided key is old news, and holding it back would make the desktop repeat the key.
// While a macro runs everything keeps its order.
func (e *Engine) passesQueue(ev *Event) bool {
	if isMotion(ev) {
		return true
	}
	if e.macro.running() || ev.Type != TypeKey || ev.Value == Press {
		return false
	}
	i := e.find(ev.Device, ev.Code)
	if i < 0 {
		return false
	}
	for _, q := range e.queue {
		if q.Code == ev.Code && q.Device == ev.Device && q.Type == TypeKey {
			return false
		}
	}
	w := e.waitingKey()
	if w < 0 || i >= w {
		return false
	}
	_, isMod := e.modOf(e.held[i].id)
	return !isMod
}

// cancels says whether an event ends the macro that runs: a key whose entry cancels does not wait
// behind what it is to end. The modifiers that wait in the queue count for it.
func (e *Engine) cancels(ev Event) bool {
	d := &e.devices[ev.Device]
	if !e.macro.running() || ev.Type != TypeKey || ev.Value != Press || !d.known || e.passing() {
		return false
	}
	mods := e.mods(-1)
	for _, q := range e.queue {
		if m, ok := e.modOf(e.modmapped(q)); ok && q.Type == TypeKey {
			mods &^= m
			if q.Value != Release {
				mods |= m
			}
		}
	}
	k := e.layout.lookup(e.modmapped(ev))
	if !d.view.hasCombo[k] {
		return false
	}
	a := d.view.combos.get(combo(mods, k))
	return a != nil && a.Kind == DoCancel
}

// modmapped is the key that an event's key is now.
func (e *Engine) modmapped(ev Event) key.Code {
	if v := e.devices[ev.Device].view; v != nil && ev.Type == TypeKey {
		return v.modmap[ev.Code]
	}
	return 0
}

// drain handles what waits, as far as decisions have been made.
func (e *Engine) drain() {
	if e.replay {
		return
	}
	e.replay = true
	defer func() { e.replay = false }()
	for len(e.queue) > 0 {
		switch {
		case e.macro.running():
			return
		case e.chord.pending || e.waitingKey() >= 0:
			if e.scanned >= len(e.queue) {
				return
			}
			n := e.scanned
			e.scanned++
			if e.chord.pending {
				e.chordSees(n)
			} else {
				e.waitingSees(n)
			}
		default:
			ev := e.queue[0]
			copy(e.queue, e.queue[1:])
			e.queue = e.queue[:len(e.queue)-1]
			e.scanned = 0
			e.handle(ev)
		}
	}
	e.scanned = 0
}

// settle makes every open decision now: undecided keys become their hold, a chord that is not
// complete its keys.
func (e *Engine) settle() {
	if e.chord.pending {
		e.chordTimeout()
	}
	for i := 0; i < len(e.held); i++ {
		if e.held[i].undecided && e.held[i].waiting {
			e.decideHold(i)
		}
	}
	e.drain()
}
