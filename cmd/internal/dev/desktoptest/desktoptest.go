// Package desktoptest has the parts of toshy that a session runs, for tests on real desktops. The test's environment says which
// desktop it is.
package desktoptest

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"toshy/cmd/internal/desktop"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/window/windowtest"
)

// Layout is the layout of the desktop with this name, as the daemon gets it.
func Layout(t testing.TB, name string) (layout *remap.Layout) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), windowtest.Limit)
	defer cancel()
	found := false
	_ = desktop.Layout{Log: zap.NewNop(), Follower: desktop.NewLayouts()}.Run(ctx, func(is string, l *remap.Layout) { // ended by ctx
		if is == name {
			layout, found = l, true
			cancel()
		}
	})
	if !found {
		t.Fatalf("the desktop does not report the layout %s", name)
	}
	return layout
}

// A Typist is the typist of a desktop, and its answers.
type Typist struct {
	*desktop.Typist
	can   chan bool
	typed chan remap.TypingResult
}

// StartTypist starts one, which ends with the test, and waits until it has found a way.
func StartTypist(t testing.TB) *Typist {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &Typist{desktop.NewTypist(zaptest.NewLogger(t)), make(chan bool, 100), make(chan remap.TypingResult, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx, func(yes bool) { r.can <- yes }, func(_ uint64, result remap.TypingResult) { r.typed <- result })
	}()
	t.Cleanup(func() { cancel(); <-ended })
	select {
	case <-r.can:
	case <-time.After(windowtest.Limit):
		t.Fatal("the desktop types nothing")
	}
	return r
}

// Until waits until it says whether the desktop types.
func (r *Typist) Until(t testing.TB, what string, want bool) {
	t.Helper()
	limit := time.After(windowtest.Limit)
	for {
		select {
		case can := <-r.can:
			if can == want {
				return
			}
		case <-limit:
			t.Fatalf("%s: the typist never says %v", what, want)
		}
	}
}

// Try asks for a text once, and gives the desktop all the time that it needs.
func (r *Typist) Try(text string) remap.TypingResult {
	r.Type(remap.Typing{Text: text, Until: evdev.Now() + windowtest.Limit})
	return <-r.typed
}

// Types has the desktop type a text, as the engine does: if it cannot yet, a little later, and half of it first.
func (r *Typist) Types(t testing.TB, text string) {
	t.Helper()
	for {
		switch result := r.Try(text); result {
		case remap.TypingDone:
			return
		case remap.TypingLater:
			time.Sleep(50 * time.Millisecond)
			if all := []rune(text); len(all) > 1 {
				r.Types(t, string(all[:len(all)/2]))
				text = string(all[len(all)/2:])
			}
		default:
			t.Fatalf("%q: result %d", text, result)
		}
	}
}
