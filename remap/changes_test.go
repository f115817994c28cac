package remap_test

import (
	"testing"

	"toshy/remap"
)

// The counter of changes goes up if something that people see changes, and only then.
func TestChanges(t *testing.T) {
	r := newRig(t, &remap.Program{
		Vars:   []remap.Var{{Name: "settings.a", Values: []string{"false", "true"}}},
		Layers: []string{"l"},
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
			{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoPassthrough, Value: 2}},
		}}},
	})
	seen := r.e.Changes()
	for _, step := range []struct {
		name    string
		do      func()
		changes bool
	}{
		{"a setting", func() { r.e.SetVar(0, 1, r.now, r.out) }, true},
		{"the same value", func() { r.e.SetVar(0, 1, r.now, r.out) }, false},
		{"a layer on", func() { r.e.SetLayer(0, true, r.now, r.out) }, true},
		{"on already", func() { r.e.SetLayer(0, true, r.now, r.out) }, false},
		{"all lifted, layers off", func() { r.e.ReleaseAll(r.now, r.out) }, true},
		{"passing", func() { r.e.SetPassthrough(true, r.now, r.out) }, true},
		{"passing already", func() { r.e.SetPassthrough(true, r.now, r.out) }, false},
		{"not passing", func() { r.e.SetPassthrough(false, r.now, r.out) }, true},
		{"a key", func() { r.run("+a -a") }, false},
		{"a window", func() { r.e.SetWindow(remap.Window{App: "x"}, r.now, r.out) }, false},
		{"a key that turns mapping off", func() { r.run("+f1 -f1") }, true},
	} {
		step.do()
		if now := r.e.Changes(); (now != seen) != step.changes {
			t.Errorf("%s: changes from %d to %d", step.name, seen, now)
		}
		seen = r.e.Changes()
	}
}
