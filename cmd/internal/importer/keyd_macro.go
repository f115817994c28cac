package importer

import (
	"errors"
	"slices"
	"strconv"
)

// toggled translates swap and toggle of a layer.
func (k *keyd) toggled(name, layer string, line int) (string, error) {
	if mod, isMod := keydModLayers[layer]; isMod && name == "toggle" {
		p := k.board.plane(k.layer(layer+"-toggled"), line)
		p.mods = comboWord(mod)
		return inline("layer", str(p.name), "toggle", "true"), nil
	}
	if err := k.hasLayer(layer); err != nil {
		return "", err
	}
	return inline("layer", str(k.layer(layer)), name, "true"), nil
}

// layerAction is layer(NAME) as an action.
func (k *keyd) layerAction(name string) (string, error) {
	if mod, isMod := keydModLayers[name]; isMod {
		return str(keyText(mod.Code())), nil
	}
	if err := k.hasLayer(name); err != nil {
		return "", err
	}
	return inline("layer", str(k.layer(name))), nil
}

// after is an action after a macro, as in togglem(layer, macro).
func (k *keyd) after(macro, action string, line int, err error) (string, error) {
	if err != nil {
		return "", err
	}
	m, err := k.macroArgument(macro, line)
	return array([]string{m, action}), err
}

// before is an action before a macro, as in swapm(layer, macro): the layer's modifiers then stay down.
func (k *keyd) before(action, macro string, line int) (string, error) {
	m, err := k.macroArgument(macro, line)
	return array([]string{action, m}), err
}

// macroArgument translates a macro as an argument, which does not need macro(...) around it.
func (k *keyd) macroArgument(macro string, line int) (string, error) {
	m, err := k.meaning(0, macro, line)
	switch {
	case err == nil && m.tap != nil:
		return "", errors.New("a key with two meanings as a macro")
	case err == nil:
		return m.value(), nil
	}
	return k.macro(macro)
}

// oneshotWith translates oneshotm(layer, macro) and oneshotk(layer, key).
func (k *keyd) oneshotWith(name string, args []string, line int) (meaning, error) {
	m, err := k.oneshot(0, args[0])
	if err != nil {
		return m, err
	}
	if name == "oneshotk" {
		k.doc.note(line, "oneshotk: the key is tapped here, and not held")
	}
	hold := m.hold.do
	if hold == "" {
		if hold, err = k.layerAction(args[0]); err != nil {
			return m, err
		}
	}
	if m.tap.do, err = k.after(arg(args, 1), m.tap.do, line, nil); err != nil {
		return m, err
	}
	hold, err = k.after(arg(args, 1), hold, line, nil)
	h := doesAction(hold)
	m.hold = &h
	return m, err
}

// timeout translates timeout(a, ms, b): b if nothing else happens in this time, else a. Another key also makes it a at
// once.
func (k *keyd) timeout(args []string, line int) (meaning, error) {
	if len(args) != 3 {
		return meaning{}, errors.New("timeout(...) needs two actions and a time")
	}
	ms, err := strconv.Atoi(args[1])
	if err != nil || ms <= 0 {
		return meaning{}, errors.New("timeout(...) needs a time")
	}
	first, err := k.meaning(0, args[0], line)
	if err != nil {
		return meaning{}, err
	}
	second, err := k.meaning(0, args[2], line)
	if err != nil {
		return meaning{}, err
	}
	if second.tap != nil || first.tap != nil && !slices.Contains(first.timing, str("hold_on_press")) {
		return meaning{}, errors.New("timeout(...) of a key with two meanings that waits for others")
	}
	m := first
	if first.tap == nil {
		tap := first
		if first.plain() {
			tap = doesAction(inline("tap", str(keyText(first.key))))
		}
		m = meaning{tap: &tap, hold: &first}
	}
	m.timing = []string{"preset", str("hold_on_press"), "timeout", str(asTime(float64(ms) / 1000)), "on_timeout", second.value()}
	return m, nil
}
