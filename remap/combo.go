package remap

import (
	"toshy/remap/key"
)

// physicalKey is a key of a keyboard, before any mapping.
type physicalKey struct {
	dev  uint8
	code key.Code
}

// A heldCombo is an output combo that stays down while its trigger is held, so that the desktop
// repeats it at the user's rate.
type heldCombo struct {
	active  bool
	trigger physicalKey
	key     claim
	pressed claims   // modifiers that it pressed
	lifted  codeList // modifiers that it lifted
}

// A bound modifier stays down on the output until the physical modifier that it replaces goes up.
type bound struct {
	active bool
	by     physicalKey
	out    claim
}

// codeList is a small list that needs no allocation. No combo has more modifiers.
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

// claims is a codeList for claims.
type claims struct {
	n   uint8
	all [16]claim
}

func (l *claims) add(c claim) {
	if int(l.n) < len(l.all) {
		l.all[l.n] = c
		l.n++
	}
}

// split removes the claims to certain keys and returns them.
func (l *claims) split(of func(c key.Code) bool) (out claims) {
	all := *l
	*l = claims{}
	for _, c := range all.all[:all.n] {
		if of(c.code) {
			out.add(c)
		} else {
			l.add(c)
		}
	}
	return out
}

// latest gives the claims, the latest first.
func (l *claims) latest(yield func(c *claim)) {
	for i := int(l.n) - 1; i >= 0; i-- {
		yield(&l.all[i])
	}
}

// has says whether one of them is a claim to a key.
func (l *claims) has(c key.Code) bool {
	for _, x := range l.all[:l.n] {
		if x.of(c) {
			return true
		}
	}
	return false
}

// belongs says whether modifier key c satisfies one of the modifiers of a combo.
func (l *ledger) belongs(c key.Code, mods []key.Mod) bool {
	is := l.scene.compiled().modSet[c]
	for _, m := range mods {
		is &^= m.Sides()
	}
	return is == 0
}

// setMods changes the modifiers on the output to those of a combo. It lifts the others, the latest first, and presses the
// missing ones in the order in which they are written. It records both.
func (l *ledger) setMods(mods []key.Mod, pressed, lifted *codeList) {
	pressFirst := false
	for i := len(l.downMods) - 1; i >= 0; i-- {
		if m := l.downMods[i]; !l.belongs(m, mods) && l.kept>>l.scene.compiled().modOf[m]&1 == 0 {
			lifted.add(m)
			pressFirst = pressFirst || l.hiddenByPress(m, mods)
		}
	}
	if !pressFirst {
		for _, m := range lifted.all() {
			l.tapMask(l.mask(m)) // only the latest press can need one
		}
		l.liftAll(lifted)
	}
	for _, m := range mods {
		if code := l.missing(m); code != 0 {
			pressed.add(code)
			l.show(code, false)
		}
	}
	if pressFirst {
		l.liftAll(lifted)
	}
}

func (l *ledger) liftAll(list *codeList) {
	for _, m := range list.all() {
		l.hide(m)
	}
}

// missing returns the key to press for a modifier of an output combo, 0 if it is down already.
func (l *ledger) missing(m key.Mod) key.Code {
	sides := m.Sides()
	for _, c := range l.downMods {
		if sides>>l.scene.compiled().modOf[c]&1 != 0 {
			return 0
		}
	}
	return l.scene.compiled().modCode[m.Left()]
}

// holdMods holds modifiers for the taps that follow, or none for a combo without modifiers. It returns what liftAll must
// lift after them. Modifiers that holdMods itself lifts stay up until restoreLifted.
func (l *ledger) holdMods(mods []key.Mod) (pressed codeList) {
	if len(mods) > 0 {
		var lifted codeList
		l.setMods(mods, &pressed, &lifted)
		l.lifted = append(l.lifted, lifted.all()...)
	}
	return pressed
}

// tapCombo sends a combo as a tap. Lifted modifiers stay up until restoreLifted.
func (l *ledger) tapCombo(c key.Combo) { l.tapCode(c.Mods, l.scene.layout().output(c.Key)) }

// tapAside is tapCombo, but the modifiers that it lifts come back at once.
func (l *ledger) tapAside(c key.Combo) {
	n := len(l.lifted)
	l.tapCombo(c)
	for _, m := range l.lifted[n:] {
		l.restore(m)
	}
	l.lifted = l.lifted[:n]
}

// putAside lifts the modifiers that are down, until restoreLifted: what follows is the same with and without them.
func (l *ledger) putAside() {
	var pressed, lifted codeList
	l.setMods(nil, &pressed, &lifted)
	l.lifted = append(l.lifted, lifted.all()...)
}

// tapCode taps key k of the keyboard directly, whatever the layout.
func (l *ledger) tapCode(mods []key.Mod, k key.Code) { l.tapWith(mods, nil, k) }

