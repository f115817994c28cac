package bus

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

// A gate is a filter between a bus and godbus. On a system bus every user may send signals to every connection, as large as
// the bus allows and with file descriptors. A gate accepts no descriptors: it is not a transport that can carry them, so
// godbus does not ask the bus for them, and the bus keeps them. It reads the header of each message, and passes on only
// small messages from senders that matter. It decodes and stores nothing else.
type gate struct {
	net.Conn
	in    *bufio.Reader
	limit int                      // the size of the largest accepted message
	heeds func(sender string) bool // nil: every sender matters

	begun   bool // the authentication is over, and messages follow
	preface int  // bytes before that
	message []byte
	rest    []byte                // the part of the message that was not passed on yet
	refused atomic.Pointer[error] // why the gate was closed, if it was
}

const (
	// MessageLimit is the size of the largest accepted message, unless Options say otherwise. The largest honest message has
	// a title of more than a megabyte, which some X11 programs set.
	MessageLimit = 2 << 20
	// keptBuffer is the size up to which a buffer is kept for the next message.
	keptBuffer = 64 << 10
	// prefaceLimit bounds the bytes from the bus before the first message: a few lines.
	prefaceLimit = 4 << 10
	// busLimit is the size of the largest message that a bus may carry, according to the specification.
	busLimit = 128 << 20
	headSize = 16 // the fixed-size part of a message
)

func newGate(c net.Conn, limit int, heeds func(string) bool) *gate {
	if limit == 0 {
		limit = MessageLimit
	}
	return &gate{Conn: c, in: bufio.NewReader(c), limit: limit, heeds: heeds}
}

// Write sends to the bus. It gives up on a bus that does not read.
func (g *gate) Write(p []byte) (int, error) {
	if err := g.SetWriteDeadline(time.Now().Add(CallTimeout)); err != nil {
		return 0, err
	}
	// godbus reads an answer after each line that it sends. After this line it starts a goroutine that reads messages.
	if !g.begun && bytes.Equal(p, []byte("BEGIN\r\n")) {
		g.begun = true
	}
	return g.Conn.Write(p)
}

// Read returns the bytes of the accepted messages, as if there were no others.
func (g *gate) Read(p []byte) (int, error) {
	if !g.begun {
		n, err := g.in.Read(p)
		if g.preface += n; g.preface > prefaceLimit {
			return 0, g.refuse(errors.New("the bus does not finish its authentication"))
		}
		return n, err
	}
	for len(g.rest) == 0 {
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// refuse closes the gate because the bus breaks the protocol.
func (g *gate) refuse(err error) error {
	g.refused.Store(&err)
	return err
}

// lost says why the connection ended.
func (g *gate) lost() error {
	if err := g.refused.Load(); err != nil {
		return *err
	}
	return errors.New("the connection to the bus was lost")
}

// next reads one message, and keeps it in rest if it is accepted.
func (g *gate) next() error {
	head, err := g.in.Peek(headSize)
	if err != nil {
		return err
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch head[0] {
	case 'l':
	case 'B':
		order = binary.BigEndian
	default:
		return g.refuse(errors.New("the bus does not speak D-Bus"))
	}
	fields := int64(order.Uint32(head[12:]))
	header := headSize + (fields+7)&^7
	size := header + int64(order.Uint32(head[4:]))
	if size > busLimit {
		return g.refuse(fmt.Errorf("the bus sends a message of %d bytes, more than D-Bus allows", size))
	}
	if header > int64(g.limit) { // no sender that matters fills a header
		return g.skip(size)
	}
	if cap(g.message) < int(header) {
		g.message = make([]byte, header, max(header, 4<<10))
	}
	g.message = g.message[:header]
	if _, err := io.ReadFull(g.in, g.message); err != nil {
		return err
	}
	sender := senderOf(g.message[headSize:headSize+fields], order)
	switch {
	case g.heeds != nil && !g.heeds(sender):
		return g.skip(size - header)
	case size > int64(g.limit):
		if g.heeds == nil {
			return g.skip(size - header)
		}
		return g.refuse(fmt.Errorf("%s sends a message of %d bytes; at most %d are read", sender, size, g.limit))
	}
	g.message = slices.Grow(g.message, int(size-header))[:size]
	if _, err := io.ReadFull(g.in, g.message[header:]); err != nil {
		return err
	}
	g.rest = g.message
	if cap(g.message) > keptBuffer { // another one as large is unlikely soon
		g.message = nil
	}
	return nil
}

// skip reads bytes away.
func (g *gate) skip(n int64) error {
	_, err := g.in.Discard(int(n))
	return err
}

// senderOf finds the sender's name in the fields of a header, which the bus itself writes: a{yv} with the types that the
// specification gives to its fields. It returns "" if there is no sender, or if a field before it has another type.
func senderOf(fields []byte, order binary.ByteOrder) string {
	const senderField = 7
	at := 0
	// take returns the next n bytes after the alignment, and skips the NUL that follows.
	take := func(align, n, nul int) []byte {
		at = (at + align - 1) / align * align
		if n < 0 || n > len(fields)-at-nul {
			at = len(fields)
			return nil
		}
		b := fields[at : at+n]
		at += n + nul
		return b
	}
	for {
		code := take(8, 3, 1)
		if code == nil || code[1] != 1 {
			return ""
		}
		var text []byte
		switch code[2] {
		case 's', 'o':
			n := take(4, 4, 0)
			if n == nil || order.Uint32(n) > uint32(len(fields)) {
				return ""
			}
			text = take(1, int(order.Uint32(n)), 1)
		case 'g':
			n := take(1, 1, 0)
			if n == nil {
				return ""
			}
			text = take(1, int(n[0]), 1)
		case 'u':
			take(4, 4, 0)
		default:
			return ""
		}
		if code[0] == senderField {
			return string(text)
		}
	}
}
