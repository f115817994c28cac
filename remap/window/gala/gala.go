// Package gala follows the focus in Gala, the window manager of Pantheon (elementary OS).
//
// Gala lists its windows to every program (org.pantheon.gala.DesktopIntegration). It signals that the list changed, but not
// that the focus moved. So toshy must poll the list; no other source must.
package gala

import (
	"context"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// BusName is on the session bus while the desktop runs.
const BusName = "org.pantheon.gala"

const (
	name  = "gala"
	path  = dbus.ObjectPath("/org/pantheon/gala/DesktopInterface")
	iface = "org.pantheon.gala.DesktopIntegration"
)

// Source follows Gala. The zero value is ready to use.
type Source struct {
	Address string // of the session bus; "" is the user's own bus
}

// Name implements window.Source.
func (s *Source) Name() string { return name }

// Detect says whether Gala is on the bus. It asks the bus, and does not wait for Gala. If Gala is missing, the error wraps
// window.ErrUnavailable.
func (s *Source) Detect(ctx context.Context) error {
	return bus.Detect(ctx, bus.Options{Address: s.Address, Name: BusName, Desktop: "Gala"})
}

// Run implements window.Source.
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	hint, take := bus.Hints(func(m *dbus.Message) bool {
		in, _ := bus.Names(m)
		return in == iface
	})
	opt := bus.Options{Address: s.Address, Name: BusName, Desktop: "Gala", Take: take}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return poll(l, hint, report) })
}

func poll(l *bus.Link, hint <-chan struct{}, report func(window.Info)) error {
	if err := l.Match(path, iface); err != nil {
		return fmt.Errorf("gala: listen for changes: %w", err)
	}
	_, err := l.Poll(hint, func() (window.Info, error) { return focused(l) }, report)
	return err
}

// focused asks for the focused window. Gala leaves out windows that do not belong to an application (the dock, the panel),
// so there is often none.
func focused(l *bus.Link) (window.Info, error) {
	var all []struct {
		ID         uint64
		Properties map[string]dbus.Variant
	}
	if err := l.Call(path, iface+".GetWindows", []any{&all}); err != nil {
		if bus.Missing(err) {
			err = fmt.Errorf("%w: this Gala lists no windows: %w", window.ErrUnavailable, err)
		}
		return window.Info{}, fmt.Errorf("gala: list the windows: %w", err)
	}
	i := window.Info{}
	for _, w := range all {
		if on, _ := w.Properties["has-focus"].Value().(bool); !on {
			continue
		}
		i.Title, _ = w.Properties["title"].Value().(string)
		// wm-class may be missing; the application's id is the name of its desktop file.
		if i.Class, _ = w.Properties["wm-class"].Value().(string); i.Class == "" {
			id, _ := w.Properties["app-id"].Value().(string)
			i.Class = strings.TrimSuffix(id, ".desktop")
		}
		break
	}
	i.Desktop, i.Session, i.Source = "pantheon", bus.SessionType(), name
	return window.Clip(i), nil
}
