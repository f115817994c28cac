package remap

import (
	"math"
	"time"
)

// Methods that tell an engine about the world around it: the window, the keyboards, settings, the layout, and who gets the
// keys.

// SetWindow sets the focused window. Keys that are down keep their meaning.
func (e *Engine) SetWindow(w Window, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	was := e.scene.focused()
	if w == was {
		return e.wake()
	}
	e.scene.setWindow(w)
	e.word.moved(w)
	e.macros.moved()
	moved := w.App != was.App
	if moved && !e.scene.options().Reference {
		e.focusMoved()
	}
	e.scene.refresh(readsWindow)
	e.scene.resetVars(moved, e.runner.tellVar)
	e.drain()
	return e.wake()
}

// focusMoved ends what was meant for the previous window.
func (e *Engine) focusMoved() {
	e.runner.cancel()
	e.runner.dropLater()
	e.runner.endTurbo()
	e.pacer.drop()
}

// SetDevice adds a keyboard, or changes the facts about it.
func (e *Engine) SetDevice(id uint8, info Device, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if id < MaxDevices {
		e.scene.setDevice(id, info)
	}
	return e.wake()
}

// RemoveDevice forgets a keyboard that is gone and lifts everything that its keys hold down. Decisions and macros that wait
// continue, unless the keyboard is part of them.
func (e *Engine) RemoveDevice(id uint8, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if id >= MaxDevices || !e.scene.knows(id) {
		return e.wake()
	}
	e.bounces.forget(id)
	if e.takesPart(id) {
		e.finish()
	}
	for i := e.hand.loseNext(id, math.MaxInt); i >= 0; i = e.hand.loseNext(id, i) {
		e.scene.use(id)
		e.release(i)
	}
	e.scene.removeDevice(id)
	return e.wake()
}

// takesPart says whether a key of a keyboard is down or waits.
func (e *Engine) takesPart(id uint8) bool { return e.hand.holdsOf(id) || e.queue.holdsOf(id) }

// SetVar changes a setting or state.
func (e *Engine) SetVar(i int, value int32, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if e.scene.has(i, value) {
		e.scene.setVar(i, value)
	}
	return e.wake()
}

// SetLayer turns a layer on or off, as a user's action would.
func (e *Engine) SetLayer(i int, on bool, now time.Duration, out *Output) time.Duration {
	e.begin(now, out)
	if i >= 0 && i < len(e.scene.compiled().program.Layers) {
		e.layers.turn(i, on)
	}
	return e.wake()
}

// SetPassthrough turns mapping off (the screen is locked, the user paused, another machine has the pointer) and on again.
// Keys that are down keep their meaning; macros, sequences, counted taps and everything meant for the next keys end.
func (e *Engine) SetPassthrough(on bool, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if on && !e.scene.locked() { // whoever gets the keys now must not get what was begun before
		e.finish()
		e.runner.endPresses()
		e.focusMoved()
		e.runner.endSteady()
		e.next.forget()
	}
	if on {
		e.macros.forget()
		e.scene.forgetTyped()
	}
	e.word.forget()
	e.scene.setPassthrough(on)
	return e.wake()
}

// SetLayout sets the tables of the active keyboard layout; nil means the US layout.
func (e *Engine) SetLayout(l *Layout) { e.scene.setLayout(l) }
