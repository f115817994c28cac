package seat

import (
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/daemon"
)

// answer is the result of a configuration.
func (a *testAgent) answer() string {
	for {
		if m := a.gets(""); m.Kind == "accepted" || m.Kind == "refused" {
			return m.Kind
		}
	}
}

// If reading a configuration does not end, the daemon gives up. It tells the user, serves others meanwhile, and uses the user's next
// configuration once the old reader has ended.
func TestReadingIsGivenUp(t *testing.T) {
	b := newBench(t, func(o *Options) { o.readTime = 200 * time.Millisecond })
	b.sits(ann)
	a := b.attach(ann)
	a.config("slow", "", 1)
	if m := a.gets("refused"); m.Serial != 1 || len(m.Problems) != 1 || !strings.Contains(m.Problems[0].Message, "takes too long") {
		t.Errorf("%+v", m)
	}
	a.config("ann.toml", good, 2)

	other := b.attach(bob)
	b.sits(bob)
	other.config("bob.toml", good, 1)
	for other.answer() != "accepted" { // this machine is busy
		other.config("bob.toml", good, 1)
	}
	b.uses("bob.toml")

	b.sits(ann)
	b.at(daemon.Elsewhere)
	close(b.slow)
	for a.answer() != "accepted" {
		a.config("ann.toml", good, 3)
	}
	b.uses("ann.toml")
}

// The end of the daemon does not wait for a reader.
func TestEndWaitsForNoReader(t *testing.T) {
	var b *bench
	t.Cleanup(func() { close(b.slow) }) // after the cleanup of newBench, which waits for the end
	b = newBench(t)
	b.sits(ann)
	b.attach(ann).config("slow", "", 1)
	b.untilSeat("it is being read", func() bool {
		u := b.seat.users[ann] // created when the agent attached
		return u != nil && u.reading
	})
}
