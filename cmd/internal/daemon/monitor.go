package daemon

import (
	"slices"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/key"
)

// A monitor is a client that watches keys.
type monitor struct {
	keys   bool
	report func(control.Event)
}

// Monitor calls report for each key in and out and each change of focus (control.Handler).
func (d *daemon) Monitor(keys bool, report func(control.Event)) (stop func()) {
	m := &monitor{keys: keys, report: report}
	d.lock()
	d.monitors = append(d.monitors, m)
	d.engine.Trace(d.tellMatch)
	d.unlock()
	return func() {
		d.lock()
		d.monitors = slices.DeleteFunc(d.monitors, func(x *monitor) bool { return x == m })
		if len(d.monitors) == 0 {
			d.engine.Trace(nil)
		}
		d.unlock()
		if keys {
			d.forgetSoon()
		}
	}
}

var valueNames = [...]string{"up", "down", "repeat"}

// tell reports a key to the monitors; the caller has checked that there are any.
func (d *daemon) tell(kind string, code key.Code, value int32, device string) {
	if value < remap.Release || value > remap.Repeat || d.at != Here { // nothing that is typed at a locked screen
		return
	}
	for _, m := range d.monitors {
		m.report(control.Event{Kind: kind, Key: shown(code, m.keys), Value: valueNames[value], Device: device})
	}
}

// tellMatch reports a rule that a key has matched.
func (d *daemon) tellMatch(x remap.Match) {
	if d.at != Here {
		return
	}
	for _, m := range d.monitors {
		e := control.Event{Kind: "match", Key: shown(x.Key, m.keys), Map: x.Kind + " " + x.Name, File: x.Origin.File}
		if m.keys || !types(x.Key) {
			e.Line = x.Origin.Line
		}
		m.report(e)
	}
}

// shown is a key as a monitor may see it: keys that type characters are hidden unless requested.
func shown(c key.Code, keys bool) string {
	if keys || !types(c) {
		return c.String()
	}
	return "character"
}

// types says whether a key types characters: the four rows of a keyboard, the keypad, and Space.
func types(c key.Code) bool {
	_, isMod := key.ModOf(c)
	switch {
	case isMod || c == key.Esc || c == key.Backspace || c == key.Tab || c == key.Enter || c == key.CapsLock:
		return false
	case c <= 57, c >= 71 && c <= 83, c >= 86 && c <= 95: // KEY_1 to KEY_SPACE, KEY_KP7 to KEY_KPDOT, KEY_102ND to KEY_KPJPCOMMA
		return c < 87 || c > 88 // F11, F12
	case c == 98 || c == 117 || c == 121 || c == 124: // keypad slash, equal, comma, Yen
		return true
	}
	return false
}
