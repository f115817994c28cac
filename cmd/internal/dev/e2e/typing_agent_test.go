//go:build vm

package e2e

import (
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
	toshyconfig "toshy/config"
)

// typing is a configuration whose F1 types characters without a key, between two letters.
const typing = "extends = \"none\"\n[keymap.k.keys]\nF1 = { text = \"a😀b\" }\nF2 = { text = \"😀\" }\nShift-F2 = { text = \"😀\" }\n"

// typesByHand is an agent that the test plays. Its desktop can type.
func (s *service) typesByHand(t testing.TB, k *keyboard, uid uint32) *sayer {
	t.Helper()
	a := s.byHand(t, uid)
	a.says(control.AgentMessage{Kind: "config", Config: &control.AgentConfig{Main: "/x.toml", Files: toshyconfig.Texts{"/x.toml": []byte(typing)}}})
	k.through(s.out)
	a.says(control.AgentMessage{Kind: "types", Types: true})
	until(t, "the daemon knows that the desktop types", func() bool { return s.status(t).Types })
	return a
}

// asked waits for a request to type.
func (a *sayer) asked() control.AgentTyping {
	a.t.Helper()
	select {
	case q := <-a.typings:
		return q
	case <-time.After(time.Minute):
		a.t.Fatal("there was no request to type")
		return control.AgentTyping{}
	}
}

func (a *sayer) answers(q control.AgentTyping, result string) {
	a.says(control.AgentMessage{Kind: "typed", Typed: &control.AgentTyped{Serial: q.Serial, Result: result}})
}

// TestTypedByTheAgent: keys that are typed meanwhile come after the text that the agent types. If an agent does not answer, one text
// is lost, with a message; no key is stuck, and the log contains nothing that was typed.
func TestTypedByTheAgent(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann := s.typesByHand(t, k, annUID)
	bob := s.byHand(t, bobUID)
	bob.says(control.AgentMessage{Kind: "types", Types: true})

	k.types("+f1 -f1")
	s.out.expect("+a -a")
	q := ann.asked()
	if q.Text != "😀" || q.Serial == 0 || q.Until == 0 {
		t.Errorf("asked for %+v", q)
	}
	bob.answers(q, "done") // this is ignored
	k.types("+x -x")
	ann.answers(q, "done")
	s.out.expect("+b -b +x -x")
	if n := s.status(t).Counters.Refused; n != 0 {
		t.Errorf("%d texts were refused", n)
	}

	k.types("+leftshift +f2 +y -y -f2 -leftshift")
	s.out.expect("+leftshift -leftshift")
	late := ann.asked()
	s.out.expect("+leftshift +y -y -leftshift") // without an answer
	s.logs("took too long to type a character", 1)
	if n := s.status(t).Counters.Refused; n != 1 {
		t.Errorf("%d texts are refused, want 1", n)
	}
	k.types("+f2 -f2")
	s.out.expect("+leftshift +leftctrl +u -u -leftctrl -leftshift") // by its number, as long as the agent does not answer
	must(t, s.out.skipTo("-enter", deadline()))
	ann.answers(late, "done")
	until(t, "it is asked again", func() bool {
		k.types("+f1 -f1 +" + marker + " -" + marker)
		select {
		case q := <-ann.typings:
			ann.answers(q, "failed")
		case <-time.After(50 * time.Millisecond):
			must(t, s.out.skipTo("-"+marker, deadline()))
			return false
		}
		return s.out.skipTo("-"+marker, deadline()) == nil
	})
	s.logs("the desktop did not type a character", 1)
	s.out.allUp()
	if len(bob.typings) > 0 {
		t.Error("the agent of another user was asked")
	}

	ann.Close() // in the middle: the next answer never comes
	k.types("+f1 -f1 +x -x")
	must(t, s.out.skipTo("-x", deadline()))
	s.out.allUp()
	s.logs("😀", 0)
}

// TestTypedByTheAgentLatency measures how long keys wait for text that the agent types, if it answers at once. The first ones come while
// the daemon gives back the memory of reading the configuration. The test's own garbage is not collected meanwhile: that takes
// the machine's only processor for some milliseconds.
func TestTypedByTheAgentLatency(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann := s.typesByHand(t, k, annUID)
	const first, times = 40, 400
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	waits := make(chan time.Duration, times)
	go func() {
		for q := range ann.typings {
			began := time.Now()
			ann.answers(q, "done")
			until, now := q.Until, monotonic()
			waits <- now - (until - 100*time.Millisecond) + time.Since(began)
		}
	}()
	var took []time.Duration
	for range times {
		k.types("+f2 -f2 +x -x")
		s.out.expect("+x -x")
		took = append(took, <-waits)
	}
	for what, took := range map[string][]time.Duration{"first": took[:first], "later": took[first:]} {
		slices.Sort(took)
		n := len(took)
		t.Logf("from the request of the engine to the answer of the agent, the %s %d: p50 %v, p99 %v, at most %v", what, n, took[n/2], took[n*99/100], took[n-1])
	}
	if n := s.status(t).Counters.Refused; n != 0 {
		t.Errorf("%d texts are refused", n)
	}
}

// monotonic returns the time of the machine's clock.
func monotonic() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail
	return time.Duration(ts.Nano())
}
