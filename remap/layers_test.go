package remap_test

import (
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// TestLayerModifiersBesideWithheldOnes: an entry of a layer uses a modifier that is withheld until it is used. The modifier never goes
// down, even while another layer acts as a modifier.
func TestLayerModifiersBesideWithheldOnes(t *testing.T) {
	second := time.Second
	program := &remap.Program{
		Options:   remap.Options{Masking: true},
		Timings:   []remap.Timing{{Suspend: &second}},
		Layers:    []string{"numbers", "shift"},
		LayerMods: []key.Code{0, key.LeftShift},
		Keymaps: []remap.Keymap{{Name: "numbers", Layer: 1, Entries: []remap.Entry{
			{Combo: mustCombo("Alt-F1"), Action: send("2")},
			{Combo: mustCombo("Alt-F2"), Action: &remap.Action{Kind: remap.DoText, Text: "x"}},
		}}},
	}
	for script, want := range map[string]string{
		"1 +leftalt 1 +f1 1 -f1 1 -leftalt":         "@1 +leftshift @2 +2 @3 -2",
		"1 +leftalt 1 +f2 600 ~f2 1 -f2 1 -leftalt": "@1 +leftshift @2 -leftshift +x -x +leftshift @602 -leftshift +x -x +leftshift",
		"1 +leftalt 1 +x 1 -x 1 -leftalt":           "@1 +leftshift @2 +leftalt +x @3 -x @4 -leftalt",
	} {
		r := newRig(t, program)
		r.e.SetLayer(0, true, 0, r.out)
		r.e.SetLayer(1, true, 0, r.out)
		if got := r.run(script); got != want {
			t.Errorf("%s:\n%s, want\n%s", script, got, want)
		}
	}
}
