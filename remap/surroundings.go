package remap

import (
	"slices"
	"time"
)

// What the shell tells an engine of the world around it: the window, the keyboards, settings, the layout, for whom the keys are.

// SetWindow tells which window has the focus. Keys that are down keep what they became.
func (e *Engine) SetWindow(w Window, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if w == e.window {
		return e.wake()
	}
	moved := w.App != e.window.App
	e.window = w
	if moved && !e.compiled.program.Options.Reference {
		e.focusMoved()
	}
	e.refresh(readsWindow)
	e.resetVars(moved)
	e.drain()
	return e.wake()
}

// focusMoved ends what was meant for the window that lost the focus.
func (e *Engine) focusMoved() {
	e.cancelMacro()
	e.delayed = e.delayed[:0]
	e.taps = e.taps[:0]
	e.dropPaced()
}

// resetVars puts states back whose condition the new window does not meet; moved: it is of another application.
func (e *Engine) resetVars(moved bool) {
	changed := false
	d := e.device()
	for i := range e.compiled.program.Vars {
		v := &e.compiled.program.Vars[i]
		if e.vars[i] == int32(v.Default) {
			continue
		}
		at := env{window: &e.window, device: &d.info, vars: e.vars, layers: e.layers, groups: d.groups, program: e.compiled.program}
		if moved && v.ResetByApp || !v.ResetOnFocus.eval(&at) {
			e.vars[i] = int32(v.Default)
			e.tellVar(i)
			changed = true
		}
	}
	if changed {
		e.refresh(readsVars)
	}
}

// SetDevice adds a keyboard, or changes what is known of it.
func (e *Engine) SetDevice(id uint8, info Device, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if id >= MaxDevices {
		return e.wake()
	}
	d := &e.devices[id]
	if d.known && d.info == info {
		return e.wake()
	}
	changed := reads(readsAll)
	if d.known {
		changed = readsDevice
	}
	d.known, d.info = true, info
	e.refreshDevice(d, changed, nil)
	e.useView()
	return e.wake()
}

// RemoveDevice forgets a keyboard that is gone and lifts everything that its keys put down. What waits for a decision or
// a macro goes on unless the keyboard has a part in it.
func (e *Engine) RemoveDevice(id uint8, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if id >= MaxDevices || !e.devices[id].known {
		return e.wake()
	}
	if e.takesPart(id) {
		e.finish()
	}
	for i := len(e.held) - 1; i >= 0; i-- {
		if i < len(e.held) && e.held[i].dev == id {
			e.view, e.info = e.devices[id].view, &e.devices[id].info
			e.held[i].lost = true
			e.keyEvent(i, Release)
		}
	}
	e.devices[id] = device{}
	e.useAnyView()
	return e.wake()
}

// takesPart says whether a key of a keyboard is down or waits.
func (e *Engine) takesPart(id uint8) bool {
	return slices.ContainsFunc(e.held, func(s slot) bool { return s.dev == id }) ||
		slices.ContainsFunc(e.queue, func(ev Event) bool { return ev.Device == id })
}

// SetVar changes a setting or state.
func (e *Engine) SetVar(i int, value int32, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if i >= 0 && i < len(e.vars) && value >= 0 && int(value) < len(e.compiled.program.Vars[i].Values) {
		e.setVar(i, value)
	}
	return e.wake()
}

func (e *Engine) setVar(i int, value int32) {
	if e.vars[i] != value {
		e.vars[i] = value
		e.changes++
		e.refresh(readsVars)
	}
}

// SetPassthrough turns mapping off (the screen is locked, the user paused, another machine has the
// pointer) and on again. Keys that are down keep what they became; macros, sequences, counted taps and
// what was meant for the next keys end.
func (e *Engine) SetPassthrough(on bool, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if on && !e.passthrough { // what was begun is not for whoever gets the keys now
		e.finish()
		e.focusMoved()
		e.mode = mode{}
		e.endOneShot()
		e.endLayerOnce()
		e.capsWord = false
	}
	if e.passthrough != on {
		e.passthrough = on
		e.changes++
	}
	return e.wake()
}

// SetLayout gives the engine the tables of the active keyboard layout; nil: the US layout.
func (e *Engine) SetLayout(l *Layout) {
	e.given = l
	e.layout = l.under(&e.compiled.program.Options)
}
