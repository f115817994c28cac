package kwin

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// Where KWin reports its layouts, on Wayland and only while there are several (kwin, src/keyboard_layout.cpp).
const (
	keyboardName  = "org.kde.keyboard"
	layoutsPath   = dbus.ObjectPath("/Layouts")
	layoutsIface  = "org.kde.KeyboardLayouts"
	layoutChanged = "layoutChanged"
)

// RunGroup follows the active layout, see [window.GroupSource]. With a single layout there is nothing to follow, so the
// error is window.ErrUnavailable.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	changed, take := bus.Hints(func(m *dbus.Message) bool {
		_, member := bus.Names(m)
		return m.Type == dbus.TypeSignal && (member == layoutChanged || member == "layoutListChanged")
	})
	opt := bus.Options{Address: s.Address, Name: keyboardName, Desktop: "KDE's keyboard service", Take: take}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return followGroup(ctx, l, changed, report) })
}

func followGroup(ctx context.Context, l *bus.Link, changed <-chan struct{}, report func(window.Group)) error {
	if err := l.Match(layoutsPath, layoutsIface); err != nil {
		return fmt.Errorf("kwin: listen to the layouts: %w", err)
	}
	for {
		// Asked instead of taken from the signal: Plasma 5, Plasma 6 and the daemon of X11 sessions put different values into
		// it.
		var index uint32
		if err := l.Call(layoutsPath, layoutsIface+".getLayout", []any{&index}); err != nil {
			if bus.Missing(err) {
				err = fmt.Errorf("%w: %w", window.ErrUnavailable, err)
			}
			return fmt.Errorf("kwin: ask for the layout: %w", err)
		}
		if ctx.Err() == nil {
			report(window.Group{Index: int(index)})
		}
		select {
		case <-changed:
		case <-l.Context().Done():
			return l.Err()
		}
	}
}
