package remap

import "time"

// UsesPointer says whether the program moves the pointer, turns a wheel or clicks.
func (c *Compiled) UsesPointer() bool {
	for _, m := range c.modmaps {
		for _, to := range m {
			if to.IsButton() {
				return true
			}
		}
	}
	for _, m := range c.tapHolds {
		for _, t := range m {
			if t.Tap.IsButton() || t.Hold.IsButton() {
				return true
			}
		}
	}
	for a := range c.Actions() {
		switch a.Kind {
		case DoPointer, DoGlide:
			return true
		case DoCombo, DoTap:
			if a.Combo.Key.IsButton() || a.Combo.Key.IsWheel() {
				return true
			}
		}
	}
	return false
}

// PointerActivity reports that a pointer that is not grabbed moved, clicked or scrolled.
func (e *Engine) PointerActivity(now time.Duration, out *Output) time.Duration {
	e.beginAfterTimers(now, out)
	e.word.forget()
	e.hand.pointerMoves()
	e.lookUpHolds()
	return e.wake()
}
