package remap

import "toshy/remap/key"

// layers turns layers on and off. A layer may be modifiers, too: these are down on the output while it is on, and count for
// all keymaps but those of layers.
type layers struct {
	scene  *scene
	ledger *ledger

	why    []reasons // of each layer, to be on
	claims []claim   // of each layer, to its modifiers
	held   key.ModSet
}

// reasons say why a layer is on. It is off when there is none left.
type reasons struct {
	switched bool // it was turned on, and is until it is turned off
	once     bool // for the next key
	holds    int  // keys that hold it
}

func newLayers(s *scene, l *ledger) layers { return layers{scene: s, ledger: l} }

// mods are the modifiers of the layers that are on.
func (l *layers) mods() key.ModSet { return l.held }

// turn turns a layer on or off until it is turned again. One that a key holds stays on until that key goes up.
func (l *layers) turn(i int, on bool) {
	l.why[i].switched = on
	l.update(i, on, false)
}

// toggle turns a layer on that is not, or off.
func (l *layers) toggle(i int) { l.turn(i, !l.why[i].switched) }

// isTurnedOn says whether a layer is on until it is turned off.
func (l *layers) isTurnedOn(i int) bool { return l.why[i].switched }

// forNext has a layer on for the next key, or not any more.
func (l *layers) forNext(i int, on bool) {
	l.why[i].once = on
	l.update(i, on, false)
}

// hold has one more key hold a layer.
func (l *layers) hold(i int) {
	l.why[i].holds++
	l.update(i, true, false)
}

// drop says that a key does not hold a layer any more. tap: if it was pressed alone, a modifier that the layer is was
// tapped alone, too.
func (l *layers) drop(i int, tap bool) {
	l.why[i].holds--
	l.update(i, false, tap)
}

// update has a layer on while there is a reason. again: there is one more, which brings it before the others.
func (l *layers) update(i int, again, tap bool) {
	r := &l.why[i]
	l.scene.setLayer(i, r.switched || r.once || r.holds > 0)
	if again {
		l.scene.raiseLayer(i)
	}
	l.claim(i, tap)
}

// last is the layer that was turned on last, -1 for none.
func (l *layers) last() int { return l.scene.lastLayer() }

// claim presses the modifiers of a layer that has come on, and lifts those of one that is off.
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

// takeUp takes the layers of a program over that was loaded, and presses the modifiers of those that are on. old gives the number
// that a layer had in the program before, -1 for none.
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

// forget forgets why layers are on, and what they hold down, which somebody else has lifted.
func (l *layers) forget() {
	clear(l.why)
	clear(l.claims)
	l.held = 0
}

// holders lists the layers that hold a key down on the output.
func (l *layers) holders(c key.Code) (all []Holder) {
	for i := range l.claims {
		if l.ledger.includes(l.claims[i], c) {
			all = append(all, Holder{For: ForLayer})
		}
	}
	return all
}