// tapWith is tapCode with held keys that are modifiers of the layout, not of the program.
func (l *ledger) tapWith(mods []key.Mod, others []key.Code, k key.Code) {
	var pressed, lifted codeList
	l.setMods(mods, &pressed, &lifted)
	l.lifted = append(l.lifted, lifted.all()...)
	for _, c := range others {
		if !l.down[c].visible {
			pressed.add(c)
			l.show(c, false)
		}
	}
	switch {
	case k.IsSet():
		c := l.take(k, false)
		l.dropUsed(&c)
	case k >= key.WheelUp:
		l.wheel(k)
	case l.down[k].visible: // something holds it: it has to go up before it can be pressed
		l.emit(k, Release, false)
		l.emit(k, Press, false)
	default:
		l.show(k, false)
		l.hide(k)
	}
	for i := int(pressed.n) - 1; i >= 0; i-- {
		if l.down[pressed.codes[i]].visible { // the pressed key may have been a set that contains it
			l.hide(pressed.codes[i])
		}
	}
}

// wheel turns the wheel one step.
func (l *ledger) wheel(k key.Code) {
	axis, step := relWheel, int32(1)
	switch k {
	default:
		return // not a key: a layout's table may contain one
	case key.WheelUp:
	case key.WheelDown:
		step = -1
	case key.WheelLeft:
		axis, step = relHWheel, -1
	case key.WheelRight:
		axis = relHWheel
	}
	l.pacer.pointer(axis, step)
}

// holdsCombo says whether a combo is held.
func (l *ledger) holdsCombo() bool { return l.combo.active }

// comboOf says whether a combo is held for a physical key.
func (l *ledger) comboOf(p physicalKey) bool { return l.combo.active && l.combo.trigger == p }

// comboKey says whether a combo is held that has this key.
func (l *ledger) comboHas(c key.Code) bool { return l.combo.active && l.combo.key.of(c) }

// holdCombo sends a combo that stays down until endCombo. No other combo may be held.
func (l *ledger) holdCombo(mods []key.Mod, k key.Code, trigger physicalKey) {
	h := &l.combo
	*h = heldCombo{active: true, trigger: trigger}
	var pressed codeList
	l.setMods(mods, &pressed, &h.lifted)
	for _, m := range pressed.all() {
		h.pressed.add(l.take(m, false))
	}
	if l.down[k].visible {
		l.hide(k) // something holds it: it has to go up before it can be pressed
	}
	h.key = l.take(k, false)
}

// endCombo lifts the held combo and restores the modifiers it had lifted, if they are still held.
func (l *ledger) endCombo(going releasing) {
	h := &l.combo
	h.active = false
	l.drop(&h.key, true)
	h.pressed.latest(func(c *claim) { l.drop(c, false) })
	for i := int(h.lifted.n) - 1; i >= 0; i-- {
		c := h.lifted.codes[i]
		if l.includes(going.holds, c) && l.down[c].holders == 1 {
			continue // it goes up with this key
		}
		if b := &l.bound; b.active && b.out.of(c) && going.boundIs != c && (l.scene.options().Reference || going.any && b.by == going.key) {
			continue // it ends now; the reference never restores a bound modifier
		}
		l.restore(c)
	}
	*h = heldCombo{}
}

// comboTrigger is the physical key that holds the combo.
func (l *ledger) comboTrigger() physicalKey { return l.combo.trigger }

// releasing is what endCombo needs to know about a key that is being released.
type releasing struct {
	any     bool // a key is being released
	key     physicalKey
	holds   claim
	boundIs key.Code // what the key behind the bound modifier is
}

// binds says whether the bound modifier belongs to a physical key.
func (l *ledger) binds(p physicalKey) bool { return l.bound.active && l.bound.by == p }

// boundBy is the physical key that the bound modifier belongs to, and whether there is one.
func (l *ledger) boundBy() (physicalKey, bool) { return l.bound.by, l.bound.active }

// bind keeps a modifier down until its physical key goes up. If in is not nil, it takes over what that key itself holds
// down.
func (l *ledger) bind(mods []key.Mod, by physicalKey, in *claim) {
	out := l.scene.compiled().modCode[mods[0].Left()]
	l.bound = bound{active: true, by: by}
	replace := !in.none() && !l.belongs(in.key(), mods)
	if replace && !l.hiddenByPress(in.key(), mods[:1]) {
		l.tapMask(l.mask(in.key()))
		l.drop(in, false)
		replace = false
	}
	l.bound.out = l.take(out, false)
	if replace {
		l.drop(in, false)
	}
}

// unbind lifts the bound modifier.
func (l *ledger) unbind() {
	out := l.bound.out
	l.bound = bound{}
	l.dropUsed(&out)
}

// holders lists why the ledger's own combos hold a key down.
func (l *ledger) holders(c key.Code) (all []Holder) {
	if h := &l.combo; h.active {
		if h.key.of(c) {
			all = append(all, Holder{h.trigger.dev, h.trigger.code, ForCombo})
		}
		for _, x := range h.pressed.all[:h.pressed.n] {
			if x.of(c) {
				all = append(all, Holder{h.trigger.dev, h.trigger.code, ForCombo})
			}
		}
	}
	if b := &l.bound; b.active && b.out.of(c) {
		all = append(all, Holder{b.by.dev, b.by.code, ForBound})
	}
	return all
}

// eachDown calls a function for each key that is down on the device.
func (l *ledger) eachDown(yield func(key.Code)) {
	for c := range l.down {
		if l.down[c].visible {
			yield(key.Code(c))
		}
	}
}
