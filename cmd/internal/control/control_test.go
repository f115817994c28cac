package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// daemon is the smallest handler that the socket needs.
type daemon struct {
	begun, ended chan struct{} // of the request "work", which ends when its client disconnects

	mu      sync.Mutex
	reports []func(Event)
	watches []func(Event)
}

func (d *daemon) Control(ctx context.Context, r Request) Response {
	if r.Command == "work" {
		d.begun <- struct{}{}
		<-ctx.Done()
		d.ended <- struct{}{}
		return Response{Error: "the client went"}
	}
	if r.Command != "status" {
		return Response{Error: "unknown command", Hint: "status"}
	}
	return Response{OK: true, Status: &Status{PID: 7}}
}

func (d *daemon) Monitor(_ bool, report func(Event)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports = append(d.reports, report)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.reports = nil
	}
}

func (d *daemon) Watch(report func(Event)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watches = append(d.watches, report)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.watches = nil
	}
}

func (d *daemon) change() (watchers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.watches {
		r(Event{Kind: "status"})
	}
	return len(d.watches)
}

func (d *daemon) say(e Event) (listeners int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.reports {
		r(e)
	}
	return len(d.reports)
}

func listen(t *testing.T) (*daemon, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	d := &daemon{begun: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
	s := &Server{Path: path}
	if err := s.Listen(d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return d, path
}

func TestAsk(t *testing.T) {
	_, path := listen(t)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a, err := c.Do(Request{Command: "status"})
	if err != nil || a.Status == nil || a.Status.PID != 7 {
		t.Errorf("status: %+v, %v", a, err)
	}
	if a, err := c.Do(Request{Command: "statsu"}); err == nil || a.Hint != "status" {
		t.Errorf("an unknown command: %+v, %v", a, err)
	}
	if _, err := c.Do(Request{Command: "status"}); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	if _, err := Dial(filepath.Join(t.TempDir(), "s")); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("dial: %v", err)
	}
}

func TestSecondDaemonIsRefused(t *testing.T) {
	_, path := listen(t)
	if err := (&Server{Path: path}).Listen(&daemon{}); !errors.Is(err, ErrRunning) {
		t.Error("a second daemon could use the socket")
	}
}

func TestSocketLeftBehindIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	s := &Server{Path: path}
	if err := s.Listen(&daemon{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Serve(ctx)
}

// Clients that misbehave do not delay the answers to others.
func TestBadClients(t *testing.T) {
	_, path := listen(t)
	for name, text := range map[string]string{
		"silent": "", "half a message": `{"command":`, "garbage": "\x00\xff\n", "not JSON": "hello\n",
		"a number": "1\n", "huge": strings.Repeat("x", 1<<20), "other version": `{"version":99,"command":"status"}` + "\n",
	} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute))
		fmt.Fprint(conn, text) // the daemon may close the connection meanwhile
		if strings.HasSuffix(text, "\n") {
			if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, `"ok":false`) {
				t.Errorf("%s: answer %q, %v", name, line, err)
			}
		}
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do(Request{Command: "status"}); err != nil {
		t.Errorf("with bad clients connected: %v", err)
	}
}

// When the session changes, the daemon closes all connections. A client that has not asked yet hears the reason on a new one.
func TestClosedBeforeTheRequest(t *testing.T) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: t.TempDir() + "/s", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	go func() {
		second, err := l.Accept()
		if err != nil {
			return
		}
		defer second.Close()
		_, _ = bufio.NewReader(second).ReadString('\n')
		_, _ = second.Write([]byte(`{"ok":false,"error":"another session is in use"}` + "\n"))
	}()
	var refused *Refusal
	if _, err := c.Do(Request{Command: "type", Text: "x"}); !errors.As(err, &refused) || refused.Error() != "another session is in use" {
		t.Errorf("got %v", err)
	}
}

