package remap

import (
	"time"

	"toshy/remap/key"
)

// A slot is one key that is physically down. What its press became is decided once and kept until
// its release, whatever changes in between.
type slot struct {
	code key.Code // physical
	id   key.Code // what it is: after modmaps; the tap of an undecided tap-hold key
	hold key.Code // its second meaning
	out  key.Code // the plain key that its press put down on the output
	dev  uint8

	modifier  bool // takes part in combos: a modifier, or a tap-hold key that may become one
	undecided bool // tap or hold is not known yet
	waiting   bool // undecided by a preset that lets other keys wait
	suspended bool // withheld from the output until the window ends
	exerted   bool // holds its id down on the output
	spent     bool // used by a combo while withheld
	late      bool // is to be exerted when the held combo ends
	lost      bool // its keyboard is gone
	chord     bool // part of a chord that was made
	over      bool // what it was held down for has ended: its repeats mean nothing

	tapHold  *TapHold
	layer    int // layer+1 that is on while it is down
	at       time.Duration
	deadline time.Duration // of an undecided key
}

// find returns the index of a key that is down, -1 if it is not.
func (e *Engine) find(dev uint8, code key.Code) int {
	for i := range e.held {
		if e.held[i].code == code && e.held[i].dev == dev {
			return i
		}
	}
	return -1
}

// remove takes a slot out of the table.
func (e *Engine) remove(i int) {
	s := &e.held[i]
	if s.undecided {
		e.suspend.undecided--
	}
	e.releaseLayer(s)
	if e.sticky.active && e.sticky.isTrigger(s) {
		e.endSticky()
	}
	copy(e.held[i:], e.held[i+1:])
	e.held = e.held[:len(e.held)-1]
}

func (e *Engine) modOf(c key.Code) (key.ModSet, bool) {
	if m := e.compiled.modOf[c]; m >= 0 {
		return 1 << m, true
	}
	return 0, false
}

// mods is the set of modifiers that are held now, withheld, used and bound ones included, but not
// the key whose event is being handled.
func (e *Engine) mods(except int) key.ModSet {
	set := e.oneShot.mods
	for i := range e.held {
		s := &e.held[i]
		if !s.modifier || i == except {
			continue
		}
		if m, ok := e.modOf(s.id); ok {
			set |= m
		}
	}
	return set
}

// press handles a fresh press: identity first, then what it does.
func (e *Engine) press(ev Event) {
	s := slot{code: ev.Code, id: ev.Code, dev: ev.Device, at: ev.At}
	if e.passing() {
		e.chord.bypass = false
	} else {
		s.id = e.view.modmap[ev.Code]
		if e.view.chordKey[s.id] && e.beginChord(ev) {
			return
		}
		e.chord.bypass = false
		t := e.view.tapHold[s.id]
		if m := e.view.byCode[s.code]; m > 0 {
			t = e.compiled.tapHolds[m-1][s.id]
		} else if p := e.view.physical[ev.Code]; p != nil && s.id == ev.Code {
			t = p
		}
		if e.trace != nil {
			e.tracePress(ev.Code)
		}
		if t != nil {
			e.beginTapHold(&s, t)
		}
	}
	e.pressSlot(s)
}

// passing says whether keys are not mapped at present.
func (e *Engine) passing() bool { return e.passthrough || e.userPass }

// pressSlot handles the press of a key with a known identity.
func (e *Engine) pressSlot(s slot) {
	_, isMod := e.modOf(s.id)
	s.modifier = isMod || s.undecided
	if s.id.IsButton() && !s.undecided {
		e.pressButton(s)
		return
	}
	if e.combo.active {
		e.endCombo(-1)
	}
	if !s.undecided {
		e.decideAllHold()
	} else {
		e.decideHolding(HoldOnPress)
	}
	e.held = append(e.held, s)
	i := len(e.held) - 1
	if s.undecided {
		e.suspend.undecided++
	}
	switch {
	case isMod:
		e.pressModifier(i)
	case s.undecided:
		e.pressUndecided(i)
	default:
		e.lastPlain = s.at
		e.transform(i, Press)
	}
	e.lastKey = s.id
}

// keyEvent handles the release of a key that is down.
func (e *Engine) keyEvent(i int, value int32) {
	s := &e.held[i]
	e.releaseLayer(s)
	if e.mode.isTrigger(s) {
		e.mode.armed = true
	}
	if e.combo.active && e.combo.isTrigger(s) {
		e.endCombo(i)
		e.remove(i)
		return
	}
	if s.id.IsButton() && !s.undecided {
		e.releasePlain(i)
		return
	}
	if e.combo.active {
		if _, isMod := e.modOf(s.id); isMod {
			e.endCombo(i)
		}
	}
	switch _, isMod := e.modOf(s.id); {
	case s.lost && (s.undecided || isMod && s.suspended && !s.exerted && !(e.sticky.active && e.sticky.in == s.id)):
		e.remove(i) // nobody chose between tap and hold, or let the modifier go: nothing happened
		e.closeIfIdle()
	case isMod:
		e.releaseModifier(i)
	case s.undecided:
		e.releaseTap(i)
	default:
		e.releasePlain(i)
	}
}

