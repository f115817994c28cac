package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// A script that closes its sending side (echo ... | socat - UNIX-CONNECT:...) still gets its answer.

func half(t *testing.T, path, request string) *bufio.Reader {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintln(conn, request)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}

func TestGone(t *testing.T) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: t.TempDir() + "/s", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if gone(conn) {
		t.Error("a client that only closed its sending side is treated as disconnected")
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	hungUp := make(chan bool)
	go func() { hungUp <- gone(conn) }()
	client.Close()
	if !<-hungUp {
		t.Error("a client that closed the connection is treated as connected")
	}
}

func TestHalfClosedMonitor(t *testing.T) {
	d, path := listen(t)
	in := half(t, path, `{"command":"monitor"}`)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, `"ok":true`) {
		t.Fatalf("%q, %v", line, err)
	}
	for n := range 100 {
		d.say(Event{Kind: "in", Key: fmt.Sprint(n)})
		line, err := in.ReadBytes('\n')
		var e Event
		if err != nil || json.Unmarshal(line, &e) != nil || e.Key != fmt.Sprint(n) {
			t.Fatalf("event %d: %q, %v", n, line, err)
		}
	}
}
