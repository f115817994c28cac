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

// typeLong returns an engine whose F1 types a text of n letters, and a function that reads its output: the number of key events and
// the pressed keys.
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

// A long text goes out in pieces that no reader of the keyboard loses. Keys that are typed meanwhile come after it.
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
		t.Errorf("%d events before the end of the text", n)
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
		t.Error("a key after the text has to wait")
	}
}

// If the clock jumps, the waiting output does not become one burst.
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

// However long a text is, nothing of it is lost or out of order, even if everything is released in the middle.
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

// The wheel turns at its place between the keys.
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

// macro returns an engine whose F1 types texts of this many letters, one after the other.
func macro(t *testing.T, texts, letters int) *rig {
	a := &remap.Action{Kind: remap.DoList}
	for range texts {
		a.List = append(a.List, &remap.Action{Kind: remap.DoText, Text: strings.Repeat("a", letters)})
	}
	return newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("F1"), Action: a}}}}})
}

// reader acts as a program that reads every two milliseconds at most. It counts letters, and the records that the kernel keeps
// meanwhile.
type reader struct {
	t     *testing.T
	from  time.Duration
	kept  int
	typed strings.Builder
}

func (d *reader) reads(r *rig) {
	if r.now >= d.from+2*time.Millisecond {
		d.from, d.kept = r.now, 0
	}
	if d.kept += len(r.out.Events); d.kept > 64 {
		d.t.Fatalf("%d records at %v, of which the kernel keeps 64", d.kept, r.now)
	}
	for _, ev := range r.out.Events {
		if ev.Type == remap.TypeKey && ev.Value == remap.Press {
			d.typed.WriteString(ev.Code.String())
		}
	}
	r.out.Reset()
}

// runs lets time pass until nothing is due, or until the given time.
func (d *reader) runs(r *rig, wake, end time.Duration) time.Duration {
	for wake <= end && wake != remap.Never {
		r.now = wake
		wake = r.e.Tick(wake, r.out)
		d.reads(r)
	}
	return wake
}

// An action with many long texts is longer than the limit for waiting output, and goes out no faster than a single text.
func TestLongMacroIsPaced(t *testing.T) {
	const f1, b = key.Code(59), key.Code(48)
	r, d := macro(t, 20, 900), &reader{t: t}
	wake := r.press(f1, remap.Press)
	d.reads(r)
	d.runs(r, wake, time.Second)
	r.now = time.Second
	r.press(f1, remap.Release)
	r.press(b, remap.Press)
	wake = r.press(b, remap.Release)
	d.reads(r)
	d.runs(r, wake, time.Minute)
	if want := strings.Repeat("a", 20*900) + "b"; d.typed.String() != want {
		t.Errorf("%d letters, want %d", d.typed.Len(), len(want))
	}
	if r.now < 15*time.Second || r.now > 20*time.Second {
		t.Errorf("it took %v", r.now)
	}
}

// A held key repeats its text no faster than the text goes out.
func TestLongTextRepeats(t *testing.T) {
	r, d := macro(t, 1, 900), &reader{t: t}
	wake := r.press(59, remap.Press)
	for r.now < 5*time.Second {
		at := r.now + 33*time.Millisecond
		d.runs(r, wake, at)
		r.now = at
		wake = r.press(59, remap.Repeat)
		d.reads(r)
	}
	wake = r.press(59, remap.Release)
	d.reads(r)
	d.runs(r, wake, time.Hour)
	if r.now > 7*time.Second {
		t.Errorf("what was held for five seconds is typed for %v", r.now)
	}
}

// If the focus moves, what was meant for the previous window ends.
func TestLongMacroEndsWithTheFocus(t *testing.T) {
	r, d := macro(t, 20, 900), &reader{t: t}
	d.runs(r, r.press(59, remap.Press), time.Second)
	r.now = time.Second
	wake := r.e.SetWindow(remap.Window{App: "other"}, r.now, r.out)
	d.reads(r)
	d.runs(r, wake, time.Hour)
	if n := d.typed.Len(); n > 2*900 {
		t.Errorf("%d letters", n)
	}
}

// No text produces more than may wait: this types the letter that takes the most keys, with CapsLock and a method with many keys.
func TestLongestTextIsPaced(t *testing.T) {
	text := &remap.Action{Kind: remap.DoText, Text: strings.Repeat("\U0010fffd", remap.MaxText)}
	r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("F1"), Action: text}}}}})
	r.e.SetDevice(0, remap.Device{Name: "kbd", CapsLock: true}, r.now, r.out)
	d := &reader{t: t}
	wake := r.press(59, remap.Press)
	d.reads(r)
	if d.runs(r, wake, time.Minute); d.typed.Len() < 9*remap.MaxText {
		t.Errorf("%d keys", d.typed.Len())
	}
}

// An action that repeats the last one, which is itself, does so once, even as the part for a press.
func TestRepeatOfItselfEnds(t *testing.T) {
	list := &remap.Action{Kind: remap.DoList, List: []*remap.Action{{Kind: remap.DoText, Text: strings.Repeat("a", 500)}, {Kind: remap.DoRepeat}}}
	for name, a := range map[string]*remap.Action{"list": list, "press": {Kind: remap.DoPress, List: []*remap.Action{list, nil}}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Entries: []remap.Entry{{Combo: mustCombo("F1"), Action: a}}}}})
			d := &reader{t: t}
			wake := d.runs(r, r.press(59, remap.Press), time.Minute)
			if n := d.typed.Len(); wake != remap.Never || n > 3*500 {
				t.Errorf("%d letters, and more at %v", n, wake)
			}
		})
	}
}
