package control

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A wrong --socket never overwrites a file.
func TestListenLeavesFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Server{Path: path}
	if err := s.Listen(&daemon{}); err == nil {
		_ = s.listener.Close()
		t.Error("the daemon replaced a file with its socket")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "mine" {
		t.Errorf("the file has %q, %v", b, err)
	}
}

// A stopped or busy daemon still has its socket: connections wait there until the queue is full.
func TestListenBesideABusyDaemon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		conn, err := net.Dial("unix", path)
		if errors.Is(err, unix.EAGAIN) {
			s := &Server{Path: path}
			if err := s.Listen(&daemon{}); !errors.Is(err, ErrRunning) {
				t.Errorf("a second daemon took over the socket: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	t.Fatal("no connection had to wait")
}
