package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// oneShot are modifiers that are down for the next key only.
type oneShot struct {
	mods         key.ModSet
	claims       claims
	deadline     time.Duration
	fresh        bool        // made by the current key
	untilRelease bool        // they stay until the next key goes up
	ending       bool        // that key is down
	by           physicalKey // that key
}

// locked are keys and modifiers that stay down until the user unlocks them.
type locked struct{ keys []lockedKey }

type lockedKey struct {
	claim claim
	mod   key.ModSet // the modifier that it is
}

// maxLocked bounds what may be locked. Nobody needs more.
const maxLocked = 16

func newLocked() locked { return locked{keys: make([]lockedKey, 0, maxLocked)} }

// oneShotDue is the time when one-shot modifiers or a layer end by themselves, Never if they do not.
func (n *next) oneShotDue() time.Duration {
	if n.oneShot.mods != 0 {
		return min(n.oneShot.deadline, n.onceDue())
	}
	return n.onceDue()
}

// endDue ends the one-shot modifiers or the layer when their time is over.
func (n *next) endDue() {
	if n.onceDue() <= n.clock.now() {
		n.endOnce()
		return
	}
	n.endOneShot()
}

// held are the modifiers that are down for the next key, and the locked ones.
func (n *next) held() key.ModSet { return n.mods }

func (n *next) sum() {
	n.mods = n.oneShot.mods
	for i := range n.locked.keys {
		n.mods |= n.locked.keys[i].mod
	}
}

// beginOneShot presses modifiers for the next key. The current key does not end them. If the action runs again, it may lock
// or end them.
func (n *next) beginOneShot(a *Action, handling bool) {
	o := &n.oneShot
	o.fresh = handling
	if a.Value&(OneShotLocks|OneShotCancels) != 0 && n.again(a) {
		n.sum()
		return
	}
	o.deadline = Never
	if a.Time > 0 {
		o.deadline = n.clock.now() + a.Time
		n.clock.expect()
	}
	o.untilRelease = a.Value&OneShotUntilRelease != 0
	for _, m := range a.Combo.Mods {
		c, bit := n.modifier(m)
		if o.mods&bit == 0 {
			o.mods |= bit
			o.claims.add(n.ledger.take(c, false))
		}
	}
	n.sum()
}

// modifier is the key that a modifier sends, and its modifier.
func (n *next) modifier(m key.Mod) (key.Code, key.ModSet) {
	c := n.scene.compiled().modCode[m.Left()]
	return c, 1 << n.scene.compiled().modOf[c]
}

// again reruns a one-shot whose modifiers are already down, and says whether they are.
func (n *next) again(a *Action) bool {
	var set key.ModSet
	for _, m := range a.Combo.Mods {
		_, bit := n.modifier(m)
		set |= bit
	}
	switch {
	case a.Value&OneShotLocks != 0 && n.unlock(set, 0):
		return true
	case n.oneShot.mods&set != set:
		return false
	}
	if a.Value&OneShotLocks != 0 {
		for _, m := range a.Combo.Mods {
			c, bit := n.modifier(m)
			n.lock(c, bit)
		}
	}
	n.oneShot.mods &^= set
	ended := n.oneShot.claims.split(func(c key.Code) bool { return n.scene.compiled().modSet[c]&set != 0 })
	n.endClaims(&ended)
	return true
}

func (n *next) endOneShot() {
	o := n.oneShot
	n.oneShot = oneShot{}
	n.sum()
	n.endClaims(&o.claims)
}

func (n *next) endClaims(all *claims) {
	all.latest(func(c *claim) {
		n.ledger.consume(c.key())
		n.ledger.dropUsed(c)
	})
}

// toggleLock keeps modifiers or a key down, or releases them if all are locked.
func (n *next) toggleLock(a *Action) {
	defer n.sum()
	if c := a.Combo.Key; c != 0 {
		c = n.scene.layout().output(c)
		mod, _ := n.scene.modOf(c)
		if !n.unlock(0, c) {
			n.lock(c, mod)
		}
		return
	}
	var set key.ModSet
	for _, m := range a.Combo.Mods {
		_, bit := n.modifier(m)
		set |= bit
	}
	if n.unlock(set, 0) {
		return
	}
	for _, m := range a.Combo.Mods {
		n.lock(n.modifier(m))
	}
}

// lock keeps a key down, which is a modifier if mod says so.
func (n *next) lock(c key.Code, mod key.ModSet) {
	l := &n.locked
	if c == 0 || c >= key.WheelUp || len(l.keys) == maxLocked || slices.ContainsFunc(l.keys, func(k lockedKey) bool { return k.claim.of(c) }) {
		return
	}
	held := claim{}
	if mod != 0 {
		held = n.ledger.take(c, false)
	} else {
		held = n.ledger.takeAgain(c)
	}
	l.keys = append(l.keys, lockedKey{held, mod})
}

// unlock releases modifiers that are all locked, or a key, and says whether they were locked.
func (n *next) unlock(set key.ModSet, c key.Code) bool {
	found := key.ModSet(0)
	is := func(k lockedKey) bool { return k.mod&set != 0 || k.claim.of(c) }
	any := false
	for _, k := range n.locked.keys {
		if is(k) {
			found, any = found|k.mod, true
		}
	}
	if !any || found&set != set {
		return false
	}
	for i := len(n.locked.keys) - 1; i >= 0; i-- {
		if is(n.locked.keys[i]) {
			n.unlockAt(i)
		}
	}
	return true
}

func (n *next) unlockAt(i int) {
	k := n.locked.keys[i]
	n.locked.keys = slices.Delete(n.locked.keys, i, i+1)
	if k.mod == 0 {
		n.ledger.drop(&k.claim, false)
		return
	}
	n.ledger.consume(k.claim.key()) // nobody released it: this is no tap
	n.ledger.dropUsed(&k.claim)
}

func (n *next) unlockAll() {
	for len(n.locked.keys) > 0 {
		n.unlockAt(len(n.locked.keys) - 1)
	}
	n.sum()
}

// isUsed says whether anything for one key only must end. once is the layer for the next key as it was before this key.
func (n *next) isUsed(once int) bool { return n.oneShot.mods != 0 || once != 0 }

// used ends what was for one key only: by, which is still down or was tapped.
func (n *next) used(once int, by physicalKey, down bool) {
	switch o := &n.oneShot; {
	case o.mods == 0 || o.fresh || o.ending:
	case o.untilRelease && down:
		o.by, o.ending, o.deadline = by, true, Never
	default:
		n.endOneShot()
	}
	if once != 0 {
		n.onceUsed(once, by, down)
	}
	n.oneShot.fresh = false
}

// waitOn notes that a key has used nothing up.
func (n *next) waitOn() { n.oneShot.fresh = false }

// awaitsRelease says whether one-shot modifiers or a layer end when a key goes up.
func (n *next) awaitsRelease() bool { return n.oneShot.ending || n.layer.ending }

// isUp notes that a key is up.
func (n *next) isUp(p physicalKey) {
	if n.oneShot.ending && n.oneShot.by == p {
		n.endOneShot()
	}
	if n.layer.ending && n.layer.by == p {
		n.endOnce()
	}
}

// holders lists the one-shot modifiers and locks that hold down a key of the output.
func (n *next) holders(c key.Code) (all []Holder) {
	if n.oneShot.claims.has(c) {
		all = append(all, Holder{For: ForOneShot})
	}
	for _, k := range n.locked.keys {
		if k.claim.of(c) {
			all = append(all, Holder{For: ForLock})
		}
	}
	return all
}
