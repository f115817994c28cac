package agent

import (
	"context"
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

// A fakeTypist is a desktop that types what the test says.
type fakeTypist struct {
	asked chan remap.Typing
	can   chan bool
	typed chan func(typed func(uint64, remap.TypingResult))
}

func newFakeTypist() *fakeTypist {
	return &fakeTypist{make(chan remap.Typing, 10), make(chan bool), make(chan func(func(uint64, remap.TypingResult)))}
}

func (f *fakeTypist) Run(ctx context.Context, can func(bool), typed func(uint64, remap.TypingResult)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case yes := <-f.can:
			can(yes)
		case answer := <-f.typed:
			answer(typed)
		}
	}
}

func (f *fakeTypist) Type(q remap.Typing) { f.asked <- q }

// TestTyping: the agent tells the daemon whether the desktop can type, at each new connection, and answers each request.
func TestTyping(t *testing.T) {
	b := start(t, "")
	l := b.attached()
	b.typist.can <- true
	if m := b.gets(l, "types"); !m.Types {
		t.Error("it was asked to type nothing")
	}
	l.Send(control.DaemonMessage{Kind: "type"}) // an empty request
	l.Send(control.DaemonMessage{Kind: "type", Typing: &control.AgentTyping{Serial: 3, Text: "😀", Until: time.Hour}})
	if q := <-b.typist.asked; q != (remap.Typing{Text: "😀", Serial: 3, Until: time.Hour}) {
		t.Errorf("asked for %+v", q)
	}
	b.typist.typed <- func(typed func(uint64, remap.TypingResult)) { typed(3, remap.TypingForX11) }
	if m := b.gets(l, "typed"); m.Typed == nil || *m.Typed != (control.AgentTyped{Serial: 3, Result: "x11"}) {
		t.Errorf("answered %+v", m.Typed)
	}
	l.Close()
	if m := b.gets(b.attached(), "types"); !m.Types {
		t.Error("after the daemon came back, it was asked to type nothing")
	}
	if n := b.logged("😀"); n > 0 {
		t.Error("the log contains what was typed")
	}
}
