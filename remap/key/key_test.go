package key

import (
	"errors"
	"strings"
	"testing"
)

func TestParseCombo(t *testing.T) {
	cmd := func(n string) (Mod, bool) { return RCtrl, n == "Cmd" }
	for _, c := range []struct {
		in, want string
		err      error
	}{
		{"Ctrl-Shift-T", "Ctrl-Shift-t", nil},
		{"ctrl+t", "Ctrl-t", nil},
		{"Cmd--", "RightCtrl-minus", nil},
		{"Cmd+=", "RightCtrl-equal", nil},
		{"-", "minus", nil},
		{"RightAlt-KEY_F1", "RightAlt-f1", nil},
		{"C-1", "Ctrl-1", nil},
		{"BTN_LEFT", "btn_left", nil},
		{"Alt-WheelUp", "Alt-wheelup", nil},
		{"Shift", "leftshift", nil},
		{"", "", ErrEmptyCombo},
		{"Ctrl-", "", ErrNoKey},
		{"Ctrl-Ctrl-T", "", ErrRepeatedMod},
		{"Crtl-T", "", ErrUnknownMod},
		{"Ctrl-Tt", "", ErrUnknownKey},
	} {
		got, err := ParseCombo(c.in, cmd)
		if !errors.Is(err, c.err) || err == nil && got.String() != c.want {
			t.Errorf("ParseCombo(%q) = %v, %v; want %s, %v", c.in, got, err, c.want, c.err)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	for c := Code(1); c < Count; c++ {
		if back, ok := Parse(c.String()); c < 0x300 && (!ok || back != c) {
			t.Errorf("%d prints as %q, which reads as %d, %v", c, c.String(), back, ok)
		}
	}
}

func TestExpand(t *testing.T) {
	c := Combo{Mods: []Mod{Ctrl, RAlt}, Key: A}
	got := c.Expand()
	if len(got) != 2 || got[0] != 1<<LCtrl|1<<RAlt || got[1] != 1<<RCtrl|1<<RAlt {
		t.Errorf("Expand = %b", got)
	}
}

func TestFold(t *testing.T) {
	m := map[string]int{"leftctrl": 1, "ä": 2, strings.Repeat("x", 40): 3}
	for name, want := range map[string]int{"LeftCtrl": 1, "leftctrl": 1, "Ä": 2, strings.Repeat("X", 40): 3, "": 0, "LeftCtrl ": 0} {
		if got, ok := Fold(m, name); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", name, got, ok)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Fold(m, "LeftCtrl") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
