package cosmic

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

var order = binary.NativeEndian

// event encodes one event. Arguments are uint32, string and []uint32 (an array).
func event(object uint32, op uint16, args ...any) []byte {
	b := make([]byte, 8)
	for _, a := range args {
		switch v := a.(type) {
		case uint32:
			b = order.AppendUint32(b, v)
		case string:
			b = order.AppendUint32(b, uint32(len(v)+1))
			b = append(append(b, v...), 0)
		case []uint32:
			b = order.AppendUint32(b, uint32(4*len(v)))
			for _, w := range v {
				b = order.AppendUint32(b, w)
			}
		}
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	order.PutUint32(b, object)
	order.PutUint32(b[4:], uint32(len(b))<<16|uint32(op))
	return b
}

// A session is the server's side of one connection, as the XML of the two protocols defines it.
type session struct {
	f          *windowtest.Fake
	c          net.Conn
	list, info uint32                            // ids that the client chose
	handles    map[*windowtest.FakeWindow]uint32 // ext handles
	cosmic     map[uint32]uint32                 // ext handle to cosmic handle
	focus      *windowtest.FakeWindow
	next       uint32
}

func newFake(dir string, version uint32) *windowtest.Fake {
	f := &windowtest.Fake{}
	f.Listeners = []windowtest.Listener{{
		Path: func() string { return filepath.Join(dir, "wayland-1") },
		Serve: func(c net.Conn) {
			s := &session{f: f, c: c, handles: map[*windowtest.FakeWindow]uint32{}, cosmic: map[uint32]uint32{}, next: 0xff000000}
			s.serve(version)
		},
	}}
	return f
}

// send is called with the fake locked.
func (s *session) send(object uint32, op uint16, args ...any) {
	windowtest.WriteOdd(s.c, event(object, op, args...))
}

func (s *session) serve(version uint32) {
	var head [8]byte
	for {
		if _, err := io.ReadFull(s.c, head[:]); err != nil {
			return
		}
		object, word := order.Uint32(head[:]), order.Uint32(head[4:])
		body := make([]byte, word>>16-8)
		if _, err := io.ReadFull(s.c, body); err != nil {
			return
		}
		arg := func(i int) uint32 { return order.Uint32(body[4*i:]) }
		last := func() uint32 { return order.Uint32(body[len(body)-4:]) }
		emit := s.event
		if s.list == 0 {
			emit = nil
		}
		s.f.Join(s.c, func(all []*windowtest.FakeWindow, focus *windowtest.FakeWindow) {
			switch op := uint16(word); {
			case object == 1 && op == 1: // get_registry
				s.send(arg(0), 0, uint32(1), "wl_compositor", uint32(4))
				s.send(arg(0), 0, uint32(7), infoIface, version)
				s.send(arg(0), 0, uint32(8), listIface, uint32(1))
			case object == 1 && op == 0: // sync
				s.send(arg(0), 0, uint32(0))
				s.send(1, 1, arg(0))
			case object == 2 && arg(0) == 7: // bind
				s.info = last()
			case object == 2 && arg(0) == 8:
				s.list, s.focus = last(), focus
				emit = s.event
				for _, w := range all {
					s.open(w)
				}
			case object == s.info && op == infoGetToplevel:
				s.cosmic[arg(1)] = arg(0)
				for w, h := range s.handles {
					if h == arg(1) {
						s.state(w)
					}
				}
				s.send(s.info, infoDone)
			}
		}, emit)
	}
}

func (s *session) open(w *windowtest.FakeWindow) {
	h := s.next
	s.next++
	s.handles[w] = h
	s.send(s.list, listToplevel, h)
	s.send(h, 4, "identifier")
	s.send(h, handleTitle, fit(w.Title))
	s.send(h, handleAppID, w.Class)
	s.send(h, handleDone)
}

// fit cuts a text to what libwayland sends: 4,096 bytes per message.
func fit(s string) string { return strings.ToValidUTF8(s[:min(len(s), 4000)], "?") }

func (s *session) state(w *windowtest.FakeWindow) {
	states := []uint32{4} // sticky
	if w == s.focus {
		states = append(states, activated)
	}
	if c := s.cosmic[s.handles[w]]; c != 0 {
		s.send(c, cosmicState, states)
	}
}

func (s *session) event(e windowtest.Event) {
	switch w := e.Window; e.Kind {
	case "open":
		s.open(w)
	case "title":
		s.send(s.handles[w], handleTitle, fit(w.Title))
		s.send(s.handles[w], handleDone)
	case "close":
		s.send(s.handles[w], handleClosed)
		delete(s.handles, w)
	case "focus":
		old := s.focus
		s.focus = w
		for _, c := range []*windowtest.FakeWindow{old, w} {
			if c != nil && s.handles[c] != 0 {
				s.state(c)
			}
		}
		s.send(s.info, infoDone)
	}
}

func TestSuite(t *testing.T) {
	dir := windowtest.Dir(t)
	windowtest.Suite{
		Desktop: newFake(dir, 4),
		Source:  func() window.Source { return New(Options{Runtime: dir}) },
		Want:    window.Info{Desktop: "cosmic", Session: "wayland", Source: "cosmic"},
	}.Run(t)
}

func TestOldProtocol(t *testing.T) {
	dir := windowtest.Dir(t)
	newFake(dir, 1).Start(t)
	err := New(Options{Runtime: dir}).Run(t.Context(), func(i window.Info) { t.Errorf("reported %+v", i) })
	if !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("Run = %v, want ErrUnavailable", err)
	}
}

func TestGarbage(t *testing.T) {
	socket := filepath.Join(windowtest.Dir(t), "wayland-1")
	global := string(event(2, 0, uint32(7), infoIface, uint32(3))) + string(event(2, 0, uint32(8), listIface, uint32(1)))
	windowtest.Garbage(t, socket, func() window.Source { return New(Options{Display: socket}) },
		global, global+string(event(1, 1, uint32(3))), // no further answer
		global+string(event(5, listToplevel)), global+string(event(5, listFinished)),
		windowtest.Packed(2, 7<<16, 0), windowtest.Packed(2, 16<<16, 1, -1),
	)
}
