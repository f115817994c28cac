package hyprland

import (
	"context"
	"path/filepath"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

// A Bind is a shortcut of Hyprland (hyprctl -j binds).
type Bind struct {
	Modmask    int // bits of xkb: 1 Shift, 4 Ctrl, 8 Alt, 64 Super
	Submap     string
	Key        string
	Dispatcher string
	Arg        string
}

// Binds asks for the shortcuts.
func (s *Source) Binds(ctx context.Context) ([]Bind, error) {
	var list []Bind
	err := error(window.ErrUnavailable)
	for _, socket := range s.sockets() {
		if err = request(ctx, filepath.Dir(socket), "binds", &list); err == nil {
			return list, nil
		}
	}
	return nil, sock.Failed(ctx, "hyprland", err)
}
