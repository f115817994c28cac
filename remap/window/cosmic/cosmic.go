// Package cosmic follows the focus on COSMIC. The compositor lists windows by ext_foreign_toplevel_list_v1
// (wayland-protocols, staging), and reports which is activated by zcosmic_toplevel_info_v1 (cosmic-protocols), since its
// version 2.
package cosmic

import (
	"context"
	"errors"
	"fmt"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
	"toshy/remap/window/internal/wayland"
)

const (
	listIface   = "ext_foreign_toplevel_list_v1"
	infoIface   = "zcosmic_toplevel_info_v1"
	infoVersion = 2 // the first version that works with the list; no later feature is used
)

// Events, requests and enumerations of the two protocols.
const (
	listToplevel = 0
	listFinished = 1

	handleClosed  = 0
	handleDone    = 1
	handleTitle   = 2
	handleAppID   = 3
	handleDestroy = 0 // request

	infoDone        = 2
	infoGetToplevel = 1 // request

	cosmicState   = 8
	cosmicDestroy = 0 // request

	activated = 2
)

// Options say where the compositor is.
type Options = wayland.Options

// Source follows one compositor. It implements [window.Source].
type Source struct{ opts Options }

// New returns a source; it connects in Run.
func New(opts Options) *Source { return &Source{opts} }

// Name is "cosmic".
func (s *Source) Name() string { return "cosmic" }

// Detect says whether a compositor runs. Only Run finds out whether it is COSMIC's.
func (s *Source) Detect() bool { return s.opts.Present() }

// Run follows the focus, see [window.Source].
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	of := window.Info{Desktop: "cosmic", Session: "wayland", Source: "cosmic"}
	return s.opts.Follow(ctx, "cosmic", func(c *wayland.Conn) error { return follow(c, sock.Report(ctx, of, report)) })
}

func follow(c *wayland.Conn, report func(window.Info)) error {
	f := follower{c: c, changed: map[*wayland.Toplevel]struct{}{}, report: report}
	var version uint32
	// Bound first, so that each window can be queried as soon as it is listed.
	var err error
	f.info, version, err = c.Bind(infoIface, infoVersion, func(op uint16, _ *wayland.Args) {
		if op == infoDone {
			f.apply()
		}
	})
	if err != nil {
		return err
	}
	if version < infoVersion {
		return fmt.Errorf("%w: version %d of %s; at least %d is needed", window.ErrUnavailable, version, infoIface, infoVersion)
	}
	_, _, err = c.Bind(listIface, 1, func(op uint16, a *wayland.Args) {
		switch op {
		case listToplevel:
			f.opened(a.Uint())
		case listFinished:
			c.Fail(errors.New("the compositor has ended its list of windows"))
		}
	})
	if err != nil {
		return err
	}
	return c.Follow(func() {
		f.started = true
		f.apply()
	})
}

type follower struct {
	c       *wayland.Conn
	info    uint32 // the zcosmic_toplevel_info_v1
	focus   wayland.Focus
	changed map[*wayland.Toplevel]struct{} // since the last done
	started bool
	report  func(window.Info)
}

// opened follows a window, through its two objects.
func (f *follower) opened(id uint32) {
	top := &wayland.Toplevel{}
	cosmic := f.c.New(func(op uint16, a *wayland.Args) {
		if op == cosmicState {
			top.SetActivated(a.Has(activated))
			f.changed[top] = struct{}{}
		}
	})
	f.c.Adopt(id, func(op uint16, a *wayland.Args) {
		switch op {
		case handleTitle:
			top.SetTitle(a.Text(window.MaxTitle))
			f.changed[top] = struct{}{}
		case handleAppID:
			top.SetClass(a.Text(window.MaxClass))
			f.changed[top] = struct{}{}
		case handleDone:
			f.apply()
		case handleClosed:
			delete(f.changed, top)
			f.focus.Closed(top)
			f.c.Forget(id)
			f.c.Fail(f.c.Send(cosmic, cosmicDestroy))
			f.c.Fail(f.c.Send(id, handleDestroy))
			f.tell()
		}
	})
	f.c.Fail(f.c.Send(f.info, infoGetToplevel, cosmic, id))
}

// apply makes all changes effective. Title and state each have their own done event. If the state is applied before the
// rest of its batch, there may be no focused window for a moment.
func (f *follower) apply() {
	for top := range f.changed {
		f.focus.Apply(top)
	}
	clear(f.changed)
	f.tell()
}

func (f *follower) tell() {
	if f.started {
		f.report(f.focus.Info())
	}
}
