// Package logind says who sits at the machine and whether the screen is locked, so that toshy does not map keys at a
// greeter, at a locked screen, or in another user's session. It listens to systemd-logind (or elogind) on the system bus;
// it does not poll.
package logind

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// DefaultSeat is the seat of the machine's own screen and keyboard.
const DefaultSeat = "seat0"

// Session is a seat's active session. The zero value means that the seat has no session.
type Session struct {
	ID      string
	UID     uint32
	User    string
	Seat    string
	Type    string // "x11", "wayland", "tty", "mir" or "unspecified"
	Class   string // "user", "greeter", "lock-screen", "background", ...
	Desktop string // according to the display manager, often ""
	State   string // "online", "active" or "closing"
	Leader  uint32 // process that logged in, 0 if unknown
	Locked  bool   // the desktop reports that its screen is locked (LockedHint)
}

// Working says whether a person works in the session: logged in, and the screen not locked. If not, keys should pass
// through unchanged.
func (s Session) Working() bool {
	return s.ID != "" && (s.Class == "user" || s.Class == "user-early" || s.Class == "user-light") && !s.Locked && s.State != "closing"
}

const (
	service     = "org.freedesktop.login1"
	managerPath = dbus.ObjectPath("/org/freedesktop/login1")
	managerIfc  = "org.freedesktop.login1.Manager"
	seatIface   = "org.freedesktop.login1.Seat"
	sessIface   = "org.freedesktop.login1.Session"
	propsIface  = "org.freedesktop.DBus.Properties"
)

// messageLimit is the size of the largest message that logind may send. It describes a session in 2 KiB.
const messageLimit = 64 << 10

// Watcher follows a seat's active session. The zero value is ready to use.
type Watcher struct {
	Address string // of the system bus; "" is the machine's own bus
	Seat    string // "" is DefaultSeat
	Seats   string // folder of the seats' files; "" is logind's folder

	// Ask makes Run ask again, as after a change reported by logind. It may be nil.
	Ask <-chan struct{}
}

// Run calls report with the active session and then with each change, from one goroutine at a time, until ctx ends or
// logind is lost. Like window.Source, it does not reconnect. If there is no logind, the error wraps window.ErrUnavailable.
func (w *Watcher) Run(ctx context.Context, report func(Session)) error {
	address := w.Address
	if address == "" {
		address = bus.SystemAddress()
	}
	dirty, take := bus.Hints(matters)
	opt := bus.Options{Address: address, Name: service, Desktop: "logind", Take: take, Limit: messageLimit}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return w.follow(l, dirty, report) })
}

// matters says whether a signal can change the Session. A desktop sets its idle hint often.
func matters(m *dbus.Message) bool {
	if m.Type != dbus.TypeSignal {
		return false
	}
	switch iface, _ := bus.Names(m); iface {
	case managerIfc:
		return true
	case propsIface:
		if len(m.Body) != 3 {
			return false
		}
		changed, _ := m.Body[1].(map[string]dbus.Variant)
		gone, _ := m.Body[2].([]string)
		for _, p := range []string{"ActiveSession", "LockedHint", "State", "Active", "Type", "Class", "Desktop"} {
			if _, ok := changed[p]; ok || slices.Contains(gone, p) {
				return true
			}
		}
	}
	return false
}

func (w *Watcher) follow(l *bus.Link, dirty <-chan struct{}, report func(Session)) error {
	if err := l.Match(managerPath, managerIfc); err != nil {
		return fmt.Errorf("logind: listen for sessions: %w", err)
	}
	if err := l.MatchBelow(managerPath, propsIface); err != nil {
		return fmt.Errorf("logind: listen for changes: %w", err)
	}
	var last Session
	for first := true; ; first = false {
		s, err := w.active(l)
		switch {
		case l.Err() != nil:
			return l.Err()
		case err != nil:
			return err
		}
		if first || s != last {
			last = s
			report(s)
		}
		select {
		case <-dirty:
		case <-w.Ask:
		case <-l.Context().Done():
			return l.Err()
		}
	}
}

// active reads the seat's session. If the session ends between two questions, it asks again for the newer one.
func (w *Watcher) active(l *bus.Link) (Session, error) {
	seat := w.seat()
	for range 3 {
		var seatPath dbus.ObjectPath
		if err := l.Call(managerPath, managerIfc+".GetSeat", []any{&seatPath}, seat); err != nil {
			if none(err) { // no display, no console: nobody can sit there
				return Session{}, nil
			}
			return Session{}, fmt.Errorf("logind: find %s: %w", seat, err)
		}
		var v dbus.Variant
		if err := l.Call(seatPath, propsIface+".Get", []any{&v}, seatIface, "ActiveSession"); err != nil {
			if none(err) {
				return Session{}, nil
			}
			return Session{}, fmt.Errorf("logind: active session of %s: %w", seat, err)
		}
		var ref struct {
			ID   string
			Path dbus.ObjectPath
		}
		if err := v.Store(&ref); err != nil {
			return Session{}, fmt.Errorf("logind: active session of %s: %w", seat, err)
		}
		if ref.ID == "" {
			return Session{}, nil
		}
		var p map[string]dbus.Variant
		if err := l.Call(ref.Path, propsIface+".GetAll", []any{&p}, sessIface); err != nil {
			if none(err) {
				continue
			}
			return Session{}, fmt.Errorf("logind: session %s: %w", ref.ID, err)
		}
		return session(ref.ID, seat, p), nil
	}
	return Session{}, nil
}

// none says whether an error means that the seat or session does not exist (any more).
func none(err error) bool {
	var e dbus.Error
	if errors.As(err, &e) && (e.Name == "org.freedesktop.login1.NoSuchSeat" || e.Name == "org.freedesktop.login1.NoSuchSession") {
		return true
	}
	return bus.Missing(err)
}

func session(id, seat string, p map[string]dbus.Variant) Session {
	text := func(key string) string {
		s, _ := p[key].Value().(string)
		return window.Text(s, window.MaxClass)
	}
	s := Session{ID: id, Seat: seat, User: text("Name"), Type: text("Type"), Class: text("Class"), Desktop: text("Desktop"), State: text("State")}
	s.Leader, _ = p["Leader"].Value().(uint32)
	s.Locked, _ = p["LockedHint"].Value().(bool)
	var user struct {
		UID  uint32
		Path dbus.ObjectPath
	}
	if v, ok := p["User"]; ok && v.Store(&user) == nil {
		s.UID = user.UID
	}
	return s
}
