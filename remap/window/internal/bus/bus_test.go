package bus

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
)

func newLink(take func(*dbus.Message) (Report, bool)) *Link {
	l := &Link{opt: Options{Name: "org.example.Desktop", Desktop: "Desktop", Take: take}, owner: ":1.7"}
	l.ctx, l.end = context.WithCancelCause(context.Background())
	l.queue.wake = make(chan struct{}, 1)
	return l
}

// drain ends the link and returns what Follow has reported.
func drain(t *testing.T, l *Link) (got []window.Info) {
	t.Helper()
	done := errors.New("all seen")
	end := window.Info{Class: "the last one"}
	l.queue.push(end)
	err := l.Follow(func(i window.Info) {
		if i == end {
			l.end(done)
			return
		}
		got = append(got, i)
	})
	if !errors.Is(err, done) {
		t.Fatalf("Follow returned %v", err)
	}
	return got
}

func titles(infos []window.Info) string {
	var s []string
	for _, i := range infos {
		s = append(s, i.Title)
	}
	return strings.Join(s, " ")
}

func TestOrder(t *testing.T) {
	l := newLink(nil)
	for _, n := range []uint64{0, 5, 4, 5, 9, 0, 10} { // the first may be 0
		l.Push(Report{n, window.Info{Title: strconv.FormatUint(n, 10)}})
	}
	l.Push(Report{11, window.Info{Title: "10"}}) // nothing new
	if got := titles(drain(t, l)); got != "0 5 9 10" {
		t.Errorf("handed on: %s", got)
	}
}

func TestBacklog(t *testing.T) {
	l := newLink(nil)
	for n := range uint64(1000) {
		l.Push(Report{n, window.Info{Title: strconv.FormatUint(n, 10)}})
	}
	if l.queue.n != backlog {
		t.Errorf("%d wait", l.queue.n)
	}
	i, _ := l.queue.pop()
	if i.Title != "0" {
		t.Errorf("the first is %q", i.Title)
	}
	if got := drain(t, l); got[len(got)-1].Title != "998" && got[len(got)-1].Title != "999" {
		t.Errorf("the last is %q", got[len(got)-1].Title)
	}
}

func TestClip(t *testing.T) {
	l := newLink(nil)
	l.Push(Report{1, window.Info{Class: "a\xff\xc3b", Title: strings.Repeat("\xff", 1<<20)}})
	got := drain(t, l)
	if len(got) != 1 || got[0] != window.Clip(got[0]) || got[0].Class != "a\uFFFDb" {
		t.Errorf("handed on: %+v", got)
	}
}

// TestSender sends messages from several senders. Only those of the desktop itself are used, and the bus says which sender that is.
func TestSender(t *testing.T) {
	message := func(sender, member string, body ...any) *dbus.Message {
		return &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldSender: dbus.MakeVariant(sender), dbus.FieldMember: dbus.MakeVariant(member),
		}}
	}
	var n uint64
	l := newLink(func(m *dbus.Message) (Report, bool) {
		n++
		title, ok := m.Body[0].(string)
		return Report{n, window.Info{Title: title}}, ok
	})
	l.receive(message(":1.7", "x", "mine"))
	l.receive(message(":1.8", "x", "another's"))
	l.receive(message("", "x", "nobody's"))
	l.receive(&dbus.Message{Type: dbus.TypeSignal})
	l.receive(message(":1.8", "NameOwnerChanged", "org.example.Desktop", ":1.7", ""))
	l.receive(message("org.freedesktop.DBus", "NameOwnerChanged", "org.example.Other", ":1.7", ""))
	l.receive(message("org.freedesktop.DBus", "NameOwnerChanged"))
	if l.Err() != nil {
		t.Fatal(l.Err())
	}
	if i, ok := l.queue.pop(); !ok || i.Title != "mine" || !l.queue.empty() {
		t.Errorf("took %+v", i)
	}
	l.receive(message("org.freedesktop.DBus", "NameOwnerChanged", "org.example.Desktop", ":1.7", ":1.9"))
	if err := l.Err(); err == nil || !strings.Contains(err.Error(), "Desktop left the bus") {
		t.Errorf("with a new owner: %v", err)
	}
}

// TestMute connects to a bus that accepts connections and never answers.
func TestMute(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	mute, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithCancel(t.Context())
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := mute.Accept()
		if err == nil {
			accepted <- c
			cancel()
		}
	}()
	ended := make(chan error, 1)
	go func() {
		_, err := Dial(ctx, Options{Address: "unix:path=" + path, Name: "org.example.Desktop", Desktop: "Desktop"})
		ended <- err
	}()
	defer func() { (<-accepted).Close() }()
	select {
	case err := <-ended:
		if !errors.Is(err, window.ErrUnavailable) {
			t.Errorf("Dial returned %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Dial waits for a silent bus")
	}
}

func TestSessionAddress(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if a := SessionAddress(); a != "" {
		t.Errorf("without a bus: %q", a)
	}
	bus, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	if a := SessionAddress(); a != "unix:path="+dbus.EscapeBusAddressValue(dir)+"/bus" {
		t.Errorf("by the runtime folder: %q", a)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=x")
	if a := SessionAddress(); a != "unix:abstract=x" {
		t.Errorf("by the environment: %q", a)
	}
}

// If the interface that is polled disappears because one that reports has come, the reports are followed.
func TestPollIsReplaced(t *testing.T) {
	gone := errors.New("no longer answers")
	for _, reports := range []bool{false, true} {
		l := newLink(nil)
		arrived, err := l.Poll(nil, func() (window.Info, error) {
			if reports {
				l.Push(Report{Serial: 1, Info: window.Info{Class: "a"}})
			}
			return window.Info{}, gone
		}, func(window.Info) {})
		if arrived != reports || (err != nil) == reports {
			t.Errorf("reports %v: %v, %v", reports, arrived, err)
		}
	}
}
