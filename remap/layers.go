package remap

import "toshy/remap/key"

// layers turns layers on and off. A layer may also act as modifiers: they are down on the output while it is on, and apply
// to all keymaps except those of layers.
type layers struct {
	scene  *scene
	ledger *ledger

	why    []reasons // for each layer, why it is on
	claims []claim   // for each layer, the claims to its modifiers
	held   key.ModSet
}

// reasons say why a layer is on. It is off if there is no reason left.
type reasons struct {
	switched bool // turned on until it is turned off
	once     bool // for the next key
	holds    int  // the number of keys that hold it
}

func newLayers(s *scene, l *ledger) layers { return layers{scene: s, ledger: l} }

// mods are the modifiers of all layers that are on.
func (l *layers) mods() key.ModSet { return l.held }

// modsBut are the modifiers of the layers that are on, without one layer.
func (l *layers) modsBut(layer int) (mods key.ModSet) {
	for i := range l.claims {
		if m, ok := l.scene.modOf(l.claims[i].key()); ok && i != layer {
			mods |= m
		}
	}
	return mods
}

// turn turns a layer on or off until the next change. A layer that a key holds stays on until that key goes up.
func (l *layers) turn(i int, on bool) {
	l.why[i].switched = on
	l.update(i, on, false)
}

// toggle turns a layer on if it is off, and off if it is on.
func (l *layers) toggle(i int) { l.turn(i, !l.why[i].switched) }

// isTurnedOn says whether a layer is on until it is turned off.
func (l *layers) isTurnedOn(i int) bool { return l.why[i].switched }

// forNext turns a layer on for the next key, or ends that.
func (l *layers) forNext(i int, on bool) {
	l.why[i].once = on
	l.update(i, on, false)
}

// hold adds a key that holds a layer.
func (l *layers) hold(i int) {
	l.why[i].holds++
	l.update(i, true, false)
}

// drop notes that a key no longer holds a layer. If the key was tapped alone, a modifier that belongs to the layer was
// tapped alone, too.
func (l *layers) drop(i int, tap bool) {
	l.why[i].holds--
	l.update(i, false, tap)
}

// update keeps a layer on while there is a reason for it. again: there is a new reason, which moves the layer to the front.
func (l *layers) update(i int, again, tap bool) {
	r := &l.why[i]
	l.scene.setLayer(i, r.switched || r.once || r.holds > 0)
	if again {
		l.scene.raiseLayer(i)
	}
	l.claim(i, tap)
}

// last is the layer that was turned on last, -1 if none is on.
func (l *layers) last() int { return l.scene.lastLayer() }

// claim presses the modifiers of a layer that was turned on, and lifts those of one that was turned off.
func (l *layers) claim(i int, tap bool) {
	p := l.scene.compiled().program
	if i >= len(p.LayerMods) || p.LayerMods[i] == 0 {
		return
	}
	switch c := &l.claims[i]; {
	case l.scene.layerIs(i) && c.none():
		*c = l.ledger.take(p.LayerMods[i], false)
	case !l.scene.layerIs(i) && !c.none():
		if !tap {
			l.ledger.consume(c.key())
		}
		l.ledger.dropUsed(c)
	}
	l.held = 0
	for j := range l.claims {
		if m, ok := l.scene.modOf(l.claims[j].key()); ok {
			l.held |= m
		}
	}
}

// letGo lifts the modifiers of all layers, before another program is loaded.
func (l *layers) letGo() {
	for i := range l.claims {
		if !l.claims[i].none() {
			l.ledger.consume(l.claims[i].key())
			l.ledger.dropUsed(&l.claims[i])
		}
	}
	clear(l.claims)
	l.held = 0
}

// takeUp adopts the layers of a newly loaded program, and presses the modifiers of those that are on. old returns the index
// that a layer had in the previous program, -1 if it is new.
func (l *layers) takeUp(old func(i int) int) {
	p := l.scene.compiled().program
	why := make([]reasons, len(p.Layers))
	for i := range why {
		if j := old(i); j >= 0 {
			why[i] = l.why[j]
		}
	}
	l.why, l.claims = why, make([]claim, len(p.LayerMods))
	for i := range p.LayerMods {
		l.claim(i, false)
	}
}

// forget forgets why layers are on, and the claims that the caller has already lifted.
func (l *layers) forget() {
	clear(l.why)
	clear(l.claims)
	l.held = 0
}

// holders lists the layers that hold down a key of the output.
func (l *layers) holders(c key.Code) (all []Holder) {
	for i := range l.claims {
		if l.ledger.includes(l.claims[i], c) {
			all = append(all, Holder{For: ForLayer})
		}
	}
	return all
}
