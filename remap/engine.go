package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// An Engine turns key events into output. It is not safe for concurrent use. All times that it is
// given are of one monotonic clock; one that lies before the last counts as the last.
//
// Every method that may change something takes the time and an Output to append to, and returns the
// time at which Tick wants to be called, Never if only an event can change something.
type Engine struct {
	compiled *Compiled
	now      time.Duration // of the event or timer that is being handled
	clock    time.Duration // of the call: a timer may be late
	out      *Output

	window      Window
	passthrough bool   // keys are not mapped: locked, paused, or another machine has the pointer
	userPass    bool   // the same, by the user's own switch
	changes     uint64 // see Changes
	vars        []int32
	layers      []bool
	layerOnce   int     // layer+1 that ends with the next key
	given       *Layout // by SetLayout
	layout      *Layout // as the options want it
	devices     [MaxDevices]device
	views       []*view
	refreshes   uint64
	view        *view   // of the keyboard whose event is handled
	info        *Device // that keyboard

	held    []slot // keys that are physically down, in press order
	lastKey key.Code
	queue   []Event // events that wait for a decision or a macro
	replay  bool
	scanned int // how many of queue the pending decision has seen

	down      [key.Count]output
	downMods  []key.Code // modifiers that are down on the output, in press order
	presses   uint32     // counts presses on the output
	lifted    []key.Code // modifiers that the running command put aside
	paced     []pacedOut
	paceFree  time.Duration
	burst     burst
	frameOpen bool // a forwarded pointer frame waits for its SYN

	suspend   suspendWindow
	pointerAt time.Duration // last activity of a pointer
	combo     heldCombo
	sticky    sticky
	mode      mode
	macro     macro
	taps      []tapCount
	delayed   []delayedAction
	mark      bool
	chord     chordState
	oneShot   oneShot
	capsWord  bool
	last      lastAction
	cycles    []cycle
	asked     bool // conditions of an action ask about askedFor, not about the window that has the focus
	askedFor  Window
	scratch   []bool        // groups for it
	lastPlain time.Duration // press time of the last plain key, for Balanced
	trace     func(Match)   // nil: nobody watches
}

// New makes an engine that runs c. No keyboard is known to it yet: see SetDevice.
func New(c *Compiled) *Engine {
	e := &Engine{
		held:      make([]slot, 0, 256),
		queue:     make([]Event, 0, maxQueue),
		downMods:  make([]key.Code, 0, 16),
		lifted:    make([]key.Code, 0, 32),
		paced:     make([]pacedOut, 0, 1024),
		taps:      make([]tapCount, 0, 16),
		delayed:   make([]delayedAction, 0, maxDelayed),
		pointerAt: -time.Hour,
		lastPlain: -time.Hour,
	}
	e.macro.frames = make([]frame, 0, 2*maxDepth)
	e.load(c)
	return e
}

// lastTime is the latest time that an engine knows: a deadline can be added to it. Later ones count
// as this one, 146 years after the clock began.
const lastTime = Never / 2

// begin starts a call: time never runs backwards. Something may have to be sent that belongs to no
// keyboard, or to one that is gone: then that is done as for a keyboard that is there.
func (e *Engine) begin(now time.Duration, out *Output) {
	e.now = max(e.now, min(now, lastTime))
	e.clock = max(e.clock, e.now)
	e.out = out
	if e.view == nil {
		e.useAnyView()
	}
}

// beginAfterTimers is begin for what happens at now: timers that were due before it run first, so
// that nothing depends on how late they are noticed.
func (e *Engine) beginAfterTimers(now time.Duration, out *Output) {
	if e.wake() < now {
		e.Tick(now-1, out)
	}
	e.begin(now, out)
	e.burst.sent = 0
}

// Handle takes one event of a device.
func (e *Engine) Handle(ev Event, out *Output) time.Duration {
	e.beginAfterTimers(ev.At, out)
	ev.At = e.now
	e.offer(ev)
	return e.wake()
}

// offer handles an event, or puts it behind those that wait.
func (e *Engine) offer(ev Event) {
	if ev.Device >= MaxDevices {
		return
	}
	if ev.Type == TypeKey && (ev.Code == 0 || ev.Code >= 0x300 || ev.Value < Release || ev.Value > Repeat) {
		return
	}
	if ev.Type == TypeKey && e.reserved(ev) {
		return
	}
	e.know(&e.devices[ev.Device])
	if e.busy() || len(e.queue) > 0 {
		e.enqueue(ev)
		return
	}
	e.handle(ev)
	if len(e.queue) > 0 {
		e.drain()
	}
}

// know makes sure that a keyboard has a view, also one that SetDevice never told of.
func (e *Engine) know(d *device) {
	if !d.known {
		d.known = true
		e.refreshDevice(d, readsAll, nil)
	}
}

// reserved handles the eject and diagnostics keys, by physical code, before all mapping. One that went
// down under a program that did not reserve it comes up as it went down.
func (e *Engine) reserved(ev Event) bool {
	o := &e.compiled.program.Options
	switch {
	case ev.Code != o.EjectKey && ev.Code != o.DiagnosticKey:
	case ev.Value != Press && e.find(ev.Device, ev.Code) >= 0:
	case ev.Code == o.EjectKey:
		e.out.Effects = append(e.out.Effects, ejectEffect)
		e.releaseAll()
		return true
	case ev.Code == o.DiagnosticKey:
		if ev.Value == Press {
			e.out.Effects = append(e.out.Effects, dumpEffect)
		}
		return true
	}
	return false
}

