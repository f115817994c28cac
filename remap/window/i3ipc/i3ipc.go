// Package i3ipc follows the focus on sway and i3 through their common IPC (i3wm.org/docs/ipc.html, sway-ipc(7)).
package i3ipc

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

// Types of messages; an event has the highest bit set.
const (
	msgSubscribe   = 2
	msgGetTree     = 4
	eventWorkspace = 0x80000000
	eventWindow    = 0x80000003
	eventShutdown  = 0x80000006
)

const (
	magic = "i3-ipc"

	// maxMessage is the longest message to read, in bytes. A tree has about 2 KB per window, unless windows have titles of
	// megabytes.
	maxMessage = 16 << 20
	// keepBuffer is the largest buffer to keep between two messages.
	keepBuffer = 256 << 10

	// The rate at which events about windows are read, so low that it hardly takes processor time. Events beyond it are
	// skipped, and the tree is requested when there is room again. An event has about 1 KB. A program that sets its title in
	// a loop makes thousands per second, and one title can have a megabyte.
	readBurst  = 64 << 10  // bytes at once
	readSecond = 256 << 10 // bytes per second
	askEvery   = 100 * time.Millisecond
)

// Options say where the socket is. Empty fields are taken from the environment, or found.
type Options struct {
	Socket   string // default: $SWAYSOCK or $I3SOCK, else the newest in the folder below
	Runtime  string // the session's runtime folder; default $XDG_RUNTIME_DIR
	Keyboard string // name of the keyboard whose layout is used; see RunGroup
	// Watch may be another source for the same compositor. When it reports that no window has the focus, or that one has it
	// again, the tree is requested: sway has no event for a launcher that takes the keyboard from a window.
	Watch window.Source
}

// Source follows sway or i3. It implements [window.Source].
type Source struct {
	opts    Options
	name    string // also the name of the desktop
	session string
	env     string // names the socket
	pattern string // of the socket below the runtime folder
}

// NewSway returns a source for sway.
func NewSway(opts Options) *Source {
	return &Source{opts, "sway", "wayland", "SWAYSOCK", "sway-ipc.*.sock"}
}

// NewI3 returns a source for i3. Its IPC passes some old programs' titles as bytes that are not UTF-8. The X11 source has
// them right, and serves i3 as well.
func NewI3(opts Options) *Source {
	return &Source{opts, "i3", "x11", "I3SOCK", "i3/ipc-socket.*"}
}

// Name is "sway" or "i3".
func (s *Source) Name() string { return s.name }

// Detect says whether the socket exists.
func (s *Source) Detect() bool { return sock.Present(s.sockets()) }

func (s *Source) sockets() []string {
	var env []string
	// With a runtime folder, it belongs to another session. sway names its socket in I3SOCK, too.
	if s.opts.Runtime == "" && (s.env == "SWAYSOCK" || os.Getenv(s.env) != os.Getenv("SWAYSOCK")) {
		env = []string{s.env}
	}
	return sock.Choose(s.opts.Socket, env, filepath.Join(sock.RuntimeDir(s.opts.Runtime), s.pattern))
}

// Run follows the focus, see [window.Source].
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	of := window.Info{Desktop: s.name, Session: s.session, Source: s.name}
	return sock.Follow(ctx, s.name, s.sockets(), func(c *net.UnixConn) error {
		f := newFollower(c)
		f.report = sock.Report(ctx, of, report)
		if s.opts.Watch != nil {
			watching, stop := context.WithCancel(ctx)
			var wait sync.WaitGroup
			defer wait.Wait()
			defer stop()
			f.started = func() {
				wait.Go(func() { _ = s.opts.Watch.Run(watching, f.hint) }) // if it fails, windows are still followed
			}
		}
		return f.follow()
	})
}

func newFollower(c net.Conn) *follower { return &follower{c: c, r: bufio.NewReaderSize(c, 16<<10)} }

type follower struct {
	c      net.Conn
	r      *bufio.Reader
	buf    []byte
	report func(window.Info)
	focus  int64 // the focused container, 0 if there is none or if it is a workspace
	// started is called after the first answers; it may be nil.
	started func()

	mu           sync.Mutex // guards asked, again and writes; hint is called from another goroutine
	asked        bool       // the answer to GET_TREE is due; it is newer than all events before it
	again        bool       // ask again after that
	hinted, none bool       // hint has reported something; whether it was that no window has the focus

	passed   bool // events were skipped: the tree must be requested
	passedAt time.Time
	charged  bool // the answer that is due counts towards the rate, like events
	read     int  // bytes, less what the elapsed time allows
	readThen time.Time
}

// overdone says whether too much was read about windows; if not, it adds n bytes.
func (f *follower) overdone(n int) bool {
	now := time.Now()
	allowed := int(min(now.Sub(f.readThen), time.Minute) * readSecond / time.Second)
	f.read, f.readThen = max(0, f.read-allowed), now
	if f.read > readBurst {
		return true
	}
	f.read += n
	return false
}

// catchUp waits until more may be read, and asks for the tree if events were skipped.
func (f *follower) catchUp() error {
	for f.passed && !f.due() {
		if err := f.c.SetReadDeadline(time.Now().Add(askEvery)); err != nil {
			return err
		}
		_, err := f.r.Peek(1)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := f.c.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
		if time.Since(f.passedAt) >= askEvery && !f.overdone(0) {
			f.passed, f.charged = false, true
			return f.ask()
		}
		if err == nil {
			return nil
		}
	}
	return nil
}

// A node is the part of a container's description that is used (sway-ipc(7), GET_TREE).
type node struct {
	ID         int64
	Type       string
	Name       string
	Focused    bool
	PID        int
	AppID      string `json:"app_id"`
	Properties struct {
		Class string
	} `json:"window_properties"`
	Nodes    []node
	Floating []node `json:"floating_nodes"`
}

