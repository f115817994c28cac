package x11

import (
	"slices"
	"strings"

	"toshy/remap/window"
)

// atoms are the names of the properties to read (EWMH 1.5, ICCCM 2.0).
type atoms struct {
	activeWindow, wmCheck, wmName, pid uint32
	compoundText, utf8                 uint32
}

// Predefined atoms.
const (
	atomString          = 31
	atomWMClientMachine = 36
	atomWMName          = 39
	atomWMClass         = 67
)

func (a *atoms) intern(w *wire) error {
	for _, p := range []struct {
		name string
		to   *uint32
	}{
		{"_NET_ACTIVE_WINDOW", &a.activeWindow},
		{"_NET_SUPPORTING_WM_CHECK", &a.wmCheck},
		{"_NET_WM_NAME", &a.wmName},
		{"_NET_WM_PID", &a.pid},
		{"COMPOUND_TEXT", &a.compoundText},
		{"UTF8_STRING", &a.utf8},
	} {
		v, err := w.atom(p.name)
		if err != nil {
			return err
		}
		*p.to = v
	}
	return nil
}

// What an event has made out of date, to be read again before the next wait. Each is one bit, so a flood of events costs no
// memory and causes only one read.
const (
	staleManager = 1 << iota // another window manager
	staleFocus               // another window may be the active one
	staleProps               // a property of the active window
)

type follower struct {
	wire    *wire
	stop    func() bool // ends the watch on the context
	report  func(window.Info)
	atoms   atoms
	manager uint32   // window of the window manager that sets _NET_ACTIVE_WINDOW; 0: none does
	desktop string   // its name
	active  uint32   // 0: none
	watched []uint32 // windows whose events are selected, besides the root
	stale   int
	last    window.Info
	said    bool // last has been reported
}

func (f *follower) close() {
	f.stop()
	f.wire.c.Close()
}

// event notes what is out of date.
func (f *follower) event(e event) {
	switch {
	case e.window == f.wire.root && e.code == evPropertyNotify:
		switch e.atom {
		case f.atoms.activeWindow:
			f.stale |= staleFocus
		case f.atoms.wmCheck:
			f.stale |= staleManager | staleFocus
		}
	case e.window == f.manager && e.code == evDestroyNotify:
		f.stale |= staleManager | staleFocus
	case e.code == evPropertyNotify:
		switch e.atom {
		case f.atoms.wmName, atomWMName, atomWMClass, f.atoms.pid:
			if e.window == f.active {
				f.stale |= staleProps
			}
		}
	case e.code == evFocusIn, e.code == evFocusOut:
		if f.manager == 0 {
			f.stale |= staleFocus
		}
	default: // destroyed, mapped, unmapped; Openbox reports nothing else when the last window ends
		if slices.Contains(f.watched, e.window) {
			f.stale |= staleFocus
		}
	}
}

// follow reads and reports until the connection ends. It returns the reason, never nil.
func (f *follower) follow() error {
	mask := uint32(maskPropertyChange | maskFocusChange)
	if err := f.wire.selectEvents(f.wire.root, mask); err != nil {
		return err
	}
	f.stale = staleManager | staleFocus | staleProps
	for {
		if err := f.refresh(); err != nil {
			return err
		}
		for f.stale == 0 || f.wire.r.Buffered() >= 32 { // handle everything that has arrived in one go
			if _, err := f.wire.read(); err != nil && !refused(err) {
				return err
			}
		}
	}
}

// refresh reads what is out of date, and reports any change.
func (f *follower) refresh() error {
	for f.stale != 0 {
		stale := f.stale
		f.stale = 0
		if stale&staleManager != 0 {
			if err := f.readManager(); err != nil {
				return err
			}
		}
		if stale&staleFocus != 0 {
			if err := f.readActive(); err != nil {
				return err
			}
		}
		info := window.Info{}
		if f.active != 0 {
			var err error
			if info, err = f.describe(f.active); refused(err) {
				f.active, info = 0, window.Info{} // the window has disappeared meanwhile
			} else if err != nil {
				return err
			}
		}
		info.Desktop, info.Session, info.Source = f.desktop, "x11", "x11"
		if f.stale&staleFocus != 0 && f.active == 0 {
			continue // the next window is already announced
		}
		if !f.said || info != f.last {
			f.said, f.last = true, info
			f.report(info)
		}
	}
	return nil
}

// readManager finds out whether an EWMH window manager runs, and which one.
func (f *follower) readManager() error {
	f.manager, f.desktop = 0, ""
	check, err := f.wire.cardinal(f.wire.root, f.atoms.wmCheck)
	if check == 0 || err != nil {
		return err
	}
	// The window names itself; a property left by a window manager that died does not.
	self, err := f.wire.cardinal(check, f.atoms.wmCheck)
	if refused(err) || err == nil && self != check {
		return nil
	}
	if err != nil {
		return err
	}
	// A window manager that was killed leaves its properties behind, but not this window.
	if err := f.wire.selectEvents(check, maskStructureNotify); err != nil {
		return err
	}
	name, _, err := f.wire.property(check, f.atoms.wmName, 8, 64)
	if refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	f.manager, f.desktop = check, desktopName(string(name))
	return nil
}

// desktopName returns the desktop of a window manager.
func desktopName(wm string) string {
	name := strings.ToLower(window.Text(wm, 64))
	for _, d := range []struct{ wm, desktop string }{
		{"kwin", "kde"},
		{"gnome shell", "gnome"},
		{"muffin", "cinnamon"},
		{"marco", "mate"},
		{"gala", "pantheon"},
		{"xfwm4", "xfce"},
	} {
		if strings.Contains(name, d.wm) {
			return d.desktop
		}
	}
	return name
}

// readActive finds the active window and watches it before it reads anything, so that it misses no change.
func (f *follower) readActive() error {
	w, err := f.wire.cardinal(f.wire.root, f.atoms.activeWindow)
	var path []uint32
	if err == nil && f.manager == 0 {
		w, path, err = f.focused()
	}
	if err != nil && !refused(err) {
		return err
	}
	if w == f.wire.root || refused(err) {
		w = 0
	}
	if w != 0 && len(path) == 0 {
		path = []uint32{w}
	}
	for _, old := range f.watched {
		if !slices.Contains(path, old) {
			if err := f.wire.selectEvents(old, 0); err != nil {
				return err
			}
		}
	}
	f.watched, f.active = path, w
	for _, p := range path {
		if err := f.wire.selectEvents(p, maskPropertyChange|maskStructureNotify|maskFocusChange); err != nil {
			return err
		}
	}
	if w == 0 {
		return nil
	}
	mapped, err := f.wire.mapped(w)
	if err != nil && !refused(err) {
		return err
	}
	if !mapped { // keep watching: it may be mapped again
		f.active = 0
	}
	return nil
}

// maxDepth bounds the climb from the input focus to an application's window.
const maxDepth = 16

// focused finds, without a window manager, the window with a class at or above the one with the input focus, and the path
// from the input focus to it. Events of these windows tell when the focus moves.
func (f *follower) focused() (w uint32, path []uint32, err error) {
	w, err = f.wire.inputFocus()
	if err != nil || w <= 1 { // None, PointerRoot
		return 0, nil, err
	}
	for range maxDepth {
		if w == f.wire.root || w == 0 {
			break
		}
		path = append(path, w)
		class, _, err := f.wire.property(w, atomWMClass, 8, 4)
		if err != nil {
			return 0, path, err
		}
		if class != nil {
			return w, path, nil
		}
		if w, err = f.wire.parent(w); err != nil {
			return 0, path, err
		}
	}
	return 0, path, nil
}
