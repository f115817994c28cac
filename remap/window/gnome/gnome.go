// Package gnome follows the focus in GNOME Shell, and installs the extension that this needs.
//
// The shell tells ordinary programs nothing about windows; only extensions know. The shell informs our extension, which
// sends a signal. If it is not installed, toshy uses one of three published extensions that the user may have. Those do not
// report changes, so toshy polls them.
package gnome

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// BusName is on the session bus while the desktop runs.
const BusName = "org.gnome.Shell"

const (
	name = "gnome"

	// Where our extension answers, see extension/focus.js.
	focusPath  = dbus.ObjectPath("/org/toshy/Focus")
	focusIface = "org.toshy.Focus"

	// settle is how long a shell may take to start its extensions after it appears on the bus (1.2 s was seen). Ours then
	// reports by itself.
	settle = 3 * time.Second
)

// Source follows GNOME Shell. The zero value is ready to use.
type Source struct {
	Address string // of the session bus; "" is the user's own bus

	settle time.Duration // instead of settle
}

// Name implements window.Source.
func (s *Source) Name() string { return name }

// Detect says whether GNOME Shell is on the bus. It asks the bus, and does not wait for the shell. Check says what is
// installed in the shell. If there is no shell, the error wraps window.ErrUnavailable.
func (s *Source) Detect(ctx context.Context) error {
	return bus.Detect(ctx, options(s.Address))
}

// options name the shell; an address of "" is the user's own bus.
func options(address string) bus.Options {
	return bus.Options{Address: address, Name: BusName, Desktop: "GNOME Shell"}
}

// Run implements window.Source.
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	hint := make(chan struct{}, 1)
	opt := options(s.Address)
	opt.Take = func(m *dbus.Message) (bus.Report, bool) { return take(m, hint) }
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return s.follow(l, hint, report) })
}

func (s *Source) follow(l *bus.Link, hint <-chan struct{}, report func(window.Info)) error {
	if err := l.Match(focusPath, focusIface); err != nil {
		return fmt.Errorf("gnome: listen to the extension: %w", err)
	}
	limit := s.settle
	if limit == 0 {
		limit = settle
	}
	for range 2 {
		err := ask(l)
		if err == nil {
			return l.Follow(report)
		}
		if !bus.Missing(err) {
			return fmt.Errorf("gnome: ask the extension: %w", err)
		}
		if x := find(l); x != nil {
			return poll(l, x, hint, report)
		}
		if l.Wait(limit) {
			return l.Follow(report)
		}
		if err := l.Err(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: GNOME Shell is running without the toshy extension: "+
		"run \"toshy gnome-extension install\", then log out and in again", window.ErrUnavailable)
}

// ask asks for the window that has the focus now.
func ask(l *bus.Link) error {
	var serial uint64
	var said map[string]dbus.Variant
	if err := l.Call(focusPath, focusIface+".Get", []any{&serial, &said}); err != nil {
		return err
	}
	l.Push(bus.Report{Serial: serial, Info: describe(said)})
	return nil
}

// take makes a report from the extension's signal. The shell's own signal about applications is a reason to ask again.
func take(m *dbus.Message, hint chan<- struct{}) (bus.Report, bool) {
	iface, member := bus.Names(m)
	if m.Type != dbus.TypeSignal {
		return bus.Report{}, false
	}
	if iface == introspect {
		select {
		case hint <- struct{}{}:
		default:
		}
		return bus.Report{}, false
	}
	if iface != focusIface || member != "Changed" || len(m.Body) != 2 {
		return bus.Report{}, false
	}
	serial, ok := m.Body[0].(uint64)
	said, ok2 := m.Body[1].(map[string]dbus.Variant)
	return bus.Report{Serial: serial, Info: describe(said)}, ok && ok2
}

func describe(said map[string]dbus.Variant) window.Info {
	text := func(key string) string {
		s, _ := said[key].Value().(string)
		return s
	}
	pid, _ := said["pid"].Value().(int32)
	x11, _ := said["x11"].Value().(bool)
	i := window.Info{Class: text("class"), Title: text("title"), Exe: window.Exe(int(pid)), Desktop: "gnome", X11: x11, Source: name}
	switch s := text("session"); s {
	case "x11", "wayland":
		i.Session = s
	default:
		i.Session = bus.SessionType()
	}
	return i
}
