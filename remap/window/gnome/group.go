package gnome

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// RunGroup follows the active layout through our extension, see [window.GroupSource]. If the extension is missing, or too
// old to know layouts, the error is window.ErrUnavailable.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	opt := options(s.Address)
	changed, take := bus.Hints(func(m *dbus.Message) bool {
		_, member := bus.Names(m)
		return m.Type == dbus.TypeSignal && member == "LayoutChanged"
	})
	opt.Take = take
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return followGroup(ctx, l, changed, report) })
}

func followGroup(ctx context.Context, l *bus.Link, changed <-chan struct{}, report func(window.Group)) error {
	if err := l.MatchMember(focusPath, focusIface, "LayoutChanged"); err != nil {
		return fmt.Errorf("gnome: listen to the extension: %w", err)
	}
	for {
		var group int32
		var name string
		if err := l.Call(focusPath, focusIface+".GetLayout", []any{&group, &name}); bus.Missing(err) {
			return fmt.Errorf("%w: the toshy extension does not tell the keyboard layout here: "+
				"run \"toshy gnome-extension install\", then log out and in again", window.ErrUnavailable)
		} else if err != nil {
			return fmt.Errorf("gnome: ask the extension for the layout: %w", err)
		}
		if ctx.Err() == nil {
			report(window.Group{Index: int(group), Name: window.Text(name, window.MaxClass)})
		}
		select {
		case <-changed:
		case <-l.Context().Done():
			return l.Err()
		}
	}
}
