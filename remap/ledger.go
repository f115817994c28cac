package remap

import (
	"slices"

	"toshy/remap/key"
)

// output is the ledger's line for one key of the virtual keyboard.
type output struct {
	holders  uint8  // causes that want it down: physical keys, a held combo, a bound modifier
	visible  bool   // it is down on the device; false while a combo has put it aside
	consumed bool   // a modifier that a combo has used since it was pressed
	serial   uint32 // Engine.presses at the time of its press
}

// pressKey puts a key down for one more holder. The key code of hidden carriers is only kept in the
// ledger.
func (e *Engine) pressKey(c key.Code, fast bool) {
	d := &e.down[c]
	if d.holders < 255 {
		d.holders++
	}
	if !d.visible {
		d.consumed = false
		e.show(c, fast)
	}
}

// releaseKey takes one holder away; the last one lifts the key.
func (e *Engine) releaseKey(c key.Code, fast bool) {
	d := &e.down[c]
	if d.holders == 0 {
		return
	}
	d.holders--
	if d.visible && (d.holders == 0 || e.compiled.program.Options.Reference) {
		e.hideWith(c, fast)
	}
}

// show presses a key on the device.
func (e *Engine) show(c key.Code, fast bool) {
	d := &e.down[c]
	d.visible = true
	e.presses++
	d.serial = e.presses
	if e.compiled.modOf[c] >= 0 {
		e.downMods = append(e.downMods, c)
	}
	e.emit(c, Press, fast)
}

// hide lifts a key on the device, whoever still holds it.
func (e *Engine) hide(c key.Code) { e.hideWith(c, false) }

func (e *Engine) hideWith(c key.Code, fast bool) {
	e.down[c].visible = false
	if i := slices.Index(e.downMods, c); i >= 0 {
		e.downMods = slices.Delete(e.downMods, i, i+1)
	}
	e.emit(c, Release, fast)
}

// restore puts a key down again that was put aside, if someone still holds it.
func (e *Engine) restore(c key.Code) {
	if d := &e.down[c]; d.holders > 0 && !d.visible {
		e.show(c, false)
		d.consumed = true
	}
}

// emit sends one event of a key.
func (e *Engine) emit(c key.Code, value int32, fast bool) {
	if e.compiled.hidden[c] || c >= 0x300 {
		return
	}
	p := &e.view.pacing
	pre, post := p.Pre, p.Post
	if fast {
		pre, post = p.FastPre, p.FastPost
	}
	ev := Out{TypeKey, c, value}
	if pre|post == 0 && len(e.paced) == 0 && e.mayBurst() {
		e.write(ev)
		return
	}
	e.pace(ev, fast, pre, post)
}

// emitPointer sends a movement or a step of the wheel, in its place between the keys.
func (e *Engine) emitPointer(axis key.Code, value int32) {
	ev := Out{TypeRel, axis, value}
	if len(e.paced) == 0 {
		e.write(ev)
	} else {
		e.pace(ev, false, 0, 0)
	}
}

// write puts an event out, as a frame of its own.
func (e *Engine) write(ev Out) {
	e.out.Events = append(e.out.Events, ev, Out{Type: TypeSyn})
}

// Masking: a desktop opens its menu or overview when Alt or Super goes up and no other key went down
// since it was pressed. A modifier that a combo has used must not look like that.

// maskable says whether a lone tap of a modifier means something to desktops.
func maskable(c key.Code) bool {
	return c == key.LeftAlt || c == key.RightAlt || c == key.LeftMeta || c == key.RightMeta
}

// consume notes that a combo has used a modifier.
func (e *Engine) consume(c key.Code) { e.down[c].consumed = true }

// needsMask says whether lifting c now would look like a lone tap.
func (e *Engine) needsMask(c key.Code) bool {
	d := &e.down[c]
	return e.compiled.program.Options.Masking && maskable(c) && d.visible && d.serial == e.presses
}

// maskRelease hides the end of a modifier that a combo has used.
func (e *Engine) maskRelease(c key.Code) {
	if d := &e.down[c]; d.holders == 1 && d.consumed && e.needsMask(c) {
		e.tapMask()
	}
}

// tapMask taps a key that means nothing by itself.
func (e *Engine) tapMask() {
	c := e.compiled.program.Options.MaskKey
	if c == 0 {
		c = key.LeftCtrl
	}
	if e.down[c].visible {
		c = key.RightCtrl
	}
	if !e.down[c].visible {
		e.show(c, false)
		e.hide(c)
	}
}
