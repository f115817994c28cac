package remap

import (
	"time"

	"toshy/remap/key"
)

// An Engine turns key events into output. It is not safe for concurrent use. All times that callers pass come from one
// monotonic clock. A time before the latest one is treated as the latest one.
//
// Every method that may change something takes the time and an Output to append to. It returns the time at which the caller
// must call Tick, or Never if only an event can change something.
//
// An engine consists of parts, each of which owns its state. The engine passes events from one part to the next.
// docs/ARCHITECTURE.md describes the path of a key.
type Engine struct {
	clock   clock
	scene   scene         // the current program, window, layers and layout
	word    typedWord     // the word being typed, if the program has abbreviations
	bounces bounces       // releases of switches that may chatter
	queue   queue         // events that wait for a decision or a macro
	chord   chordState    // a chord that is being pressed
	hand    hand          // keys that are physically down, and what they mean
	next    next          // what the next key means
	runner  runner        // actions that run or wait
	macros  recorder      // recorded macros
	layers  layers        // layers that are on, with their modifiers
	ledger  ledger        // the keys that are down on the output
	writer  writer        // texts
	pacer   pacer         // output that waits for its time
	nextDue time.Duration // the result of the previous call: nothing changes in between
	trace   func(Match)   // nil: nobody watches
}

// New makes an engine that runs c. It knows no keyboard yet: see SetDevice.
func New(c *Compiled) *Engine {
	e := &Engine{nextDue: Never}
	e.pacer = newPacer(&e.clock, &e.scene, &e.queue)
	e.ledger = newLedger(&e.scene, &e.pacer)
	e.layers = newLayers(&e.scene, &e.ledger)
	e.hand = newHand(&e.clock, &e.scene, &e.ledger, &e.layers)
	e.next = newNext(&e.clock, &e.scene, &e.ledger, &e.layers)
	e.writer = writer{&e.scene, &e.ledger, &e.pacer}
	e.macros = newRecorder(&e.clock, &e.scene)
	e.runner = newRunner(e)
	e.chord = newChordState(&e.clock, &e.scene)
	e.queue = newQueue()
	e.bounces = newBounces(&e.clock)
	e.word = newTypedWord()
	e.scene.load(c)
	e.macros.load()
	e.layers.takeUp(func(int) int { return -1 })
	return e
}

// begin starts a call for a timer, or for something that is not an event.
func (e *Engine) begin(now time.Duration, out *Output) {
	e.clock.handle(now)
	e.pacer.begin(out)
	e.scene.begin()
}

// beginAfterTimers is begin for something that happens at now. Timers that were due earlier run first, so that the result
// does not depend on how late the caller notices them.
func (e *Engine) beginAfterTimers(now time.Duration, out *Output) {
	if e.nextDue < now {
		e.Tick(now-1, out)
	}
	e.clock.handle(now)
	e.pacer.beginEvent(out)
	e.scene.begin()
}

// Handle takes one event of a device.
func (e *Engine) Handle(ev Event, out *Output) time.Duration {
	e.beginAfterTimers(ev.At, out)
	ev.At = e.clock.now()
	switch {
	case ev.Device >= MaxDevices:
	case ev.Type != TypeKey:
		e.accept(&ev)
	case ev.Code == 0 || ev.Code >= 0x300 || ev.Value < Release || ev.Value > Repeat:
	case (e.scene.debounce() || !e.bounces.none()) && e.bounces.swallows(&ev, e.scene.debounces(ev.Device)):
	default:
		if ev.Value == Press {
			e.pacer.pressed()
		}
		e.accept(&ev)
	}
	return e.wake()
}

// accept handles an event that is not chatter, or queues it behind those that wait.
func (e *Engine) accept(ev *Event) {
	if o := e.scene.options(); (ev.Code == o.EjectKey || ev.Code == o.DiagnosticKey) && ev.Type == TypeKey && e.reserved(ev) {
		return
	}
	if !e.scene.uses(ev.Device) {
		e.scene.meet(ev.Device)
	}
	if e.busy() || !e.queue.empty() {
		e.enqueue(ev)
		return
	}
	e.handle(ev)
	if !e.queue.empty() {
		e.drain()
	}
}

// reserved handles the eject and diagnostic keys, by physical code, before any mapping. If a key went down under a program
// that did not reserve it, its release is handled normally.
func (e *Engine) reserved(ev *Event) bool {
	o := e.scene.options()
	switch {
	case ev.Value != Press && e.hand.find(ev.physical()) >= 0:
	case ev.Code == o.EjectKey:
		e.pacer.effect(ejectEffect)
		e.releaseAll()
		return true
	case ev.Code == o.DiagnosticKey:
		if ev.Value == Press {
			e.pacer.effect(dumpEffect)
		}
		return true
	}
	return false
}

var (
	ejectEffect = &Effect{Kind: EffectEject}
	dumpEffect  = &Effect{Kind: EffectDump}
)

// handle takes one event through the engine while no other event waits before it.
func (e *Engine) handle(ev *Event) {
	if e.ledger.hasNotices() {
		e.actOnNotices()
	}
	e.scene.use(ev.Device)
	if ev.Type != TypeKey {
		e.forward(ev)
		return
	}
	i := e.hand.find(ev.physical())
	switch {
	case ev.Value == Press:
		if i >= 0 { // the device lost a release: the first press ends here
			e.release(i)
		}
		e.press(ev)
	case i < 0: // pressed before the grab, or forgotten by ReleaseAll
	case ev.Value == Repeat:
		if e.hand.repeat(i) {
			e.lookUp(i, Repeat)
		}
	default:
		e.release(i)
	}
	e.lookUpHolds()
}

