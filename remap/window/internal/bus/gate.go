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

// A gate stands between a bus and godbus. On a system bus every user may send signals to every connection, as
// large as the bus allows and with file descriptors. A gate takes no descriptors: it is no transport that can, so
// godbus does not ask the bus for them, and the bus keeps them. It reads the header of each message and hands on only
// what is small enough and comes from somebody who matters. Nothing else is decoded, and nothing else is kept.
type gate struct {
	net.Conn
	in    *bufio.Reader
	limit int                      // the size of the largest message that is taken
	heeds func(sender string) bool // nil: everybody matters

	begun   bool // the authentication is over: messages follow
	preface int  // bytes that came before
	message []byte
	rest    []byte                // of the message, not handed on yet
	refused atomic.Pointer[error] // why the gate was closed, if it was
}

const (
	// MessageLimit is the size of the largest message that is taken unless Options say otherwise. The largest honest one
	// has a title of more than a megabyte, which some programs of X11 give themselves.
	MessageLimit = 2 << 20
	// keptBuffer is the size up to which a buffer is kept for the next message.
	keptBuffer = 64 << 10
	// prefaceLimit bounds what a bus says before the first message: a few lines.
	prefaceLimit = 4 << 10
	// busLimit is the size of the largest message that a bus may carry, by the specification.
	busLimit = 128 << 20
	headSize = 16 // the part of a message that has always the same size
)

func newGate(c net.Conn, limit int, heeds func(string) bool) *gate {
	if limit == 0 {
		limit = MessageLimit
	}
	return &gate{Conn: c, in: bufio.NewReader(c), limit: limit, heeds: heeds}
}

// Write sends to the bus. One that does not read is given up.
func (g *gate) Write(p []byte) (int, error) {
	if err := g.SetWriteDeadline(time.Now().Add(CallTimeout)); err != nil {
		return 0, err
	}
	// godbus reads an answer after each line that it sends, and messages after this one, on a goroutine that it
	// starts then.
	if !g.begun && bytes.Equal(p, []byte("BEGIN\r\n")) {
		g.begun = true
	}
	return g.Conn.Write(p)
}

// Read gives the bytes of the messages that are taken, as if there were no others.
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

// refuse closes the gate to a bus that breaks the protocol.
func (g *gate) refuse(err error) error {
	g.refused.Store(&err)
	return err
}

// lost says why a connection has ended.
func (g *gate) lost() error {
	if err := g.refused.Load(); err != nil {
		return *err
	}
	return errors.New("the connection to the bus was lost")
}

// next reads one message, and keeps it in rest if it is taken.
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
	if header > int64(g.limit) { // nobody who matters fills a header
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
	if cap(g.message) > keptBuffer { // one that is as large does not come often
		g.message = nil
	}
	return nil
}

// skip reads bytes away.
func (g *gate) skip(n int64) error {
	_, err := g.in.Discard(int(n))
	return err
}

// senderOf finds the sender's name among the fields of a header, which the bus writes itself: a{yv} of the types that the
// specification gives to the fields that it knows. "" if there is none, or if a field before it has another type.
func senderOf(fields []byte, order binary.ByteOrder) string {
	const senderField = 7
	at := 0
	// take gives the next n bytes after the alignment, and the NUL that follows is skipped.
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
