// Package wayland is a client of the Wayland wire protocol (wayland.freedesktop.org, "Protocol"): enough to bind globals
// and receive events, on one goroutine and in bounded memory.
package wayland

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

var order = binary.NativeEndian // both ends are on one machine

// maxObjects bounds the objects that a compositor can make us remember.
const maxObjects = 4096

// ErrProtocol is wrapped if a compositor breaks the protocol.
var ErrProtocol = errors.New("wayland protocol broken")

// A Handler handles the events of one object.
type Handler func(op uint16, a *Args)

// A Global is an object that a compositor offers.
type Global struct {
	name    uint32
	iface   string
	version uint32
}

// Conn is a connection to a compositor.
type Conn struct {
	c       *net.UnixConn
	r       *bufio.Reader
	fds     descriptors
	done    func()
	next    uint32
	objects map[uint32]Handler
	globals map[uint32]Global
	fatal   error
	msg     [1 << 16]byte
}

// Options say where the compositor is. Empty fields are taken from the environment, or found.
type Options struct {
	Display string // name or path of the socket; default $WAYLAND_DISPLAY, else the newest in Runtime
	Runtime string // the session's runtime folder; default $XDG_RUNTIME_DIR
}

// Present says whether a compositor runs. Only Dial finds out what it offers.
func (o Options) Present() bool { return sock.Present(o.sockets()) }

// Dial connects.
func (o Options) Dial(ctx context.Context) (*Conn, error) { return Dial(ctx, o.sockets()...) }

// Follow connects a source to the compositor and runs f, which returns why it ended. Run of the source returns the result
// of Follow.
func (o Options) Follow(ctx context.Context, source string, f func(c *Conn) error) error {
	c, err := Dial(ctx, o.sockets()...)
	if err == nil {
		defer c.Close()
		err = f(c)
	}
	return sock.Failed(ctx, source, err)
}

// sockets lists the compositors' sockets to try: the given one (a path, or a name below the runtime folder); else
// WAYLAND_DISPLAY's and then all in the runtime folder, newest first.
func (o Options) sockets() []string {
	dir := sock.RuntimeDir(o.Runtime)
	below := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
	if o.Display != "" {
		return []string{below(o.Display)}
	}
	found := slices.DeleteFunc(sock.Find(filepath.Join(dir, "wayland-*")), func(path string) bool {
		return strings.HasSuffix(path, ".lock")
	})
	if name := os.Getenv("WAYLAND_DISPLAY"); name != "" && o.Runtime == "" {
		return sock.First(below(name), found)
	}
	return found
}

// Dial connects, and returns after the compositor has listed its globals. The connection ends with ctx.
func Dial(ctx context.Context, paths ...string) (*Conn, error) {
	uc, done, err := sock.Dial(ctx, paths...)
	if err != nil {
		return nil, err
	}
	c := &Conn{
		c: uc, done: done, next: 3, fds: descriptors{c: uc},
		objects: map[uint32]Handler{}, globals: map[uint32]Global{},
	}
	c.r = bufio.NewReaderSize(&c.fds, 16<<10)
	c.objects[1] = c.display
	c.objects[2] = c.registry
	err = c.Send(1, 1, uint32(2)) // wl_display.get_registry
	if err == nil {
		err = c.Roundtrip()
	}
	if err != nil {
		done()
		return nil, err
	}
	return c, nil
}

// Ready ends the time limit for the first answers.
func (c *Conn) Ready() error { return c.c.SetDeadline(time.Time{}) }

// PID is the process of the compositor, as it sees itself listening.
func (c *Conn) PID() (int, error) {
	peer, err := sock.Peer(c.c)
	if err != nil {
		return 0, err
	}
	return int(peer.Pid), nil
}

// Limit sets the time by which all that follows has to be answered.
func (c *Conn) Limit(at time.Time) error { return c.c.SetDeadline(at) }

// Follow handles events until one cannot be read or a handler calls Fail. The first answers have a time limit. The first of
// two round trips brings what exists, the second what its handlers asked about that. Then Follow calls settled.
func (c *Conn) Follow(settled func()) error {
	for range 2 {
		if err := c.Roundtrip(); err != nil {
			return err
		}
	}
	if err := c.Ready(); err != nil {
		return err
	}
	settled()
	for {
		if err := c.Dispatch(); err != nil {
			return err
		}
	}
}

// Fail is for handlers: Dispatch returns the first non-nil error after the handler has returned.
func (c *Conn) Fail(err error) {
	if c.fatal == nil {
		c.fatal = err
	}
}

// Close ends the connection.
func (c *Conn) Close() {
	c.done()
	c.fds.close()
}

func (c *Conn) display(op uint16, a *Args) {
	switch op {
	case 0: // error
		object, code, text := a.Uint(), a.Uint(), a.Text(200)
		c.fatal = fmt.Errorf("the compositor reports error %d on object %d: %s", code, object, text)
	case 1: // delete_id
		delete(c.objects, a.Uint())
	}
}

