package seat

import (
	"context"
	"sync"
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/window/logind"
)

// answers are what the daemon receives from a seat's agents.
type answers struct {
	mu      sync.Mutex
	can     bool
	results map[uint64]remap.TypingResult
}

func (b *bench) typist() (Typist, *answers) {
	t, a := Typist{b.seat}, &answers{results: map[uint64]remap.TypingResult{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = t.Run(ctx, func(can bool) { a.mu.Lock(); a.can = can; a.mu.Unlock() }, func(serial uint64, r remap.TypingResult) {
			a.mu.Lock()
			a.results[serial] = r
			a.mu.Unlock()
		})
	}()
	b.t.Cleanup(func() { cancel(); <-ended })
	b.untilSeat("the daemon listens", func() bool { return b.seat.typed != nil })
	return t, a
}

func (b *bench) types(a *answers, can bool) {
	b.t.Helper()
	b.poll("the daemon knows what the desktop types", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return a.can == can })
}

// answered waits for the answer to a request.
func (b *bench) answered(a *answers, serial uint64, want remap.TypingResult) {
	b.t.Helper()
	b.poll("there is an answer", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		r, ok := a.results[serial]
		if ok && r != want {
			b.t.Fatalf("request %d: %d, want %d", serial, r, want)
		}
		return ok
	})
}

// TestTyping: the seat asks the agent of the user at the seat, and accepts one answer.
func TestTyping(t *testing.T) {
	b, a := working(t)
	typist, heard := b.typist()
	typist.Type(remap.Typing{Text: "😀", Serial: 1}) // before the agent has said that it can type
	b.answered(heard, 1, remap.TypingFailed)
	a.send(control.AgentMessage{Kind: "types", Types: true})
	b.types(heard, true)
	typist.Type(remap.Typing{Text: "😀", Serial: 2, Until: time.Hour})
	if q := a.gets("type").Typing; q == nil || q.Text != "😀" || q.Serial != 2 || q.Until != time.Hour {
		t.Errorf("asked for %+v", q)
	}
	a.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 7, Result: "done"}})
	a.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 2, Result: "x11"}})
	a.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 2, Result: "done"}})
	b.answered(heard, 2, remap.TypingForX11)
	a.send(control.AgentMessage{Kind: "types"})
	b.types(heard, false)
	heard.mu.Lock()
	defer heard.mu.Unlock()
	if len(heard.results) != 2 || heard.results[2] != remap.TypingForX11 {
		t.Errorf("answers %v", heard.results)
	}
}

// TestTypingOfOthers: the seat does not ask other users' agents and ignores their answers. At a locked screen, it asks none, and never
// one that is silent or gone.
func TestTypingOfOthers(t *testing.T) {
	b, a := working(t)
	typist, heard := b.typist()
	other := b.attach(bob)
	other.gets("active")
	other.send(control.AgentMessage{Kind: "types", Types: true})
	a.send(control.AgentMessage{Kind: "types", Types: true})
	b.types(heard, true)
	typist.Type(remap.Typing{Text: "😀", Serial: 1})
	a.gets("type")
	other.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 1, Result: "done"}})
	other.send(control.AgentMessage{Kind: "types"})
	b.untilSeat("bob's agent is read", func() bool { return !b.seat.agents[bob].types })
	heard.mu.Lock()
	if len(heard.results) > 0 || !heard.can {
		t.Errorf("another user's agent was heard: %v", heard.results)
	}
	heard.mu.Unlock()

	b.sits(ann, func(s *logind.Session) { s.Locked = true })
	b.sits(ann, func(s *logind.Session) { s.Locked = true }) // accepted once the first has been
	typist.Type(remap.Typing{Text: "secret", Serial: 2})
	b.answered(heard, 2, remap.TypingFailed)
	b.sits(ann)
	b.uses("ann.toml")

	b.patience(10 * time.Millisecond)
	b.seat.Typing()
	b.types(heard, false)
	typist.Type(remap.Typing{Text: "late", Serial: 3})
	b.answered(heard, 3, remap.TypingFailed)
	b.patience(time.Hour)
	a.send(control.AgentMessage{Kind: "pong"})
	b.types(heard, true)

	b.sits(bob)
	b.types(heard, false)
	typist.Type(remap.Typing{Text: "😀", Serial: 4})
	b.answered(heard, 4, remap.TypingFailed)
	b.sits(ann)
	b.uses("ann.toml")
	b.types(heard, true)
	a.Close()
	b.types(heard, false)
	typist.Type(remap.Typing{Text: "😀", Serial: 5})
	b.answered(heard, 5, remap.TypingFailed)
}

// TestTypingGone: if an agent disconnects, or another one replaces it, every request still gets an answer.
func TestTypingGone(t *testing.T) {
	b, a := working(t)
	typist, heard := b.typist()
	a.send(control.AgentMessage{Kind: "types", Types: true})
	b.types(heard, true)
	typist.Type(remap.Typing{Text: "😀", Serial: 1, Until: time.Hour})
	a.gets("type")
	next := b.attach(ann)
	b.answered(heard, 1, remap.TypingFailed)
	next.send(control.AgentMessage{Kind: "types", Types: true})
	b.types(heard, true)
	typist.Type(remap.Typing{Text: "😀", Serial: 2, Until: time.Hour})
	next.gets("type")
	next.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 2, Result: "later"}})
	b.answered(heard, 2, remap.TypingLater)
	typist.Type(remap.Typing{Text: "😀", Serial: 3, Until: time.Hour})
	next.gets("type")
	next.Close()
	b.answered(heard, 3, remap.TypingFailed)
}

// TestTypingNonsense: an answer of an unknown kind ends the connection.
func TestTypingNonsense(t *testing.T) {
	b, a := working(t)
	a.send(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: 1, Result: "everything"}})
	b.untilSeat("the agent is gone", func() bool { return len(b.seat.agents) == 0 })
}
