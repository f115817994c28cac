package remap

// UsesPointer says whether the program moves the pointer, turns a wheel or clicks.
func (c *Compiled) UsesPointer() bool {
	uses, seen := false, map[*Action]bool{}
	for _, m := range c.modmaps {
		for _, to := range m {
			uses = uses || to.IsButton()
		}
	}
	for _, m := range c.tapHolds {
		for _, t := range m {
			uses = uses || t.Tap.IsButton() || t.Hold.IsButton()
		}
	}
	for _, m := range c.keymaps {
		for _, b := range m {
			uses = uses || usesPointer(b.action, seen)
		}
	}
	for _, m := range c.program.Chords {
		for _, x := range m.Chords {
			uses = uses || usesPointer(x.Action, seen)
		}
	}
	return uses
}

// usesPointer looks at each action once: they may stand in each other in circles, by way of sequences.
func usesPointer(a *Action, seen map[*Action]bool) bool {
	if a == nil || seen[a] {
		return false
	}
	seen[a] = true
	switch a.Kind {
	case DoPointer:
		return true
	case DoCombo, DoTap:
		return a.Combo.Key.IsButton() || a.Combo.Key.IsWheel()
	case DoNested:
		for _, x := range a.Nested.Entries {
			if usesPointer(x.Action, seen) {
				return true
			}
		}
		return usesPointer(a.Nested.Immediate, seen) || usesPointer(a.Nested.OnTimeout, seen) || usesPointer(a.Nested.OnMiss, seen)
	}
	for _, x := range a.List {
		if usesPointer(x, seen) {
			return true
		}
	}
	return false
}
