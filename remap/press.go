package remap

import (
	"slices"

	"toshy/remap/key"
)

// An onUp is an action that runs when its key goes up.
type onUp struct {
	key    physicalKey
	action *Action
	pass   key.ModSet // modifiers that pass, as for the press
}

// maxOnUp bounds the actions that wait for a release. Any more run at once.
const maxOnUp = 64

// press runs the press part of an action, and keeps the release part until key i goes up. If no key is down, it runs both.
// again: it is part of a repetition.
func (r *runner) press(a *Action, i int, how runKind, again bool) {
	down, up := a.List[0], a.List[1]
	if up != nil && !r.keepForRelease(up, i, how) {
		r.frames = append(r.frames, frame{single: up, call: true, again: true})
	}
	if down != nil {
		r.frames = append(r.frames, frame{single: down, call: true, again: again})
	}
}

func (r *runner) keepForRelease(a *Action, i int, how runKind) bool {
	if i < 0 || how == outside {
		return false
	}
	p := r.hand.physical(i)
	if how == Repeat && slices.ContainsFunc(r.onUp, func(u onUp) bool { return u.key == p && u.action == a }) {
		return true
	}
	if len(r.onUp) == maxOnUp {
		return false
	}
	r.onUp = append(r.onUp, onUp{p, a, r.pass})
	return true
}

// awaitsRelease says whether some action runs when a key goes up.
func (r *runner) awaitsRelease() bool { return len(r.onUp) > 0 }

// isUp runs the actions that wait for a key's release.
func (r *runner) isUp(p physicalKey) {
	for i := 0; i < len(r.onUp); {
		if r.onUp[i].key != p {
			i++
			continue
		}
		u := r.onUp[i]
		r.onUp = slices.Delete(r.onUp, i, i+1)
		r.runUp(u)
	}
}

// endPresses runs all actions that wait for releases. The keys go up later, for someone else.
func (r *runner) endPresses() {
	for len(r.onUp) > 0 {
		u := r.onUp[0]
		r.onUp = slices.Delete(r.onUp, 0, 1)
		r.runUp(u)
	}
}

func (r *runner) runUp(u onUp) {
	if r.waiting { // the press itself waits, so the release comes after it
		r.frames = slices.Insert(r.frames, 0, frame{single: u.action, call: true, again: true})
		return
	}
	r.run(u.action, -1, outside, u.pass)
}

// without are the passing modifiers without those that a DoWithout removes.
func (a *Action) without(pass key.ModSet) key.ModSet {
	if len(a.Combo.Mods) == 0 {
		return 0
	}
	for _, m := range a.Combo.Mods {
		pass &^= m.Sides()
	}
	return pass
}
