// Package sock is what the sources that speak over a Unix socket share: connecting with a limit,
// ending with the context, and saying what went wrong.
package sock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"toshy/remap/window"
)

// SetupTimeout bounds connecting, and the first answers of a desktop.
const SetupTimeout = 5 * time.Second

// Dial connects to the first of the paths that answers and is not another user's. The connection is closed when ctx ends, or by
// done. It has a deadline of SetupTimeout, to be cleared by the caller once the desktop has answered.
// The error wraps window.ErrUnavailable when nobody listens on any of them.
func Dial(ctx context.Context, paths ...string) (c *net.UnixConn, done func(), err error) {
	err = fmt.Errorf("%w: no socket found", window.ErrUnavailable)
	for i, path := range paths {
		nd := net.Dialer{Timeout: SetupTimeout}
		nc, derr := nd.DialContext(ctx, "unix", path)
		if derr == nil {
			stop := context.AfterFunc(ctx, func() { nc.Close() })
			done = func() { stop(); nc.Close() }
			if derr = errors.Join(CheckPeer(nc), nc.SetDeadline(time.Now().Add(SetupTimeout))); derr == nil {
				return nc.(*net.UnixConn), done, nil
			}
			done()
		}
		if errors.Is(derr, fs.ErrNotExist) || errors.Is(derr, syscall.ECONNREFUSED) {
			derr = fmt.Errorf("%w: %w", window.ErrUnavailable, derr)
		}
		// A refusal for another reason says more than a socket that is left over.
		if i == 0 || errors.Is(err, window.ErrUnavailable) {
			err = derr
		}
	}
	return nil, nil, err
}

// Follow connects as Dial does and runs f, which returns why it ended; what Follow returns is what Run of the
// source returns.
func Follow(ctx context.Context, source string, paths []string, f func(c *net.UnixConn) error) error {
	c, done, err := Dial(ctx, paths...)
	if err == nil {
		defer done()
		err = f(c)
	}
	return Failed(ctx, source, err)
}

// Groups makes a report function that is silent after ctx has ended.
func Groups(ctx context.Context, report func(window.Group)) func(window.Group) {
	return func(g window.Group) {
		g.Name = window.Text(g.Name, window.MaxClass)
		if ctx.Err() == nil {
			report(g)
		}
	}
}

// Failed turns the error that ended a source into what Run returns.
func Failed(ctx context.Context, source string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%s: no answer within %v", source, SetupTimeout)
	}
	return fmt.Errorf("%s: %w", source, err)
}

// Report makes a report function that is silent after ctx has ended and that drops repetitions. What is
// always the same is taken from of: Desktop, Session and Source.
func Report(ctx context.Context, of window.Info, report func(window.Info)) func(window.Info) {
	var last window.Info
	said := false
	return func(i window.Info) {
		i.Desktop, i.Session, i.Source = of.Desktop, of.Session, of.Source
		i = window.Clip(i)
		if ctx.Err() != nil || said && i == last {
			return
		}
		last, said = i, true
		report(i)
	}
}

// RuntimeDir is dir, by default $XDG_RUNTIME_DIR, else where logind makes it for this user.
func RuntimeDir(dir string) string {
	if dir != "" {
		return dir
	}
	if dir = os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return fmt.Sprintf("/run/user/%d", os.Getuid())
}

// Find lists the sockets that match one of the patterns and are not another user's, newest first: one left over by a
// desktop that crashed stands behind that of its successor. Root finds those of all users.
func Find(patterns ...string) []string {
	type socket struct {
		path string
		made time.Time
	}
	var found []socket
	for _, p := range patterns {
		paths, _ := filepath.Glob(p) // fails only on a bad pattern
		for _, path := range paths {
			if st, err := os.Stat(path); err == nil && st.Mode().Type() == fs.ModeSocket && (own(st) || os.Geteuid() == 0) {
				found = append(found, socket{path, st.ModTime()})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b socket) int { return b.made.Compare(a.made) })
	var paths []string
	for _, s := range found {
		paths = append(paths, s.path)
	}
	return paths
}

// Choose is the given path if there is one, else what the environment names and then what is found: the socket in
// the environment may be one that a crash has left, and the desktop that followed it has another.
func Choose(given string, env []string, patterns ...string) []string {
	if given != "" {
		return []string{given}
	}
	for _, name := range env {
		if path := os.Getenv(name); path != "" {
			return First(path, Find(patterns...))
		}
	}
	return Find(patterns...)
}

// First puts the socket that the environment names before those that were found, if it is still there.
func First(named string, found []string) []string {
	if !Present([]string{named}) { // of a session that has ended
		return found
	}
	return append([]string{named}, slices.DeleteFunc(found, func(p string) bool { return p == named })...)
}

// Present says whether one of the paths exists.
func Present(paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		_, err := os.Stat(p)
		return err == nil
	})
}
