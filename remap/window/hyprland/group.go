package hyprland

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

// A keyboard is the part of a keyboard's description that is used (hyprctl devices -j).
type keyboard struct {
	Name   string
	Main   bool
	Active string `json:"active_keymap"`
	Index  *int   `json:"active_layout_index"` // since version 0.46
}

// RunGroup follows the active layout, see [window.GroupSource], of the keyboard that Options.Keyboard names, else of the
// main one.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	return sock.Follow(ctx, "hyprland", s.sockets(), func(c *net.UnixConn) error {
		return s.followGroup(ctx, c, sock.Groups(ctx, report))
	})
}

func (s *Source) followGroup(ctx context.Context, c net.Conn, report func(window.Group)) error {
	folder := filepath.Dir(c.RemoteAddr().String())
	ask := func() error {
		var devices struct{ Keyboards []keyboard }
		if err := request(ctx, folder, "devices", &devices); err != nil {
			return err
		}
		if g, ok := chooseKeyboard(devices.Keyboards, s.opts.Keyboard); ok {
			report(g)
		}
		return nil
	}
	if err := ask(); err != nil {
		return err
	}
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	lines := sock.NewLines(c, maxLine)
	for {
		line, _, err := lines.Next()
		if err != nil {
			return err
		}
		// activelayout>>KEYBOARD,LAYOUT: both may contain commas, and it may be another keyboard. So ask. Layouts change
		// rarely enough for that.
		if strings.HasPrefix(string(line), "activelayout>>") {
			if err := ask(); err != nil {
				return err
			}
		}
	}
}

// hyprName is Hyprland's name for a device: in lower case, with hyphens for spaces.
func hyprName(device string) string {
	return strings.ReplaceAll(strings.ToLower(device), " ", "-")
}

func chooseKeyboard(all []keyboard, wanted string) (g window.Group, ok bool) {
	best := 0
	for _, k := range all {
		rank := 1
		switch {
		case wanted != "" && k.Name == hyprName(wanted):
			rank = 3
		case k.Main:
			rank = 2
		}
		if rank > best {
			best, ok = rank, true
			g = window.Group{Index: -1, Name: k.Active}
			if k.Index != nil {
				g.Index = *k.Index
			}
		}
	}
	return g, ok
}
