package windowtest

import (
	"strings"
	"testing"
	"time"
)

// burst is how many texts are typed before a program must have them all. Nobody types faster.
const burst = 8

// A Watch compares the text in a program with what is typed.
type Watch struct {
	N int // texts that were typed so far

	t            testing.TB
	program      string
	text         func() string
	before, want string
}

// NewWatch begins with what the program has. text returns the text in it.
func NewWatch(t testing.TB, program string, text func() string) *Watch {
	return &Watch{t: t, program: program, text: text, before: text()}
}

// Typed notes what has been typed, and waits for the program from time to time.
func (w *Watch) Typed(text string) {
	w.t.Helper()
	w.want += text
	if w.N++; w.N%burst == 0 {
		w.All()
	}
}

// All waits until the program has everything.
func (w *Watch) All() {
	w.t.Helper()
	got := func() string { return strings.TrimPrefix(w.text(), w.before) }
	for end := time.Now().Add(Limit); got() != w.want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s: want %q, got %q", w.program, w.want, got())
		}
	}
}
