// Package i3ipc follows the focus on sway and on i3 over their common IPC (i3wm.org/docs/ipc.html,
// sway-ipc(7)).
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

	// maxMessage is the longest message that is read, in bytes. A tree takes about 2 KB a window,
	// unless windows have titles of megabytes.
	maxMessage = 16 << 20
	// keepBuffer is the most that is kept between two messages.
	keepBuffer = 256 << 10

	// Of events about windows so much is read that a processor hardly notices: beyond that they are passed
	// over, and the tree is asked for when there is room again. An event has about 1 KB; a program that sets
	// its title in a loop makes thousands in a second, and one title can have a megabyte.
	readBurst  = 64 << 10  // bytes at once
	readSecond = 256 << 10 // bytes in a second
	askEvery   = 100 * time.Millisecond
)

// Options say where the socket is. What is left empty is taken from the environment or looked for.
type Options struct {
	Socket   string // default $SWAYSOCK or $I3SOCK, else the newest in the folder below
	Runtime  string // the session's runtime folder; default $XDG_RUNTIME_DIR
	Keyboard string // name of the keyboard whose layout counts; see RunGroup
	// Watch may be another source of the same compositor. When it tells that no window has the focus, or again that
	// one has, the tree is asked for: sway has no event for a launcher that takes the keyboard from a window.
	Watch window.Source
}

// Source follows sway or i3. It implements [window.Source].
type Source struct {
	opts    Options
	name    string // also the desktop's
	session string
	env     string // names the socket
	pattern string // of the socket below the runtime folder
}

// NewSway returns a source for sway.
func NewSway(opts Options) *Source {
	return &Source{opts, "sway", "wayland", "SWAYSOCK", "sway-ipc.*.sock"}
}

// NewI3 returns a source for i3. Its IPC passes some old programs' titles as bytes that are not UTF-8;
// the X11 source has them right, and serves i3 as well.
func NewI3(opts Options) *Source {
	return &Source{opts, "i3", "x11", "I3SOCK", "i3/ipc-socket.*"}
}

// Name is "sway" or "i3".
func (s *Source) Name() string { return s.name }

// Detect says whether there is a socket.
func (s *Source) Detect() bool { return sock.Present(s.sockets()) }

func (s *Source) sockets() []string {
	var env []string
	if s.opts.Runtime == "" { // else it is another session's
		env = []string{s.env}
	}
	return sock.Choose(s.opts.Socket, env, filepath.Join(sock.RuntimeDir(s.opts.Runtime), s.pattern))
}

// Run follows the focus as [window.Source] says.
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
				wait.Go(func() { _ = s.opts.Watch.Run(watching, f.hint) }) // without it windows are followed all the same
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
	focus  int64 // the focused container, 0 if there is none or it is a workspace
	// started is called when the first answers have come; it may be nil.
	started func()

	mu           sync.Mutex // guards asked, again and what is written; hint comes from another goroutine
	asked        bool       // the answer to GET_TREE is due; it will be newer than all events before it
	again        bool       // then it must be asked for again
	hinted, none bool       // hint has said something, and what: whether no window has the focus

	passed   bool // events were passed over: the tree has to be asked for
	passedAt time.Time
	charged  bool // the answer that is due counts as read, as the events would
	read     int  // bytes, less what the time since then allows
	readThen time.Time
}

// overdone says whether too much has been read of windows; if not, n bytes more are counted as read.
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

// catchUp waits for more to read, and asks for the tree when events were passed over and there is room.
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

// A node is what is used of a container (sway-ipc(7), GET_TREE).
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
	// Subscribed before the tree is asked for, on the same connection: no change falls in between.
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
		// An empty workspace has no window to tell of; which it is stands in the tree alone.
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
		return f.ask() // the focus has gone elsewhere, without an event when no window is left
	case change == "close", !n.Focused:
	case change == "focus", n.ID == f.focus:
		f.set(n)
	}
	return nil
}

// set reports a container as the one that has the focus.
func (f *follower) set(n *node) {
	if n == nil || n.Type == "workspace" || n.Type == "output" || n.Type == "root" {
		f.focus = 0
		f.report(window.Info{})
		return
	}
	class := n.AppID
	if class == "" {
		class = n.Properties.Class // Xwayland, and all of i3
	}
	f.focus = n.ID
	f.report(window.Info{Class: class, Title: n.Name, Exe: window.Exe(n.PID)})
}

// ask asks for the tree; at most one question is under way.
func (f *follower) ask() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked {
		return nil
	}
	f.asked = true
	return f.send(msgGetTree, "")
}

// hint takes what the other source reports. What that one has seen, an answer under way may not have.
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
	_ = f.send(msgGetTree, "") // an error is read as well
}

// answered notes that an answer has come, and asks again if that is due.
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

// due says whether an answer is.
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

// receive reads one message; the body is good until the next one, and nil when it was passed over.
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
	// Grown by what has come, not by what was promised.
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
