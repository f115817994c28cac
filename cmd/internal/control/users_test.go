package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// atSeat is the user who may use every command.
const atSeat = 500

// crowd is a server whose next client belongs to the user in uid.
func crowd(t *testing.T) (s *Server, uid *atomic.Uint32) {
	t.Helper()
	uid = &atomic.Uint32{}
	s = &Server{
		Path:     filepath.Join(t.TempDir(), "s"),
		idle:     time.Hour, // no client times out before the last one connects
		Identify: func(*net.UnixConn) (Peer, error) { return Peer{UID: uid.Load()}, nil },
		Access: func(p Peer, command string) error {
			if command == "monitor" && p.UID != atSeat {
				return errors.New("another user is at the seat")
			}
			return nil
		},
	}
	if err := s.Listen(&daemon{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return s, uid
}

// answered connects, asks once, and says whether an answer came. If not, it closes the connection.
func answered(t *testing.T, s *Server) (net.Conn, bool) {
	t.Helper()
	conn, err := net.Dial("unix", s.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintln(conn, `{"command":"status"}`) // the server may have closed the connection
	line, err := bufio.NewReader(conn).ReadString('\n')
	return conn, err == nil && strings.Contains(line, `"ok":true`)
}

func TestConnectionsOfOneUser(t *testing.T) {
	s, uid := crowd(t)
	uid.Store(1000)
	var conns []net.Conn
	for n := range MaxPerUser {
		c, ok := answered(t, s)
		if !ok {
			t.Fatalf("connection %d is not answered", n+1)
		}
		conns = append(conns, c)
	}
	if _, ok := answered(t, s); ok {
		t.Error("one connection too many was answered")
	}
	for _, other := range []uint32{0, 1001} {
		uid.Store(other)
		if _, ok := answered(t, s); !ok {
			t.Errorf("user %d is not answered beside it", other)
		}
	}
	uid.Store(1000)
	conns[0].Close() // makes room as soon as the server notices
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, ok := answered(t, s); ok {
			break
		}
		if time.Now().After(end) {
			t.Fatal("there is no room although a client disconnected")
		}
	}
}

func TestConnectionsOfAll(t *testing.T) {
	s, uid := crowd(t)
	for n := range uint32(MaxClients) {
		uid.Store(1000 + n/MaxPerUser)
		if _, ok := answered(t, s); !ok {
			t.Fatalf("connection %d is not answered", n+1)
		}
	}
	uid.Store(2000)
	if _, ok := answered(t, s); ok {
		t.Error("one connection too many was answered")
	}
	for who, id := range map[string]uint32{"root": 0, "the user at the seat": atSeat} {
		uid.Store(id)
		for range 3 {
			if _, ok := answered(t, s); !ok {
				t.Errorf("%s got no answer", who)
			}
		}
	}
}

// All requests of a user share one limit, whatever connection they use. Only an answer that comes too soon is a failure: a server that
// is slower than the limit proves nothing.
func TestRateOfOneUser(t *testing.T) {
	s, uid := crowd(t)
	uid.Store(1000)
	const clients, each = 4, 50
	began := time.Now()
	done := make(chan error, clients)
	for range clients {
		c, err := Dial(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() {
			for range each {
				if _, err := c.Do(Request{Command: "status"}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	least := time.Duration(clients*each-rateBurst) * time.Second / MaxRate
	if took := time.Since(began); took < least*9/10 {
		t.Errorf("%d requests were answered in %v, want at least %v", clients*each, took, least)
	}
}

// A user who reconnects does not get a fresh limit, and the server forgets users who have disconnected.
func TestUsersAreForgotten(t *testing.T) {
	s := &Server{conns: map[*net.UnixConn]Peer{}, users: map[uint32]*user{}}
	stays := s.enter(Peer{UID: 1}, nil)
	stays.rate.AllowN(time.Now(), rateBurst)
	s.leave(Peer{UID: 1}, nil)
	if again := s.enter(Peer{UID: 1}, nil); again != stays {
		t.Error("a user who reconnects got a fresh limit")
	}
	for uid := range uint32(10 * MaxClients) {
		p := Peer{UID: 1000 + uid}
		s.enter(p, nil)
		s.leave(p, nil)
	}
	if n := len(s.users); n > MaxClients {
		t.Errorf("%d users are kept", n)
	}
	if s.users[1] != stays {
		t.Error("the server forgot a connected user")
	}
}
