package remap

import "time"

// Perform runs an action that no key causes: what somebody asks for from outside. It comes after the macro
// that runs and is given up when the focus moves, as what a key has caused is. Several that are
// asked for at once run in order; there is room for a few, so ask Idle before each.
func (e *Engine) Perform(a *Action, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.runner.later(a)
	return e.wake()
}

// Idle says that all that actions have caused is out.
func (e *Engine) Idle() bool {
	return e.pacer.idle() && e.runner.idle()
}

// Refuses says why a text could not be typed here and now, "" when it can.
func (e *Engine) Refuses(s string) string {
	e.scene.begin()
	if why := e.writer.refusal(s); why != "" {
		return refusals[why].Text
	}
	return ""
}
