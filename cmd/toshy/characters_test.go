package main

import (
	"slices"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/remap"
)

// TestUSLayerFirst: every program gets what Option types on a US keyboard, as these characters come first. With xkeyboard-config
// 2.48, codes that every program takes have room for 144.
func TestUSLayerFirst(t *testing.T) {
	const room = 144
	p, err := program.Load("")
	if err != nil {
		t.Fatal(err)
	}
	us := &remap.Program{Keymaps: slices.DeleteFunc(slices.Clone(p.Program.Keymaps), func(k remap.Keymap) bool { return k.Name != "special-us" })}
	all, layer := remap.Characters(p.Program), remap.Characters(us)
	if len(layer) < 100 {
		t.Fatalf("%d characters", len(layer))
	}
	for _, r := range layer {
		if i := slices.Index(all, r); i < 0 || i >= room {
			t.Errorf("%q is number %d", r, i)
		}
	}
}
