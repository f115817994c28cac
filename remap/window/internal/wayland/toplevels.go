package wayland

import "toshy/remap/window"

// A Toplevel is a window that a compositor reports, with its announced values that Apply has not applied yet.
type Toplevel struct {
	applied, pending state
}

type state struct {
	class, title string
	activated    bool
}

// SetClass, SetTitle and SetActivated note the values of an event. Apply makes them effective.
func (t *Toplevel) SetClass(s string) { t.pending.class = s }

// SetTitle is like SetClass.
func (t *Toplevel) SetTitle(s string) { t.pending.title = s }

// SetActivated is like SetClass.
func (t *Toplevel) SetActivated(on bool) { t.pending.activated = on }

// Focus selects the activated toplevel of many: with several (one for each seat), the latest.
type Focus struct{ top *Toplevel }

// Apply makes the noted values effective.
func (f *Focus) Apply(t *Toplevel) {
	t.applied = t.pending
	switch {
	case t.applied.activated:
		f.top = t
	case f.top == t:
		f.top = nil
	}
}

// Closed forgets a toplevel.
func (f *Focus) Closed(t *Toplevel) {
	if f.top == t {
		f.top = nil
	}
}

// Info describes the activated toplevel.
func (f *Focus) Info() window.Info {
	if f.top == nil {
		return window.Info{}
	}
	return window.Info{Class: f.top.applied.class, Title: f.top.applied.title}
}
