package remap

import (
	"testing"

	"toshy/remap/key"
)

// A Look gives the same answers as an Explanation.
func TestLook(t *testing.T) {
	in := &Cond{Op: CondEqual, Field: FieldApp, Strings: []string{"kitty"}}
	c, err := Compile(&Program{
		Modmaps: []Modmap{{Name: "caps", When: in, Keys: map[key.Code]key.Code{key.CapsLock: key.Esc}}},
		Keymaps: []Keymap{{Name: "kitty", When: in, Entries: []Entry{{Combo: key.Combo{Key: key.A}, Action: Send(key.Combo{Key: key.Tab})}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range []string{"kitty", "firefox"} {
		s := &Situation{Window: Window{App: app}}
		l, e := c.Look(s), c.Explain(nil, key.A, s)
		if got, want := l.Holds(c.Program().Keymaps[0].When), e.Winner == 0; got != want {
			t.Errorf("%s: the keymap holds: %v, but it wins: %v", app, got, want)
		}
		if got, want := l.Path(key.CapsLock).Becomes, c.Explain(nil, key.CapsLock, s).Pressed.Becomes; got != want {
			t.Errorf("%s: Caps Lock becomes %v, want %v", app, got, want)
		}
	}
	if !c.Look(&Situation{}).Holds(nil) {
		t.Error("an empty condition is not true")
	}
}