// releasePlain lifts what the press of a key put down.
func (e *Engine) releasePlain(i int) {
	s := &e.held[i]
	out := s.out
	if s.exerted { // the hold of a tap-hold key that is no modifier
		out = s.id
	}
	e.remove(i)
	if out != 0 {
		e.releaseKey(out, true)
	}
}

// repeat handles the keyboard's own autorepeat.
func (e *Engine) repeat(i int) {
	s := &e.held[i]
	if s.over || s.id.IsButton() || e.combo.active && e.combo.isTrigger(s) {
		return
	}
	if e.compiled.program.Options.IgnoreRepeats {
		if s.out != 0 && s.out == s.code && e.down[s.out].visible {
			e.emit(s.out, Repeat, true)
		}
		return
	}
	_, isMod := e.modOf(s.id)
	switch {
	case s.undecided:
	case isMod:
		if s.exerted && !s.suspended && e.down[s.id].visible {
			e.emit(s.id, Repeat, true)
		}
	case s.exerted:
		if e.down[s.id].visible {
			e.emit(s.id, Repeat, true)
		}
	default:
		e.transform(i, Repeat)
	}
}

// pressButton forwards a button: it ends the suspend window, so that a click finds its modifiers.
func (e *Engine) pressButton(s slot) {
	e.decideAllHold()
	e.resume()
	if e.view.hasCombo[s.id] && !e.passing() {
		e.held = append(e.held, s)
		e.transform(len(e.held)-1, Press)
		return
	}
	s.out = s.id
	e.held = append(e.held, s)
	e.pressKey(s.id, true)
}

// forward passes an event that is no key on. The wheel counts as a use of the modifiers.
func (e *Engine) forward(ev Event) {
	switch ev.Type {
	case TypeSyn:
		if e.frameOpen {
			e.frameOpen = false
			e.out.Events = append(e.out.Events, Out{Type: TypeSyn})
		}
		return
	case TypeRel:
		if step, hiRes := wheelStep(ev); step != 0 {
			e.decideAllHold()
			if e.mapsWheel(step) {
				if !hiRes {
					e.turnWheel(step, ev.Value)
				}
				return
			}
			e.resume()
		}
	}
	e.frameOpen = true
	e.out.Events = append(e.out.Events, Out{Type: ev.Type, Code: ev.Code, Value: ev.Value})
}

// isMotion says whether an event is neither of a key nor of a wheel: the pointer moves, a frame ends.
// Such events decide nothing and wait for nothing.
func isMotion(ev *Event) bool {
	switch ev.Type {
	case TypeKey:
		return false
	case TypeRel:
		step, _ := wheelStep(*ev)
		return step == 0
	}
	return true
}

// Relative axes of wheels, from linux/input-event-codes.h. A high-resolution axis goes along with
// the plain one and counts 120 to a step.
const (
	relHWheel      key.Code = 0x06
	relWheel       key.Code = 0x08
	relWheelHiRes  key.Code = 0x0b
	relHWheelHiRes key.Code = 0x0c
)

// wheelStep names the wheel step that an event is part of, 0 for other axes.
func wheelStep(ev Event) (step key.Code, hiRes bool) {
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

// mapsWheel says whether a wheel step means something with the modifiers that are held. Without a
// meaning it is not for the keymaps at all: it scrolls and ends no sequence.
func (e *Engine) mapsWheel(step key.Code) bool {
	look := combo(e.mods(-1), e.layout.lookup(step))
	switch {
	case e.passing():
	case e.mode.kind == modeNested:
		return e.mode.table[look] != nil
	case e.mode.kind == modeTop && e.view.hasCombo[step]:
		return e.view.combos.get(look) != nil
	}
	return false
}

// turnWheel treats each step of a wheel as a tap of a key. More steps in one event than a finger can
// turn are one fling; a bound keeps it from running for ever.
func (e *Engine) turnWheel(step key.Code, value int32) {
	for n := min(max(value, -value), 16); n > 0 && !e.macro.running(); n-- {
		if e.combo.active {
			e.endCombo(-1)
		}
		e.held = append(e.held, slot{code: step, id: step})
		e.transform(len(e.held)-1, Press)
		if j := e.find(0, step); j >= 0 {
			e.keyEvent(j, Release)
		}
	}
}
