package remap_test

import (
	"testing"

	"toshy/remap"
	"toshy/remap/key"
)

// TestSpareCodeIsAtOnce: a character on a spare or borrowed code costs what a plain key costs, and the keys that choose its level.
// All of it leaves in the moment of the press, whatever is held, and nothing waits afterwards.
func TestSpareCodeIsAtOnce(t *testing.T) {
	var (
		shift, three, five = key.LeftShift, key.SpareLevel3, key.SpareLevel5
		texts              = map[string]remap.Step{
			"a": {Key: 30},
			"α": {Key: key.Spare[0]}, "∑": {Mods: []key.Code{shift, three, five}, Key: key.Spare[0]},
			"é": {Mods: []key.Code{five}, Key: key.Borrowed[0]}, "™": {Mods: []key.Code{shift, three, five}, Key: key.Borrowed[0]},
		}
		f1 = mustCombo("F1").Key
	)
	for text, step := range texts {
		for _, held := range []string{"", "Alt", "Alt-Shift", "Ctrl-Alt-Shift"} {
			combo := mustCombo("F1")
			if held != "" {
				combo = mustCombo(held + "-F1")
			}
			r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: combo, Action: &remap.Action{Kind: remap.DoText, Text: text}}}}}})
			r.e.SetLayout(&remap.Layout{Symbols: map[string][]remap.Step{text: {step}}})
			for _, m := range combo.Mods {
				r.press(m.Left().Code(), remap.Press)
			}
			r.out.Reset()
			wake := r.press(f1, remap.Press)
			pressed := map[key.Code]bool{}
			events, typed := 0, 0
			for _, ev := range r.out.Events {
				if ev.Type != remap.TypeKey {
					continue
				}
				events++
				pressed[ev.Code] = ev.Value == remap.Press
				if ev.Code != step.Key || ev.Value != remap.Press {
					continue
				}
				typed++
				for _, m := range step.Mods {
					if !pressed[m] && !(m == shift && held != "" && held != "Alt") { // Shift may be the one that is held
						t.Errorf("%s with %q held: %s is not down", text, held, m)
					}
				}
			}
			if typed != 1 || wake != remap.Never && wake > r.now {
				t.Errorf("%s with %q held: typed %d times at the press, the rest waits until %v", text, held, typed, wake)
			}
			if want := 2 * (1 + len(step.Mods)); held == "" && events != want {
				t.Errorf("%s: %d events, want %d", text, events, want)
			}
		}
	}
}
