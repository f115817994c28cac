package bus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A played bus is a connection that has sent some bytes and is closed.
type played struct {
	net.Conn
	*bytes.Reader
}

func (p played) Read(b []byte) (int, error) { return p.Reader.Read(b) }

// signal is a message as a bus forwards it.
func signal(t testing.TB, order binary.ByteOrder, sender string, body ...any) []byte {
	t.Helper()
	m := &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/a")), dbus.FieldInterface: dbus.MakeVariant("a.b"), dbus.FieldMember: dbus.MakeVariant("C"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
	}}
	if sender != "" {
		m.Headers[dbus.FieldSender] = dbus.MakeVariant(sender)
	}
	var b bytes.Buffer
	if err := m.EncodeTo(&b, order); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// passed returns what a gate lets through, and why it ended.
func passed(stream []byte, heeds func(string) bool) (all []*dbus.Message, g *gate, err error) {
	g = newGate(played{Reader: bytes.NewReader(stream)}, 0, heeds)
	g.begun = true
	for {
		m, err := dbus.DecodeMessage(g)
		if err != nil {
			return all, g, err
		}
		all = append(all, m)
	}
}

func mine(sender string) bool { return sender == ":1.7" }

// TestGate sends what anyone on a system bus may send, between messages that matter.
func TestGate(t *testing.T) {
	large, tooLarge := strings.Repeat("x", MessageLimit-200), strings.Repeat("x", 32<<20)
	var stream []byte
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, m := range [][]byte{
			signal(t, order, ":1.7", "one"),
			signal(t, order, ":1.70", "another's"),
			signal(t, order, "", "nobody's"),
			signal(t, order, ":1.8", tooLarge),
			signal(t, order, ":1.8", []dbus.Variant{dbus.MakeVariant([]byte{})}),
			signal(t, order, strings.Repeat("x", MessageLimit), "a large header"),
			signal(t, order, ":1.7", large),
		} {
			stream = append(stream, m...)
		}
	}
	got, g, err := passed(stream, mine)
	if len(got) != 4 || !errors.Is(err, io.EOF) {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	for i, m := range got {
		if want := []string{"one", large}[i%2]; m.Body[0] != want {
			t.Errorf("message %d: %.20q", i, m.Body[0])
		}
	}
	if cap(g.message) > keptBuffer {
		t.Errorf("it keeps %d bytes", cap(g.message))
	}
	if err := g.lost(); !strings.Contains(err.Error(), "was lost") {
		t.Error(err)
	}
}

// TestGateTooLarge: the desktop itself sends a message that is too large, and the user gets a message about it.
func TestGateTooLarge(t *testing.T) {
	_, g, err := passed(signal(t, binary.LittleEndian, ":1.7", strings.Repeat("x", MessageLimit)), mine)
	if err == nil || !strings.Contains(err.Error(), "at most 2097152 are read") || g.lost() != err {
		t.Errorf("%v, %v", err, g.lost())
	}
	if got, _, err := passed(append(signal(t, binary.LittleEndian, ":1.8", strings.Repeat("x", MessageLimit)), signal(t, binary.LittleEndian, ":1.8", "x")...), nil); len(got) != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("for whom everybody matters: %d messages, %v", len(got), err)
	}
}

// TestGatePreface is a bus whose authentication never ends.
func TestGatePreface(t *testing.T) {
	g := newGate(played{Reader: bytes.NewReader(bytes.Repeat([]byte("x"), 1<<20))}, 0, nil)
	if n, err := io.Copy(io.Discard, g); n > prefaceLimit || err == nil || !strings.Contains(err.Error(), "authentication") {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func FuzzGate(f *testing.F) {
	f.Add(signal(f, binary.LittleEndian, ":1.7", "one"))
	f.Add(signal(f, binary.BigEndian, ":1.8", "one"))
	f.Add(append([]byte("l\x04\x00\x01\xff\xff\xff\x07\x01\x00\x00\x00\x08\x00\x00\x00"), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, stream []byte) {
		g := newGate(played{Reader: bytes.NewReader(stream)}, 0, mine)
		g.begun = true
		n, err := io.Copy(io.Discard, g)
		if n > int64(len(stream)) || cap(g.message) > 2*len(stream)+MessageLimit {
			t.Errorf("%d bytes of %d, %d kept, %v", n, len(stream), cap(g.message), err)
		}
	})
}

func TestSocketOf(t *testing.T) {
	for address, want := range map[string]string{
		"unix:path=/run/user/1000/bus":               "/run/user/1000/bus",
		"unix:guid=1,path=/tmp/a%20b":                "/tmp/a b",
		"unix:abstract=/tmp/dbus-x,guid=1":           "@/tmp/dbus-x",
		"tcp:host=evil,port=1":                       "",
		"unixexec:path=/bin/sh":                      "",
		"unix:tmpdir=/tmp":                           "",
		"autolaunch:":                                "",
		"unix:path=/tmp/%":                           "",
		"nonce-tcp:host=a,port=1,noncefile=/etc/pwd": "",
	} {
		if got, err := socketOf(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
}
