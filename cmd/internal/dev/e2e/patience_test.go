//go:build vm

package e2e

import (
	"sync/atomic"
	"testing"
	"time"
)

// Tests wait by the machine's own time. It stops while the machine gets no processor time, so a busy computer makes tests slow,
// but does not make them fail.

// limit is how long a test waits for anything. It ends a test that fails; it does not measure.
const limit = 15 * time.Second

// A moment is a time on this clock.
type moment time.Duration

// beat is how often the clock moves forward. It moves by two beats at most, however long the last one took.
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

// in returns the moment after this much of the machine's time.
func in(d time.Duration) moment { return moment(machineTime.Load()) + moment(d) }

// deadline returns the time by which something that begins now must be over.
func deadline() moment { return in(limit) }

// left returns how much of the machine's time remains until then.
func (m moment) left() time.Duration { return time.Duration(m) - time.Duration(machineTime.Load()) }

// over says whether the moment has passed.
func (m moment) over() bool { return m.left() <= 0 }

// reached returns a channel that is closed at the moment.
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

// atLast is far beyond every deadline, for calls that can only wait by the computer's clock.
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
			t.Fatalf("waited %v, but not: %s", limit, what)
		}
	}
}
