package x11

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// The part of the X11 protocol (x.org, "X Window System Protocol", appendix B) that is needed to follow the focus, on one
// goroutine. It is implemented here because data from a server or another client must cost only a fixed amount of memory
// and must not stop the program: every length is checked, and events are never queued.

var order = binary.LittleEndian // the client chooses; announced in the connection setup

// Opcodes of requests.
const (
	opChangeWindowAttributes = 2
	opGetWindowAttributes    = 3
	opQueryTree              = 15
	opInternAtom             = 16
	opGetProperty            = 20
	opGetInputFocus          = 43
	opQueryExtension         = 98
)

// Codes of events.
const (
	evFocusIn        = 9
	evFocusOut       = 10
	evDestroyNotify  = 17
	evUnmapNotify    = 18
	evMapNotify      = 19
	evPropertyNotify = 28
	evGeneric        = 35
)

// Bits of an event mask.
const (
	maskStructureNotify = 1 << 17
	maskFocusChange     = 1 << 21
	maskPropertyChange  = 1 << 22
)

const (
	cwEventMask = 1 << 11 // bit of ChangeWindowAttributes
	anyType     = 0       // of GetProperty

	maxReply = 16 << 10 // bytes; the longest answer to anything asked of windows is a list of children
)

// An event is the part of the events above that is used.
type event struct {
	code   byte
	window uint32 // the window of the event
	atom   uint32 // PropertyNotify: the property
}

// An xError is the server's refusal of a request, usually because a window is gone.
type xError byte

func (e xError) Error() string { return fmt.Sprintf("X error %d", byte(e)) }

type wire struct {
	c    net.Conn
	r    *bufio.Reader
	on   func(event) // called for each event found while reading
	seq  uint16      // of the last request
	msg  []byte      // as long as the longest accepted message
	root uint32

	xkb   byte            // code of the keyboard extension's events; 0: not asked for
	onXKB func(kind byte) // called for each of those
}

var errRefused = errors.New("the server refused")

// setup opens the connection. It sets wire.root to the root window of the given screen.
func (w *wire) setup(authName string, authData []byte, screen int) error {
	b := make([]byte, 12, 64)
	b[0] = 'l'
	order.PutUint16(b[2:], 11)
	order.PutUint16(b[6:], uint16(len(authName)))
	order.PutUint16(b[8:], uint16(len(authData)))
	b = pad(append(b, authName...))
	b = pad(append(b, authData...))
	if _, err := w.c.Write(b); err != nil {
		return err
	}
	var head [8]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return err
	}
	// At most 256 KiB, by the width of the field.
	body := make([]byte, int(order.Uint16(head[6:]))*4)
	if _, err := io.ReadFull(w.r, body); err != nil {
		return err
	}
	switch head[0] {
	case 1:
		root, ok := screenRoot(body, screen)
		if !ok {
			return fmt.Errorf("the server has no screen %d", screen)
		}
		w.root = root
		return nil
	case 0:
		return fmt.Errorf("%w: %q", errRefused, body[:min(len(body), int(head[1]))])
	}
	return fmt.Errorf("the server wants more than a cookie (status %d)", head[0])
}

// screenRoot finds the root window of a screen in the server's setup information.
func screenRoot(b []byte, screen int) (root uint32, ok bool) {
	if len(b) < 32 || screen >= int(b[20]) {
		return 0, false
	}
	at := 32 + (int(order.Uint16(b[16:]))+3)&^3 + 8*int(b[21]) // after vendor and formats
	for ; ; screen-- {
		if at+40 > len(b) {
			return 0, false
		}
		if screen == 0 {
			return order.Uint32(b[at:]), true
		}
		depths := int(b[at+39])
		at += 40
		for range depths {
			if at+8 > len(b) {
				return 0, false
			}
			at += 8 + 24*int(order.Uint16(b[at+2:]))
		}
	}
}

// send writes one request. arg is the second byte, body follows the length.
func (w *wire) send(op, arg byte, body []byte) error {
	return w.write(w.request(nil, op, arg, body))
}

// request appends one request to others that are to be written at once.
func (w *wire) request(requests []byte, op, arg byte, body []byte) []byte {
	b := make([]byte, 4, 4+len(body)+3)
	b[0], b[1] = op, arg
	b = pad(append(b, body...))
	order.PutUint16(b[2:], uint16(len(b)/4))
	w.seq++
	return append(requests, b...)
}

func (w *wire) write(requests []byte) error {
	_, err := w.c.Write(requests)
	return err
}

