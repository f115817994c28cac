package niri

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

// RunGroup follows the active layout as [window.GroupSource] says.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	return sock.Follow(ctx, "niri", s.sockets(), func(c *net.UnixConn) error { return followGroup(c, sock.Groups(ctx, report)) })
}

func followGroup(c net.Conn, report func(window.Group)) error {
	var names []string
	tell := func(i int) error {
		g := window.Group{Index: i}
		if i >= 0 && i < len(names) {
			g.Name = names[i]
		}
		report(g)
		return c.SetDeadline(time.Time{})
	}
	return stream(c, func(line []byte) error {
		var e struct {
			Err                    *string
			KeyboardLayoutsChanged *struct {
				Layouts struct {
					Names   []string
					Current int `json:"current_idx"`
				} `json:"keyboard_layouts"`
			}
			KeyboardLayoutSwitched *struct{ Idx int }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("unexpected event: %w: %.100q", err, line)
		}
		switch {
		case e.Err != nil:
			return fmt.Errorf("it refused the event stream: %.100q", *e.Err)
		case e.KeyboardLayoutsChanged != nil:
			names = e.KeyboardLayoutsChanged.Layouts.Names
			return tell(e.KeyboardLayoutsChanged.Layouts.Current)
		case e.KeyboardLayoutSwitched != nil:
			return tell(e.KeyboardLayoutSwitched.Idx)
		}
		return nil
	})
}
