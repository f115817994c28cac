package remap

import (
	"testing"

	"toshy/remap/key"
)

// TestWay: the layout's own keys come first, then spare codes, then what the window allows.
func TestWay(t *testing.T) {
	c, err := Compile(&Program{Unicodes: []Unicode{
		{When: &Cond{Op: CondEqual, Field: FieldApp, Strings: []string{"konsole"}}, Method: UnicodeRefuse},
		{When: &Cond{Op: CondEqual, Field: FieldApp, Strings: []string{"xterm"}}, Method: UnicodeCompose},
	}})
	if err != nil {
		t.Fatal(err)
	}
	step := func(codes ...key.Code) (steps []Step) {
		for _, k := range codes {
			steps = append(steps, Step{Key: k})
		}
		return steps
	}
	de := &Layout{Symbols: map[string][]Step{"ü": step(26), "ê": step(41, 18), "™": step(key.Spare[0]), "u": step(22), "2": step(3), "0": step(11)}}
	for _, x := range []struct {
		r    rune
		l    *Layout
		app  string
		want Way
	}{
		{'ü', de, "gedit", WayKey},
		{'ê', de, "konsole", WayDeadKey},
		{'™', de, "konsole", WaySpare},
		{0x2020, de, "gedit", WayHex},
		{0x2021, de, "gedit", WayRefused}, // this layout has no 1
		{0x2020, de, "konsole", WayRefused},
		{'a', nil, "konsole", WayKey},
		{'é', nil, "gedit", WayHex},
		{'é', nil, "xterm", WayCompose},
		{'é', nil, "konsole", WayRefused},
	} {
		if got := c.Way(x.r, x.l, &Situation{Window: Window{App: x.app}}); got != x.want {
			t.Errorf("%q in %s: %d, want %d", x.r, x.app, got, x.want)
		}
	}
}
