package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// layer is the name of a layer in the result.
func (k *keyd) layer(name string) string { return k.prefix + name }

// state is the name of the state that holds the current layout.
func (k *keyd) state() string {
	if k.prefix == "" {
		return "layout"
	}
	return typeName(k.prefix + "layout")
}

// layerLine translates a line of a layer. If the layer acts as modifiers, the line is a combo with them.
func (k *keyd) layerLine(base string, l keydLine) {
	layer := k.layers[base]
	if l.key == "" || layer == nil {
		return
	}
	if layer.layout {
		p := k.board.plane(k.layer(base), layer.line)
		p.layer, p.when = false, equal("state."+k.state(), base)
		k.entry(p, l)
		return
	}
	mods, layers, ok := k.parts(base, layer.parts, l.line)
	if !ok {
		return
	}
	switch {
	case len(layers) == 1 && len(mods) == 0 && !k.layers[layers[0]].layout:
		k.entry(k.board.plane(k.layer(base), layer.line), l)
	case len(layers) > 0 && len(mods) == 0:
		k.composite(base, layers, l)
	default:
		k.modifierLine(base, mods, layers, l)
	}
}

// parts are the modifiers and the other layers of a layer.
func (k *keyd) parts(base string, parts []string, line int) (mods []key.Mod, layers []string, ok bool) {
	if parts == nil {
		parts = []string{base}
	}
	for _, n := range parts {
		switch m, isMod := keydModLayers[n]; {
		case isMod:
			mods = append(mods, m)
		case k.layers[n] == nil:
			k.doc.lost(line, "there is no layer %s, which [%s] names", n, base)
			return nil, nil, false
		default:
			layers = append(layers, n)
		}
	}
	return mods, layers, true
}

// composite translates a line of a layer that applies while several layers are on.
func (k *keyd) composite(base string, layers []string, l keydLine) {
	last := layers[len(layers)-1]
	if k.layers[last].layout {
		last = layers[0]
	}
	p := k.board.plane(k.layer(base), l.line)
	p.layer, p.when, p.above = false, k.allOn(layers), k.board.plane(k.layer(last), l.line)
	var lifts []key.Mod
	for _, n := range layers {
		if n != last {
			lifts = append(lifts, k.layers[n].mods...)
		}
	}
	if p.lifts = joinMods(lifts); p.lifts != "" {
		k.doc.note(l.line, "%s in [%s]: if you also hold %s on the keyboard, toshy sends the key without it", l.key, base, p.lifts)
	}
	k.entry(p, l)
}

// allOn is true while all of several layers are on.
func (k *keyd) allOn(layers []string) cond {
	var all []cond
	for _, n := range layers {
		all = append(all, k.on(n))
	}
	return allOf(all...)
}

// on is true while a layer is on or a layout is active.
func (k *keyd) on(name string) cond {
	if k.layers[name].layout {
		return equal("state."+k.state(), name)
	}
	return equal("layer", k.layer(name))
}

// modifierLine translates a line of a layer made of modifiers, or of modifiers and other layers: it is a combo with them.
func (k *keyd) modifierLine(base string, mods []key.Mod, layers []string, l keydLine) {
	for _, x := range k.combos(base, mods, l) {
		if len(mods) == 1 && len(layers) == 0 {
			k.seen.modified = append(k.seen.modified, keydModified{base, mods[0], x.combo.Key, l.line})
		}
		switch {
		case len(layers) == 1 && !k.layers[layers[0]].layout: // before what the layer has for the key
			k.board.layerCombo(k.board.plane(k.layer(layers[0]), l.line), x.combo, x.do, l.line)
		case len(layers) > 1:
			k.doc.lost(l.line, "%s in [%s]: modifiers with more than one layer", l.key, base)
		default:
			k.board.combo(k.prefix+base, x.combo, x.do, false, k.allOn(layers), l.line)
		}
	}
}

