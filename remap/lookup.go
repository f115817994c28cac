package remap

import (
	"slices"

	"toshy/remap/key"
)

// tapped is the event value of a decided tap on its way through the keymaps: a press and a release.
const tapped int32 = 3

// lookUp looks up plain key i, and runs the result or lets the key through.
func (e *Engine) lookUp(i int, value int32) {
	if value == Repeat && (e.hand.ofChord(i) || e.next.isTrigger(e.hand.physical(i))) {
		return
	}
	if value == Repeat && !e.scene.options().Reference {
		e.repeat(i)
		return
	}
	if e.scene.passing() {
		if a := e.switchBack(i); a != nil && value == Press {
			e.match(a, i, value, 0)
			return
		}
		e.hand.resume()
		e.plain(i, value)
		return
	}
	if a := e.hand.tapAction(i); a != nil {
		e.match(a, i, value, e.hand.mods(i)|e.next.held())
		return
	}
	look := combo(e.hand.mods(i)|e.next.held(), e.scene.layout().lookup(e.hand.is(i)))
	if e.next.kind() != modeTop && e.lookUpMode(i, value, look) {
		return
	}
	v := e.scene.now()
	if mods := e.layers.mods(); mods != 0 {
		if a, pass, layer := v.findInLayers(look); a != nil {
			e.match(a, i, value, pass|e.layers.modsBut(layer))
			return
		}
		look |= combo(mods, 0)
	}
	if v.hasCombo[look.key()] != 0 {
		if a, pass := v.find(look); a != nil {
			e.match(a, i, value, pass)
			return
		}
	}
	if a := e.next.past(look); a != nil {
		e.match(a, i, value, 0)
		return
	}
	if e.hand.withholds() {
		e.letOut(i, value)
	}
	e.plain(i, value)
}

// letOut releases the withheld modifiers to the output, for key i.
func (e *Engine) letOut(i int, value int32) {
	if value == tapped {
		e.hand.resumeFor(i)
	} else {
		e.hand.resume()
	}
	e.lookUpHolds()
}

// lookUpHolds looks up the keys that became held.
func (e *Engine) lookUpHolds() {
	if e.hand.hasHolds() {
		e.lookUpEachHold()
	}
}

func (e *Engine) lookUpEachHold() {
	for i, a := e.hand.nextHold(); i >= 0; i, a = e.hand.nextHold() {
		if a != nil && !e.scene.passing() {
			e.match(a, i, Press, e.hand.mods(i)|e.next.held())
		} else if a == nil {
			e.lookUp(i, Press)
		}
	}
}

// repeat repeats plain key i: it repeats what its press became, whatever has changed since. Actions meant once per press do
// not repeat.
func (e *Engine) repeat(i int) {
	a, pass := e.hand.action(i)
	switch {
	case a == nil:
		e.hand.repeatPlain(i)
	case !e.scene.passing() && e.runner.repeats(a):
		e.match(a, i, Repeat, pass)
	}
}

// lookUpMode is lookUp while something other than the keymaps waits for the key. It says whether the key belongs to that
// alone.
func (e *Engine) lookUpMode(i int, value int32, look comboKey) bool {
	switch kind := e.next.kind(); {
	case kind == modeEscapeCombo && value == tapped:
		e.plain(i, value)
		return true
	case kind == modeEscapeCombo, kind == modeEscapeKey:
		if kind == modeEscapeCombo {
			e.hand.resume()
		}
		e.next.take()
		e.plain(i, value)
		return true
	}
	if a, pass := e.next.second(look); a != nil {
		e.next.take()
		e.match(a, i, value, pass)
		return true
	}
	nested := e.next.take()
	if nested.OnMiss != nil {
		e.recordLater(nested.OnMiss)
		e.runner.run(nested.OnMiss, -1, outside, 0)
	}
	switch nested.Otherwise {
	case Swallow:
		return true
	case PassThrough:
		e.hand.resume()
		e.plain(i, value)
		return true
	case LookUpAgain:
	}
	return false
}

// switchBack is the action that ends the user's own passthrough, if the keys that are down are its combo. It is the only
// entry that works then. Keys are mapped as the modmaps would map them.
func (e *Engine) switchBack(i int) *Action {
	if e.scene.locked() {
		return nil
	}
	v := e.scene.now()
	is := v.modmap[e.hand.physical(i).code]
	a, _ := v.find(combo(e.hand.modsAs(v, i), e.scene.layout().lookup(is)))
	if a == nil || a.Kind != DoPassthrough && (a.Kind != DoList || !slices.ContainsFunc(a.List, isPassthrough)) {
		return nil
	}
	return a
}

func isPassthrough(a *Action) bool { return a.Kind == DoPassthrough }

// match runs the action of a combo. This uses the withheld modifiers, except those that pass: they are down with the
// output.
func (e *Engine) match(a *Action, i int, value int32, pass key.ModSet) {
	if a.Kind == DoThrough {
		e.letOut(i, value)
		e.plain(i, value)
		return
	}
	if value == Press {
		e.hand.ran(i, a, pass)
	}
	if value != Repeat {
		e.scene.typed(e.hand.physical(i).code, e.clock.now())
	}
	if e.trace != nil && value != Repeat {
		e.traceMatch(a, e.hand.physical(i).code)
	}
	if pass != 0 && pass&^(e.layers.mods()&^e.hand.mods(i)) != 0 { // what only layers hold is down already
		e.letOut(i, value)
	}
	e.hand.use(i)
	e.word.forget()
	if e.macros.recording() && value != Repeat {
		e.recordMatch(a, i, pass)
	}
	e.next.ran(a)
	once := e.next.once()
	e.runner.run(a, i, value, pass)
	switch {
	case !e.next.isUsed(once):
	case a.isForNext():
		e.next.waitOn()
	default:
		e.next.used(once, e.hand.physical(i), value != tapped)
	}
}

// plain lets a key through.
func (e *Engine) plain(i int, value int32) {
	if value == Repeat {
		e.word.forget()
		e.hand.repeatPlain(i)
		return
	}
	id := e.hand.is(i)
	if id == 0 || id >= key.WheelUp {
		return
	}
	once := e.next.once()
	e.next.typed(id)
	e.scene.typed(e.hand.physical(i).code, e.clock.now())
	if len(e.scene.compiled().abbreviations) > 0 && e.abbreviated(i, id) {
		e.next.used(once, e.hand.physical(i), value != tapped)
		return
	}
	capital := e.next.inCapitals() && e.next.capitalises(id)
	if e.macros.recording() {
		e.recordKey(i, id, capital)
	}
	switch {
	case capital:
		e.ledger.tapCombo(shifted(id))
		e.ledger.restoreLifted()
	case value == tapped:
		e.ledger.tap(id)
	default:
		e.hand.putDown(i)
	}
	if e.next.isUsed(once) {
		e.next.used(once, e.hand.physical(i), value != tapped)
	}
}

// sequenceTimeout ends a sequence that got no second stroke.
func (e *Engine) sequenceTimeout() {
	if n := e.next.take(); n.OnTimeout != nil {
		e.recordLater(n.OnTimeout)
		e.runner.run(n.OnTimeout, -1, outside, 0)
	}
}
