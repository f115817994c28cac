package wayland

import "toshy/remap/window"

// A Toplevel is a window that a compositor tells of, with what it has announced and not yet applied.
type Toplevel struct {
	applied, pending state
}

type state struct {
	class, title string
	activated    bool
}

// SetClass, SetTitle and SetActivated note what an event says. It counts from Apply on.
func (t *Toplevel) SetClass(s string) { t.pending.class = s }

// SetTitle is like SetClass.
func (t *Toplevel) SetTitle(s string) { t.pending.title = s }

// SetActivated is like SetClass.
func (t *Toplevel) SetActivated(on bool) { t.pending.activated = on }

// Focus is the one of many toplevels that is activated: with several (one for each seat) the latest.
type Focus struct{ top *Toplevel }

// Apply makes what was noted count.
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
