package remap_test

import (
	"testing"

	"toshy/remap"
	"toshy/remap/key"
)

// A physical tap-hold key is not confused with a key that a modmap turns into the same key.
func TestPhysicalTapHold(t *testing.T) {
	p := &remap.Program{
		Modmaps: []remap.Modmap{{Keys: map[key.Code]key.Code{key.LeftCtrl: key.LeftMeta, key.LeftMeta: key.LeftMeta}}},
		TapHolds: []remap.TapHoldMap{{
			Physical: true,
			Keys:     map[key.Code]remap.TapHold{key.LeftMeta: {Tap: mustKey("esc"), Hold: key.RightCtrl}, key.LeftCtrl: {Tap: mustKey("a"), Hold: mustKey("b")}},
		}},
	}
	r := newRig(t, p)
	if got, want := r.run("+leftmeta -leftmeta +leftctrl -leftctrl"), "+esc -esc +leftmeta -leftmeta"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The first table that has a key decides what it becomes, even if it says that the key stays itself.
func TestKeyStaysItself(t *testing.T) {
	c := mustKey("c")
	two := remap.TapHold{Tap: mustKey("esc"), Hold: key.RightCtrl}
	p := &remap.Program{
		Modmaps:  []remap.Modmap{{Name: "plain", When: &remap.Cond{Op: remap.CondEqual, Field: remap.FieldApp, Strings: []string{"x"}}, Keys: map[key.Code]key.Code{c: c}}, {Name: "two", Keys: map[key.Code]key.Code{c: c}}},
		TapHolds: []remap.TapHoldMap{{Name: "two", Physical: true, Keys: map[key.Code]remap.TapHold{c: two}}},
	}
	r := newRig(t, p)
	if got, want := r.run("+c -c"), "+esc -esc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.e.SetWindow(remap.Window{App: "x"}, r.now, r.out)
	if got, want := r.run("+c -c"), "+c -c"; got != want {
		t.Errorf("in the application: got %q, want %q", got, want)
	}
}

// A dead key types its accent before a stroke that it does not know.
func TestNestedOnMiss(t *testing.T) {
	dead := &remap.Action{Kind: remap.DoNested, Nested: &remap.Nested{
		Entries:   []remap.Entry{{Combo: mustCombo("a"), Action: send("f1")}},
		OnMiss:    send("f2"),
		Otherwise: remap.LookUpAgain,
	}}
	p := &remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("e"), Action: dead}}}}}
	for _, c := range []struct{ in, want string }{
		{"+e -e +a -a", "+f1 -f1"},
		{"+e -e +b -b", "+f2 -f2 +b -b"},
	} {
		if got := newRig(t, p).run(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.in, got, c.want)
		}
	}
}
