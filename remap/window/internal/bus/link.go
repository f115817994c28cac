// Package bus follows a desktop on a D-Bus session bus. Several focus sources use it.
//
// It adds what godbus lacks. It handles messages in the order of the bus, on the goroutine that reads the bus: godbus
// answers each method call on a separate goroutine, where two calls can overtake each other. It ignores messages from
// anyone but the desktop itself. It bounds the reports that wait for the consumer. Calls have a time limit. It never starts
// a bus.
package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
)

// CallTimeout is how long a desktop may take to answer a call. Shells answer in 1-5 ms; a shell that loads a lot may take a
// second.
const CallTimeout = 3 * time.Second

// Report is one message of a desktop about its focus.
type Report struct {
	// Serial orders the reports of one desktop process. A report with a serial no higher than the last one is late, and is
	// dropped.
	Serial uint64
	Info   window.Info
}

// Options say which desktop to follow.
type Options struct {
	Address string // of the bus; "" is SessionAddress()
	Name    string // well-known bus name of the desktop, such as "org.kde.KWin"
	Desktop string // the desktop's name in messages, such as "KWin"

	// Take makes a report from a message of the desktop, or returns false. It is called on the goroutine that reads the bus,
	// so it must not wait. It may be nil.
	Take func(*dbus.Message) (Report, bool)

	// Limit is the size of the largest message that the desktop may send; 0 is MessageLimit.
	Limit int
}

// A Link is a connection to the bus with the desktop on the other side.
type Link struct {
	Conn *dbus.Conn

	opt   Options
	ctx   context.Context // ends with the caller's context, with the connection, or with the desktop
	end   context.CancelCauseFunc
	queue queue

	mu     sync.Mutex
	owner  string // unique name of the desktop; "" if not known yet
	moved  bool   // NameOwnerChanged has arrived
	last   uint64 // serial of the last accepted report
	serial bool   // last is valid
}

// SessionAddress is the address of the user's session bus, or "" if none is known. It never starts a bus, as libdbus would.
func SessionAddress() string {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return a
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = "/run/user/" + strconv.Itoa(os.Geteuid())
	}
	path := filepath.Join(dir, "bus")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(path)
}

