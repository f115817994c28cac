package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A Handler answers requests. Its methods may be called from many goroutines and must not block for long.
type Handler interface {
	Control(ctx context.Context, r Request) Response
	// Monitor calls report for each event until the returned function is called. report does not block.
	Monitor(keys bool, report func(Event)) (stop func())
	// Watch does the same with an event of kind "status" for each change that status displays show.
	Watch(report func(Event)) (stop func())
}

// A Peer is the user at the other end of a connection, according to the kernel (SO_PEERCRED in unix(7)).
type Peer struct {
	UID uint32
	PID int32
}

// A Server listens on a socket.
type Server struct {
	Path string
	// Mode is the socket's mode; 0: 0600, so that only this user and root may connect.
	Mode os.FileMode
	// Access says why a peer may not make requests; nil: it may. Without Access, this user and root may request everything.
	// It must not block.
	Access func(p Peer, command string) error
	// Allow says why a request from a client with access is refused. If Allow is nil, none is. It must not block.
	Allow func(p Peer, r *Request) error
	// Attach serves an agent's connection until that ends. An error before Link.Accept is a refusal. Without Attach there
	// are no agents.
	Attach func(ctx context.Context, l *Link) error
	// Identify returns the user at the other end of a connection; nil: ask the kernel.
	Identify func(*net.UnixConn) (Peer, error)

	handler  Handler
	listener *net.UnixListener
	idle     time.Duration // a client that sends nothing for this long is disconnected
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.UnixConn]Peer // of clients that are not agents
	total int
	users map[uint32]*user
}

// ErrRunning says that another daemon listens on the socket.
var ErrRunning = errors.New("another toshy is running already")

// Listen creates the socket. It replaces a socket that a daemon left behind, but not one on which a daemon answers.
func (s *Server) Listen(h Handler) error {
	switch conn, err := net.Dial("unix", s.Path); {
	case err == nil:
		_ = conn.Close()
		return fmt.Errorf("%w: it listens on %s", ErrRunning, s.Path)
	case errors.Is(err, unix.EAGAIN): // the queue is full: the daemon is stopped or busy (connect(2))
		return fmt.Errorf("%w: it listens on %s and does not answer", ErrRunning, s.Path)
	}
	switch info, err := os.Lstat(s.Path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("control socket: %w", err)
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("control socket: %s exists and is not a socket; name another path with --socket", s.Path)
	default:
		if err := os.Remove(s.Path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("control socket: %w", err)
		}
	}
	mode := s.Mode
	if mode == 0 {
		mode = 0o600
	}
	old := unix.Umask(int(0o777 &^ mode))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.Path, Net: "unix"})
	unix.Umask(old)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	s.handler, s.listener = h, l
	if s.idle == 0 {
		s.idle = idleLimit
	}
	s.conns, s.users = map[*net.UnixConn]Peer{}, map[uint32]*user{}
	return nil
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() }) // also removes the socket
	defer stop()
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				break
			}
			select { // out of descriptors: try later
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		p, err := s.identify(conn)
		if err != nil {
			_ = conn.Close()
			continue
		}
		u := s.enter(p, conn)
		if u == nil {
			_ = conn.Close()
			continue
		}
		s.wg.Go(func() {
			defer s.leave(p, conn)
			s.serve(ctx, conn, p, u)
		})
	}
	s.wg.Wait()
}

// Recheck disconnects clients that have lost access. When it returns, nothing more is sent to them.
func (s *Server) Recheck() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn, p := range s.conns {
		if s.access(p, "monitor") != nil {
			_ = conn.Close()
		}
	}
}

func (s *Server) access(p Peer, command string) error {
	if s.Access != nil {
		return s.Access(p, command)
	}
	if p.UID == 0 || int(p.UID) == os.Geteuid() {
		return nil
	}
	return errors.New("this daemon serves another user")
}

// serve answers one client.
func (s *Server) serve(ctx context.Context, conn *net.UnixConn, p Peer, u *user) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in := bufio.NewReaderSize(conn, MaxRequest)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(s.idle))
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			_ = answer(conn, failure("a request has at most %d bytes", MaxRequest))
			return
		}
		if err != nil {
			return
		}
		if u.rate.Wait(ctx) != nil {
			return
		}
		var r Request
		err = json.Unmarshal(line, &r)
		clear(line) // the text of "type" must not stay as long as the client does
		if err != nil {
			if answer(conn, failure("not a request: %v", err)) != nil {
				return
			}
			continue
		}
		if r.Version != 0 && r.Version != Version {
			if answer(conn, failure("this daemon speaks version %d, not %d", Version, r.Version)) != nil {
				return
			}
			continue
		}
		if err := s.access(p, r.Command); err != nil {
			a := failure("%v", err)
			a.Kind = KindAccess
			_ = answer(conn, a)
			return
		}
		if s.Allow != nil {
			if err := s.Allow(p, &r); err != nil {
				a := failure("%v", err)
				a.Kind = KindAccess
				if answer(conn, a) != nil {
					return
				}
				continue
			}
		}
		switch r.Command {
		case "monitor":
			s.monitor(ctx, conn, r)
			return
		case "attach":
			s.attach(ctx, conn, in, p, u)
			return
		}
		a := s.attended(ctx, conn, in, r)
		a.Version = Version
		if answer(conn, a) != nil {
			return
		}
	}
}

