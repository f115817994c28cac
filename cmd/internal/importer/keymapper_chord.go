package importer

import (
	"errors"
	"fmt"
	"strings"

	"toshy/remap/key"
)

// chord translates (A B): modifiers and a key are a combo, other keys a chord.
func (k *keymapper) chord(p *plane, all []keymapperPart, m meaning, mods []key.Mod, line int) error {
	var codes []key.Code
	for _, x := range all {
		if mod, isMod := keymapperMods[x.name]; isMod {
			mods = append(mods, mod)
			continue
		}
		c := keymapperKeys(x.name)
		if len(c) != 1 {
			return fmt.Errorf("the key %s is not known", x.name)
		}
		codes = append(codes, c[0])
	}
	if m.do == "" && m.tap == nil {
		m.do = m.value()
	}
	switch {
	case len(codes) == 1 && len(mods) > 0:
		k.combo(p, key.Combo{Mods: mods, Key: codes[0]}, m.do, line)
		return nil
	case len(mods) > 0 || len(codes) < 2:
		return errors.New("keys together with modifiers")
	}
	if m.tap != nil {
		return errors.New("keys pressed together, with two meanings (tapped or held)")
	}
	k.board.chord(boardChord{plane: p, keys: codes, do: m.do, line: line})
	return nil
}

// twoStrokes translates Control{X C}: a sequence.
func (k *keymapper) twoStrokes(p *plane, mods []key.Mod, rest []keymapperPart, m meaning, line int) error {
	a, b := keymapperKeys(rest[0].name), keymapperKeys(rest[1].name)
	if len(a) != 1 || len(b) != 1 || m.tap != nil {
		return errors.New("keys one after the other")
	}
	if m.do == "" {
		m.do = m.value()
	}
	first := key.Combo{Mods: mods, Key: a[0]}
	stroke := comboWords(key.Combo{Mods: mods, Key: b[0]})
	for i := range k.board.combos {
		if x := &k.board.combos[i]; comboWords(x.combo) == comboWords(first) && x.when.text == p.when.text && strings.HasSuffix(x.do, `, otherwise = "again" }`) {
			x.do = strings.TrimSuffix(x.do, `, otherwise = "again" }`) + ", " + bare(stroke) + " = " + m.do + `, otherwise = "again" }`
			return nil
		}
	}
	k.combo(p, first, inline(stroke, m.do, "otherwise", str("again")), line)
	return nil
}
