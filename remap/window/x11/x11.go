// Package x11 follows the focus on an X server, under any window manager.
//
// A window manager that supports EWMH names the focused window in the root window's _NET_ACTIVE_WINDOW. Without one, the
// server's input focus is used. Everything is event-driven: class, title and process are read when the focus or one of them
// changes. Nothing polls.
package x11

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"toshy/remap/window"
)

// setupTimeout bounds the time for the server's first answers.
const setupTimeout = 5 * time.Second

// Options say which server to follow. Empty fields are taken from the environment of this process, or found. A process of
// another user (or one that was started before the desktop) passes them.
type Options struct {
	Display   string // such as ":0"; default: $DISPLAY, else the first local server that accepts us
	Authority string // authority file; default: $XAUTHORITY, else ~/.Xauthority
}

// Source follows one X server. It implements [window.Source].
type Source struct{ opts Options }

// New returns a source; it connects in Run.
func New(opts Options) *Source { return &Source{opts} }

// Name is "x11".
func (s *Source) Name() string { return "x11" }

// Detect says whether there is a server to try. It only looks at the file system.
func (s *Source) Detect() bool {
	for _, name := range s.displays() {
		d, err := parseDisplay(name)
		if err != nil {
			continue
		}
		if d.host != "" {
			return true
		}
		if _, err := os.Stat(d.socket()); err == nil {
			return true
		}
	}
	return false
}

func (s *Source) displays() []string {
	for _, name := range []string{s.opts.Display, os.Getenv("DISPLAY")} {
		if name != "" {
			return []string{name}
		}
	}
	return findDisplays()
}

func (s *Source) authority() string {
	for _, file := range []string{s.opts.Authority, os.Getenv("XAUTHORITY")} {
		if file != "" {
			return file
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".Xauthority")
}

// Run follows the focus, see [window.Source]. An X server inside a Wayland session (Xwayland) counts as unavailable: it
// only knows its own windows, so the focus must come from the compositor.
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	guarded := func(i window.Info) {
		if ctx.Err() == nil {
			report(i)
		}
	}
	return s.run(ctx, func(f *follower) error {
		f.report = guarded
		return f.follow()
	})
}

// run connects to the first server that accepts us and follows it.
func (s *Source) run(ctx context.Context, follow func(*follower) error) error {
	names := s.displays()
	if len(names) == 0 {
		return fmt.Errorf("x11: %w: DISPLAY is not set and %s has no server", window.ErrUnavailable, socketDir)
	}
	var failed error
	for _, name := range names {
		f, err := s.connect(ctx, name)
		if err == nil {
			defer f.close()
			err = follow(f)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("x11: lost the X server %s: %w", name, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Of several servers the first refusal is the most useful: the others belong to other users.
		if failed == nil || errors.Is(failed, window.ErrUnavailable) {
			failed = fmt.Errorf("x11: X server %s: %w", name, err)
		}
	}
	return failed
}

func (s *Source) connect(ctx context.Context, name string) (*follower, error) {
	d, err := parseDisplay(name)
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	c, err := d.dial(dialing)
	if err != nil {
		return nil, err
	}
	f := &follower{stop: context.AfterFunc(ctx, func() { c.Close() })}
	f.wire = &wire{c: c, r: bufio.NewReaderSize(c, 4096), on: f.event, msg: make([]byte, maxReply)}
	if err := c.SetDeadline(time.Now().Add(setupTimeout)); err != nil {
		f.close()
		return nil, err
	}
	if err := f.open(d, s.authority()); err != nil {
		f.close()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = window.TimeoutError(fmt.Sprintf("no answer within %v", setupTimeout))
		}
		return nil, err
	}
	if err := c.SetDeadline(time.Time{}); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// open makes the connection and prepares everything that does not change while it lasts.
func (f *follower) open(d display, authority string) error {
	if err := f.wire.open(d, authority); err != nil {
		return err
	}
	xwayland, err := f.wire.hasExtension("XWAYLAND")
	if err != nil {
		return err
	}
	if xwayland {
		return fmt.Errorf("%w: it is the Xwayland of a Wayland session", window.ErrUnavailable)
	}
	return f.atoms.intern(f.wire)
}

// open opens the conversation with a server.
func (w *wire) open(d display, authority string) error {
	cookie, cookieErr := d.cookie(authority)
	name := ""
	if cookie != nil {
		name = cookieName
	}
	if err := w.setup(name, cookie, d.screen); err != nil {
		switch {
		case !errors.Is(err, errRefused):
			return err
		case cookie != nil:
			return fmt.Errorf("%w (with the cookie from %s)", err, authority)
		case cookieErr != nil:
			return fmt.Errorf("%w (no cookie: %w; set XAUTHORITY to the session's file)", err, cookieErr)
		}
		return fmt.Errorf("%w (%s has no cookie for %v)", err, authority, d)
	}
	return nil
}
