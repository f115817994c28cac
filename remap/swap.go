package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// Swap replaces the program. Keys that are down finish under the old one, undecided ones as their
// hold; sequences, macros, counted taps and what was meant for the next key are dropped. Layers and
// variables keep their state by name.
func (e *Engine) Swap(c *Compiled, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.finish()
	for i := range e.held {
		if e.held[i].undecided {
			e.decideHold(i)
		}
	}
	e.mode = mode{}
	e.delayed, e.taps, e.cycles = e.delayed[:0], e.taps[:0], e.cycles[:0]
	e.endOneShot()
	e.endLayerOnce()
	e.capsWord = false
	e.last = lastAction{}
	for code := range e.down {
		c0 := key.Code(code)
		if was, is := e.compiled, c; (was.modOf[c0] >= 0) != (is.modOf[c0] >= 0) || was.hidden[c0] != is.hidden[c0] {
			e.forget(c0)
		}
	}
	e.load(c)
	e.useAnyView()
	return e.wake()
}

// forget lifts a key whose nature the next program changes, and lets go of the keys that are it: a
// modifier that comes to be none could not be released as what it was.
func (e *Engine) forget(c key.Code) {
	for i := len(e.held) - 1; i >= 0; i-- {
		if s := &e.held[i]; s.id == c || s.out == c {
			if e.combo.active && e.combo.isTrigger(s) {
				e.endCombo(-1)
			}
			e.remove(i)
		}
	}
	if e.combo.active && e.combo.key == c {
		e.endCombo(-1)
	}
	if e.down[c].visible {
		e.hide(c)
	}
	e.down[c] = output{}
}

// load takes over a program: variables and layers keep their values by name.
func (e *Engine) load(c *Compiled) {
	old := e.compiled
	if old == nil {
		old = &Compiled{program: &Program{}}
	}
	vars := make([]int32, len(c.program.Vars))
	for i := range c.program.Vars {
		v := &c.program.Vars[i]
		vars[i] = int32(v.Default)
		for j := range old.program.Vars {
			if w := &old.program.Vars[j]; w.Name == v.Name {
				if n := slices.Index(v.Values, w.Values[e.vars[j]]); n >= 0 {
					vars[i] = int32(n)
				}
			}
		}
	}
	layers := make([]bool, len(c.program.Layers))
	for i, name := range c.program.Layers {
		if j := slices.Index(old.program.Layers, name); j >= 0 {
			layers[i] = e.layers[j]
		}
	}
	for i := range e.held {
		if s := &e.held[i]; s.layer > 0 {
			s.layer = slices.Index(c.program.Layers, old.program.Layers[s.layer-1]) + 1
		}
	}
	e.compiled, e.vars, e.layers = c, vars, layers
	e.layout = e.given.under(&c.program.Options)
	e.views, e.view, e.info = e.views[:0], nil, nil
	for i := range e.devices {
		e.devices[i].view = nil
		e.devices[i].results = nil
	}
	e.refresh(readsAll)
}
