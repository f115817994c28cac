package remap

import (
	"slices"

	"toshy/remap/key"
)

// A State is a snapshot of an engine for people: "toshy status", bug reports. Making one allocates.
type State struct {
	Held        []HeldKey
	Down        []DownKey // on the output, by code
	Layers      []string  // the layers that are on
	Vars        []string  // values, as Program.Vars
	Maps        []string  // active for one keyboard: "keymap firefox", "modmap caps-escape"
	Recording   string    // the macro being recorded, "" for none
	Queued      int       // events that wait for a decision or a macro
	Passthrough bool
}

// A HeldKey is a key that is physically down.
type HeldKey struct {
	Device    uint8
	Key, Is   key.Code // the key on the keyboard, and what it became
	Undecided bool     // tap or hold is not known yet
	Withheld  bool     // waits until toshy knows whether it is part of a combo
}

// A DownKey is a key that is down on the output, and what holds it there. It goes up when the last holder releases it. A
// key that is just being tapped has no holder.
type DownKey struct {
	Key key.Code
	By  []Holder
}

// A Holder is one reason why a key is down on the output.
type Holder struct {
	Device uint8
	Key    key.Code // the physical key that has to go up, 0: none
	For    Purpose
}

// A Purpose says why a key is held down.
type Purpose uint8

// Reasons to hold a key down.
const (
	ForItself  Purpose = iota // the physical key became this key
	ForCombo                  // the physical key sends a combo with it
	ForBound                  // a combo binds it until the physical modifier goes up
	ForOneShot                // it is a modifier for the next key only
	ForLayer                  // it is a modifier of a layer
	ForLock                   // it is locked
)

func (p Purpose) String() string {
	return [...]string{"itself", "combo", "bound", "one-shot", "layer", "lock"}[p]
}

// holders lists what holds down a key of the output, one holder for each claim in the ledger.
func (e *Engine) holders(c key.Code) []Holder {
	return slices.Concat(e.hand.holders(c), e.ledger.holders(c), e.next.holders(c), e.layers.holders(c))
}

// State describes the engine now, with the maps that are active for keyboard id.
func (e *Engine) State(id uint8) State {
	s := State{Queued: e.queue.len(), Passthrough: e.scene.passing(), Held: e.hand.held()}
	e.ledger.eachDown(func(c key.Code) {
		s.Down = append(s.Down, DownKey{c, e.holders(c)})
	})
	s.Recording = e.macros.name()
	e.scene.describe(&s, id)
	return s
}

// describe adds what the scene knows: layers, variables, and the maps that are active for keyboard id.
func (e *scene) describe(s *State, id uint8) {
	p := e.program.program
	for i, on := range e.layers {
		if on {
			s.Layers = append(s.Layers, p.Layers[i])
		}
	}
	for i := range p.Vars {
		s.Vars = append(s.Vars, p.Vars[i].Values[e.vars[i]])
	}
	if id >= MaxDevices || len(e.devices[id].results) != len(e.program.conds) {
		return
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
}

// Program returns the program that is in use.
func (e *Engine) Program() *Program { return e.scene.compiled().program }

// Var returns the value of a setting or state.
func (e *Engine) Var(i int) int32 { return e.scene.variable(i) }

// Changes counts changes of settings, states, layers and passthrough. A program that shows them compares it with the
// previous value.
func (e *Engine) Changes() uint64 { return e.scene.changed() }
