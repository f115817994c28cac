package kwin

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
	"toshy/remap/window/internal/wayland"
)

// WaylandOptions say where KWin's socket is.
type WaylandOptions = wayland.Options

// A Typist types any text in the programs that take it from input methods, as one of these does (zwp_input_method_v1). KWin
// gives each program that asks a context of its own for the text field that has the focus: an input method or on-screen keyboard of the
// user keeps its own. We grab no key and show no panel.
//
// KWin tells input methods what is around the cursor. So we are connected only while something is typed, and drop what it
// tells.
type Typist struct {
	link   *bus.Link
	opts   WaylandOptions
	active atomic.Bool // a text field has the focus
	ended  chan struct{}

	conn   *wayland.Conn // nil: not connected
	method uint32
	field  uint32 // the context of the text field that has the focus; 0: there is none
}

// Where KWin says whether a text field has the focus (src/virtualkeyboard_dbus.h).
const (
	fieldPath  = dbus.ObjectPath("/VirtualKeyboard")
	fieldIface = "org.kde.kwin.VirtualKeyboard"
)

// Requests and events (input-method-unstable-v1.xml).
const (
	methodIface      = "zwp_input_method_v1"
	methodActivate   = 0
	methodDeactivate = 1

	fieldDestroy = 0
	fieldCommit  = 1
)

// ErrNoField says that no text field has the focus, or one of a program that takes nothing from input methods.
var ErrNoField = errors.New("kwin: no text field has the focus")

// DialTypist connects. An address of "" is the user's own session bus. changed is called when Active changes. The error wraps
// window.ErrUnavailable if there is no KWin, or none that lets us type.
func DialTypist(ctx context.Context, address string, o WaylandOptions, changed func()) (*Typist, error) {
	hint, take := bus.Hints(func(m *dbus.Message) bool {
		iface, member := bus.Names(m)
		return m.Type == dbus.TypeSignal && iface == fieldIface && member == "activeChanged"
	})
	l, err := bus.Dial(ctx, bus.Options{Address: address, Name: BusName, Desktop: "KWin", Take: take})
	if err != nil {
		return nil, err
	}
	t := &Typist{link: l, opts: o, ended: make(chan struct{})}
	if err := t.open(ctx); err != nil {
		l.Close()
		return nil, err
	}
	go t.follow(hint, changed)
	return t, nil
}

func (t *Typist) open(ctx context.Context) error {
	if err := t.link.Match(fieldPath, fieldIface); err != nil {
		return fmt.Errorf("kwin: listen to the text fields: %w", err)
	}
	if err := t.ask(); err != nil {
		return err
	}
	return t.Check(ctx)
}

// ask asks whether a text field has the focus.
func (t *Typist) ask() error {
	var active bool
	err := t.link.Call(fieldPath, "org.freedesktop.DBus.Properties.Get", []any{&active}, fieldIface, "active")
	if bus.Missing(err) {
		err = fmt.Errorf("%w: %w", window.ErrUnavailable, err)
	}
	if err != nil {
		return fmt.Errorf("kwin: ask for the text field: %w", err)
	}
	t.active.Store(active)
	return nil
}

// follow follows the text fields until the link ends. If KWin does not answer, there is none.
func (t *Typist) follow(hint <-chan struct{}, changed func()) {
	defer close(t.ended)
	for {
		select {
		case <-hint:
		case <-t.link.Context().Done():
			return
		}
		if t.ask() != nil {
			t.active.Store(false)
		}
		changed()
	}
}

// Active says whether a text field has the focus, of a program that takes text from input methods.
func (t *Typist) Active() bool { return t.active.Load() }

// Check says whether KWin is there and lets us type.
func (t *Typist) Check(ctx context.Context) error {
	if err := t.link.Err(); err != nil {
		return err
	}
	t.Rest()
	err := t.connect(ctx)
	t.Rest()
	return err
}

func (t *Typist) connect(ctx context.Context) error {
	c, err := t.opts.Dial(ctx)
	if err != nil {
		return err
	}
	t.method, _, err = c.Bind(methodIface, 1, func(op uint16, a *wayland.Args) {
		switch field := a.Uint(); op {
		case methodActivate:
			c.Adopt(field, nil)
			t.field = field
		case methodDeactivate:
			c.Forget(field)
			c.Fail(c.Send(field, fieldDestroy))
			if t.field == field {
				t.field = 0
			}
		}
	})
	if err == nil {
		err = c.Roundtrip()
	}
	if err != nil {
		c.Close()
		t.field = 0
		return err
	}
	t.conn = c
	return nil
}

// Type types a text. It returns when KWin has passed it on. ErrNoField says that there is nothing to type into.
func (t *Typist) Type(ctx context.Context, text string, limit time.Time) error {
	if err := t.link.Err(); err != nil {
		return err
	}
	if t.conn == nil {
		if err := t.connect(ctx); err != nil {
			return err
		}
	}
	if err := t.conn.Limit(limit); err != nil {
		return err
	}
	if err := t.conn.Roundtrip(); err != nil { // the field may be another one by now
		return err
	}
	if t.field == 0 {
		return ErrNoField
	}
	if err := t.conn.Send(t.field, fieldCommit, uint32(0), text); err != nil {
		return err
	}
	return t.conn.Roundtrip()
}

// Rest disconnects until the next text.
func (t *Typist) Rest() {
	if t.conn != nil {
		t.conn.Close()
		t.conn, t.field = nil, 0
	}
}

// Close ends the connection.
func (t *Typist) Close() {
	t.Rest()
	t.link.Close()
	<-t.ended
}
