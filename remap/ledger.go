package remap

import (
	"slices"

	"toshy/remap/key"
)

// A ledger knows what is down on the virtual keyboard, and what holds it down. A key goes down with its first claim and up
// with its last: take makes a claim, drop ends it, once. A combo may lift keys that others have claimed. When the combo
// ends, they go down again if a claim is left.
type ledger struct {
	scene *scene
	pacer *pacer

	down     [key.Count]line
	downMods []key.Code // modifiers that are down on the output, in the order of their presses
	presses  uint32     // counts presses on the output
	lifted   []key.Code // modifiers that the running command has lifted
	kept     key.ModSet // modifiers that no combo may lift at present
	combo    heldCombo
	bound    bound
	board    noticeboard
}

// A line of the ledger is one key of the virtual keyboard.
type line struct {
	holders  uint8  // the number of claims
	visible  bool   // it is down on the device; false while a combo has lifted it
	consumed bool   // a modifier that a combo has used since it was pressed
	serial   uint32 // ledger.presses at the time of its press
}

// A claim keeps a key down on the output. The zero claim claims nothing.
type claim struct{ code key.Code }

// of says whether the claim is to this key.
func (c claim) of(k key.Code) bool { return c.code == k && k != 0 }

// includes says whether a claim is to a key, or to a set that contains it.
func (l *ledger) includes(c claim, k key.Code) bool {
	return c.of(k) || c.code.IsSet() && slices.Contains(l.codesOf(c.code), k)
}

// none says whether there is nothing to drop.
func (c claim) none() bool { return c.code == 0 }

// key is the claimed key, 0 if there is none.
func (c claim) key() key.Code { return c.code }

func newLedger(s *scene, p *pacer) ledger {
	return ledger{scene: s, pacer: p, downMods: make([]key.Code, 0, 16), lifted: make([]key.Code, 0, 32)}
}

// take presses a key and adds a claim to it. A hidden carrier exists only in the ledger.
func (l *ledger) take(c key.Code, fast bool) claim {
	l.put(c, fast)
	return claim{c}
}

// put is take for a key, or for each key of a set.
func (l *ledger) put(c key.Code, fast bool) {
	if c.IsSet() {
		for _, k := range l.codesOf(c) {
			l.put(k, fast)
		}
		return
	}
	d := &l.down[c]
	if d.holders < 255 {
		d.holders++
	}
	if !d.visible {
		d.consumed = false
		l.show(c, fast)
		return
	}
	d.consumed = true // a second key was pressed while the first one was held, so it is no lone tap
}

// takeAgain is take for a key that the user types. If the key is already down, it goes up and down again, so that it is
// typed again. It goes up with the last of its claims.
func (l *ledger) takeAgain(c key.Code) claim {
	d := &l.down[c]
	if d.visible && d.holders > 0 && l.scene.compiled().modOf[c] < 0 && !l.scene.options().Reference {
		l.hideWith(c, true)
	}
	return l.take(c, true)
}

// drop ends a claim. The last one lifts the key. Dropping an ended claim does nothing.
func (l *ledger) drop(of *claim, fast bool) {
	c := of.code
	of.code = 0
	l.let(c, fast)
}

// let is drop for a key, or for each key of a set, the latest first.
func (l *ledger) let(c key.Code, fast bool) {
	if c.IsSet() {
		codes := l.codesOf(c)
		for i := len(codes) - 1; i >= 0; i-- {
			l.let(codes[i], fast)
		}
		return
	}
	d := &l.down[c]
	if d.holders == 0 {
		return
	}
	d.holders--
	if d.visible && (d.holders == 0 || l.scene.options().Reference) {
		l.hideWith(c, fast)
	}
}

// keep sets the modifiers that no combo lifts from here on.
func (l *ledger) keep(mods key.ModSet) { l.kept = mods }

// codesOf are the keys of a set.
func (l *ledger) codesOf(set key.Code) []key.Code { return l.scene.compiled().sets[set-key.Set0] }

// isDown says whether a key is down on the device.
func (l *ledger) isDown(c key.Code) bool { return l.down[c].visible }

// repeat repeats a key that is down on the device.
func (l *ledger) repeat(c key.Code) {
	if l.down[c].visible {
		l.emit(c, Repeat, true)
	}
}

// tap taps a key that the user has tapped. A key that is already down goes up and down.
func (l *ledger) tap(c key.Code) {
	if l.down[c].visible {
		l.emit(c, Release, true)
		l.emit(c, Press, true)
		return
	}
	l.show(c, true)
	l.hide(c)
}

// mods is the set of modifiers that are down on the device.
func (l *ledger) mods() key.ModSet {
	var set key.ModSet
	for _, c := range l.downMods {
		set |= 1 << l.scene.compiled().modOf[c]
	}
	return set
}

// show presses a key on the device.
func (l *ledger) show(c key.Code, fast bool) {
	d := &l.down[c]
	d.visible = true
	l.presses++
	d.serial = l.presses
	if l.scene.special(c) {
		l.showSpecial(c, fast)
		return
	}
	l.pacer.key(c, Press, fast)
}

// showSpecial is show for a key that needs special treatment.
func (l *ledger) showSpecial(c key.Code, fast bool) {
	p := l.scene.compiled()
	if p.modOf[c] >= 0 {
		l.downMods = append(l.downMods, c)
	}
	l.emit(c, Press, fast)
	if p.noticed != nil && (len(l.downMods) > 0 || p.noticesBare) {
		l.notice(c, false)
	}
}

// hide lifts a key on the device, even if something still claims it.
func (l *ledger) hide(c key.Code) { l.hideWith(c, false) }

