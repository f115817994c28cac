package remap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// typeLong makes an engine whose F1 types a text of n letters, and a function that reads what it put out:
// the number of key events and the keys pressed.
func typeLong(t *testing.T, n int, o remap.Options) (*rig, func() (int, string)) {
	text := &remap.Action{Kind: remap.DoText, Text: strings.Repeat("a", n)}
	o.TextLimit = n
	r := newRig(t, &remap.Program{Options: o, Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("F1"), Action: text}}}}})
	return r, func() (int, string) {
		events, pressed := 0, ""
		for _, ev := range r.out.Events {
			if ev.Type != remap.TypeKey {
				continue
			}
			events++
			if ev.Value == remap.Press {
				pressed += ev.Code.String()
			}
		}
		r.out.Reset()
		return events, pressed
	}
}

func (r *rig) press(code key.Code, value int32) time.Duration {
	return r.e.Handle(remap.Event{At: r.now, Type: remap.TypeKey, Code: code, Value: value}, r.out)
}

// A long text goes out in pieces that no reader of the keyboard loses; what is typed meanwhile comes
// behind it.
func TestBurst(t *testing.T) {
	const f1, b = key.Code(59), key.Code(48)
	r, read := typeLong(t, 50, remap.Options{})
	wake := r.press(f1, remap.Press)
	n, all := read()
	if n != 24 {
		t.Errorf("%d events at once, want 24", n)
	}
	r.press(f1, remap.Release)
	r.press(b, remap.Press)
	if n, _ := read(); n != 0 {
		t.Errorf("%d events before the text has come to its end", n)
	}
	for i := 1; wake != remap.Never; i++ {
		if want := time.Duration(i) * 4 * time.Millisecond; wake != want {
			t.Fatalf("piece %d at %v, want %v", i, wake, want)
		}
		r.now = wake
		wake = r.e.Tick(wake, r.out)
		n, more := read()
		all += more
		if n > 8 || n < 8 && wake != remap.Never {
			t.Errorf("%d events in piece %d", n, i)
		}
	}
	if want := strings.Repeat("a", 50) + "b"; all != want {
		t.Errorf("got %s, want %s", all, want)
	}
	r.now += time.Second
	if r.press(b, remap.Release); len(r.out.Events) != 2 {
		t.Error("a key after the text waits")
	}
}

// A clock that jumps does not make one burst of what waits.
func TestBurstOnBusyMachine(t *testing.T) {
	r, read := typeLong(t, 100, remap.Options{})
	wake := r.press(59, remap.Press)
	_, all := read()
	for now := time.Second; wake != remap.Never; now += 100 * time.Millisecond {
		wake = r.e.Tick(now, r.out)
		n, more := read()
		if n > 24 {
			t.Errorf("%d events at once", n)
		}
		all += more
	}
	if all != strings.Repeat("a", 100) {
		t.Errorf("got %d letters", len(all))
	}
}

// However long a text is, nothing of it is lost or comes out of order, also when everything is
// released in the middle.
func TestBurstLosesNothing(t *testing.T) {
	const letters = 30_000
	r, read := typeLong(t, letters, remap.Options{})
	wake := r.press(59, remap.Press)
	r.press(30, remap.Press)
	first, _ := read()
	if first > 2*letters {
		t.Fatal(first)
	}
	for range 100 {
		wake = r.e.Tick(wake, r.out)
	}
	r.e.ReleaseAll(wake, r.out)
	down := map[key.Code]bool{}
	presses := 0
	for _, ev := range r.out.Events {
		if ev.Type == remap.TypeKey {
			if down[ev.Code] == (ev.Value == remap.Press) {
				t.Fatal("out of order")
			}
			down[ev.Code] = ev.Value == remap.Press
			presses += int(ev.Value)
		}
	}
	if presses += first / 2; presses != letters+1 {
		t.Errorf("%d letters, want %d", presses, letters+1)
	}
	if wake := r.press(31, remap.Press); wake != remap.Never {
		t.Errorf("a key after ReleaseAll waits until %v", wake)
	}
}

// The wheel turns where it stands between the keys.
func TestWheelInPacedOutput(t *testing.T) {
	p := &remap.Program{
		Pacings: []remap.Pacing{{Pre: time.Millisecond}},
		Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("F1"), Action: send("Ctrl-WheelUp")}}}},
	}
	if got, want := newRig(t, p).run("+f1 100 -f1"), "@1 +leftctrl wheel1 @2 -leftctrl"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Slow pacing delays what a fast typist types, but never by more than ten seconds.
func TestPacingIsBounded(t *testing.T) {
	r := newRig(t, &remap.Program{Pacings: []remap.Pacing{{FastPre: 100 * time.Millisecond, FastPost: 100 * time.Millisecond}}})
	var typed, came []string
	took := make([]time.Duration, 0, 1000)
	wake := remap.Never
	read := func() {
		for _, ev := range r.out.Events {
			if ev.Type == remap.TypeKey && ev.Value == remap.Press {
				took = append(took, r.now-time.Duration(len(came))*50*time.Millisecond)
				came = append(came, ev.Code.String())
			}
		}
		r.out.Reset()
	}
	for i := range 1000 {
		at := time.Duration(i) * 50 * time.Millisecond
		for wake <= at {
			r.now = wake
			wake = r.e.Tick(wake, r.out)
			read()
		}
		r.now = at
		c := key.Code(16 + i%8)
		typed = append(typed, fmt.Sprint(c))
		r.press(c, remap.Press)
		wake = r.press(c, remap.Release)
		read()
	}
	for wake != remap.Never {
		r.now = wake
		wake = r.e.Tick(wake, r.out)
		read()
	}
	if !slices.Equal(typed, came) {
		t.Errorf("%d keys came of %d, or in another order", len(came), len(typed))
	}
	if worst := slices.Max(took); worst > 10*time.Second+100*time.Millisecond {
		t.Errorf("a key came %v late", worst)
	}
}
