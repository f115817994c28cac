package remap

import (
	"testing"
	"time"

	"toshy/remap/key"
)

// Abbreviations, a keyboard that chatters, and actions that continue: random events leave no key down and allocate no memory.
func TestWhatGoesOnLeavesNothing(t *testing.T) {
	k := func(s string) key.Code { c, _ := key.Parse(s); return c }
	p := &Program{
		Options: Options{Masking: true}, Abbreviations: []Abbreviations{{Name: "x", Words: []Abbreviation{{Short: "ab", Text: "alpha beta"}, {Short: "a;", Text: "x"}}}},
		Keymaps: []Keymap{{Name: "k", Entries: []Entry{
			{Combo: key.Combo{Key: k("f1")}, Action: &Action{Kind: DoTurbo, Time: 20 * time.Millisecond, List: []*Action{Send(key.Combo{Key: k("x")})}}},
			{Combo: key.Combo{Key: k("f2")}, Action: &Action{Kind: DoGlide, Axis: 1, Value: 500}},
		}}},
	}
	c, err := Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	keys := []key.Code{k("a"), k("b"), k("semicolon"), k("space"), k("backspace"), key.LeftShift, k("f1"), k("f2"), k("dot"), key.LeftCtrl}
	e, out := New(c), NewOutput()
	e.SetDevice(0, Device{Name: "x", Debounce: 8 * time.Millisecond}, 0, out)
	e.SetWindow(Window{App: "kitty"}, 0, out)
	s := newSeeded(3)
	now := time.Duration(0)
	var down [key.Count]bool
	see := func() {
		for _, o := range out.Events {
			if o.Type == TypeKey {
				down[o.Code] = o.Value != Release
			}
		}
		out.Reset()
	}
	step := func() {
		now += time.Duration(s.n(30)) * time.Millisecond
		e.Handle(Event{At: now, Type: TypeKey, Code: keys[s.n(len(keys))], Value: int32(s.n(3))}, out)
		see()
	}
	for range 200000 {
		step()
	}
	if n := testing.AllocsPerRun(20, func() {
		for range 1000 {
			step()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for _, c := range keys {
		e.Handle(Event{At: now, Type: TypeKey, Code: c, Value: Release}, out)
		see()
	}
	e.Tick(now+time.Minute, out)
	see()
	for c := range down {
		if down[c] {
			t.Errorf("%v is down", key.Code(c))
		}
	}
}