// call sends a request and returns its reply without the first byte, valid until the next call. Events that arrive
// meanwhile go to wire.on; errors of earlier requests are dropped.
func (w *wire) call(op, arg byte, body []byte) ([]byte, error) {
	if err := w.send(op, arg, body); err != nil {
		return nil, err
	}
	for {
		reply, err := w.read()
		if err != nil || reply != nil {
			return reply, err
		}
	}
}

// read reads one message. It returns nil, nil unless that is the reply to the last request, or its error.
func (w *wire) read() (reply []byte, err error) {
	head := w.msg[:32]
	if _, err := io.ReadFull(w.r, head); err != nil {
		return nil, err
	}
	seq := order.Uint16(head[2:])
	switch code := head[0] & 0x7f; {
	case head[0] == 0:
		if seq == w.seq {
			return nil, xError(head[1])
		}
	case head[0] == 1:
		more := uint64(order.Uint32(head[4:])) * 4
		if more > uint64(len(w.msg)-32) {
			return nil, fmt.Errorf("the server sent %d bytes that nothing asked for", more)
		}
		msg := w.msg[:32+more]
		if _, err := io.ReadFull(w.r, msg[32:]); err != nil {
			return nil, err
		}
		if seq == w.seq {
			return msg, nil
		}
	case code == evGeneric:
		if _, err := w.r.Discard(int(min(uint64(order.Uint32(head[4:]))*4, 1<<30))); err != nil {
			return nil, err
		}
	case code == evFocusIn, code == evFocusOut:
		w.on(event{code: code, window: order.Uint32(head[4:])})
	case code == evDestroyNotify, code == evUnmapNotify, code == evMapNotify:
		w.on(event{code: code, window: order.Uint32(head[8:])})
	case code == evPropertyNotify:
		w.on(event{code: code, window: order.Uint32(head[4:]), atom: order.Uint32(head[8:])})
	case w.xkb != 0 && code == w.xkb:
		w.onXKB(head[1])
	}
	return nil, nil
}

func (w *wire) atom(name string) (uint32, error) {
	b := order.AppendUint32(nil, uint32(len(name)))
	r, err := w.call(opInternAtom, 0, append(b, name...))
	if err != nil {
		return 0, err
	}
	return order.Uint32(r[8:]), nil
}

func (w *wire) hasExtension(name string) (bool, error) {
	b := order.AppendUint32(nil, uint32(len(name)))
	r, err := w.call(opQueryExtension, 0, append(b, name...))
	return err == nil && r[8] != 0, err
}

func (w *wire) selectEvents(window, mask uint32) error {
	return w.send(opChangeWindowAttributes, 0, words(window, cwEventMask, mask))
}

// property returns the first limit bytes of a property whose elements have the given number of bits, and its type; nil if
// there is no such property.
func (w *wire) property(window, property uint32, bits byte, limit int) (value []byte, typ uint32, err error) {
	r, err := w.call(opGetProperty, 0, words(window, property, anyType, 0, uint32(limit+3)/4))
	if err != nil {
		return nil, 0, err
	}
	n := uint64(order.Uint32(r[16:])) * uint64(bits/8)
	if r[1] != bits || n == 0 || n > uint64(len(r)-32) {
		return nil, 0, nil
	}
	return r[32 : 32+min(int(n), limit)], order.Uint32(r[8:]), nil
}

// cardinal returns a property of one 32-bit number, 0 if there is none.
func (w *wire) cardinal(window, property uint32) (uint32, error) {
	v, _, err := w.property(window, property, 32, 4)
	if err != nil || len(v) < 4 {
		return 0, err
	}
	return order.Uint32(v), nil
}

// mapped says whether a window is mapped (its ancestors need not be).
func (w *wire) mapped(window uint32) (bool, error) {
	r, err := w.call(opGetWindowAttributes, 0, words(window))
	return err == nil && r[26] != 0, err
}

func (w *wire) inputFocus() (uint32, error) {
	r, err := w.call(opGetInputFocus, 0, nil)
	if err != nil {
		return 0, err
	}
	return order.Uint32(r[8:]), nil
}

func (w *wire) parent(window uint32) (uint32, error) {
	r, err := w.call(opQueryTree, 0, words(window))
	if err != nil {
		return 0, err
	}
	return order.Uint32(r[12:]), nil
}

// refused says that the server answered a request with an error: the window is gone, the connection is not.
func refused(err error) bool {
	var x xError
	return errors.As(err, &x)
}

func words(v ...uint32) []byte {
	b := make([]byte, 0, 20)
	for _, w := range v {
		b = order.AppendUint32(b, w)
	}
	return b
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
