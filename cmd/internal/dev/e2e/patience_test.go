//go:build vm

package e2e

import (
	"sync/atomic"
	"testing"
	"time"
)

// Tests are patient by the machine's own time, which stands still while the machine does not get to run: a computer that is busy
// with something else makes them slow, and does not make them fail.

// limit is how long anything may take that the tests wait for. It is there to end a test that fails, not to measure.
const limit = 15 * time.Second

// A moment is a time on that clock.
type moment time.Duration

// beat is how often the clock is moved on. It is moved by two beats at most, however long the last one took.
const beat = 5 * time.Millisecond

var machineTime atomic.Int64

func init() {
	go func() {
		for last := time.Now(); ; {
			time.Sleep(beat)
			now := time.Now()
			machineTime.Add(int64(min(now.Sub(last), 2*beat)))
			last = now
		}
	}()
}

// in is the moment after so much of the machine's time.
func in(d time.Duration) moment { return moment(machineTime.Load()) + moment(d) }

// deadline is when whatever begins now has to be over.
func deadline() moment { return in(limit) }

// left is how much of the machine's time there is until then.
func (m moment) left() time.Duration { return time.Duration(m) - time.Duration(machineTime.Load()) }

// over says whether the moment has passed.
func (m moment) over() bool { return m.left() <= 0 }

// reached is closed at the moment.
func (m moment) reached() <-chan struct{} {
	c := make(chan struct{})
	go func() {
		for !m.over() {
			time.Sleep(m.left())
		}
		close(c)
	}()
	return c
}

// atLast is far beyond every deadline, for what can only wait by the computer's clock.
func atLast() time.Time { return time.Now().Add(20 * limit) }

// until polls a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	untilWithin(t, limit, 2*time.Millisecond, what, ok)
}

func untilWithin(t testing.TB, limit, pause time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := in(limit); !ok(); time.Sleep(pause) {
		if end.over() {
			t.Fatalf("waited %v in vain until %s", limit, what)
		}
	}
}
