// Package sessionbus connects to buses in the same way for all of toshy. It also reports when a desktop appears on the
// session bus, so that a program that started earlier need not poll.
package sessionbus

import (
	"context"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window/internal/bus"
)

// ErrNone says that there is no session bus: neither in the environment nor at $XDG_RUNTIME_DIR/bus. It wraps
// window.ErrUnavailable.
var ErrNone = bus.ErrNoSessionBus

// Connect opens a connection to the user's session bus. It accepts no file descriptors and no large messages, whoever sends
// them. The caller closes it; ctx only limits the time for connecting.
func Connect(ctx context.Context) (*dbus.Conn, error) { return bus.Connect(ctx, "") }

// ConnectSystem is Connect for the machine's system bus.
func ConnectSystem(ctx context.Context) (*dbus.Conn, error) {
	return bus.Connect(ctx, bus.SystemAddress())
}

// Relay is Connect for a library that connects to the session bus by itself: it returns an address for such a connection.
// The address is valid until end, for one connection, which outlives it.
func Relay(ctx context.Context) (address string, end func(), err error) { return bus.Relay(ctx) }

// Watch calls changed with the name of a desktop when it appears on the bus or leaves it, and at the start with each
// desktop that is already there. It calls it from one goroutine at a time, until ctx ends or the bus is lost. Names are bus
// names, such as kwin.BusName. An address of "" is the user's own bus. If there is no bus ($XDG_RUNTIME_DIR/bus shows
// this), the error wraps window.ErrUnavailable.
func Watch(ctx context.Context, address string, names []string, changed func(name string, there bool)) error {
	type change struct {
		name  string
		there bool
	}
	// The bus rarely sends signals about these names. A backlog of this size means that changed hangs, and then only the
	// newest change of each name would matter.
	changes := make(chan change, 64)
	opt := bus.Options{Address: address, Name: bus.Itself, Desktop: "the session bus", Take: func(m *dbus.Message) (bus.Report, bool) {
		name, there, ok := bus.OwnerChanged(m)
		if ok && slices.Contains(names, name) {
			select {
			case changes <- change{name, there}:
			default:
			}
		}
		return bus.Report{}, false
	}}
	return bus.Follow(ctx, opt, func(l *bus.Link) error {
		if err := l.MatchNames(names); err != nil {
			return fmt.Errorf("D-Bus: listen for desktops: %w", err)
		}
		for _, n := range names {
			there, err := l.Has(n)
			if err != nil {
				return fmt.Errorf("D-Bus: look for %s: %w", n, err)
			}
			if there {
				changed(n, true)
			}
		}
		for {
			select {
			case c := <-changes:
				changed(c.name, c.there)
			case <-l.Context().Done():
				return l.Err()
			}
		}
	})
}
