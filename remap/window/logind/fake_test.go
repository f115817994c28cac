//go:build desktop

package logind

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// fakeLogind answers like systemd-logind (org.freedesktop.login1(5)) on a private bus: a test has no
// seat of its own.
type fakeLogind struct {
	conn *dbus.Conn
	seat *prop.Properties
	sess map[string]*prop.Properties
}

type ref struct {
	ID   string
	Path dbus.ObjectPath
}

type userRef struct {
	UID  uint32
	Path dbus.ObjectPath
}

const seatPath = managerPath + "/seat/seat0"

func newFake(t *testing.T, b *windowtest.Bus) *fakeLogind {
	t.Helper()
	f := &fakeLogind{conn: b.Connect(t), sess: map[string]*prop.Properties{}}
	err := f.conn.ExportMethodTable(map[string]any{"GetSeat": func(id string) (dbus.ObjectPath, *dbus.Error) {
		if id != "seat0" {
			return "", dbus.NewError("org.freedesktop.login1.NoSuchSeat", []any{"no seat " + id})
		}
		return seatPath, nil
	}}, managerPath, managerIfc)
	if err != nil {
		t.Fatal(err)
	}
	f.seat, err = prop.Export(f.conn, seatPath, prop.Map{seatIface: {"ActiveSession": {Value: ref{"", "/"}, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := f.conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(r, err)
	}
	return f
}

func sessionPath(id string) dbus.ObjectPath { return managerPath + "/session/" + dbus.ObjectPath(id) }

func (f *fakeLogind) session(t *testing.T, id, class, typ, user string, uid uint32) {
	t.Helper()
	p, err := prop.Export(f.conn, sessionPath(id), prop.Map{sessIface: {
		"Id": {Value: id}, "Name": {Value: user}, "Class": {Value: class}, "Type": {Value: typ}, "Desktop": {Value: ""},
		"User": {Value: userRef{uid, "/"}}, "Leader": {Value: uint32(4242)},
		"State":      {Value: "active", Emit: prop.EmitTrue},
		"LockedHint": {Value: false, Emit: prop.EmitTrue},
		"IdleHint":   {Value: false, Emit: prop.EmitTrue},
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.sess[id] = p
}

func (f *fakeLogind) activate(id string) {
	f.seat.SetMust(seatIface, "ActiveSession", ref{id, sessionPath(id)})
}

func TestFake(t *testing.T) {
	b := windowtest.NewBus(t)
	w := &Watcher{Address: b.Address}
	if err := w.Run(t.Context(), func(Session) {}); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without logind Run returned %v", err)
	}
	f := newFake(t, b)
	f.session(t, "c1", "greeter", "wayland", "gdm", 120)
	f.session(t, "2", "user", "wayland", "ann", 1000)
	f.session(t, "3", "user", "x11", "bob", 1001)
	f.activate("c1")

	said := make(chan Session, 16)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, func(s Session) { said <- s }) }()
	wait := func(what, id string, working bool) Session {
		t.Helper()
		select {
		case s := <-said:
			if s.ID != id || s.Working() != working {
				t.Fatalf("%s: %+v, want session %q, working %v", what, s, id, working)
			}
			return s
		case <-time.After(windowtest.Limit):
			t.Fatalf("%s: nothing reported", what)
			return Session{}
		}
	}
	wait("greeter", "c1", false)
	f.activate("2")
	s := wait("ann", "2", true)
	if want := (Session{ID: "2", UID: 1000, User: "ann", Seat: "seat0", Type: "wayland", Class: "user", State: "active", Leader: 4242}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	f.sess["2"].SetMust(sessIface, "IdleHint", true) // no news
	f.sess["2"].SetMust(sessIface, "LockedHint", true)
	wait("locked", "2", false)
	f.sess["3"].SetMust(sessIface, "LockedHint", true) // another's session: no news
	f.sess["2"].SetMust(sessIface, "LockedHint", false)
	wait("unlocked", "2", true)
	f.activate("3")
	wait("bob, locked", "3", false)
	f.sess["3"].SetMust(sessIface, "LockedHint", false)
	wait("bob", "3", true)
	f.sess["3"].SetMust(sessIface, "State", "closing")
	wait("logs out", "3", false)
	f.seat.SetMust(seatIface, "ActiveSession", ref{"", "/"})
	wait("nobody", "", false)

	liar := b.Connect(t)
	if err := liar.Emit(managerPath, managerIfc+".SessionNew", "x", dbus.ObjectPath("/x")); err != nil {
		t.Fatal(err)
	}
	f.conn.Close()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
			t.Errorf("with logind gone Run returned %v", err)
		}
	case <-time.After(windowtest.Limit):
		t.Fatal("Run goes on without logind")
	}
	if len(said) > 0 {
		t.Errorf("reported more: %+v", <-said)
	}
}

// TestNoSeat is for a machine without screen and keyboard of its own.
func TestNoSeat(t *testing.T) {
	b := windowtest.NewBus(t)
	newFake(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan Session, 1)
	ended := make(chan error, 1)
	go func() { ended <- (&Watcher{Address: b.Address, Seat: "seat9"}).Run(ctx, func(s Session) { said <- s }) }()
	select {
	case s := <-said:
		if s != (Session{}) {
			t.Errorf("%+v", s)
		}
	case <-time.After(windowtest.Limit):
		t.Fatal("nothing reported")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", fmt.Sprint(err))
	}
}