// press handles a fresh press: what the key is, then what it does.
func (e *Engine) press(ev *Event) {
	id := ev.Code
	var t *TapHold
	if !e.scene.passing() {
		if e.scene.compiled().asksKeys {
			e.watchKeys(ev.physical())
		}
		id = e.scene.now().modmap[ev.Code]
		if e.scene.now().chordKey[id] && e.beginChord(ev, id) {
			return
		}
		t = e.scene.now().meanings(e.scene.compiled(), ev.Code, id)
		if v := e.scene.now(); e.hand.undecided() && e.decideBefore(id, t != nil) != v { // a layer that the press turns on applies to this press, too
			id = e.scene.now().modmap[ev.Code]
			t = e.scene.now().meanings(e.scene.compiled(), ev.Code, id)
		}
		if e.trace != nil {
			e.tracePress(ev.Code)
		}
	}
	if ev.Code.IsButton() {
		e.word.forget()
	}
	e.chord.retry()
	i := e.hand.press(ev, id, t)
	e.lookUpHolds()
	if i >= 0 {
		e.lookUp(i, Press)
	}
}

// decideBefore decides the undecided keys that the press of a key decides, and returns what is active after that.
func (e *Engine) decideBefore(id key.Code, tapHold bool) *view {
	e.hand.pressDecides(id, tapHold)
	e.lookUpHolds()
	return e.scene.now()
}

// release handles the release of a key that is down.
func (e *Engine) release(i int) {
	p := e.hand.physical(i)
	e.next.released(p)
	e.runner.letGo(p)
	tap := e.hand.release(i)
	e.lookUpHolds()
	if tap {
		if e.scene.compiled().asksKeys {
			e.watchKeys(p)
		}
		e.lookUp(i, tapped)
		if j := e.hand.find(p); j >= 0 {
			e.hand.releasePlain(j)
		}
	}
	if e.next.awaitsRelease() || e.runner.awaitsRelease() {
		e.next.isUp(p)
		e.runner.isUp(p)
	}
}

// Tick runs everything that is due at now.
func (e *Engine) Tick(now time.Duration, out *Output) time.Duration {
	now = min(now, lastTime)
	e.clock.late(now)
	for {
		at := e.due()
		if at > now {
			break
		}
		e.begin(at, out)
		e.runTimer()
	}
	e.begin(now, out)
	return e.wake()
}

// runTimer runs the one timer that is due first, at its own time.
func (e *Engine) runTimer() {
	now := e.clock.now()
	switch {
	case e.pacer.due() <= now:
		e.pacer.flush()
		return
	case e.bounces.due() <= now:
		ev := e.bounces.take()
		e.accept(&ev)
	case e.runner.due() <= now:
		e.runner.resume()
	case e.chord.due() <= now:
		if e.chord.await() <= now {
			e.chordTimeout()
		}
	case e.hand.windowDue() <= now:
		e.hand.windowTimeout()
		e.lookUpHolds()
	case e.hand.undecidedDue() <= now:
		e.hand.decideDue()
		e.lookUpHolds()
	case e.next.sequenceDue() <= now:
		e.sequenceTimeout()
	case e.next.oneShotDue() <= now:
		e.next.endDue()
		return
	case e.macros.due() <= now:
		e.recordingTimeout()
	case e.runner.steadyDue() <= now:
		e.runner.goOn()
	default:
		e.runner.runTapTimers()
	}
	e.drain()
}

// wake returns the time of the next timer, at the end of a call.
func (e *Engine) wake() time.Duration {
	if e.ledger.hasNotices() {
		e.actOnNotices()
	}
	e.nextDue = e.due()
	return e.nextDue
}

// due is the time of the next timer, Never if there is none.
func (e *Engine) due() time.Duration {
	if !e.clock.expects() && !e.hand.expects() {
		return Never
	}
	return e.firstDue()
}

// firstDue is due if some part may have a deadline: it asks the parts.
func (e *Engine) firstDue() time.Duration {
	hand := min(e.hand.windowDue(), e.hand.undecidedDue())
	if !e.clock.expects() {
		return hand
	}
	others := e.othersDue()
	if others == Never {
		e.clock.expectNothing()
	}
	return min(hand, others)
}

// othersDue is firstDue for the parts that report deadlines to the clock.
func (e *Engine) othersDue() time.Duration {
	return min(
		e.pacer.due(), e.bounces.due(), e.runner.due(), e.chord.due(),
		e.next.sequenceDue(), e.next.oneShotDue(), e.runner.tapsDue(), e.runner.steadyDue(), e.macros.due(),
	)
}

// finish handles everything that waits, at once: it may belong to a keyboard or a program that is about to go away.
func (e *Engine) finish() {
	e.runner.cancel()
	e.settle()
	for !e.queue.empty() || e.runner.waits() { // a macro that waits has begun
		e.runner.cancel()
		e.settle()
	}
}

// ReleaseAll lifts everything that is down on the output, and forgets all keys, sequences and macros. Keys that are still
// physically down do nothing until the user presses them again.
func (e *Engine) ReleaseAll(now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.releaseAll()
	return e.wake()
}

func (e *Engine) releaseAll() {
	e.bounces.clear()
	e.word.forget()
	e.scene.forgetTyped()
	e.macros.forget()
	e.queue.clear()
	e.runner.abandon()
	e.chord.end()
	e.next.abandon()
	e.hand.closeAll()
	e.ledger.abandon()
	if e.ledger.holdsCombo() {
		e.hand.endCombo(-1)
	}
	e.ledger.releaseAll()
	e.hand.releaseAll()
	e.layers.forget()
	e.scene.clearLayers()
}
