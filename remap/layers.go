package remap

import "toshy/remap/key"

// layers turns layers on and off. A layer may be modifiers, too: these are down on the output while it is on, and count for
// all keymaps but those of layers.
type layers struct {
	scene  *scene
	ledger *ledger

	claims []claim // of each layer, to its modifiers
	held   key.ModSet
}

func newLayers(s *scene, l *ledger) layers { return layers{scene: s, ledger: l} }

// mods are the modifiers of the layers that are on.
func (l *layers) mods() key.ModSet { return l.held }

// set turns a layer on or off.
func (l *layers) set(i int, on bool) {
	l.scene.setLayer(i, on)
	l.claim(i)
}

// claim presses the modifiers of a layer that has come on, and lifts those of one that is off.
func (l *layers) claim(i int) {
	p := l.scene.compiled().program
	if i >= len(p.LayerMods) || p.LayerMods[i] == 0 {
		return
	}
	switch c := &l.claims[i]; {
	case l.scene.layerIs(i) && c.none():
		*c = l.ledger.take(p.LayerMods[i], false)
	case !l.scene.layerIs(i) && !c.none():
		l.ledger.consume(c.key())
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
	l.forget()
}

// takeUp presses the modifiers of the layers that are on, after a program was loaded.
func (l *layers) takeUp() {
	l.claims = make([]claim, len(l.scene.compiled().program.LayerMods))
	for i := range l.scene.compiled().program.LayerMods {
		l.claim(i)
	}
}

// forget forgets what the layers hold down, which somebody else has lifted.
func (l *layers) forget() {
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
