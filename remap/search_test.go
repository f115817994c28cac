package remap

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"toshy/remap/key"
)

func titled(what string) *Cond {
	return &Cond{Op: CondMatch, Field: FieldTitle, Regexp: regexp.MustCompile(what), Source: what}
}

// An engine that has the results does not search.
func TestSearchedBeforehand(t *testing.T) {
	secret, device := titled("secret"), &Cond{Op: CondWithin, Field: FieldDevice, Strings: []string{"mac"}, Fold: true}
	p := &Program{
		Groups: []Group{{Name: "g", Cond: secret}},
		Keymaps: []Keymap{
			{Name: "k", When: &Cond{Op: CondAll, Kids: []*Cond{{Op: CondGroup}, device}}, Entries: []Entry{{Combo: key.Combo{Key: key.A}, Action: &Action{Kind: DoCombo, Combo: key.Combo{Key: key.Esc}}}}},
		},
	}
	c, err := Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	out := NewOutput()
	types := func(e *Engine) key.Code {
		t.Helper()
		out.Reset()
		e.Handle(Event{Type: TypeKey, Code: key.A, Value: Press}, out)
		got := out.Events[0].Code
		e.Handle(Event{Type: TypeKey, Code: key.A, Value: Release}, out)
		return got
	}
	w, d := c.Search(Window{Title: "a secret"}, Window{}), c.SearchDevice(Device{Name: "A Mac"}, Device{})
	e := New(c)
	e.SetDevice(0, d, 0, out)
	e.SetWindow(w, 0, out)
	if got := types(e); got != key.Esc {
		t.Errorf("with true answers A is %v", got)
	}
	lie := c.Search(Window{Title: "a secret "}, Window{})
	clear(lie.answers.yes)
	e.SetWindow(lie, 0, out)
	if got := types(e); got != key.A {
		t.Errorf("the engine searched itself: A is %v", got)
	}
	lie.Title = "another secret" // results are valid only for the texts that were searched
	e.SetWindow(lie, 0, out)
	if got := types(e); got != key.Esc {
		t.Errorf("results are used for another title: A is %v", got)
	}

	// The same search does not run twice, and the results for another program stay valid.
	lie = c.Search(Window{Title: "a secret", App: "x"}, Window{})
	clear(lie.answers.yes)
	again := c.Search(Window{Title: "a secret", App: "y"}, lie)
	if again.answers.yes[0] {
		t.Error("an unchanged title is searched again")
	}
	q := &Program{Keymaps: []Keymap{{Name: "q", When: titled("^a"), Entries: p.Keymaps[0].Entries}}}
	next, err := Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	both := next.Search(Window{Title: "a secret"}, w)
	for _, cond := range []*Cond{secret, q.Keymaps[0].When} {
		if yes, known := both.answers.to(cond, "a secret"); !yes || !known {
			t.Errorf("%s: %v %v", cond.Source, yes, known)
		}
	}
	for range 10 {
		both = c.Search(Window{Title: "b"}, next.Search(Window{Title: "a"}, both))
	}
	if n := both.answers.older; n == nil || n.older != nil {
		t.Error("results accumulate")
	}
}

// Groups that use each other cost as much as their own length, not as much as their expansion.
func TestDoubledGroups(t *testing.T) {
	p := &Program{Groups: []Group{{Name: "g0", Cond: &Cond{Op: CondLock, Field: FieldCapsLock, Source: "capslock"}}}}
	for i := range 60 {
		use := &Cond{Op: CondGroup, Var: i, Source: fmt.Sprintf("g%d", i)}
		p.Groups = append(p.Groups, Group{Name: fmt.Sprintf("g%d", i+1), Cond: &Cond{Op: CondAny, Kids: []*Cond{use, use}, Source: "g or g"}})
	}
	p.Keymaps = []Keymap{{Name: "k", When: &Cond{Op: CondGroup, Var: 60, Source: "g60"}, Entries: []Entry{{Combo: key.Combo{Key: key.A}, Action: &Action{Kind: DoCombo, Combo: key.Combo{Key: key.Esc}}}}}}
	c, err := Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.reads[len(c.reads)-1]; r != 1<<FieldCapsLock {
		t.Errorf("the keymap reads %b", r)
	}
	x := c.Explain(nil, key.A, &Situation{})
	if len(x.Candidates) != 1 || !strings.Contains(fmt.Sprint(x.Candidates[0].Why), "capslock is off") {
		t.Errorf("%+v", x.Candidates)
	}
}
