package seat

import (
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/daemon"
)

// answer is what comes of a configuration.
func (a *testAgent) answer() string {
	for {
		if m := a.gets(""); m.Kind == "accepted" || m.Kind == "refused" {
			return m.Kind
		}
	}
}

// A configuration whose reading does not end is given up: its user is told, others are served meanwhile, and his next one
// counts when the old one is out of the way.
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

// The end waits for no reader.
func TestEndWaitsForNoReader(t *testing.T) {
	var b *bench
	t.Cleanup(func() { close(b.slow) }) // after that of newBench, which waits for the end
	b = newBench(t)
	b.sits(ann)
	b.attach(ann).config("slow", "", 1)
	b.untilSeat("it is being read", func() bool {
		u := b.seat.users[ann] // made when the agent has attached
		return u != nil && u.reading
	})
}