func (c *Conn) registry(op uint16, a *Args) {
	switch op {
	case 0: // global
		name, iface, version := a.Uint(), a.Text(128), a.Uint()
		if len(c.globals) < maxObjects {
			c.globals[name] = Global{name, iface, version}
		}
	case 1: // global_remove
		delete(c.globals, a.Uint())
	}
}

// New reserves an id for an object that a request makes.
func (c *Conn) New(h Handler) uint32 {
	id := c.next
	c.next++
	c.objects[id] = h
	return id
}

// Adopt sets the handler of an object that an event created. A compositor that creates more than a few thousand is lying.
func (c *Conn) Adopt(id uint32, h Handler) {
	if len(c.objects) >= maxObjects {
		c.fatal = fmt.Errorf("%w: more than %d objects", ErrProtocol, maxObjects)
		return
	}
	c.objects[id] = h
}

// Forget drops the handler of an object that the compositor made, when it is destroyed.
func (c *Conn) Forget(id uint32) { delete(c.objects, id) }

// FD is an argument that is sent beside the message.
type FD int

// Send sends a request. Arguments are uint32, string and FD.
func (c *Conn) Send(object uint32, op uint16, args ...any) error {
	b := make([]byte, 8, 64)
	var beside []byte
	for _, a := range args {
		switch v := a.(type) {
		case FD:
			beside = append(beside, unix.UnixRights(int(v))...)
		case uint32:
			b = order.AppendUint32(b, v)
		case string:
			b = order.AppendUint32(b, uint32(len(v)+1))
			b = append(append(b, v...), 0)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		default:
			return fmt.Errorf("wayland: argument of type %T", a)
		}
	}
	order.PutUint32(b, object)
	order.PutUint32(b[4:], uint32(len(b))<<16|uint32(op))
	_, _, err := c.c.WriteMsgUnix(b, beside, nil)
	return err
}

// Bind binds a global of the given interface, in the highest version that both sides know. If the compositor does not offer
// it, the error wraps window.ErrUnavailable.
func (c *Conn) Bind(iface string, most uint32, h Handler) (id, version uint32, err error) {
	for _, g := range c.globals {
		if g.iface == iface {
			version = min(g.version, most)
			id = c.New(h)
			return id, version, c.Send(2, 0, g.name, iface, version, id) // wl_registry.bind
		}
	}
	return 0, 0, fmt.Errorf("%w: the compositor does not offer %s", window.ErrUnavailable, iface)
}

// Roundtrip returns when the compositor has answered everything sent so far.
func (c *Conn) Roundtrip() error {
	done := false
	callback := c.New(func(uint16, *Args) { done = true })
	if err := c.Send(1, 0, callback); err != nil { // wl_display.sync
		return err
	}
	for !done {
		if err := c.Dispatch(); err != nil {
			return err
		}
	}
	return nil
}

// Dispatch waits for one event and handles it. The kernel closes descriptors beside an event, unless KeepDescriptors was
// called.
func (c *Conn) Dispatch() error {
	head := c.msg[:8]
	if _, err := io.ReadFull(c.r, head); err != nil {
		return err
	}
	object, word := order.Uint32(head), order.Uint32(head[4:])
	size := int(word >> 16)
	if size < 8 {
		return fmt.Errorf("%w: event of %d bytes", ErrProtocol, size)
	}
	body := c.msg[8:size]
	if _, err := io.ReadFull(c.r, body); err != nil {
		return err
	}
	if h := c.objects[object]; h != nil {
		a := &Args{b: body}
		h(uint16(word), a)
		if a.short {
			return fmt.Errorf("%w: event %d of object %d is cut short", ErrProtocol, uint16(word), object)
		}
	}
	return c.fatal
}

// Args are the arguments of an event, read in order. After the end they are zero, and Dispatch fails.
type Args struct {
	b     []byte
	short bool
}

// Uint reads an int, uint, object or new_id.
func (a *Args) Uint() uint32 {
	if len(a.b) < 4 {
		a.b, a.short = nil, true
		return 0
	}
	v := order.Uint32(a.b)
	a.b = a.b[4:]
	return v
}

func (a *Args) bytes() []byte {
	n := uint64(a.Uint())
	padded := (n + 3) &^ 3
	if padded > uint64(len(a.b)) {
		a.b, a.short = nil, true
		return nil
	}
	v := a.b[:n]
	a.b = a.b[padded:]
	return v
}

// Text reads a string, cleaned as by window.Text.
func (a *Args) Text(limit int) string {
	b := a.bytes()
	if len(b) == 0 {
		return ""
	}
	return window.Text(string(b[:min(len(b)-1, limit+4)]), limit)
}

// Has says whether an array of uint32 holds v.
func (a *Args) Has(v uint32) bool {
	for b := a.bytes(); len(b) >= 4; b = b[4:] {
		if order.Uint32(b) == v {
			return true
		}
	}
	return false
}