func (l *ledger) hideWith(c key.Code, fast bool) {
	if l.scene.special(c) {
		l.hideSpecial(c, fast)
		return
	}
	l.down[c].visible = false
	l.pacer.key(c, Release, fast)
}

// hideSpecial is hideWith for a key that needs special treatment.
func (l *ledger) hideSpecial(c key.Code, fast bool) {
	d := &l.down[c]
	if p := l.scene.compiled(); p.modOf[c] >= 0 {
		if p.noticed != nil && d.visible && d.serial == l.presses {
			l.notice(c, true)
		}
		if last := len(l.downMods) - 1; last >= 0 && l.downMods[last] == c { // almost always
			l.downMods = l.downMods[:last]
		} else if i := slices.Index(l.downMods, c); i >= 0 {
			l.downMods = slices.Delete(l.downMods, i, i+1)
		}
	}
	d.visible = false
	l.emit(c, Release, fast)
}

// restore presses a lifted key again, if something still claims it.
func (l *ledger) restore(c key.Code) {
	if d := &l.down[c]; d.holders > 0 && !d.visible {
		l.show(c, false)
		d.consumed = true
	}
}

// restoreLifted presses the modifiers that a command has lifted, in the order of lifting.
func (l *ledger) restoreLifted() {
	for _, c := range l.lifted {
		l.restore(c)
	}
	l.lifted = l.lifted[:0]
}

// emit sends one event of a key.
func (l *ledger) emit(c key.Code, value int32, fast bool) {
	if c >= 0x300 || l.scene.compiled().hidden[c] {
		return
	}
	l.pacer.key(c, value, fast)
}

// forget lifts a key and ends all claims to it.
func (l *ledger) forget(c key.Code) {
	if l.down[c].visible {
		l.hide(c)
	}
	l.down[c] = line{}
	if l.bound.out.of(c) {
		l.bound = bound{}
	}
	l.combo.pressed.split(func(k key.Code) bool { return k == c })
}

// abandon forgets what a command has lifted and the bound modifier, before releaseAll.
func (l *ledger) abandon() {
	l.lifted = l.lifted[:0]
	l.bound = bound{}
}

// releaseAll lifts everything that is down and ends all claims.
func (l *ledger) releaseAll() {
	l.pacer.flushAll()
	for c := range l.down {
		if l.down[c].visible && l.scene.compiled().modOf[c] < 0 {
			l.hide(key.Code(c))
		}
	}
	for len(l.downMods) > 0 {
		c := l.downMods[len(l.downMods)-1]
		l.tapMask(l.mask(c)) // nobody released it: this is no tap
		l.hide(c)
	}
	clear(l.down[:])
	l.pacer.flushAll()
}

// Masking: a desktop opens its menu or overview when Alt or Super goes up and no other key went down since its press, and some
// programs react to two such taps of Control. A modifier that a combo has used must not look like that.

// maskFor returns the key whose tap hides a lone tap of a modifier, or 0 if such a tap means nothing. A tap of Control hides Alt and
// Super from every program. Control itself needs a key that is no modifier.
func (l *ledger) maskFor(c key.Code) key.Code {
	m := l.scene.options().MaskKey
	switch c {
	case key.LeftAlt, key.RightAlt, key.LeftMeta, key.RightMeta:
		if m == 0 {
			return key.LeftCtrl
		}
		return m
	case key.LeftCtrl, key.RightCtrl:
		if m == 0 {
			return key.Unknown
		}
		if l.scene.compiled().modOf[m] < 0 {
			return m
		}
	}
	return 0
}

// consume notes that a combo has used a modifier.
func (l *ledger) consume(c key.Code) {
	l.down[c].consumed = true
	if c.IsSet() {
		for _, k := range l.codesOf(c) {
			l.consume(k)
		}
	}
}

// mask returns the key that must hide c if c is lifted now, or 0 if that would not look like a lone tap.
func (l *ledger) mask(c key.Code) key.Code {
	d := &l.down[c]
	if !d.visible || d.serial != l.presses || !l.scene.options().Masking {
		return 0
	}
	return l.maskFor(c)
}

// hiddenByPress says whether pressing the missing ones of mods before c goes up hides a lone tap of c. Control with Alt or Shift, and Alt
// with Shift, switch the layout on many computers, so they must not be down together.
func (l *ledger) hiddenByPress(c key.Code, mods []key.Mod) (hidden bool) {
	if l.mask(c) == 0 || c == key.LeftCtrl || c == key.RightCtrl {
		return false
	}
	for _, m := range mods {
		switch l.missing(m) {
		case 0:
		case key.LeftShift, key.RightShift:
			if c == key.LeftAlt || c == key.RightAlt {
				return false
			}
			hidden = true
		default:
			hidden = true
		}
	}
	return hidden
}

// dropUsed is drop for a modifier. A modifier that a combo has used does not look like a lone tap.
func (l *ledger) dropUsed(of *claim) {
	c := of.code
	of.code = 0
	if !c.IsSet() {
		l.dropKeyUsed(c)
		return
	}
	codes := l.codesOf(c)
	for i := len(codes) - 1; i >= 0; i-- {
		l.dropKeyUsed(codes[i])
	}
}

func (l *ledger) dropKeyUsed(c key.Code) {
	if d := &l.down[c]; d.holders == 1 && d.consumed {
		l.tapMask(l.mask(c))
	}
	l.let(c, false)
}

// tapMask taps a key that hides a modifier; 0 is none. If it is down already, its other side is tapped.
func (l *ledger) tapMask(c key.Code) {
	if c == 0 {
		return
	}
	if l.down[c].visible {
		c = key.RightCtrl
	}
	if !l.down[c].visible {
		l.show(c, false)
		l.hide(c)
	}
}
