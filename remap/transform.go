package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// modeKind is what the next key is for.
type modeKind uint8

const (
	modeTop         modeKind = iota // the keymaps
	modeNested                      // the second stroke of a sequence
	modeEscapeKey                   // goes out as it is
	modeEscapeCombo                 // goes out as it is, with its modifiers
)

// A mode is a state that the next key ends. The key that caused it does not end it by repeating.
type mode struct {
	kind     modeKind
	nested   *Nested
	table    map[comboKey]*Action
	deadline time.Duration
	dev      uint8
	code     key.Code
	armed    bool // the key that caused it is up
}

func (m *mode) isTrigger(s *slot) bool {
	return m.kind != modeTop && !m.armed && s.code == m.code && s.dev == m.dev
}

// tapped is the value of a decided tap on its way through the keymaps: a press and a release.
const tapped int32 = 3

// tapKey sends the tap of a tap-hold key.
func (e *Engine) tapKey(i int) { e.transform(i, tapped) }

// transform looks a plain key up and runs what it finds, or lets it through.
func (e *Engine) transform(i int, value int32) {
	s := &e.held[i]
	if value == Repeat {
		if s.chord || e.mode.isTrigger(s) {
			return
		}
	}
	if e.passing() {
		if a := e.switchBack(i); a != nil && value == Press {
			e.match(a, i, value)
			return
		}
		e.resume()
		e.plain(i, value)
		return
	}
	look := combo(e.mods(i), e.layout.lookup(s.id))
	if m := e.mode.kind; m != modeTop {
		switch {
		case m == modeEscapeCombo && value == tapped:
			e.plain(i, value)
			return
		case m == modeEscapeCombo:
			e.resume()
			fallthrough
		case m == modeEscapeKey:
			e.mode = mode{}
			e.plain(i, value)
			return
		}
		if a := e.mode.table[look]; a != nil {
			e.mode = mode{}
			e.match(a, i, value)
			return
		}
		nested := e.mode.nested
		e.mode = mode{}
		if nested.OnMiss != nil {
			e.run(nested.OnMiss, -1, outside)
		}
		switch nested.Otherwise {
		case Swallow:
			return
		case PassThrough:
			e.resume()
			e.plain(i, value)
			return
		case LookUpAgain:
		}
	}
	if k := look & 0xffff; e.view.hasCombo[k] {
		if a := e.view.combos.get(look); a != nil {
			e.match(a, i, value)
			return
		}
	}
	if a := e.pastOneShot(look); a != nil {
		e.match(a, i, value)
		return
	}
	if value == tapped {
		e.resumeFor(i)
	} else {
		e.resume()
	}
	e.plain(i, value)
}

// switchBack is the action that ends the user's own passthrough, if the keys that are down are its
// combo: the only one that counts then, as the modmaps would make it.
func (e *Engine) switchBack(i int) *Action {
	if e.passthrough {
		return nil
	}
	var mods key.ModSet
	for j := range e.held {
		if m, ok := e.modOf(e.view.modmap[e.held[j].code]); ok && j != i {
			mods |= m
		}
	}
	a := e.view.combos.get(combo(mods, e.layout.lookup(e.view.modmap[e.held[i].code])))
	if a == nil || a.Kind != DoPassthrough && (a.Kind != DoList || !slices.ContainsFunc(a.List, isPassthrough)) {
		return nil
	}
	return a
}

func isPassthrough(a *Action) bool { return a.Kind == DoPassthrough }

// match runs the action of a combo. Modifiers that are withheld have been used now.
func (e *Engine) match(a *Action, i int, value int32) {
	if e.trace != nil && value != Repeat {
		e.traceMatch(a, e.held[i].code)
	}
	for j := range e.held {
		s := &e.held[j]
		if !s.modifier || j == i {
			continue
		}
		if s.exerted {
			e.consume(s.id)
		} else {
			s.spent = true
		}
	}
	if !isRepeatLast(a) {
		e.last.action = a
	}
	e.capsWord = e.capsWord && a.Kind == DoCapsWord
	once := e.layerOnce
	e.run(a, i, value)
	e.afterKey(once)
}

// plain lets a key through.
func (e *Engine) plain(i int, value int32) {
	s := &e.held[i]
	if value == Repeat {
		if s.out != 0 && e.down[s.out].visible { // else its press was consumed: there is nothing to repeat
			e.emit(s.out, Repeat, true)
		}
		return
	}
	id := s.id
	if id >= key.WheelUp {
		return
	}
	once := e.layerOnce
	if !e.passthrough { // what is typed at a locked screen is nothing to repeat
		e.last.action, e.last.key, e.last.mods = nil, id, e.visibleMods()
	}
	switch {
	case e.capsWord && e.capitalise(id):
		e.tapCombo(shifted(id))
		e.restoreLifted()
	case value == tapped && e.down[id].visible:
		e.emit(id, Release, true)
		e.emit(id, Press, true)
	case value == tapped:
		e.show(id, true)
		e.hide(id)
	default:
		s.out = id
		e.pressKey(id, true)
	}
	e.afterKey(once)
}

// afterKey ends what was for one key only. once is the one-shot layer that was on before the key.
func (e *Engine) afterKey(once int) {
	if e.oneShot.mods != 0 && !e.oneShot.fresh {
		e.endOneShot()
	}
	e.oneShot.fresh = false
	if once != 0 && e.layerOnce == once {
		e.endLayerOnce()
	}
}

func (e *Engine) visibleMods() key.ModSet {
	var set key.ModSet
	for _, c := range e.downMods {
		set |= 1 << e.compiled.modOf[c]
	}
	return set
}

// nestedTimeout ends a sequence whose second stroke did not come.
func (e *Engine) nestedTimeout() {
	n := e.mode.nested
	e.mode = mode{}
	if n.OnTimeout != nil {
		e.run(n.OnTimeout, -1, outside)
	}
}
