package desktop

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/window"
)

// A fakeTyper is a way of a desktop that types what it is given, but breaks at "broken".
type fakeTyper struct {
	texts chan string
	rest  func()
}

func (f *fakeTyper) Type(_ context.Context, text string, _ time.Time) (remap.TypingResult, error) {
	if text == "broken" {
		return remap.TypingDone, errors.New("it breaks")
	}
	f.texts <- text
	return remap.TypingDone, nil
}

func (f *fakeTyper) Reaches(x11 bool) bool       { return !x11 }
func (f *fakeTyper) Check(context.Context) error { return nil }
func (f *fakeTyper) Close()                      {}

func (f *fakeTyper) Rest() {
	if f.rest != nil {
		f.rest()
	}
}

// TestTypistRests: a way gives back what it has taken some time after the last text, and an X server's waits for programs that are slow.
func TestTypistRests(t *testing.T) {
	for _, w := range NewTypist(zap.NewNop()).ways {
		synctest.Test(t, func(t *testing.T) {
			typist := NewTypist(zap.NewNop())
			var typed, rested time.Time
			f := &fakeTyper{make(chan string, 2), func() { rested = time.Now() }}
			typist.ways = []way{{w.name, func(context.Context) (typer, error) { return f, nil }, w.rest}}
			ctx, cancel := context.WithCancel(t.Context())
			go func() { _ = typist.Run(ctx, func(bool) {}, func(uint64, remap.TypingResult) { typed = time.Now() }) }()
			for range 2 {
				typist.Type(remap.Typing{Text: "😀", Until: evdev.Now() + time.Hour})
				time.Sleep(time.Second)
			}
			time.Sleep(time.Minute)
			cancel()
			synctest.Wait()
			want := 2 * time.Second
			if w.name == "the X server" || w.name == "a virtual keyboard" { // which types in X11 programs, too
				want = 10 * time.Second
			}
			if got := rested.Sub(typed); got != want {
				t.Errorf("%s rests %v after a text, want %v", w.name, got, want)
			}
		})
	}
}

// TestTypistAsks: what comes too late or does something is not typed; a way that breaks is looked for again; X11 windows that it does
// not reach are told.
func TestTypistAsks(t *testing.T) {
	typist := NewTypist(zap.NewNop())
	texts := make(chan string, 10)
	opens := make(chan error, 10)
	typist.ways = []way{
		{"none", func(context.Context) (typer, error) { return nil, errors.New("not there") }, 0},
		{"fake", func(context.Context) (typer, error) { return &fakeTyper{texts: texts}, <-opens }, time.Hour},
	}
	type answer struct {
		serial uint64
		result remap.TypingResult
	}
	can, answers := make(chan bool, 10), make(chan answer, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = typist.Run(ctx, func(yes bool) { can <- yes }, func(serial uint64, r remap.TypingResult) { answers <- answer{serial, r} })
	}()
	defer func() { cancel(); close(opens); <-ended }()
	asks := func(serial uint64, text string, left time.Duration, want remap.TypingResult) {
		t.Helper()
		typist.Type(remap.Typing{Text: text, Serial: serial, Until: evdev.Now() + left})
		if a := <-answers; a != (answer{serial, want}) {
			t.Errorf("%q: %+v, want %d", text, a, want)
		}
	}
	opens <- errors.New("no desktop yet")
	asks(1, "😀", time.Hour, remap.TypingFailed)
	opens <- nil
	typist.Kick()
	if !<-can {
		t.Error("it cannot type")
	}
	asks(2, "late", -time.Second, remap.TypingFailed)
	asks(3, "a\n", time.Hour, remap.TypingFailed)
	asks(4, "", time.Hour, remap.TypingFailed)
	asks(5, "\xff", time.Hour, remap.TypingFailed)
	asks(6, "😀", time.Hour, remap.TypingDone)
	if got := <-texts; got != "😀" || len(texts) > 0 {
		t.Errorf("typed %q", got)
	}
	for _, x11 := range []bool{true, false} {
		typist.Focused(window.Info{X11: x11})
		if <-can == x11 {
			t.Errorf("in a window of an X11 program: %v", x11)
		}
	}
	opens <- nil
	asks(7, "broken", time.Hour, remap.TypingFailed)
	if <-can || !<-can {
		t.Error("it is not looked for again")
	}
	asks(8, "🎉", time.Hour, remap.TypingDone)
}
