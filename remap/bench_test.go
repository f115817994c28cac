package remap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// program returns a configuration with n bindings in keymaps of 15, like the built-in one, with a modmap, a tap-hold key and a
// shortcut that is really used.
func benchProgram(n int) *remap.Program {
	p := &remap.Program{
		Options: remap.Options{Masking: true},
		Modmaps: []remap.Modmap{{Name: "m", Keys: map[key.Code]key.Code{mustKey("f1"): mustKey("f2")}}},
		TapHolds: []remap.TapHoldMap{{Name: "t", Keys: map[key.Code]remap.TapHold{
			key.CapsLock: {Tap: key.Esc, Hold: key.LeftCtrl},
		}}},
		Keymaps: []remap.Keymap{{Name: "used", Entries: []remap.Entry{{Combo: mustCombo("Super-C"), Action: send("Ctrl-C")}}}},
	}
	mods := []string{"Ctrl", "Alt", "Super", "Ctrl-Shift", "Alt-Shift", "Super-Shift", "Ctrl-Alt", "Ctrl-Super", "Alt-Super", "Ctrl-Alt-Shift"}
	for i := 0; i < n; i++ {
		if i%15 == 0 {
			p.Keymaps = append(p.Keymaps, remap.Keymap{Name: fmt.Sprint(i)})
		}
		m := &p.Keymaps[len(p.Keymaps)-1]
		c := mustCombo(fmt.Sprintf("%s-code_%d", mods[i/220%len(mods)], 1+i%220))
		if _, isMod := key.ModOf(c.Key); isMod || c.Key == key.CapsLock {
			continue
		}
		m.Entries = append(m.Entries, remap.Entry{Combo: c, Action: send("F5")})
	}
	return p
}

func BenchmarkEngine(b *testing.B) {
	for _, n := range []int{10, 150, 10_000} {
		for _, c := range []struct {
			name string
			keys []string
		}{
			{"plain", []string{"+a", "-a", "+s", "-s"}},
			{"remapped", []string{"+f1", "-f1"}},
			{"combo", []string{"+leftmeta", "+c", "-c", "-leftmeta"}},
			{"taphold", []string{"+capslock", "+a", "-a", "-capslock", "+capslock", "-capslock"}},
		} {
			b.Run(fmt.Sprintf("%s/bindings=%d", c.name, n), func(b *testing.B) {
				r := newRig(b, benchProgram(n))
				var events []remap.Event
				for _, k := range c.keys {
					v := remap.Release
					if k[0] == '+' {
						v = remap.Press
					}
					events = append(events, remap.Event{Type: remap.TypeKey, Code: mustKey(k[1:]), Value: v})
				}
				b.ReportAllocs()
				now := time.Duration(0)
				for i := 0; b.Loop(); i++ {
					ev := events[i%len(events)]
					now += 10 * time.Millisecond
					ev.At = now
					r.e.Handle(ev, r.out)
					r.out.Reset()
				}
			})
		}
	}
}

func TestNoAllocations(t *testing.T) {
	p := benchProgram(150)
	p.Keymaps = append(p.Keymaps, remap.Keymap{Name: "more", Entries: []remap.Entry{
		{Combo: mustCombo("Super-1"), Action: remap.List(send("Ctrl-A"), send("Ctrl-C"))},
		{Combo: mustCombo("Super-2"), Action: &remap.Action{Kind: remap.DoText, Text: "Hi, ∞!"}},
		{Combo: mustCombo("Super-3"), Action: &remap.Action{Kind: remap.DoTaps, List: []*remap.Action{send("Ctrl-N"), send("Ctrl-M")}}},
		{Combo: mustCombo("Super-Tab"), Action: remap.Hold(mustCombo("Alt-Tab"))},
		{Combo: mustCombo("Super-4"), Action: remap.List(send("Ctrl-A"), &remap.Action{Kind: remap.DoWait, Time: time.Millisecond}, send("Ctrl-C"))},
	}})
	r := newRig(t, p)
	script := "+a -a +leftmeta +c -c +1 -1 +2 -2 +3 -3 +tab -tab +4 -4 -leftmeta +capslock +a -a -capslock +capslock -capslock +f1 ~f1 -f1"
	var events []remap.Event
	for _, w := range strings.Fields(script) {
		v := map[byte]int32{'+': remap.Press, '-': remap.Release, '~': remap.Repeat}[w[0]]
		events = append(events, remap.Event{Type: remap.TypeKey, Code: mustKey(w[1:]), Value: v})
	}
	now := time.Duration(0)
	once := func() {
		for _, ev := range events {
			now += 5 * time.Millisecond
			ev.At = now
			r.e.Handle(ev, r.out)
			r.out.Reset()
		}
		now += 2 * time.Second
		r.e.Tick(now, r.out)
		r.out.Reset()
	}
	once()
	if n := testing.AllocsPerRun(100, once); n != 0 {
		t.Errorf("%v allocations for %d events, want none", n, len(events))
	}
}
