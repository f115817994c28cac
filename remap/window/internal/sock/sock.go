// Package sock is what sources that use a Unix socket share: connecting with a time limit, ending with the context, and
// explaining errors.
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

// SetupTimeout bounds the time for connecting and for a desktop's first answers.
const SetupTimeout = 5 * time.Second

// Dial connects to the first of the paths that answers and does not belong to another user. The connection is closed when
// ctx ends or done is called. It has a deadline of SetupTimeout, which the caller must clear once the desktop has answered.
// If nobody listens on any path, the error wraps window.ErrUnavailable.
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
		// A refusal for another reason is more useful than a stale socket.
		if i == 0 || errors.Is(err, window.ErrUnavailable) {
			err = derr
		}
	}
	return nil, nil, err
}

// Follow connects like Dial and runs f, which returns why it ended. Run of the source returns the result of Follow.
func Follow(ctx context.Context, source string, paths []string, f func(c *net.UnixConn) error) error {
	c, done, err := Dial(ctx, paths...)
	if err == nil {
		defer done()
		err = f(c)
	}
	return Failed(ctx, source, err)
}

// Groups wraps a report function so that it does nothing after ctx has ended.
func Groups(ctx context.Context, report func(window.Group)) func(window.Group) {
	return func(g window.Group) {
		g.Name = window.Text(g.Name, window.MaxClass)
		if ctx.Err() == nil {
			report(g)
		}
	}
}

// Failed turns the error that ended a source into the result of Run.
func Failed(ctx context.Context, source string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return window.TimeoutError(fmt.Sprintf("%s: no answer within %v", source, SetupTimeout))
	}
	return fmt.Errorf("%s: %w", source, err)
}

// Report wraps a report function so that it does nothing after ctx has ended, and drops repetitions. Constant values come
// from of: Desktop, Session and Source.
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

// RuntimeDir is dir, else $XDG_RUNTIME_DIR, else the folder that logind creates for this user.
func RuntimeDir(dir string) string {
	if dir != "" {
		return dir
	}
	if dir = os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return fmt.Sprintf("/run/user/%d", os.Getuid())
}

// Find lists the sockets that match one of the patterns and do not belong to another user, newest first: the socket of a
// desktop that crashed comes after that of its successor. For root, it finds those of all users.
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

// Choose returns the given path, if there is one, else the one from the environment and then those that were found. The
// socket in the environment may be left from a crash, and the next desktop has another one.
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

// First puts the socket from the environment before those that were found, if it still exists.
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
