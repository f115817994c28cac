package daemon

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// titles is a program that maps A to another key where a title contains a word.
func titles(t *testing.T, word string) *remap.Compiled {
	t.Helper()
	return compile(t, &remap.Program{Keymaps: []remap.Keymap{{
		Name: word, When: &remap.Cond{Op: remap.CondMatch, Field: remap.FieldTitle, Regexp: regexp.MustCompile(word)},
		Entries: []remap.Entry{{Combo: key.Combo{Key: key.A}, Action: remap.Send(key.Combo{Key: key.Esc})}},
	}}})
}

// runUntil runs posted functions until a condition is true.
func (d *daemon) runUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("waited a minute, but not: %s", what)
		}
		_, _, _ = d.poller.Wait(evdev.Now() + 10*time.Millisecond)
		d.lock()
		d.runPosted()
		d.unlock()
	}
}

// The engine gets a window together with the results of all searches. A new program gets the results for the current window. Nothing
// is searched while the lock is held.
func TestWindowsAreSearchedOffTheLock(t *testing.T) {
	d, _ := told(t)
	poller, err := evdev.NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer poller.Close()
	d.poller, d.searcher = poller, newSearcher()
	d.setup.Program = titles(t, "one")
	d.engine = remap.New(d.setup.Program)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); d.search(ctx) }()
	defer func() { cancel(); <-ended }()
	types := func() key.Code {
		d.lock()
		defer d.unlock()
		defer d.out.Reset()
		d.out.Reset()
		d.engine.Handle(remap.Event{Type: remap.TypeKey, Code: key.A, Value: remap.Press, At: evdev.Now()}, d.out)
		code := d.out.Events[0].Code
		d.engine.Handle(remap.Event{Type: remap.TypeKey, Code: key.A, Value: remap.Release, At: evdev.Now()}, d.out)
		return code
	}
	searched := func(w remap.Window) bool { return w != remap.Window{Title: w.Title} } // it has results

	for i := range 1000 { // only the last one is used
		d.searcher.look(remap.Window{Title: strings.Repeat("x", i)})
	}
	d.searcher.look(remap.Window{Title: "one"})
	d.runUntil(t, "the last window is known", func() bool { return d.window.Title == "one" })
	if !searched(d.window) || types() != key.Esc {
		t.Errorf("%+v: A is not mapped, or the engine searched itself", d.window)
	}

	next := *d.setup
	next.Program = titles(t, "two")
	found := d.answersOf(next.Program)
	d.lock()
	d.reload(&next, nil, found)
	d.unlock()
	if !searched(d.window) || types() != key.A {
		t.Errorf("%+v: A is mapped by the program before", d.window)
	}

	// If a window comes while the results for a new program are computed, it is searched for the new program.
	last := *d.setup
	last.Program = titles(t, "(one|two)")
	found = d.answersOf(last.Program)
	d.searcher.look(remap.Window{Title: "two"})
	d.runUntil(t, "the next window is known", func() bool { return d.window.Title == "two" })
	d.lock()
	d.reload(&last, nil, found)
	d.unlock()
	if d.window.Title != "" {
		t.Errorf("the window is %+v, without results", d.window)
	}
	d.runUntil(t, "it is searched again", func() bool { return d.window.Title == "two" })
	if !searched(d.window) || types() != key.Esc {
		t.Errorf("%+v: A is not mapped", d.window)
	}
}
