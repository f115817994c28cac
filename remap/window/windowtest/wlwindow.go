package windowtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// A WaylandWindow is a real window of a Wayland client: xdg-shell and wl_shm, on the wire, with a
// connection of its own. Names and numbers of requests are those of wayland.xml and xdg-shell.xml.
type WaylandWindow struct {
	conn   *net.UnixConn
	mu     sync.Mutex // one request at a time, and the fields below
	next   uint32
	size   [2]uint32
	mapped chan struct{}
	once   sync.Once
	closed chan struct{}
}

// Object numbers of the one window; the first is given by the protocol.
const (
	wlDisplay = iota + 1
	wlRegistry
	wlSync
	wlCompositor
	wlShm
	xdgBase
	wlSurface
	xdgSurface
	xdgToplevel
	wlFree
)

// NewWaylandWindow maps a window at the compositor whose socket is given, and returns when that has
// been told all of it.
func NewWaylandWindow(t testing.TB, socket, class, title string) *WaylandWindow {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	w := &WaylandWindow{conn: conn, next: wlFree, size: [2]uint32{240, 160}, mapped: make(chan struct{}), closed: make(chan struct{})}
	failed := make(chan error, 1)
	go func() {
		defer close(w.closed)
		failed <- w.read(class, title)
	}()
	t.Cleanup(func() { w.Close(t) })
	w.send(wlDisplay, 1, uint32(wlRegistry)) // get_registry
	w.send(wlDisplay, 0, uint32(wlSync))     // sync: its answer comes after all globals
	select {
	case <-w.mapped:
	case err := <-failed:
		t.Fatalf("wayland window %q: %v", class, err)
	}
	return w
}

// descriptor travels beside a message.
type descriptor int

func (w *WaylandWindow) send(object uint32, request uint16, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sendLocked(object, request, args...)
}

func (w *WaylandWindow) sendLocked(object uint32, request uint16, args ...any) {
	b := make([]byte, 8, 64)
	var oob []byte
	for _, a := range args {
		switch v := a.(type) {
		case descriptor:
			oob = unix.UnixRights(int(v))
		case uint32:
			b = binary.NativeEndian.AppendUint32(b, v)
		case string:
			b = binary.NativeEndian.AppendUint32(b, uint32(len(v)+1))
			b = append(append(b, v...), 0)
			b = append(b, make([]byte, -len(b)&3)...)
		}
	}
	binary.NativeEndian.PutUint32(b, object)
	binary.NativeEndian.PutUint32(b[4:], uint32(len(b))<<16|uint32(request))
	_, _, _ = w.conn.WriteMsgUnix(b, oob, nil) // a lost connection shows when reading
}

func (w *WaylandWindow) read(class, title string) error {
	var buf []byte
	globals := map[string]uint32{}
	in := make([]byte, 65536)
	for {
		n, err := w.conn.Read(in)
		if err != nil {
			return err
		}
		buf = append(buf, in[:n]...)
		for len(buf) >= 8 {
			head := binary.NativeEndian.Uint32(buf[4:])
			size := int(head >> 16)
			if size < 8 || len(buf) < size {
				break
			}
			object := binary.NativeEndian.Uint32(buf)
			if err := w.event(object, uint16(head), buf[8:size], globals, class, title); err != nil {
				return err
			}
			buf = buf[size:]
		}
	}
}

func (w *WaylandWindow) event(object uint32, event uint16, b []byte, globals map[string]uint32, class, title string) error {
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
	text := func(at int) string { return string(b[at+4 : at+4+int(u32(at))-1]) }
	switch {
	case object == wlDisplay && event == 0: // error
		return fmt.Errorf("the compositor objects to object %d: %s", u32(0), text(8))
	case object == wlRegistry && event == 0: // global
		globals[text(4)] = u32(0)
	case object == wlSync:
		return w.create(globals, class, title)
	case object == xdgBase && event == 0: // ping
		w.send(xdgBase, 3, u32(0))
	case object == xdgToplevel && event == 0: // configure
		if u32(0) > 0 && u32(4) > 0 {
			w.size = [2]uint32{u32(0), u32(4)}
		}
	case object == xdgToplevel && event == 1: // close
		return w.conn.Close()
	case object == xdgSurface && event == 0: // configure
		w.send(xdgSurface, 4, u32(0))
		if err := w.draw(); err != nil {
			return err
		}
		w.once.Do(func() { close(w.mapped) })
	}
	return nil
}

func (w *WaylandWindow) create(globals map[string]uint32, class, title string) error {
	for _, g := range []struct {
		name    string
		version uint32
		id      uint32
	}{{"wl_compositor", 4, wlCompositor}, {"wl_shm", 1, wlShm}, {"xdg_wm_base", 1, xdgBase}} {
		name, ok := globals[g.name]
		if !ok {
			return errors.New("the compositor has no " + g.name)
		}
		w.send(wlRegistry, 0, name, g.name, g.version, g.id) // bind
	}
	w.send(wlCompositor, 0, uint32(wlSurface))
	w.send(xdgBase, 2, uint32(xdgSurface), uint32(wlSurface))
	w.send(xdgSurface, 1, uint32(xdgToplevel))
	w.send(xdgToplevel, 2, title)
	w.send(xdgToplevel, 3, class)
	w.send(wlSurface, 6) // the first commit, without a buffer, asks for a configure
	return nil
}

func (w *WaylandWindow) draw() error {
	bytes := w.size[0] * w.size[1] * 4
	fd, err := unix.MemfdCreate("window", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(bytes)); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	pool, buffer := w.next, w.next+1
	w.next += 2
	w.sendLocked(wlShm, 0, pool, descriptor(fd), bytes)
	w.sendLocked(pool, 0, buffer, uint32(0), w.size[0], w.size[1], w.size[0]*4, uint32(1)) // XRGB8888
	w.sendLocked(pool, 1)                                                                  // destroy
	w.sendLocked(wlSurface, 1, buffer, uint32(0), uint32(0))                               // attach
	w.sendLocked(wlSurface, 2, uint32(0), uint32(0), w.size[0], w.size[1])                 // damage
	w.sendLocked(wlSurface, 6)                                                             // commit
	return nil
}

// SetTitle sets the title, which may be at most some 4000 bytes long here.
func (w *WaylandWindow) SetTitle(t testing.TB, title string) { w.send(xdgToplevel, 2, title) }

// SetClass sets the app_id.
func (w *WaylandWindow) SetClass(class string) { w.send(xdgToplevel, 3, class) }

// Close ends the client, and the window with it.
func (w *WaylandWindow) Close(t testing.TB) {
	_ = w.conn.Close()
	<-w.closed
}
