package remap

import (
	"slices"
	"time"
)

// LongestDebounce is the longest debounce time. A longer one would swallow keys that the user presses twice.
const LongestDebounce = 40 * time.Millisecond

// maxBounces bounds the releases that wait. A hand lifts fewer keys at once.
const maxBounces = 32

// A bounce is a release that waits in case its switch chatters.
type bounce struct {
	at time.Duration // when it takes effect
	ev Event
}

// bounces are the waiting releases of keyboards whose switches chatter. If the key is pressed again at once, it was never
// up. Presses do not wait.
type bounces struct {
	clock   *clock
	waiting []bounce
}

func newBounces(c *clock) bounces { return bounces{c, make([]bounce, 0, maxBounces)} }

// none says whether nothing waits.
func (b *bounces) none() bool { return len(b.waiting) == 0 }

// due is the time when the first release takes effect, Never if none waits.
func (b *bounces) due() time.Duration {
	if len(b.waiting) == 0 {
		return Never
	}
	return b.first()
}

func (b *bounces) first() time.Duration {
	at := Never
	for i := range b.waiting {
		at = min(at, b.waiting[i].at)
	}
	return at
}

// swallows says whether not to handle an event now: it is chatter, or a release that waits for d.
func (b *bounces) swallows(ev *Event, d time.Duration) bool {
	i := slices.IndexFunc(b.waiting, func(w bounce) bool { return w.ev.physical() == ev.physical() })
	switch {
	case i >= 0 && ev.Value == Press:
		b.waiting = slices.Delete(b.waiting, i, i+1)
		return true
	case i >= 0:
		return true
	case ev.Value == Release && d > 0 && len(b.waiting) < maxBounces:
		b.waiting = append(b.waiting, bounce{ev.At + d, *ev})
		b.clock.expect()
		return true
	}
	return false
}

// take removes the release that is due first.
func (b *bounces) take() Event {
	first := 0
	for i := range b.waiting {
		if b.waiting[i].at < b.waiting[first].at {
			first = i
		}
	}
	w := b.waiting[first]
	b.waiting = slices.Delete(b.waiting, first, first+1)
	w.ev.At = w.at
	return w.ev
}

// forget forgets the waiting releases of a keyboard that is gone.
func (b *bounces) forget(dev uint8) {
	b.waiting = slices.DeleteFunc(b.waiting, func(w bounce) bool { return w.ev.Device == dev })
}

// clear forgets everything that waits.
func (b *bounces) clear() { b.waiting = b.waiting[:0] }
