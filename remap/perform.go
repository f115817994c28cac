package remap

import "time"

// Perform runs an action that no key causes: what somebody asks for from outside. It comes after the macro
// that runs and is given up when the focus moves, as what a key has caused is. Several that are
// asked for at once run in order; there is room for a few, so ask Idle before each.
func (e *Engine) Perform(a *Action, now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	if len(e.delayed) < maxDelayed {
		e.delayed = append(e.delayed, delayedAction{e.now, a, e.window})
	}
	return e.wake()
}

// Idle says that all that actions have caused is out.
func (e *Engine) Idle() bool {
	return len(e.paced) == 0 && !e.macro.running() && len(e.delayed) == 0
}

// Refuses says why a text could not be typed here and now, "" when it can.
func (e *Engine) Refuses(s string) string {
	if e.view == nil {
		e.useAnyView()
	}
	if why := e.refusal(s); why != "" {
		return refusals[why].Text
	}
	return ""
}