func (n *node) focused() *node {
	if n.Focused {
		return n
	}
	for _, nodes := range [][]node{n.Nodes, n.Floating} {
		for i := range nodes {
			if f := nodes[i].focused(); f != nil {
				return f
			}
		}
	}
	return nil
}

func (f *follower) follow() error {
	// Subscribe before asking for the tree, on the same connection, so that no change is lost in between.
	if err := f.send(msgSubscribe, `["window","workspace","shutdown"]`); err != nil {
		return err
	}
	if err := f.ask(); err != nil {
		return err
	}
	started := false
	for {
		if started {
			if err := f.catchUp(); err != nil {
				return err
			}
		}
		typ, body, err := f.receive()
		if err != nil {
			return err
		}
		if body == nil {
			if !f.passed {
				f.passed, f.passedAt = true, time.Now()
			}
			continue
		}
		if typ == msgGetTree && f.charged {
			f.charged = false
			f.overdone(len(body))
		}
		if err := f.handle(typ, body); err != nil {
			return err
		}
		if typ == msgGetTree && !started {
			started = true
			if err := f.c.SetDeadline(time.Time{}); err != nil {
				return err
			}
			if f.started != nil {
				f.started()
			}
		}
	}
}

func (f *follower) handle(typ uint32, body []byte) error {
	switch typ {
	case msgSubscribe:
		var answer struct{ Success bool }
		if err := parse(body, &answer); err != nil {
			return err
		}
		if !answer.Success {
			return fmt.Errorf("the subscription was refused: %.100q", body)
		}
	case msgGetTree:
		if err := f.answered(); err != nil {
			return err
		}
		var tree node
		if err := parse(body, &tree); err != nil {
			return err
		}
		f.set(tree.focused())
	case eventWindow:
		var e struct {
			Change    string
			Container node
		}
		if err := parse(body, &e); err != nil {
			return err
		}
		return f.window(e.Change, &e.Container)
	case eventWorkspace:
		var e struct{ Change string }
		if err := parse(body, &e); err != nil {
			return err
		}
		// An empty workspace has no window to report; only the tree says which one it is.
		if e.Change == "focus" || e.Change == "init" || e.Change == "empty" {
			return f.ask()
		}
	case eventShutdown:
		return errors.New("it is shutting down or restarting")
	}
	return nil
}

func (f *follower) window(change string, n *node) error {
	switch {
	case change == "close" && n.ID == f.focus:
		return f.ask() // the focus moved elsewhere, without an event if no window is left
	case change == "close", !n.Focused:
	case change == "focus", n.ID == f.focus:
		f.set(n)
	}
	return nil
}

// set reports a container as the focused one.
func (f *follower) set(n *node) {
	if n == nil || n.Type == "workspace" || n.Type == "output" || n.Type == "root" {
		f.focus = 0
		f.report(window.Info{})
		return
	}
	class := n.AppID
	if class == "" {
		class = n.Properties.Class // Xwayland, and all windows of i3
	}
	f.focus = n.ID
	f.report(window.Info{Class: class, Title: n.Name, Exe: window.Exe(n.PID)})
}

// ask asks for the tree, with at most one question at a time.
func (f *follower) ask() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked {
		return nil
	}
	f.asked = true
	return f.send(msgGetTree, "")
}

// hint handles a report of the other source. An answer that is under way may not include it yet.
func (f *follower) hint(i window.Info) {
	f.mu.Lock()
	defer f.mu.Unlock()
	none := i.Class == "" && i.Title == ""
	if f.hinted && none == f.none {
		return
	}
	f.hinted, f.none = true, none
	if f.asked {
		f.again = true
		return
	}
	f.asked = true
	_ = f.send(msgGetTree, "") // the read also returns an error
}

// answered notes that an answer has arrived, and asks again if necessary.
func (f *follower) answered() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = f.again
	if f.again {
		f.again = false
		return f.send(msgGetTree, "")
	}
	return nil
}

// due says whether an answer is due.
func (f *follower) due() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *follower) send(typ uint32, body string) error {
	b := binary.NativeEndian.AppendUint32([]byte(magic), uint32(len(body)))
	b = binary.NativeEndian.AppendUint32(b, typ)
	_, err := f.c.Write(append(b, body...))
	return err
}

// receive reads one message. The body is valid until the next one, and nil if it was skipped.
func (f *follower) receive() (typ uint32, body []byte, err error) {
	var head [len(magic) + 8]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return 0, nil, err
	}
	if string(head[:len(magic)]) != magic {
		return 0, nil, fmt.Errorf("what listens there does not speak the i3 IPC: %q", head)
	}
	n := binary.NativeEndian.Uint32(head[len(magic):])
	if n > maxMessage {
		return 0, nil, fmt.Errorf("message of %d bytes; at most %d are taken", n, maxMessage)
	}
	typ = binary.NativeEndian.Uint32(head[len(magic)+4:])
	if typ == eventWindow && f.overdone(int(n)) {
		_, err := f.r.Discard(int(n))
		return typ, nil, err
	}
	if cap(f.buf) > keepBuffer || f.buf == nil {
		f.buf = []byte{}
	}
	// Grows with the received data, not with the announced size.
	f.buf = f.buf[:0]
	for len(f.buf) < int(n) {
		step := min(int(n)-len(f.buf), 64<<10)
		from := len(f.buf)
		f.buf = append(f.buf, make([]byte, step)...)
		if _, err := io.ReadFull(f.r, f.buf[from:]); err != nil {
			return 0, nil, err
		}
	}
	return typ, f.buf, nil
}

func parse(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("unexpected message: %w: %.100q", err, body)
	}
	return nil
}
