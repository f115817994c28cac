package remap

import (
	"strings"
	"testing"
	"time"

	"toshy/remap/key"
)

// A recorder types on an engine that records macro a with F1 and plays it with F2.
type recorderTest struct {
	e   *Engine
	out *Output
	now time.Duration
}

func newRecorderTest(t *testing.T) *recorderTest {
	t.Helper()
	entry := func(k key.Code, a ActionKind) Entry {
		return Entry{Combo: key.Combo{Key: k}, Action: &Action{Kind: a}}
	}
	c, err := Compile(&Program{Macros: []string{"a"}, Keymaps: []Keymap{{Name: "k", Entries: []Entry{entry(59, DoRecord), entry(60, DoPlay)}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorderTest{e: New(c), out: NewOutput()}
	r.e.SetDevice(0, Device{Name: "K"}, 0, r.out)
	return r
}

func (r *recorderTest) tap(k key.Code) {
	for _, v := range []int32{Press, Release} {
		r.now += time.Millisecond
		r.e.Handle(Event{At: r.now, Type: TypeKey, Code: k, Value: v}, r.out)
	}
}

// nothingLeft checks that no macro has anything in its memory, not even beyond its end.
func (r *recorderTest) nothingLeft(t *testing.T, after string) {
	t.Helper()
	for _, m := range r.e.macros.macros {
		for _, k := range m[:cap(m)] {
			if k != (recorded{}) {
				t.Errorf("after %s, %v is kept", after, k)
				return
			}
		}
	}
	if s := r.e.State(0); s.Recording != "" {
		t.Errorf("after %s, %q is being recorded", after, s.Recording)
	}
}

// A recorded macro is typed text: when it ends, it is wiped.
func TestMacrosAreWiped(t *testing.T) {
	for after, end := range map[string]func(r *recorderTest){
		"a lock":                       func(r *recorderTest) { r.e.SetPassthrough(true, r.now, r.out) },
		"the panic keys":               func(r *recorderTest) { r.e.ReleaseAll(r.now, r.out) },
		"a reload":                     func(r *recorderTest) { r.e.Swap(r.e.scene.compiled(), r.now, r.out) },
		"five minutes":                 func(r *recorderTest) { r.e.Tick(r.now+maxRecording, r.out) },
		"a window that asks passwords": func(r *recorderTest) { r.e.SetWindow(Window{App: "pinentry"}, r.now, r.out) },
		"500 keys": func(r *recorderTest) {
			for range maxRecorded {
				r.tap(30)
			}
		},
	} {
		r := newRecorderTest(t)
		r.tap(59)
		before := r.e.Changes()
		r.tap(30)
		if s := r.e.State(0); s.Recording != "a" {
			t.Fatalf("%q is being recorded", s.Recording)
		}
		end(r)
		r.nothingLeft(t, after)
		if r.e.Changes() == before {
			t.Errorf("after %s, the end of the recording is not reported", after)
		}
	}
}

// A macro that is too long is not played at all, and the user gets a message.
func TestMacroIsTooLong(t *testing.T) {
	r := newRecorderTest(t)
	r.tap(59)
	for range maxRecorded + 1 {
		r.tap(30)
	}
	if n := len(r.out.Effects); n != 1 || !strings.Contains(r.out.Effects[0].Text, "500 keys") {
		t.Fatalf("%d effects", n)
	}
	r.out.Reset()
	r.tap(60)
	if len(r.out.Events) > 0 {
		t.Errorf("%v is played", r.out.Events)
	}
}

// The longest macro is played to its end, in pieces that a desktop can read, without allocating memory.
func TestLongestMacro(t *testing.T) {
	r := newRecorderTest(t)
	r.tap(59)
	for range maxRecorded {
		r.tap(30)
	}
	r.tap(59)
	play := func() int {
		r.out.Reset()
		r.tap(60)
		n := len(r.out.Events)
		if n > 4*burstAtOnce {
			t.Errorf("%d events at once", n)
		}
		r.out.Reset()
		for wake := r.now; wake != Never; {
			r.now, wake = wake, r.e.Tick(wake, r.out)
			n += len(r.out.Events)
			r.out.Reset()
		}
		return n
	}
	if n := play(); n != 4*maxRecorded {
		t.Errorf("%d events, want %d", n, 4*maxRecorded)
	}
	if n := testing.AllocsPerRun(3, func() { play() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
