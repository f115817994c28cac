package remap

import (
	"toshy/remap/key"
)

// A heldCombo is an output combo that stays down while its trigger is held, so that the desktop
// repeats it at the user's rate.
type heldCombo struct {
	active  bool
	dev     uint8
	trigger key.Code // physical
	key     key.Code
	pressed codeList // modifiers that it pressed
	lifted  codeList // modifiers that it put aside
}

func (h *heldCombo) isTrigger(s *slot) bool { return s.code == h.trigger && s.dev == h.dev }

// codeList is a small list without memory of its own: no combo has more modifiers.
type codeList struct {
	n     uint8
	codes [16]key.Code
}

func (l *codeList) add(c key.Code) {
	if int(l.n) < len(l.codes) {
		l.codes[l.n] = c
		l.n++
	}
}

func (l *codeList) all() []key.Code { return l.codes[:l.n] }

// belongs says whether modifier key c satisfies one of the modifiers of a combo.
func (e *Engine) belongs(c key.Code, mods []key.Mod) bool {
	bit := key.ModSet(1) << e.compiled.modOf[c]
	for _, m := range mods {
		if m.Sides()&bit != 0 {
			return true
		}
	}
	return false
}

// setMods makes the modifiers on the output those of a combo: the others are lifted, the latest
// first, and what is missing is pressed in written order. Both are recorded.
func (e *Engine) setMods(mods []key.Mod, pressed, lifted *codeList) {
	masked := false
	for i := len(e.downMods) - 1; i >= 0; i-- {
		if m := e.downMods[i]; !e.belongs(m, mods) {
			lifted.add(m)
			masked = masked || e.needsMask(m)
		}
	}
	if !masked {
		e.liftAll(lifted)
	}
	for _, m := range mods {
		if code := e.missing(m); code != 0 {
			pressed.add(code)
			e.show(code, false)
		}
	}
	if masked {
		if pressed.n == 0 {
			e.tapMask()
		}
		e.liftAll(lifted)
	}
}

func (e *Engine) liftAll(l *codeList) {
	for _, m := range l.all() {
		e.hide(m)
	}
}

// missing returns the key to press for a modifier of an output combo, 0 when it is down already.
func (e *Engine) missing(m key.Mod) key.Code {
	sides := m.Sides()
	for _, c := range e.downMods {
		if sides>>e.compiled.modOf[c]&1 != 0 {
			return 0
		}
	}
	return e.compiled.modCode[m.Left()]
}

// tapCombo sends a combo as a tap. Lifted modifiers stay up until restoreLifted.
func (e *Engine) tapCombo(c key.Combo) { e.tapCode(c.Mods, e.layout.output(c.Key)) }

// tapCode taps key k of the keyboard as it is, whatever its layout.
func (e *Engine) tapCode(mods []key.Mod, k key.Code) {
	var pressed, lifted codeList
	e.setMods(mods, &pressed, &lifted)
	e.lifted = append(e.lifted, lifted.all()...)
	switch {
	case k >= key.WheelUp:
		e.wheelOut(k)
	case e.down[k].visible: // someone holds it: it has to go up to be pressed
		e.emit(k, Release, false)
		e.emit(k, Press, false)
	default:
		e.show(k, false)
		e.hide(k)
	}
	for i := int(pressed.n) - 1; i >= 0; i-- {
		e.hide(pressed.codes[i])
	}
}

// restoreLifted puts the modifiers back that a command has lifted, in the order of lifting.
func (e *Engine) restoreLifted() {
	for _, c := range e.lifted {
		e.restore(c)
	}
	e.lifted = e.lifted[:0]
}

// holdCombo sends a combo that stays down until its trigger goes up or another key goes down.
func (e *Engine) holdCombo(c key.Combo, s *slot) {
	k := e.layout.output(c.Key)
	if k >= key.WheelUp {
		e.tapCombo(c)
		e.restoreLifted()
		return
	}
	if e.combo.active { // of another key; this one is a button or the wheel, which end none
		e.endCombo(-1)
	}
	h := &e.combo
	*h = heldCombo{active: true, dev: s.dev, trigger: s.code, key: k}
	e.setMods(c.Mods, &h.pressed, &h.lifted)
	for _, m := range h.pressed.all() {
		e.down[m].holders++
	}
	if e.down[k].visible {
		e.hide(k) // someone holds it: it has to go up to be pressed
	}
	e.pressKey(k, false)
}

// endCombo lifts the held combo and puts back the modifiers it had lifted, if they are still held.
// except is the index of a key that is being released, whose modifier stays up; -1: none.
func (e *Engine) endCombo(except int) {
	h := e.combo
	e.combo = heldCombo{}
	if i := e.find(h.dev, h.trigger); i >= 0 {
		e.held[i].over = !e.compiled.program.Options.Reference
	}
	e.releaseKey(h.key, true)
	for i := int(h.pressed.n) - 1; i >= 0; i-- {
		e.releaseKey(h.pressed.codes[i], false)
	}
	for i := int(h.lifted.n) - 1; i >= 0; i-- {
		c := h.lifted.codes[i]
		if except >= 0 && e.held[except].exerted && e.held[except].id == c && e.down[c].holders == 1 {
			continue
		}
		if b := &e.sticky; b.active && c == b.out && !e.isStickyTrigger(c) && (e.compiled.program.Options.Reference || except >= 0 && b.isTrigger(&e.held[except])) {
			continue // it ends now; the reference does not put a bound modifier back at all
		}
		e.restore(c)
	}
	for i := range e.held {
		if s := &e.held[i]; s.late && i != except {
			s.spent = false
			e.exert(s, true)
		}
	}
}

// sticky is a bound modifier: out stays down on the output until the physical modifier in goes up.
type sticky struct {
	active bool
	dev    uint8
	in     key.Code // the physical key
	out    key.Code
}

func (b *sticky) isTrigger(s *slot) bool { return s.code == b.in && s.dev == b.dev }

// bind sends a combo and keeps its first modifier down until the modifier that triggered it is
// released: Cmd-Tab as Alt-Tab, with the switcher open until Cmd is let go.
func (e *Engine) bind(c key.Combo) {
	in := e.firstModifier()
	if e.sticky.active || in == nil || len(c.Mods) == 0 {
		e.tapCombo(c)
		return
	}
	out := e.compiled.modCode[c.Mods[0].Left()]
	e.sticky = sticky{active: true, dev: in.dev, in: in.code, out: out}
	replace := in.exerted && !e.belongs(in.id, c.Mods)
	if replace && !e.needsMask(in.id) {
		in.exerted = false
		e.releaseKey(in.id, false)
		replace = false
	}
	e.pressKey(out, false)
	if replace {
		in.exerted = false
		e.releaseKey(in.id, false)
	}
	e.tapCombo(c)
}

// isStickyTrigger says whether the modifier that the bound one stands for is c itself.
func (e *Engine) isStickyTrigger(c key.Code) bool {
	i := e.find(e.sticky.dev, e.sticky.in)
	return i >= 0 && e.held[i].id == c
}

// endSticky lifts the bound modifier.
func (e *Engine) endSticky() {
	b := e.sticky
	e.sticky = sticky{}
	e.maskRelease(b.out)
	e.releaseKey(b.out, false)
}

// firstModifier is the modifier that was pressed first of those that are held.
func (e *Engine) firstModifier() *slot {
	for i := range e.held {
		if s := &e.held[i]; s.modifier {
			if _, ok := e.modOf(s.id); ok {
				return s
			}
		}
	}
	return nil
}
