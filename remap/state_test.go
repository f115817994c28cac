package remap_test

import (
	"fmt"
	"strings"
	"testing"

	"toshy/remap"
	"toshy/remap/key"
)

// A picture of an engine says what holds each key down: the key goes up when all of that goes up.
func TestStateSaysWhatHoldsAKeyDown(t *testing.T) {
	p := &remap.Program{
		Modmaps: []remap.Modmap{{Name: "m", Keys: map[key.Code]key.Code{key.CapsLock: key.LeftCtrl}}},
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
			{Combo: mustCombo("Super-C"), Action: send("Ctrl-F1")},
			{Combo: mustCombo("Super-Tab"), Action: remap.Hold(mustCombo("Alt-Tab"))},
			{Combo: mustCombo("F5"), Action: &remap.Action{Kind: remap.DoOneShot, Combo: mustCombo("Shift-a")}},
		}}},
	}
	for in, want := range map[string]string{
		"":                           "",
		"+a":                         "a by a itself",
		"+leftctrl +capslock 2000":   "leftctrl by leftctrl itself, capslock itself",
		"+leftmeta 10 +c":            "leftctrl by c combo; f1 by c combo",
		"+leftmeta 10 +tab -tab":     "leftalt by leftmeta bound",
		"+f5 -f5 10 +leftshift 2000": "leftshift by leftshift itself, one-shot",
		"+leftmeta 10 +c -c 10 +b":   "b by b itself; leftmeta by leftmeta itself",
	} {
		r := newRig(t, p)
		r.run(in)
		var all []string
		for _, d := range r.e.State(0).Down {
			var by []string
			for _, h := range d.By {
				if h.Key == 0 {
					by = append(by, h.For.String())
				} else {
					by = append(by, fmt.Sprintf("%v %v", h.Key, h.For))
				}
			}
			all = append(all, fmt.Sprintf("%v by %s", d.Key, strings.Join(by, ", ")))
		}
		if got := strings.Join(all, "; "); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
