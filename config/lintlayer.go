package config

import (
	"fmt"

	"toshy/remap"
	"toshy/remap/key"
)

// layerUse is what a program's actions do with its layers.
type layerUse struct {
	staysOn map[int]bool // an action turns it on until something turns it off
	blocks  map[int]bool // it blocks all keys that it does not name
	exit    map[int]bool // a key that no layer blocks turns it off
	any     bool         // such a key turns off all layers, or all mapping
}

// noWayOut warns about layers in the user's files that stay on and block all other keys, and that no key turns off.
func (b *builder) noWayOut() {
	u := b.layerUse()
	for _, s := range b.sections("layer") {
		l := b.layers[s.name]
		if s.layer != 0 || s.get("when") != nil || !u.staysOn[l] || !u.blocks[l] || u.exit[l] || u.any {
			continue
		}
		for _, n := range s.nodes {
			if keys := n.get("keys"); keys != nil && keys.get(key.AnyName) != nil {
				b.ps.warn(keys.get(key.AnyName).keySpan(), fmt.Sprintf("give one of its keys the action { layer = %q, off = true }", s.name),
					"the layer %q stays on and blocks all keys that it does not name, and none of those turns it off", s.name)
				break
			}
		}
	}
}

func (b *builder) layerUse() *layerUse {
	u := &layerUse{map[int]bool{}, map[int]bool{}, map[int]bool{}, false}
	for i := range b.program.Keymaps {
		m := &b.program.Keymaps[i]
		for _, e := range m.Entries {
			if m.Layer > 0 && e.Combo.Key == key.Any && len(e.Combo.Mods) == 0 && m.Passing != remap.PassNever && (e.Action.Kind == remap.DoIgnore || e.Action.Kind == remap.DoNothing) {
				u.blocks[m.Layer-1] = true
			}
			u.look(e.Action, m.Layer > 0 || !e.Combo.Key.IsKey())
		}
	}
	for i := range b.program.Chords {
		for _, c := range b.program.Chords[i].Chords {
			u.look(c.Action, true)
		}
	}
	for i := range b.program.TapHolds {
		for _, t := range b.program.TapHolds[i].Keys {
			u.look(t.TapDo, true)
			u.look(t.HoldDo, true)
			u.look(t.TimeoutDo, true)
		}
	}
	return u
}

// look notes what an action, including nested ones, does with layers. free: no layer blocks its key.
func (u *layerUse) look(a *remap.Action, free bool) {
	if a == nil {
		return
	}
	l := int(a.Value)
	switch a.Kind {
	case remap.DoLayerOn, remap.DoLayerOnly:
		u.staysOn[l] = true
		u.any = u.any || free && a.Kind == remap.DoLayerOnly
	case remap.DoLayerToggle:
		u.staysOn[l], u.exit[l] = true, u.exit[l] || free
	case remap.DoLayerOff:
		u.exit[l] = u.exit[l] || free
	case remap.DoPassthrough:
		u.any = u.any || free
	case remap.DoEffect:
		u.any = u.any || free && a.Effect.Kind == remap.EffectEject
	}
	for _, k := range a.List {
		u.look(k, free)
	}
	if n := a.Nested; n != nil {
		u.look(n.Immediate, free)
		u.look(n.OnTimeout, free)
		u.look(n.OnMiss, free)
		for _, e := range n.Entries {
			u.look(e.Action, free)
		}
	}
}
