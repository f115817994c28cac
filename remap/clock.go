package remap

import "time"

// lastTime is the latest time that an engine knows: a deadline can be added to it. Later ones count
// as this one, 146 years after the clock began.
const lastTime = Never / 2

// A clock has the engine's time. It never runs backwards.
type clock struct {
	event  time.Duration // of the event or timer that is being handled
	called time.Duration // of the call: a timer may be late
	awaits bool          // some part but the hand may have a deadline
}

// expect says that a part has a deadline, or another one. While no part has said so, no event asks the parts for
// theirs. The hand, which has one with each key of two meanings, is asked itself.
func (c *clock) expect() { c.awaits = true }

// expects says whether some part but the hand may have a deadline.
func (c *clock) expects() bool { return c.awaits }

// expectNothing says that no part has one.
func (c *clock) expectNothing() { c.awaits = false }

// now is the time of the event or timer that is being handled.
func (c *clock) now() time.Duration { return c.event }

// call is the time of the call, at or after now.
func (c *clock) call() time.Duration { return c.called }

// handle makes t the time of what is handled from here on.
func (c *clock) handle(t time.Duration) {
	if t = min(t, lastTime); t > c.event {
		c.event = t
		c.called = max(c.called, t)
	}
}

// late says that the call was made at t, though what is handled may have been due before.
func (c *clock) late(t time.Duration) { c.called = max(c.called, t) }
