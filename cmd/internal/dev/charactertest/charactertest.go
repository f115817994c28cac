// Package charactertest has the characters that tests type on real desktops.
package charactertest

import (
	"slices"

	"toshy/remap"
	"toshy/remap/key"
)

// NoKey are texts that few keymaps have keys for: emoji, with skin tones and joined ones, and 22 other characters. Together they are
// more different characters than an X server has codes without a symbol.
var NoKey = []string{"😀🎉👍🏽", "🧑‍💻é∑π", "—…™€ßœΩ", "≠∞†‰№½ø", "你好 ﷽", "🍎🍐🍊🍋🍌🍉🍇🍓", "🥭🍍🥝🍅🍆🥑🥦🌽", "🥕🧄🧅🥔🍠🥐🥯🍞"}

// OptionLayers are the layers of Option in the built-in configuration mac, and the least number of strokes in each.
var OptionLayers = map[string]int{"us": 145, "abc": 600}

// WithOptionLayer is a configuration with a layer of Option.
func WithOptionLayer(layer string) string {
	return "extends = \"mac\"\n[settings]\noption_special_characters = \"" + layer + "\"\n"
}

// A Stroke is a combo, or a dead key and a combo, and the text that they type.
type Stroke struct {
	Combos []key.Combo
	Text   string
}

// Strokes are what a layer of Option types, with its dead keys, in the program of [WithOptionLayer].
func Strokes(p *remap.Program, layer string) (strokes []Stroke) {
	at := slices.IndexFunc(p.Keymaps, func(k remap.Keymap) bool { return k.Name == "special-"+layer })
	if at < 0 {
		return nil
	}
	add := func(a *remap.Action, combos ...key.Combo) {
		if a.Kind == remap.DoText || a.Kind == remap.DoUnicode {
			strokes = append(strokes, Stroke{combos, a.Text})
		}
	}
	for _, e := range p.Keymaps[at].Entries {
		if e.Action.Kind != remap.DoNested {
			add(e.Action, e.Combo)
			continue
		}
		for _, next := range e.Action.Nested.Entries {
			add(next.Action, e.Combo, next.Combo)
		}
	}
	return strokes
}

// Keys are the keys of a combo with Option and Shift on a PC keyboard, in the order of their presses: Option is the left Windows key.
// A nil layout is that of a US keyboard.
func Keys(c key.Combo, l *remap.Layout) (keys []key.Code) {
	for _, m := range c.Mods {
		code := m.Left().Code()
		if code == key.LeftAlt {
			code = key.LeftMeta
		}
		keys = append(keys, code)
	}
	if l != nil {
		for from, to := range l.Map {
			if to == c.Key {
				return append(keys, from)
			}
		}
	}
	return append(keys, c.Key)
}
