package remap

import "time"

// lastTime is the latest time that an engine can represent while deadlines can still be added to it. Later times are
// treated as this one, 146 years after the clock began.
const lastTime = Never / 2

// A clock has the engine's time, which never goes backwards.
type clock struct {
	event  time.Duration // of the event or timer that is being handled
	called time.Duration // of the call: a timer may be late
	awaits bool          // some part other than the hand may have a deadline
}

// expect notes that a part has a new deadline. Until a part says so, no event asks the parts for their deadlines. The hand
// has a deadline for each key with two meanings, so the engine always asks it.
func (c *clock) expect() { c.awaits = true }

// expects says whether some part other than the hand may have a deadline.
func (c *clock) expects() bool { return c.awaits }

// expectNothing notes that no part has a deadline.
func (c *clock) expectNothing() { c.awaits = false }

// now is the time of the event or timer that is being handled.
func (c *clock) now() time.Duration { return c.event }

// call is the time of the call. It is never before now.
func (c *clock) call() time.Duration { return c.called }

// handle sets the time of what is handled from here on.
func (c *clock) handle(t time.Duration) {
	if t = min(t, lastTime); t > c.event {
		c.event = t
		c.called = max(c.called, t)
	}
}

// late notes that the call was made at t, even if what it handles was due earlier.
func (c *clock) late(t time.Duration) { c.called = max(c.called, t) }
