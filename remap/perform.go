package remap

import "time"

// Perform runs an action that no key triggers, because another program asks for it. It runs after the current macro, and
// stops when the focus moves, like actions of keys. Several actions run in order. There is room for only a few, so check
// Idle before each.
func (e *Engine) Perform(a *Action, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.runner.later(a)
	return e.wake()
}

// Idle says whether all output of actions has gone out.
func (e *Engine) Idle() bool {
	return e.pacer.idle() && e.runner.idle()
}

// Refuses says why a text cannot be typed in the current situation, "" if it can.
func (e *Engine) Refuses(s string) string {
	e.scene.begin()
	if why := e.writer.refusal(s); why != "" {
		return refusals[why].Text
	}
	return ""
}
