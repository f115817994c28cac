// Package gnome follows the focus in GNOME Shell, and installs the extension that this takes.
//
// The shell tells ordinary programs nothing about windows; an extension has to. Ours is told by the
// shell and tells us by a signal. Where it is not there, three published ones that a user may have
// are asked instead; those do not tell of changes, so they are asked again and again.
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

	// settle is how long a shell may take to bring its extensions up once it is on the bus (1.2 s
	// were seen). Ours reports by itself then.
	settle = 3 * time.Second
)

// Source follows GNOME Shell. The zero value is ready to use.
type Source struct {
	Address string // of the session bus; "" is the user's own

	settle time.Duration // instead of settle
}

// Name implements window.Source.
func (s *Source) Name() string { return name }

// Detect says whether GNOME Shell is on the bus; it asks the bus, and does not wait for the shell.
// What is installed in the shell, Check tells. The error wraps window.ErrUnavailable if there is none.
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

// ask gets the window that has the focus now.
func ask(l *bus.Link) error {
	var serial uint64
	var said map[string]dbus.Variant
	if err := l.Call(focusPath, focusIface+".Get", []any{&serial, &said}); err != nil {
		return err
	}
	l.Push(bus.Report{Serial: serial, Info: describe(said)})
	return nil
}

// take makes a report of the extension's signal. The shell's own signal about applications is a
// hint to ask again.
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
	i := window.Info{Class: text("class"), Title: text("title"), Exe: window.Exe(int(pid)), Desktop: "gnome", Source: name}
	switch s := text("session"); s {
	case "x11", "wayland":
		i.Session = s
	default:
		i.Session = bus.SessionType()
	}
	return i
}
