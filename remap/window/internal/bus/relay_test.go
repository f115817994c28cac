//go:build desktop

package bus_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window/internal/bus"
	"toshy/remap/window/windowtest"
)

func TestRelay(t *testing.T) {
	b := windowtest.NewBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	address, end, err := bus.Relay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	c, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.SupportsUnixFDs() {
		t.Error("file descriptors were accepted")
	}
	if r, err := c.RequestName("io.github.toshy.Test", 0); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(r, err)
	}
	signals := make(chan *dbus.Signal, 8)
	c.Signal(signals)
	other := b.Connect(t)
	for _, body := range []any{dbus.UnixFD(os.Stdin.Fd()), strings.Repeat("x", bus.MessageLimit), "end"} {
		m := &dbus.Message{Type: dbus.TypeSignal, Body: []any{body}, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(c.Names()[0]), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/a")),
			dbus.FieldInterface: dbus.MakeVariant("a.b"), dbus.FieldMember: dbus.MakeVariant("C"),
			dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body)),
		}}
		if err := other.Send(m, nil).Err; err != nil {
			t.Fatal(err)
		}
	}
	for {
		select {
		case s := <-signals:
			if s.Name != "a.b.C" {
				continue
			}
			if s.Body[0] != "end" {
				t.Errorf("%.20v came through", s.Body[0])
				continue
			}
		case <-time.After(windowtest.Limit):
			t.Error("the last signal did not come")
		}
		break
	}
	b.Kill()
	select {
	case <-c.Context().Done():
	case <-time.After(windowtest.Limit):
		t.Error("the connection outlives the bus")
	}
}