// attach serves an agent.
func (s *Server) attach(ctx context.Context, conn *net.UnixConn, in *bufio.Reader, p Peer, u *user) {
	if s.Attach == nil {
		_ = answer(conn, failure("this daemon is run by its user and takes no agent"))
		return
	}
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	l := newLink(ctx, p, conn, in, u.bytes)
	defer l.wrote.Wait()
	defer l.Close()
	if err := s.Attach(ctx, l); err != nil {
		_ = answer(conn, failure("%v", err))
	}
}

// attended handles a request for as long as the client is there to get the answer.
func (s *Server) attended(ctx context.Context, conn *net.UnixConn, in *bufio.Reader, r Request) Response {
	if in.Buffered() > 0 { // the client has sent more, so its end cannot be seen
		return s.handler.Control(ctx, r)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = conn.SetReadDeadline(time.Time{})
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		if gone(conn) {
			cancel()
		}
	}()
	a := s.handler.Control(ctx, r)
	_ = conn.SetReadDeadline(time.Unix(1, 0)) // ends the watch
	<-watching
	return a
}

// gone waits until the client hangs up, sends something, or the read deadline is over, and says whether it has hung up. A
// client that has only closed its sending side (shutdown(2)) still receives. Nothing is read from the socket.
func gone(conn *net.UnixConn) (hungUp bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return true
	}
	var b [1]byte
	_ = raw.Read(func(fd uintptr) bool {
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			return false
		case err == nil && n == 0:
			hungUp = closed(fd)
			return hungUp
		}
		hungUp = err != nil
		return true
	})
	return hungUp
}

// closed says whether the other end has closed the connection (poll(2)).
func closed(fd uintptr) bool {
	fds := []unix.PollFd{{Fd: int32(fd)}} // POLLHUP need not be asked for
	_, err := unix.Poll(fds, 0)
	return err == nil && fds[0].Revents&unix.POLLHUP != 0
}

// identify returns the user at the other end.
func (s *Server) identify(conn *net.UnixConn) (Peer, error) {
	if s.Identify != nil {
		return s.Identify(conn)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var cred *unix.Ucred
	if e := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil {
		return Peer{}, e
	}
	if err != nil {
		return Peer{}, err
	}
	return Peer{UID: cred.Uid, PID: cred.Pid}, nil
}

func failure(format string, args ...any) Response {
	return Response{Version: Version, Error: fmt.Sprintf(format, args...)}
}

func answer(conn *net.UnixConn, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_ = conn.SetWriteDeadline(time.Now().Add(writeLimit))
	_, err = conn.Write(append(b, '\n'))
	return err
}

// monitor sends events until the client disconnects or does not read.
func (s *Server) monitor(ctx context.Context, conn *net.UnixConn, r Request) {
	for _, k := range r.Kinds {
		if !slices.Contains(EventKinds, k) {
			a := failure("there are no events of kind %q", k)
			a.Hint = strings.Join(EventKinds, ", ")
			_ = answer(conn, a)
			return
		}
	}
	events := make(chan Event, eventQueue)
	var lost atomic.Int64
	report := func(e Event) {
		if !r.wants(e.Kind) {
			return
		}
		select {
		case events <- e:
		default:
			lost.Add(1)
		}
	}
	if r.wants("status") {
		defer s.handler.Watch(report)()
	}
	if len(r.Kinds) == 0 || slices.ContainsFunc(r.Kinds, func(k string) bool { return k != "status" }) {
		defer s.handler.Monitor(r.Keys, report)()
	}
	if answer(conn, Response{Version: Version, OK: true}) != nil { // from here on, nothing is missed
		return
	}
	left := make(chan struct{})
	go func() { // ignore what a monitor's client sends
		defer close(left)
		_ = conn.SetReadDeadline(time.Time{})
		if _, err := io.Copy(io.Discard, conn); err == nil { // it has closed its sending side
			gone(conn)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-left:
			return
		case e := <-events:
			if n := lost.Swap(0); n > 0 {
				if answer(conn, Event{Kind: "lost", Dropped: int(n)}) != nil {
					return
				}
			}
			if answer(conn, e) != nil {
				return
			}
		}
	}
}
