package cinnamon

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// askLayout returns the name of the active layout and its group in the keymap, in which Cinnamon puts up to three layouts.
// The module exists since Cinnamon 6.6, the first version that sets layouts on Wayland.
const askLayout = `(function () {
	const k = imports.ui.keyboardManager, info = k.getKeyboardManager()._current, source = k.getInputSourceManager().currentSource;
	return [info && Number.isInteger(info.groupIndex) ? info.groupIndex : -1, String(source && source.displayName || '').slice(0, 1024)];
})()`

// RunGroup follows the active layout, see [window.GroupSource]. Cinnamon before 6.6 does not report it
// (window.ErrUnavailable); its sessions use X11, where the X server reports it.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	changed, take := bus.Hints(func(m *dbus.Message) bool {
		_, member := bus.Names(m)
		return m.Type == dbus.TypeSignal && (member == "CurrentInputSourceChanged" || member == "InputSourcesChanged")
	})
	opt := bus.Options{Address: s.Address, Name: BusName, Desktop: "Cinnamon", Take: take}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return followGroup(ctx, l, changed, report) })
}

func followGroup(ctx context.Context, l *bus.Link, changed <-chan struct{}, report func(window.Group)) error {
	if err := l.Match(path, BusName); err != nil {
		return fmt.Errorf("cinnamon: listen to the layouts: %w", err)
	}
	for {
		var ok bool
		var result string
		if err := l.Call(path, eval, []any{&ok, &result}, askLayout); bus.Missing(err) || err == nil && !ok {
			return fmt.Errorf("%w: this Cinnamon does not tell the keyboard layout", window.ErrUnavailable)
		} else if err != nil {
			return fmt.Errorf("cinnamon: ask for the layout: %w", err)
		}
		var index int
		var name string
		if err := json.Unmarshal([]byte(result), &[]any{&index, &name}); err != nil {
			return fmt.Errorf("cinnamon: the answer about the layout: %w", err)
		}
		if ctx.Err() == nil {
			report(window.Group{Index: index, Name: window.Text(name, window.MaxClass)})
		}
		select {
		case <-changed:
		case <-l.Context().Done():
			return l.Err()
		}
	}
}
