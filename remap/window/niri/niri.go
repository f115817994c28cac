// Package niri follows the focus on niri through its event stream (crate niri-ipc: Request::EventStream, Event): one JSON
// value per line, first the whole state, then each change.
package niri

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

const (
	maxLine    = 4 << 20 // bytes; the first event contains all windows
	maxWindows = 4096
)

// Options say where the socket is. Empty fields are taken from the environment, or found.
type Options struct {
	Socket  string // default: $NIRI_SOCKET, else the newest in Runtime
	Runtime string // the session's runtime folder; default $XDG_RUNTIME_DIR
}

// Source follows one niri. It implements [window.Source].
type Source struct{ opts Options }

// New returns a source; it connects in Run.
func New(opts Options) *Source { return &Source{opts} }

// Name is "niri".
func (s *Source) Name() string { return "niri" }

// Detect says whether the socket exists.
func (s *Source) Detect() bool { return sock.Present(s.sockets()) }

func (s *Source) sockets() []string {
	var env []string
	if s.opts.Runtime == "" { // otherwise it belongs to another session
		env = []string{"NIRI_SOCKET"}
	}
	return sock.Choose(s.opts.Socket, env, filepath.Join(sock.RuntimeDir(s.opts.Runtime), "niri.*.sock"))
}

// Run follows the focus, see [window.Source].
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	of := window.Info{Desktop: "niri", Session: "wayland", Source: "niri"}
	return sock.Follow(ctx, "niri", s.sockets(), func(c *net.UnixConn) error { return follow(c, sock.Report(ctx, of, report)) })
}

func follow(c net.Conn, report func(window.Info)) error {
	f := follower{windows: map[uint64]window.Info{}}
	return stream(c, func(line []byte) error {
		if err := f.event(line); err != nil || !f.known {
			return err
		}
		if err := c.SetDeadline(time.Time{}); err != nil {
			return err
		}
		report(f.windows[f.focus])
		return nil
	})
}

// stream requests the event stream and passes each line to take, until take or the connection fails.
func stream(c net.Conn, take func(line []byte) error) error {
	if _, err := io.WriteString(c, "\"EventStream\"\n"); err != nil {
		return err
	}
	lines := sock.NewLines(c, maxLine)
	for {
		line, cut, err := lines.Next()
		if err != nil {
			return err
		}
		if cut {
			return fmt.Errorf("event of more than %d bytes", maxLine)
		}
		if err := take(line); err != nil {
			return err
		}
	}
}

// A win is the part of a window's description that is used. Null means that the client has not set a text.
type win struct {
	ID      uint64
	Title   string
	AppID   string `json:"app_id"`
	PID     int
	Focused bool `json:"is_focused"`
}

type follower struct {
	windows map[uint64]window.Info
	focus   uint64 // niri's id, or 0 for none
	known   bool   // the state has arrived
}

// event handles one line. As niri asks, it ignores unknown events and fields.
func (f *follower) event(line []byte) error {
	var e struct {
		Err                   *string
		WindowsChanged        *struct{ Windows []win }
		WindowOpenedOrChanged *struct{ Window win }
		WindowClosed          *struct{ ID uint64 }
		WindowFocusChanged    *struct{ ID *uint64 }
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("unexpected event: %w: %.100q", err, line)
	}
	switch {
	case e.Err != nil:
		return fmt.Errorf("it refused the event stream: %.100q", *e.Err)
	case e.WindowsChanged != nil:
		f.known, f.focus = true, 0
		clear(f.windows)
		for _, w := range e.WindowsChanged.Windows {
			if err := f.put(w); err != nil {
				return err
			}
		}
	case e.WindowOpenedOrChanged != nil:
		return f.put(e.WindowOpenedOrChanged.Window)
	case e.WindowClosed != nil:
		delete(f.windows, e.WindowClosed.ID)
	case e.WindowFocusChanged != nil:
		f.focus = 0
		if id := e.WindowFocusChanged.ID; id != nil {
			f.focus = *id
		}
	}
	return nil
}

func (f *follower) put(w win) error {
	if _, ok := f.windows[w.ID]; !ok && len(f.windows) >= maxWindows {
		return errors.New("it reports more windows than there can be")
	}
	i := window.Info{Class: w.AppID, Title: w.Title, Exe: window.Exe(w.PID)}
	if filepath.Base(i.Exe) == "xwayland-satellite" { // the client of all X11 programs' windows
		i.Exe, i.X11 = "", true
	}
	f.windows[w.ID] = window.Clip(i)
	if w.Focused {
		f.focus = w.ID
	} else if f.focus == w.ID {
		f.focus = 0
	}
	return nil
}