var (
	ejectEffect = &Effect{Kind: EffectEject}
	dumpEffect  = &Effect{Kind: EffectDump}
)

// handle is one event's way through the engine, when nothing is waiting before it.
func (e *Engine) handle(ev Event) {
	d := &e.devices[ev.Device]
	e.view, e.info = d.view, &d.info
	if ev.Type != TypeKey {
		e.forward(ev)
		return
	}
	i := e.find(ev.Device, ev.Code)
	switch {
	case ev.Value == Press && i >= 0:
		// A second press without a release: the device lost one. The first ends here.
		e.keyEvent(i, Release)
		e.press(ev)
	case ev.Value == Press:
		e.press(ev)
	case i < 0: // pressed before the grab, or forgotten by ReleaseAll
	case ev.Value == Repeat:
		e.repeat(i)
	default:
		e.keyEvent(i, Release)
	}
}

// Tick runs what is due at now.
func (e *Engine) Tick(now time.Duration, out *Output) time.Duration {
	now = min(now, lastTime)
	e.clock = max(e.clock, now)
	for {
		at := e.wake()
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
	switch {
	case len(e.paced) > 0 && e.paced[0].at <= e.now:
		e.flushPaced()
	case e.macro.waiting && e.macro.until <= e.now:
		e.resumeMacro()
		e.drain()
	case e.chord.pending && e.chord.deadline <= e.now:
		e.chordTimeout()
		e.drain()
	case e.suspend.open && e.suspend.deadline <= e.now:
		e.windowTimeout()
		e.drain()
	case e.undecidedDue() >= 0:
		e.decideHold(e.undecidedDue())
		e.drain()
	case e.mode.kind == modeNested && e.mode.deadline <= e.now:
		e.nestedTimeout()
		e.drain()
	case e.oneShot.mods != 0 && e.oneShot.deadline <= e.now:
		e.endOneShot()
	default:
		e.runTapTimers()
		e.drain()
	}
}

// wake is the time of the next timer.
func (e *Engine) wake() time.Duration {
	at := Never
	if len(e.paced) > 0 {
		at = e.paced[0].at
	}
	if e.macro.waiting {
		at = min(at, e.macro.until)
	}
	if e.suspend.open {
		at = min(at, e.suspend.deadline)
	}
	if e.suspend.undecided > 0 {
		for i := range e.held {
			if e.held[i].undecided {
				at = min(at, e.held[i].deadline)
			}
		}
	}
	if e.chord.pending {
		at = min(at, e.chord.deadline)
	}
	if e.mode.kind == modeNested {
		at = min(at, e.mode.deadline)
	}
	if e.oneShot.mods != 0 {
		at = min(at, e.oneShot.deadline)
	}
	for i := range e.taps {
		at = min(at, e.taps[i].deadline)
	}
	for i := range e.delayed {
		at = min(at, e.delayed[i].at)
	}
	return at
}

// useAnyView gives timers that belong to no keyboard the view of one that is there.
func (e *Engine) useAnyView() {
	for i := range e.devices {
		if d := &e.devices[i]; d.known {
			e.view, e.info = d.view, &d.info
			return
		}
	}
	d := &e.devices[0]
	e.know(d)
	e.view, e.info = d.view, &d.info
}

// device is the keyboard whose event is handled, or was last.
func (e *Engine) device() *device {
	for i := range e.devices {
		if d := &e.devices[i]; &d.info == e.info {
			return d
		}
	}
	return &e.devices[0]
}

// finish handles everything that waits, at once: it may be of a keyboard or for a program that is
// about to go.
func (e *Engine) finish() {
	e.cancelMacro()
	e.settle()
	for len(e.queue) > 0 || e.macro.waiting { // a macro has begun that waits
		e.cancelMacro()
		e.settle()
	}
}

// ReleaseAll lifts everything that is down on the output and forgets all keys, sequences and macros.
// Keys that are still physically down do nothing until they are pressed again.
func (e *Engine) ReleaseAll(now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.releaseAll()
	return e.wake()
}

func (e *Engine) releaseAll() {
	e.queue, e.scanned = e.queue[:0], 0
	e.macro.stop()
	e.lifted = e.lifted[:0]
	e.chord = chordState{}
	e.mode = mode{}
	e.suspend = suspendWindow{}
	e.sticky = sticky{}
	if e.combo.active {
		e.endCombo(-1)
	}
	e.oneShot = oneShot{}
	e.delayed, e.taps = e.delayed[:0], e.taps[:0]
	e.capsWord = false
	e.flushAllPaced()
	for c := range e.down {
		if e.down[c].visible && e.compiled.modOf[c] < 0 {
			e.hide(key.Code(c))
		}
	}
	for len(e.downMods) > 0 {
		c := e.downMods[len(e.downMods)-1]
		if e.needsMask(c) { // nobody let go of it: this is no tap
			e.tapMask()
		}
		e.hide(c)
	}
	clear(e.down[:])
	e.flushAllPaced()
	e.held = e.held[:0]
	e.layerOnce = 0
	if slices.Contains(e.layers, true) {
		clear(e.layers)
		e.changes++
		e.refresh(readsLayers)
	}
}
