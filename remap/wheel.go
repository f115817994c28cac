package remap

import "toshy/remap/key"

// Relative axes of wheels, from linux/input-event-codes.h. A high-resolution axis accompanies the plain one and counts 120
// per step.
const (
	relHWheel      key.Code = 0x06
	relWheel       key.Code = 0x08
	relWheelHiRes  key.Code = 0x0b
	relHWheelHiRes key.Code = 0x0c
)

// forward passes on an event that is not a key. The wheel counts as a use of the modifiers.
func (e *Engine) forward(ev *Event) {
	if ev.Type == TypeSyn {
		e.pacer.endFrame()
		return
	}
	if step, hiRes := wheelStep(ev); ev.Type == TypeRel && step != 0 {
		e.hand.decideAllHold()
		if e.mapsWheel(step) {
			if !hiRes {
				e.turnWheel(step, ev.Value)
			}
			return
		}
		e.hand.resume()
	}
	if ev.Type == TypeRel {
		e.hand.decideOld()
	}
	e.pacer.forward(ev)
}

// isMotion says whether an event belongs to neither a key nor a wheel: the pointer moves, or a frame ends. Such events
// decide nothing and do not wait.
func isMotion(ev *Event) bool {
	switch ev.Type {
	case TypeKey:
		return false
	case TypeRel:
		step, _ := wheelStep(ev)
		return step == 0
	}
	return true
}

// wheelStep is the name of the wheel step that an event belongs to, 0 for other axes.
func wheelStep(ev *Event) (step key.Code, hiRes bool) {
	switch ev.Code {
	case relWheel, relWheelHiRes:
		step = key.WheelUp
		if ev.Value < 0 {
			step = key.WheelDown
		}
	case relHWheel, relHWheelHiRes:
		step = key.WheelRight
		if ev.Value < 0 {
			step = key.WheelLeft
		}
	}
	return step, ev.Code == relWheelHiRes || ev.Code == relHWheelHiRes
}

// mapsWheel says whether a wheel step has an entry with the held modifiers. If not, keymaps do not see it: it scrolls and
// ends no sequence.
func (e *Engine) mapsWheel(step key.Code) bool {
	if e.scene.compiled().asksKeys && !e.scene.passing() {
		e.watchKeys(physicalKey{})
	}
	look := combo(e.hand.mods(-1)|e.next.held(), e.scene.layout().lookup(step))
	switch {
	case e.scene.passing():
	case e.next.kind() == modeNested:
		a, _ := e.next.second(look)
		return a != nil
	case e.next.kind() == modeTop && e.scene.now().hasCombo[step] != 0:
		a, _ := e.scene.now().find(look)
		return a != nil
	}
	return false
}

// turnWheel treats each step of a wheel as a tap of a key, at most 16 steps per event: a fling must not keep the engine busy.
func (e *Engine) turnWheel(step key.Code, value int32) {
	for n := min(max(value, -value), 16); n > 0 && !e.runner.waits(); n-- {
		if e.ledger.holdsCombo() {
			e.hand.endCombo(-1)
		}
		e.lookUp(e.hand.pressWheel(step), Press)
		if j := e.hand.find(physicalKey{code: step}); j >= 0 {
			e.release(j)
		}
	}
}