func TestThousandConnections(t *testing.T) {
	_, path := listen(t)
	var conns []net.Conn
	for range 1000 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			break // the backlog is full, which is fine
		}
		conns = append(conns, conn)
	}
	for _, c := range conns {
		c.Close()
	}
	deadline := time.Now().Add(time.Minute)
	for {
		c, err := Dial(path)
		if err == nil {
			_, err = c.Do(Request{Command: "status"})
			c.Close()
		}
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no answer after a thousand connections: %v", err)
		}
	}
}

// A long request ends when its client disconnects, but not earlier.
func TestClientThatGoes(t *testing.T) {
	d, path := listen(t)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(conn, `{"command":"work"}`)
	<-d.begun
	select {
	case <-d.ended:
		t.Fatal("the request ended although its client is connected")
	default:
	}
	conn.Close()
	select {
	case <-d.ended:
	case <-time.After(time.Minute):
		t.Fatal("the request did not end after its client disconnected")
	}
}

func TestRequestsInOneWrite(t *testing.T) {
	_, path := listen(t)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprint(conn, strings.Repeat(`{"command":"status"}`+"\n", 20))
	in := bufio.NewReader(conn)
	for i := range 20 {
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, `"ok":true`) {
			t.Fatalf("answer %d: %q, %v", i, line, err)
		}
	}
}

func TestTooLongIsNotSent(t *testing.T) {
	_, path := listen(t)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do(Request{Command: "type", Text: strings.Repeat("x", MaxRequest)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	if _, err := c.Do(Request{Command: "status"}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestMonitor(t *testing.T) {
	d, path := listen(t)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan Event, 10_000)
	ended := make(chan error, 1)
	go func() { ended <- c.Monitor(false, func(e Event) error { got <- e; return nil }) }()
	deadline := time.Now().Add(time.Minute)
	for d.say(Event{Kind: "in", Key: "f1"}) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the monitor did not start")
		}
		time.Sleep(time.Millisecond)
	}
	if e := <-got; e.Key != "f1" {
		t.Errorf("event %+v", e)
	}
	c.Close()
	<-ended
	for d.say(Event{}) != 0 {
		if time.Now().After(deadline) {
			t.Fatal("the daemon still reports to a monitor that disconnected")
		}
		time.Sleep(time.Millisecond)
	}
}

// If a monitor does not read, it loses events. Reporting never waits for it.
func TestSlowMonitor(t *testing.T) {
	d, path := listen(t)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintln(conn, `{"command":"monitor"}`)
	deadline := time.Now().Add(time.Minute)
	for d.say(Event{}) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the monitor did not start")
		}
		time.Sleep(time.Millisecond)
	}
	for range 100_000 { // more than the socket and the queue can hold: this would hang if reporting waited
		d.say(Event{Kind: "in", Key: "f1", Value: "down", Device: strings.Repeat("x", 100)})
	}
}

// If a client watches the status, it gets the first status before it gets any change.
func TestWatch(t *testing.T) {
	d, path := listen(t)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	end := errors.New("enough")
	err = c.Watch([]string{"status"}, func() error {
		if d.say(Event{Kind: "in"}) != 0 {
			t.Error("it also gets keys")
		}
		if n := d.change(); n != 1 {
			t.Errorf("%d watchers at the start", n)
		}
		return nil
	}, func(e Event) error {
		if e.Kind != "status" {
			t.Errorf("event %+v", e)
		}
		return end
	})
	if !errors.Is(err, end) {
		t.Errorf("watch: %v", err)
	}
	var r Request
	if r.wants("status") || !r.wants("in") || !r.wants("focus") {
		t.Error("without kinds, a monitor gets keys and the focus")
	}
}

func TestUnknownKindOfEvent(t *testing.T) {
	_, path := listen(t)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if a, err := c.Do(Request{Command: "monitor", Kinds: []string{"statsu"}}); err == nil || !strings.Contains(a.Hint, "status") {
		t.Errorf("%+v, %v", a, err)
	}
}
