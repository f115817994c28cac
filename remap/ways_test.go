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
		{When: &Cond{Op: CondEqual, Field: FieldApp, Strings: []string{"vm"}}, Method: UnicodeHex},
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
		r     rune
		l     *Layout
		app   string
		types bool
		want  Way
	}{
		{'ü', de, "gedit", false, WayKey},
		{'ê', de, "konsole", false, WayDeadKey},
		{'™', de, "konsole", false, WaySpare},
		{0x2020, de, "gedit", false, WayHex},
		{0x2021, de, "gedit", false, WayRefused}, // this layout has no 1
		{0x2020, de, "konsole", false, WayRefused},
		{'a', nil, "konsole", false, WayKey},
		{'é', nil, "gedit", false, WayHex},
		{'é', nil, "xterm", false, WayCompose},
		{'é', nil, "konsole", false, WayRefused},
		{'ü', de, "gedit", true, WayKey},
		{'™', de, "gedit", true, WaySpare},
		{0x2020, de, "gedit", true, WayAgent},
		{0x2021, de, "gedit", true, WayAgent},
		{0x2020, de, "vm", true, WayHex},
		{'é', nil, "gedit", true, WayAgent},
		{'é', nil, "xterm", true, WayCompose},
		{'é', nil, "konsole", true, WayRefused},
	} {
		if got := c.Way(x.r, x.l, &Situation{Window: Window{App: x.app}, Types: x.types}); got != x.want {
			t.Errorf("%q in %s: %d, want %d", x.r, x.app, got, x.want)
		}
	}
}