// Dial connects and finds the desktop. If there is no bus, or no such desktop on it, the error wraps window.ErrUnavailable.
// The caller must close the link.
func Dial(ctx context.Context, opt Options) (*Link, error) {
	l := &Link{opt: opt}
	l.ctx, l.end = context.WithCancelCause(ctx)
	l.queue.wake = make(chan struct{}, 1)
	conn, g, err := connect(l.ctx, opt.Address, opt.Limit, l.heeds, dbus.WithIncomingInterceptor(l.receive), dbus.WithSignalHandler(noSignals{}))
	if err != nil {
		l.end(err)
		return nil, err
	}
	l.Conn = conn
	context.AfterFunc(conn.Context(), func() { l.end(g.lost()) })
	if err := l.find(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Follow connects like Dial and runs f, which returns why it ended. Run of the source returns the result of Follow.
func Follow(ctx context.Context, opt Options, f func(*Link) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := Dial(ctx, opt)
	if err == nil {
		defer l.Close()
		err = f(l)
	}
	if ctx.Err() != nil { // return this instead of its consequences
		return ctx.Err()
	}
	return err
}

// Hints is a Take for a desktop whose signals only mean that you should ask it. After each message for which matters
// returns true, hint receives a value. One waiting value is enough for all.
func Hints(matters func(*dbus.Message) bool) (hint <-chan struct{}, take func(*dbus.Message) (Report, bool)) {
	c := make(chan struct{}, 1)
	return c, func(m *dbus.Message) (Report, bool) {
		if matters(m) {
			select {
			case c <- struct{}{}:
			default:
			}
		}
		return Report{}, false
	}
}

// Names are the interface and the member in a message; "" if missing.
func Names(m *dbus.Message) (iface, member string) {
	iface, _ = m.Headers[dbus.FieldInterface].Value().(string)
	member, _ = m.Headers[dbus.FieldMember].Value().(string)
	return iface, member
}

// Detect says whether the desktop is on the bus; the errors are those of Dial. It only waits for the bus.
func Detect(ctx context.Context, opt Options) error {
	l, err := Dial(ctx, opt)
	if err != nil {
		return err
	}
	l.Close()
	return nil
}

// heeds says whether to read a sender's messages: those of the bus and of the desktop.
func (l *Link) heeds(sender string) bool {
	if sender == Itself {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owner != "" && sender == l.owner
}

// noSignals is for a connection whose interceptor handles the signals.
type noSignals struct{}

func (noSignals) DeliverSignal(string, string, *dbus.Signal) {}

func (l *Link) find() error {
	if err := l.MatchNames([]string{l.opt.Name}); err != nil {
		return fmt.Errorf("D-Bus: follow the owner of %s: %w", l.opt.Name, err)
	}
	var owner string
	err := l.call(Itself, "/org/freedesktop/DBus", Itself+".GetNameOwner", []any{&owner}, l.opt.Name)
	if err != nil {
		return fmt.Errorf("%w: %s is not running: %s is not on the bus: %w", window.ErrUnavailable, l.opt.Desktop, l.opt.Name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moved { // between the two calls; the signal is at least as new as the answer
		return l.lost()
	}
	l.owner = owner
	return nil
}

func (l *Link) lost() error { return fmt.Errorf("%s left the bus", l.opt.Desktop) }

// Itself is the name of the bus, which you can follow like a desktop.
const Itself = "org.freedesktop.DBus"

// OwnerChanged parses the bus's signal that a name has got or lost its owner.
func OwnerChanged(m *dbus.Message) (name string, there, ok bool) {
	_, member := Names(m)
	sender, _ := m.Headers[dbus.FieldSender].Value().(string)
	if m.Type != dbus.TypeSignal || sender != Itself || member != "NameOwnerChanged" || len(m.Body) != 3 {
		return "", false, false
	}
	name, ok = m.Body[0].(string)
	owner, ok2 := m.Body[2].(string)
	return name, owner != "", ok && ok2
}

// receive handles every message, in the order of the bus.
func (l *Link) receive(m *dbus.Message) {
	sender, _ := m.Headers[dbus.FieldSender].Value().(string)
	if name, _, ok := OwnerChanged(m); ok && name == l.opt.Name {
		l.mu.Lock()
		l.moved = true
		known := l.owner != ""
		l.mu.Unlock()
		if known {
			l.end(l.lost())
		}
		return
	}
	if l.opt.Take == nil || (m.Type != dbus.TypeSignal && m.Type != dbus.TypeMethodCall) {
		return
	}
	l.mu.Lock()
	trusted := l.owner != "" && sender == l.owner
	l.mu.Unlock()
	if !trusted {
		return
	}
	if r, ok := l.opt.Take(m); ok {
		l.Push(r)
	}
}

// Push passes a report to Follow, cut to the limits, unless it is late. It never waits.
func (l *Link) Push(r Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.serial && r.Serial <= l.last {
		return
	}
	l.last, l.serial = r.Serial, true
	l.queue.push(window.Clip(r.Info))
}

// UniqueName is our own name on the bus. Nobody else ever gets it.
func (l *Link) UniqueName() string { return l.Conn.Names()[0] }

// Context ends with the context given to Dial, with the connection, or with the desktop.
func (l *Link) Context() context.Context { return l.ctx }

// Err says why the link ended: the error of the context given to Dial, or what was lost. It is nil while the link exists.
func (l *Link) Err() error { return context.Cause(l.ctx) }

// Close ends the link. It may be called more than once.
func (l *Link) Close() {
	l.Conn.Close()
	l.end(errors.New("the link was closed"))
}

// Wait waits until there is a report, and returns false if none arrives within the limit.
func (l *Link) Wait(limit time.Duration) bool {
	t := time.NewTimer(limit)
	defer t.Stop()
	for {
		if !l.queue.empty() {
			return true
		}
		select {
		case <-l.queue.wake:
		case <-t.C:
			return !l.queue.empty()
		case <-l.ctx.Done():
			return false
		}
	}
}

// Follow passes on each report until the link ends, and returns Err. It drops repetitions.
func (l *Link) Follow(report func(window.Info)) error {
	var last window.Info
	first := true
	for {
		for l.ctx.Err() == nil {
			info, ok := l.queue.pop()
			if !ok {
				break
			}
			if first || info != last {
				first, last = false, info
				report(info)
			}
		}
		select {
		case <-l.queue.wake:
		case <-l.ctx.Done():
			return l.Err()
		}
	}
}
