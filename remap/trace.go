package remap

import "toshy/remap/key"

// A Match is a rule that changed what a key does.
type Match struct {
	Key  key.Code // the key on the keyboard
	Kind string   // "modmap", "tap-hold", "chord", "keymap" or "sequence"
	Rule          // the name of the map, and the line of its entry
}

// Trace sets a function that gets every match, for programs that show them; nil ends that. It costs something only while it
// is set: to find a match, the engine goes through the active maps.
func (e *Engine) Trace(report func(Match)) { e.trace = report }

// tracePress reports the modmap and the second meaning that applied to a key when it was pressed.
func (e *Engine) tracePress(code key.Code) {
	p := e.scene.compiled().path(e.scene.now(), code)
	if p.Modmap != nil {
		e.trace(Match{code, "modmap", *p.Modmap})
	}
	if p.TapRule != nil {
		e.trace(Match{code, "tap-hold", *p.TapRule})
	}
}

// traceMatch reports the entry that an action belongs to.
func (e *Engine) traceMatch(a *Action, code key.Code) {
	p := e.scene.compiled().program
	active := e.scene.now().active[len(p.Modmaps)+len(p.TapHolds)+len(p.Chords):]
	for i := range p.Keymaps {
		if o := originOf(p.Keymaps[i].allEntries(), a); active[i] && o != nil {
			e.trace(Match{code, "keymap", Rule{p.Keymaps[i].Name, *o}})
			return
		}
	}
	for _, m := range e.scene.now().chords {
		for _, c := range m.Chords {
			if c.Action == a {
				e.trace(Match{code, "chord", Rule{m.Name, c.Origin}})
				return
			}
		}
	}
	for n := range e.scene.compiled().nested {
		if o := originOf(n.Entries, a); o != nil {
			e.trace(Match{code, "sequence", Rule{n.Name, *o}})
			return
		}
	}
}

func originOf(entries []Entry, a *Action) *Origin {
	for i := range entries {
		if entries[i].Action == a {
			return &entries[i].Origin
		}
	}
	return nil
}
