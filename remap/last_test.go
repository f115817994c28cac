package remap

import (
	"testing"
	"time"

	"toshy/remap/key"
)

// The last typed key is remembered for an action that repeats it, but not if the program has no such action.
func TestLastKeyIsKeptOnlyToBeRepeated(t *testing.T) {
	for name, a := range map[string]*Action{
		"no repeat":     Send(key.Combo{Key: key.Esc}),
		"repeat":        {Kind: DoRepeat},
		"repeat inside": {Kind: DoList, List: []*Action{Send(key.Combo{Key: key.Esc}), {Kind: DoRepeat}}},
	} {
		c, err := Compile(&Program{Keymaps: []Keymap{{Name: "k", Entries: []Entry{{Combo: key.Combo{Key: key.Tab}, Action: a}}}}})
		if err != nil {
			t.Fatal(err)
		}
		e, out := New(c), NewOutput()
		for i, value := range []int32{Press, Release} {
			e.Handle(Event{At: time.Duration(i) * time.Millisecond, Type: TypeKey, Code: key.A, Value: value}, out)
		}
		if _, last, _ := e.next.last(); (last == key.A) != (name != "no repeat") {
			t.Errorf("%s: the last key is %v", name, last)
		}
	}
}
