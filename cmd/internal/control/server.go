package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	// Watch does the same with an event of kind "status" for each change of what people are shown.
	Watch(report func(Event)) (stop func())
}

// A Server listens on a socket.
type Server struct {
	handler  Handler
	listener *net.UnixListener
	path     string
	clients  atomic.Int32
	wg       sync.WaitGroup
}

// ErrRunning says that another daemon listens on the socket.
var ErrRunning = errors.New("another toshy is running already")

// Listen makes the socket, which only this user and root may use. A socket that a daemon left behind
// is taken over; one on which a daemon answers is not.
func Listen(path string, h Handler) (*Server, error) {
	if conn, err := net.Dial("unix", path); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%w: it listens on %s", ErrRunning, path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	old := unix.Umask(0o177)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	unix.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &Server{handler: h, listener: l, path: path}, nil
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() }) // removes the socket as well
	defer stop()
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				break
			}
			select { // out of descriptors: later
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		if s.clients.Add(1) > MaxClients {
			s.clients.Add(-1)
			_ = conn.Close()
			continue
		}
		s.wg.Go(func() {
			defer s.clients.Add(-1)
			s.serve(ctx, conn)
		})
	}
	s.wg.Wait()
}

// serve answers one client.
func (s *Server) serve(ctx context.Context, conn *net.UnixConn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if !allowed(conn) {
		return
	}
	in := bufio.NewReaderSize(conn, MaxRequest)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleLimit))
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			_ = answer(conn, failure("a request has at most %d bytes", MaxRequest))
			return
		}
		if err != nil {
			return
		}
		var r Request
		if err := json.Unmarshal(line, &r); err != nil {
			if answer(conn, failure("not a request: %v", err)) != nil {
				return
			}
			continue
		}
		switch {
		case r.Version != 0 && r.Version != Version:
			err = answer(conn, failure("this daemon speaks version %d, not %d", Version, r.Version))
		case r.Command == "monitor":
			s.monitor(ctx, conn, r)
			return
		default:
			a := s.attended(ctx, conn, in, r)
			a.Version = Version
			err = answer(conn, a)
		}
		if err != nil {
			return
		}
	}
}

// attended has a request handled for as long as the client is there to be answered.
func (s *Server) attended(ctx context.Context, conn *net.UnixConn, in *bufio.Reader, r Request) Response {
	if in.Buffered() > 0 { // the client has said more: its end cannot be seen behind that
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

// gone waits until the client hangs up or says something, or the read deadline is over, and says whether it
// has hung up. Nothing is taken from the socket.
func gone(conn *net.UnixConn) (hungUp bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return true
	}
	var b [1]byte
	_ = raw.Read(func(fd uintptr) bool {
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			return false
		}
		hungUp = err != nil || n == 0
		return true
	})
	return hungUp
}

// allowed says whether the peer is this user or root.
func allowed(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var cred *unix.Ucred
	if raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }) != nil || err != nil {
		return false
	}
	return cred.Uid == 0 || int(cred.Uid) == os.Geteuid()
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

// monitor sends events until the client goes or does not read.
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
	if answer(conn, Response{Version: Version, OK: true}) != nil { // from here on nothing is missed
		return
	}
	gone := make(chan struct{})
	go func() { // a client of a monitor says nothing more: a read ends when it goes
		defer close(gone)
		_ = conn.SetReadDeadline(time.Time{})
		var b [1]byte
		for {
			if _, err := conn.Read(b[:]); err != nil {
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-gone:
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
