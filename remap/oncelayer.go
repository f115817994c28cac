package remap

import "time"

// onceLayer is a layer that is on for the next key only.
type onceLayer struct {
	layer        int // counted from 1; 0: none
	deadline     time.Duration
	untilRelease bool // it stays until the next key goes up
	ending       bool // that key is down
	by           physicalKey
}

// once is the current layer for the next key, in a form that used takes.
func (n *next) once() int { return n.layer.layer }

// beginOnce turns a layer on for the next key. If the action runs again, it may lock or end it.
func (n *next) beginOnce(a *Action) {
	l := int(a.Value)
	once := n.layer.layer == l+1
	if a.Var&int(OneShotLocks) != 0 && (once || n.layers.isTurnedOn(l)) {
		n.layers.turn(l, once)
		n.endOnce()
		return
	}
	if a.Var&int(OneShotCancels) != 0 && once {
		n.endOnce()
		return
	}
	if !once {
		n.endOnce()
		n.layer = onceLayer{layer: l + 1, deadline: Never, untilRelease: a.Var&int(OneShotUntilRelease) != 0}
		if a.Time > 0 {
			n.layer.deadline = n.clock.now() + a.Time
			n.clock.expect()
		}
	}
	n.layers.forNext(l, true)
}

// endOnce turns off the layer that was on for one key.
func (n *next) endOnce() {
	if l := n.layer.layer; l > 0 {
		n.layer = onceLayer{}
		n.layers.forNext(l-1, false)
	}
}

// onceUsed ends the layer that was on for one key: by, which is still down or was tapped.
func (n *next) onceUsed(once int, by physicalKey, down bool) {
	switch l := &n.layer; {
	case l.layer != once || l.ending:
	case l.untilRelease && down:
		l.ending, l.by, l.deadline = true, by, Never
	default:
		n.endOnce()
	}
}

// onceDue is the time when the layer ends by itself, Never if it does not.
func (n *next) onceDue() time.Duration {
	if n.layer.layer > 0 {
		return n.layer.deadline
	}
	return Never
}
