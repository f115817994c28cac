// Package wlr follows the focus on every compositor that offers zwlr_foreign_toplevel_manager_v1
// (wlr-protocols, wlr-foreign-toplevel-management-unstable-v1): sway, labwc, river, Wayfire and more.
package wlr

import (
	"context"
	"errors"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
	"toshy/remap/window/internal/wayland"
)

const (
	iface      = "zwlr_foreign_toplevel_manager_v1"
	version    = 3
	activated  = 2 // zwlr_foreign_toplevel_handle_v1.state
	reqDestroy = 7
)

// Events of zwlr_foreign_toplevel_manager_v1 and of its handles.
const (
	evToplevel = 0
	evFinished = 1

	evTitle  = 0
	evAppID  = 1
	evState  = 4
	evDone   = 5
	evClosed = 6
)

// Options say where the compositor is.
type Options = wayland.Options

// Source follows one compositor. It implements [window.Source].
type Source struct{ opts Options }

// New returns a source; it connects in Run.
func New(opts Options) *Source { return &Source{opts} }

// Name is "wlr".
func (s *Source) Name() string { return "wlr" }

// Detect says whether a compositor runs. Only Run finds out whether it offers the protocol.
func (s *Source) Detect() bool { return s.opts.Present() }

// Run follows the focus, see [window.Source].
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	of := window.Info{Session: "wayland", Source: "wlr"}
	return s.opts.Follow(ctx, "wlr", func(c *wayland.Conn) error { return follow(c, sock.Report(ctx, of, report)) })
}

func follow(c *wayland.Conn, report func(window.Info)) error {
	var focus wayland.Focus
	started := false
	tell := func() {
		if started {
			report(focus.Info())
		}
	}
	handle := func(id uint32) {
		top := &wayland.Toplevel{}
		c.Adopt(id, func(op uint16, a *wayland.Args) {
			switch op {
			case evTitle:
				top.SetTitle(a.Text(window.MaxTitle))
			case evAppID:
				top.SetClass(a.Text(window.MaxClass))
			case evState:
				top.SetActivated(a.Has(activated))
			case evDone:
				focus.Apply(top)
				tell()
			case evClosed:
				focus.Closed(top)
				c.Forget(id)
				c.Fail(c.Send(id, reqDestroy))
				tell()
			}
		})
	}
	_, _, err := c.Bind(iface, version, func(op uint16, a *wayland.Args) {
		switch op {
		case evToplevel:
			handle(a.Uint())
		case evFinished:
			c.Fail(errors.New("the compositor has ended its list of windows"))
		}
	})
	if err != nil {
		return err
	}
	return c.Follow(func() {
		started = true
		tell()
	})
}
