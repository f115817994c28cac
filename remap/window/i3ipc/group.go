package i3ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

const (
	msgGetInputs = 100
	eventInput   = 0x80000015
)

// An input is the part of an input device's description that is used (sway-ipc(7), GET_INPUTS).
type input struct {
	Identifier string
	Name       string
	Type       string
	Names      []string `json:"xkb_layout_names"`
	Active     *int     `json:"xkb_active_layout_index"`
}

// RunGroup follows sway's active layout, see [window.GroupSource], of the keyboard that Options.Keyboard names, else of the
// first one with more than one layout, else of the first. i3 does not report layouts.
func (s *Source) RunGroup(ctx context.Context, report func(window.Group)) error {
	return sock.Follow(ctx, s.name, s.sockets(), func(c *net.UnixConn) error {
		return newFollower(c).followGroup(s.opts.Keyboard, sock.Groups(ctx, report))
	})
}

func (f *follower) followGroup(keyboard string, report func(window.Group)) error {
	if err := f.send(msgSubscribe, `["input","shutdown"]`); err != nil {
		return err
	}
	if err := f.send(msgGetInputs, ""); err != nil {
		return err
	}
	for {
		typ, body, err := f.receive()
		if err != nil {
			return err
		}
		switch typ {
		case msgSubscribe:
			var answer struct{ Success bool }
			if err := parse(body, &answer); err != nil {
				return err
			}
			if !answer.Success {
				return fmt.Errorf("%w: the subscription to inputs was refused: %.100q", window.ErrUnavailable, body)
			}
		case msgGetInputs:
			var inputs []input
			if err := parse(body, &inputs); err != nil {
				return err
			}
			if g, ok := chooseInput(inputs, keyboard); ok {
				report(g)
			}
			if err := f.c.SetDeadline(time.Time{}); err != nil {
				return err
			}
		case eventInput:
			// The event is about one device; only the list shows which one is used.
			if err := f.send(msgGetInputs, ""); err != nil {
				return err
			}
		case eventShutdown:
			return errors.New("it is shutting down or restarting")
		}
	}
}

// chooseInput finds the active group of the keyboard that is used.
func chooseInput(inputs []input, keyboard string) (g window.Group, ok bool) {
	best := 0
	for _, i := range inputs {
		if i.Type != "keyboard" || i.Active == nil || len(i.Names) == 0 {
			continue
		}
		rank := 1
		switch {
		case keyboard != "" && i.Name == keyboard:
			rank = 3
		case len(i.Names) > 1:
			rank = 2
		}
		if rank > best {
			best, ok = rank, true
			g = window.Group{Index: *i.Active}
			if n := *i.Active; n >= 0 && n < len(i.Names) {
				g.Name = i.Names[n]
			}
		}
	}
	return g, ok
}
