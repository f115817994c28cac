package seat

import (
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

func (b *bench) silent(silent bool) {
	b.t.Helper()
	b.poll("the status says whether the agent is silent", func() bool {
		st := &control.Status{}
		b.seat.Describe(st)
		return len(st.Agents) == 1 && st.Agents[0].Silent == silent
	})
}

func (b *bench) patience(t time.Duration) {
	b.seat.mu.Lock()
	defer b.seat.mu.Unlock()
	b.seat.options.silence = t
}

// If an agent does not answer, its window is no longer used. Once it answers, everything is as before.
func TestSilentAgent(t *testing.T) {
	b, a := working(t)
	a.focus("kitty")
	a.send(control.AgentMessage{Kind: "layout", Layout: &control.AgentLayout{Name: "German", US: true}})
	b.until("the window is known", func() bool { return b.window.App == "kitty" && b.layout == "German" })
	b.patience(10 * time.Millisecond)
	b.seat.Typing()
	a.gets("ping")
	b.until("the window is forgotten", func() bool { return b.window == remap.Window{} })
	b.silent(true)
	b.uses("ann.toml")
	b.mu.Lock()
	if b.layout != "German" {
		t.Errorf("the layout is %q, on the same keyboard", b.layout)
	}
	b.mu.Unlock()
	b.seat.Do(run("late")) // it would run when nobody expects it any more
	a.focus("gimp")        // it was on its way already
	b.patience(time.Hour)
	a.send(control.AgentMessage{Kind: "pong"})
	b.until("the newest window is known", func() bool { return b.window.App == "gimp" })
	b.silent(false)
	b.seat.Do(run("now"))
	if m := a.gets("run"); m.Args[0] != "now" {
		t.Errorf("run %q", m.Args)
	}
}

func TestAgentThatAnswers(t *testing.T) {
	b, a := working(t)
	a.focus("kitty")
	b.patience(time.Hour)
	for range 3 { // one question at a time
		b.seat.Typing()
	}
	b.seat.Do(run("behind"))
	a.gets("ping")
	if m := a.gets(""); m.Kind != "run" {
		t.Errorf("asked again before the answer: %+v", m)
	}
	a.send(control.AgentMessage{Kind: "pong"})
	a.send(control.AgentMessage{Kind: "pong"}) // an answer without a question
	a.focus("gimp")
	b.until("the window is known", func() bool { return b.window.App == "gimp" })
	b.seat.Typing()
	a.gets("ping")

	// A new process in its place starts with a full time limit.
	b.patience(10 * time.Millisecond)
	b.seat.Typing()
	second := b.attach(ann)
	second.focus("kitty")
	b.until("the window is known", func() bool { return b.window.App == "kitty" })
	b.silent(false)
}

// The seat asks only the agent that it accepts.
func TestNobodyIsAsked(t *testing.T) {
	b := newBench(t)
	b.seat.Typing()
	b.sits(ann)
	b.seat.Typing()
	b.sits(ann) // accepted once the first has closed the connections of everybody else
	other := b.attach(bob)
	other.gets("active")
	b.seat.Typing()
	b.sits(bob)
	if m := other.gets(""); m.Kind != "active" {
		t.Errorf("it got %+v", m)
	}
}
