package importer

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// layerEntry translates a line of a layer: of one that is modifiers it is a combo with them.
func (k *keyd) layerEntry(base string, line keydLine) {
	from, ok := k.key(line.key)
	if !ok {
		k.doc.lost(line.line, "the key %s is not known", line.key)
		return
	}
	if _, isMod := key.ModOf(from); isMod {
		k.doc.lost(line.line, "%s in a layer: it is a modifier", line.key)
		return
	}
	a, err := k.action(line.value)
	if err != nil {
		k.doc.lost(line.line, "%s: %v", line.key, err)
		return
	}
	var mods []key.Mod
	for _, name := range strings.Split(base, "+") {
		m, ok := keydModLayers[name]
		if !ok {
			mods = nil
			break
		}
		mods = append(mods, m)
	}
	if mods != nil {
		k.table("keymap", base, line.line).entry(comboWords(key.Combo{Mods: mods, Key: from}), a, line.line)
		return
	}
	if strings.Contains(base, "+") {
		k.doc.lost(line.line, "the layer %s, which counts while two are on", base)
		return
	}
	if k.layers[base] != "" {
		k.doc.note(0, "the layer %s has modifiers (%s) for the keys that it does not name; here these keys stay as they are", base, k.layers[base])
	}
	k.table("layer", base, line.line).entry(keyText(from), a, line.line)
}

// table returns the table of a layer, which keeps its name.
func (k *keyd) table(kind, name string, line int) *section {
	for _, s := range k.doc.sections {
		if s.kind == kind && s.comment == name {
			return s
		}
	}
	s := k.doc.table(kind, name, line)
	if kind == "layer" {
		s.name = name
	}
	return s
}

// action translates what a key does.
func (k *keyd) action(s string) (string, error) {
	if s == "noop" {
		return str("block"), nil
	}
	if c, ok := k.combo(s); ok {
		return str(comboWords(c)), nil
	}
	m := keydCall().FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("the action %q is not known", s)
	}
	args := arguments(m[2])
	layer := func(more ...string) (string, error) {
		if _, ok := k.layers[args[0]]; !ok {
			return "", fmt.Errorf("the layer %q is not there", args[0])
		}
		return inline(slices.Concat([]string{"layer", str(args[0])}, more)...), nil
	}
	mod, isMod := keydModLayers[args[0]]
	switch m[1] {
	case "layer":
		if isMod {
			return "", fmt.Errorf("a modifier in a layer")
		}
		return layer()
	case "toggle":
		return layer("toggle", "true")
	case "oneshot":
		if isMod {
			return inline("one_shot", str((&python{}).modText(mod))), nil
		}
		return layer("once", "true")
	case "macro":
		return k.macro(m[2])
	case "command":
		return inline("run", array(strs([]string{"sh", "-c", m[2]}))), nil
	case "clear":
		return inline("cancel", "true"), nil
	case "repeat":
		return inline("repeat", "true"), nil
	}
	return "", fmt.Errorf("%s(...) is not translated", m[1])
}

var keydWait = pattern(`^[0-9]+ms$`)

// macro translates macro(C-a hello 100ms enter): combos, keys, texts and waits.
func (k *keyd) macro(s string) (string, error) {
	var list []string
	for _, w := range strings.Fields(s) {
		switch c, ok := k.combo(w); {
		case keydWait().MatchString(w):
			list = append(list, inline("wait", str(w)))
		case ok:
			list = append(list, str(comboWords(c)))
		case strings.Contains(w, "+") && len(w) > 1:
			return "", fmt.Errorf("keys together in a macro (%s)", w)
		default:
			list = append(list, inline("text", str(w)))
		}
	}
	switch len(list) {
	case 0:
		return "", fmt.Errorf("an empty macro")
	case 1:
		return list[0], nil
	}
	return array(list), nil
}
