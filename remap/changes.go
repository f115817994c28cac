package remap

// changeState runs the actions that change variables, layers and switches.
func (r *runner) changeState(a *Action, i int) {
	switch a.Kind {
	case DoSet:
		r.changeVar(a.Var, a.Value)
	case DoNext:
		r.changeVar(a.Var, (r.scene.variable(a.Var)+1)%int32(len(r.scene.compiled().program.Vars[a.Var].Values)))
	case DoLayerOn:
		r.layers.turn(int(a.Value), true)
	case DoLayerOff:
		r.layers.turn(int(a.Value), false)
	case DoLayerToggle:
		r.layers.toggle(int(a.Value))
	case DoLayerOnce:
		r.next.beginOnce(a)
	case DoLayerHold:
		if i >= 0 {
			r.hand.holdLayer(i, int(a.Value))
		}
	case DoLayerOnly:
		for l := range r.scene.compiled().program.Layers {
			if l != int(a.Value) {
				r.layers.turn(l, false)
			}
		}
		r.layers.turn(int(a.Value), true)
	case DoLayerSwap:
		r.swapLayer(int(a.Value))
	case DoOneShot:
		r.next.beginOneShot(a, i >= 0) // one from a timer applies to the very next key
	case DoLock:
		r.next.toggleLock(a)
	case DoCapsWord:
		r.next.toggleCapsWord()
	case DoPassthrough:
		r.scene.pass(a.Value)
	case DoRecord:
		r.macros.toggle(int(a.Value))
	case DoPlay:
		r.play(int(a.Value))
	}
}

// swapLayer replaces the layer that was turned on last with another one, for as long as that layer would have stayed on.
func (r *runner) swapLayer(layer int) {
	switch last := r.layers.last(); {
	case last >= 0 && r.layers.isTurnedOn(last):
		r.layers.turn(last, false)
		r.layers.turn(layer, true)
	case last >= 0 && r.next.once() == last+1:
		r.next.beginOnce(&Action{Value: int32(layer)})
	default:
		r.hand.swapLayer(layer)
	}
}

// changeVar sets a variable from a key, and reports it to programs that keep and show settings.
func (r *runner) changeVar(i int, value int32) {
	if r.scene.setVar(i, value) {
		r.tellVar(i)
	}
}

// tellVar reports the current value of a setting to programs that keep and show settings.
func (r *runner) tellVar(i int) {
	if told := r.scene.told(i); told != nil {
		r.pacer.effect(told)
	}
}