// combos are the combos of a line with modifiers, and what they do.
func (k *keyd) combos(base string, mods []key.Mod, l keydLine) []boardCombo {
	codes := k.keys(l.key)
	if codes == nil {
		k.doc.lost(l.line, "the key %s is not known", l.key)
		return nil
	}
	var list []boardCombo
	for _, c := range codes {
		m, err := meaning{}, error(nil)
		if isModifier(c) {
			err = errors.New("toshy has no counterpart for a modifier that does something else while you hold another one" + chordInstead(mods, c))
		} else {
			m, err = k.entryMeaning(c, l)
		}
		if err == nil && m.tap != nil {
			err = errors.New("toshy has no counterpart for a key with two meanings that works only while you hold a modifier")
		}
		if err != nil {
			k.doc.lost(l.line, "%s in [%s]: %v", l.key, base, err)
			return nil
		}
		list = append(list, boardCombo{combo: key.Combo{Mods: mods, Key: c}, do: m.value()})
	}
	return list
}

// chordInstead is what to write by hand for a modifier that does something else while you hold another one.
func chordInstead(mods []key.Mod, c key.Code) string {
	if len(mods) != 1 {
		return ""
	}
	other := mods[0].Code()
	if right := map[key.Code]key.Code{key.LeftCtrl: key.RightCtrl, key.LeftShift: key.RightShift, key.LeftMeta: key.RightMeta}; other == c {
		other = right[c]
	}
	if other == 0 {
		return ""
	}
	return fmt.Sprintf(": write keys.%q into [chord.NAME], for both at the same time", keyText(other)+"+"+keyText(c))
}

// ignoreHolders has one-shot keys ignore keys that turn on layers or modifiers: keyd uses them up with other keys only.
func (k *keyd) ignoreHolders() {
	holders := []key.Code{key.LeftCtrl, key.RightCtrl, key.LeftShift, key.RightShift, key.LeftAlt, key.RightAlt, key.LeftMeta, key.RightMeta}
	for _, x := range k.board.main.binds {
		if !slices.Contains(holders, x.key) && (x.is.plain() && isModifier(x.is.key) || strings.HasPrefix(x.is.do, "{ layer = ") || x.is.hold != nil) {
			holders = append(holders, x.key)
		}
	}
	for _, p := range append(slices.Clone(k.board.planes), k.board.main) {
		for i := range p.binds {
			x := &p.binds[i]
			if !x.is.once {
				continue
			}
			var names []string
			for _, c := range holders {
				if m := k.board.main.find(c); c != x.key && (m == nil || m.plain() && isModifier(m.key) || m.hold != nil || strings.HasPrefix(m.do, "{ layer = ")) {
					names = append(names, keyText(c))
				}
			}
			x.is.timing = append(slices.Clone(x.is.timing), "ignore_keys", array(strs(names)))
		}
	}
}

// A keydApp is a section of app.conf.
type keydApp struct {
	when  cond
	title string
	lines []keydLine
}

// appLine translates a line of app.conf: [LAYER.]KEY = ACTION, while a window has the focus.
func (k *keyd) appLine(app *keydApp, l keydLine) {
	base := "main"
	if layer, name, ok := strings.Cut(l.key, "."); ok && layer != "" && name != "" {
		base, l.key = layer, name
	}
	if base == "main" {
		p := k.board.plane(k.prefix+app.title, l.line)
		p.layer, p.when = false, app.when
		k.entry(p, l)
		return
	}
	var parts []string
	if strings.Contains(base, "+") {
		parts = strings.Split(base, "+")
	}
	mods, layers, ok := k.parts(base, parts, l.line)
	if !ok {
		return
	}
	title := k.prefix + app.title + " " + base
	switch {
	case len(layers) == 0:
		for _, x := range k.combos(base, mods, l) {
			k.board.combo(title, x.combo, x.do, false, app.when, l.line)
		}
	case len(mods) > 0 && len(layers) == 1 && app.when.text == "":
		k.modifierLine(base, mods, layers, l)
	case len(mods) > 0:
		k.doc.lost(l.line, "%s in [%s] for one application: modifiers with other layers", l.key, base)
	case len(layers) == 1 && app.when.text == "" && !k.layers[layers[0]].layout:
		k.entry(k.board.plane(k.layer(layers[0]), l.line), l)
	default:
		last := k.board.plane(k.layer(layers[len(layers)-1]), l.line)
		p := k.board.plane(title, l.line)
		p.layer, p.when, p.above = false, allOf(k.allOn(layers), app.when), last
		k.entry(p, l)
	}
}
