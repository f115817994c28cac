package importer

import (
	"strings"
	"testing"
)

// If toshy cannot test something, the report names it and says what to write instead. The same applies to a layer that changes a
// tested key.
func TestKanataChecks(t *testing.T) {
	for _, c := range []struct{ check, keys, want string }{
		{"(key-history lsft 1)", "a", "as the last key, which is a modifier"},
		{"(key-history a 2)", "a", "toshy knows only the last key"},
		{"(input-history real lsft 2)", "a", "toshy knows only the last key that is not a modifier"},
		{"(input-history real a 3)", "a", "toshy knows only the last key that is not a modifier"},
		{"(input-history virtual v 2)", "a", "toshy has no virtual keys"},
		{"(input virtual v)", "a", "toshy has no virtual keys; use a layer"},
		{"(key-timing 1 gt 200)", "a", "write idle"},
		{"(device-history 1 1)", "a", "which toshy does not know"},
		{"nosuch", "a", "the key nosuch is not known"},
		{"a", "(tap-hold 0 200 a lctl)", `it asks for A, which A sends only at times: write a condition with held("A")`},
		{"a", "C-a", `it asks for A, which A sends only at times: write a condition with held("A")`},
		{"a", "x", `it asks for A, which no key of the first layer sends: write a condition with held("KEY")`},
		{"(and lctl b)", "(tap-hold 0 200 a lctl)", `which A sends only at times`},
		{"x", "a", "this differs if the layer nav has changed them"},
		{"(key-history a 1)", "a", "the last key within a minute that is not a modifier"},
	} {
		source := "(defsrc a c h)\n(deflayer base " + c.keys + " (switch (" + c.check + " b) y break () z break) (layer-while-held nav))\n(deflayer nav _ _ x)\n"
		r, err := Kanata("x.kbd", []byte(source), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := notesText(r); !strings.Contains(got, "2: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in the report %q\n%s", c.check, c.want, got, r.TOML)
		}
	}
}

// If only a copy of a layer with modifiers is used, the layer itself is not in the result, and the report does not mention it.
func TestKanataCopiedLayers(t *testing.T) {
	const head = "(defsrc caps a h)\n(deflayer base (multi lctl (layer-while-held nav)) "
	for _, c := range []struct{ layers, input, want string }{
		{"a h)\n(deflayer nav _ _ left)\n", "+capslock +h -h -capslock", "Ctrl-left"},
		{"(layer-while-held nav) h)\n(deflayer nav _ _ left)\n", "+a +h -h -a", "left"},
	} {
		r, err := KindNamed("kanata").Read("x.kbd", []byte(head+c.layers), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(play(t, r, c.input)); got != c.want || len(r.Notes) > 0 {
			t.Errorf("%s is %s, expected %s\n%s%s", c.input, got, c.want, notesText(r), r.TOML)
		}
	}
}
