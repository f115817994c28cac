package remap

import "toshy/remap/key"

// A State is a picture of an engine for people: "toshy status", bug reports. Making one allocates.
type State struct {
	Held        []HeldKey
	Down        []key.Code // on the output, in order of code
	Layers      []string   // that are on
	Vars        []string   // values, as Program.Vars
	Maps        []string   // active for one keyboard: "keymap firefox", "modmap caps-escape"
	Queued      int        // events that wait for a decision or a macro
	Passthrough bool
}

// A HeldKey is a key that is physically down.
type HeldKey struct {
	Device    uint8
	Key, Is   key.Code // as it is on the keyboard, and what it became
	Undecided bool     // tap or hold is not known yet
	Withheld  bool     // waits whether it becomes part of a combo
}

// State describes the engine now. The maps are those active for keyboard id.
func (e *Engine) State(id uint8) State {
	s := State{Queued: len(e.queue), Passthrough: e.passing()}
	for i := range e.held {
		h := &e.held[i]
		s.Held = append(s.Held, HeldKey{Device: h.dev, Key: h.code, Is: h.id, Undecided: h.undecided, Withheld: h.suspended})
	}
	for c := range e.down {
		if e.down[c].visible {
			s.Down = append(s.Down, key.Code(c))
		}
	}
	p := e.compiled.program
	for i, on := range e.layers {
		if on {
			s.Layers = append(s.Layers, p.Layers[i])
		}
	}
	for i := range p.Vars {
		s.Vars = append(s.Vars, p.Vars[i].Values[e.vars[i]])
	}
	if id >= MaxDevices || len(e.devices[id].results) != len(e.compiled.conds) {
		return s
	}
	active := e.devices[id].results
	name := func(kind, name string) {
		if active[0] {
			s.Maps = append(s.Maps, kind+" "+name)
		}
		active = active[1:]
	}
	for i := range p.Modmaps {
		name("modmap", p.Modmaps[i].Name)
	}
	for i := range p.TapHolds {
		name("tap-hold", p.TapHolds[i].Name)
	}
	for i := range p.Chords {
		name("chord", p.Chords[i].Name)
	}
	for i := range p.Keymaps {
		name("keymap", p.Keymaps[i].Name)
	}
	return s
}
