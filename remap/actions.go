package remap

import "iter"

// Actions gives all actions of the program, including nested ones, each once.
func (c *Compiled) Actions() iter.Seq[*Action] {
	return func(yield func(*Action) bool) {
		seen := map[*Action]bool{}
		for _, m := range c.keymaps {
			for _, b := range m.exact {
				if !b.action.walk(seen, yield) {
					return
				}
			}
			for _, b := range m.passing {
				if !b.action.walk(seen, yield) {
					return
				}
			}
		}
		for _, m := range c.tapHolds {
			for _, t := range m {
				if !t.TapDo.walk(seen, yield) || !t.HoldDo.walk(seen, yield) {
					return
				}
			}
		}
		for _, m := range c.abbreviations {
			for _, a := range m {
				if !a.walk(seen, yield) {
					return
				}
			}
		}
		for _, m := range c.program.Chords {
			for _, x := range m.Chords {
				if !x.Action.walk(seen, yield) {
					return
				}
			}
		}
	}
}

// walk visits an action and those in it, and says whether to continue. Through sequences, actions may contain each other in
// circles.
func (a *Action) walk(seen map[*Action]bool, yield func(*Action) bool) bool {
	if a == nil || seen[a] {
		return true
	}
	seen[a] = true
	if !yield(a) {
		return false
	}
	if n := a.Nested; n != nil {
		for _, x := range n.Entries {
			if !x.Action.walk(seen, yield) {
				return false
			}
		}
		for _, x := range []*Action{n.Immediate, n.OnTimeout, n.OnMiss} {
			if !x.walk(seen, yield) {
				return false
			}
		}
	}
	for _, x := range a.List {
		if !x.walk(seen, yield) {
			return false
		}
	}
	return true
}
