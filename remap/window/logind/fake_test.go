//go:build desktop

package logind

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestFake(t *testing.T) {
	b := windowtest.NewBus(t)
	w := &Watcher{Address: b.Address}
	if err := w.Run(t.Context(), func(Session) {}); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without logind Run returned %v", err)
	}
	f := windowtest.NewLogind(t, b)
	f.Session(t, "c1", "greeter", "wayland", "gdm", 120)
	f.Session(t, "2", "user", "wayland", "ann", 1000)
	f.Session(t, "3", "user", "x11", "bob", 1001)
	f.Activate("c1")

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
	f.Activate("2")
	s := wait("ann", "2", true)
	if want := (Session{ID: "2", UID: 1000, User: "ann", Seat: "seat0", Type: "wayland", Class: "user", State: "active", Leader: 4242}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	f.Set("2", "IdleHint", true) // not a change
	f.Set("2", "LockedHint", true)
	wait("locked", "2", false)
	f.Set("3", "LockedHint", true) // another user's session: nothing to report
	f.Set("2", "LockedHint", false)
	wait("unlocked", "2", true)
	f.Activate("3")
	wait("bob, locked", "3", false)
	f.Set("3", "LockedHint", false)
	wait("bob", "3", true)
	f.Set("3", "State", "closing")
	wait("logs out", "3", false)
	f.Activate("")
	wait("nobody", "", false)

	liar := b.Connect(t)
	if err := liar.Emit(managerPath, managerIfc+".SessionNew", "x", dbus.ObjectPath("/x")); err != nil {
		t.Fatal(err)
	}
	f.Conn.Close()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
			t.Errorf("with logind gone Run returned %v", err)
		}
	case <-time.After(windowtest.Limit):
		t.Fatal("Run did not end without logind")
	}
	if len(said) > 0 {
		t.Errorf("reported more: %+v", <-said)
	}
}

// TestNoSeat is for a machine without a screen and keyboard of its own.
func TestNoSeat(t *testing.T) {
	b := windowtest.NewBus(t)
	windowtest.NewLogind(t, b)
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
