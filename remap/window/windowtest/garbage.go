package windowtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"toshy/remap/window"
)

// Garbage connects a source to servers that send what no desktop sends: noise, and the given lies. After a complete lie, the
// connection is closed, and Run must end soon with an error. After half of one, the connection stays open, and Run must still end with
// its context. No report may exceed the limits, and nothing may stay in memory.
func Garbage(t *testing.T, socket string, source func() window.Source, lies ...string) {
	t.Helper()
	lies = append(lies,
		"", "\n", "\x00", "HTTP/1.1 400 Bad Request\r\n\r\n", strings.Repeat("\xff", 1<<16), strings.Repeat("\x00", 1<<16),
		strings.Repeat("[", 1<<16)+"\n", strings.Repeat("{\"a\":", 1<<16)+"\n", "null\n", "{}\n", "[]\n", "1e999\n",
	)
	before := heap()
	for _, lie := range lies {
		func() {
			serveOnce(t, socket, []byte(lie), true)
			ctx, cancel := context.WithTimeout(t.Context(), Limit)
			defer cancel()
			err := source().Run(ctx, func(i window.Info) { fits(t, lie, i) })
			if err == nil || ctx.Err() != nil {
				t.Errorf("%.40q: Run = %v, want an error of its own", lie, err)
			}
		}()
		func() {
			said := serveOnce(t, socket, []byte(lie[:len(lie)/2]), false)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- source().Run(ctx, func(i window.Info) { fits(t, lie, i) }) }()
			<-said
			cancel()
			select {
			case <-ended: // because of the context, or of what was sent
			case <-time.After(Limit):
				t.Errorf("half of %.40q: Run did not end with its context", lie)
			}
		}()
	}
	if more := heap() - before; more > 4<<20 {
		t.Errorf("%d bytes are kept", more)
	}
}

func fits(t *testing.T, lie string, i window.Info) {
	if i != window.Clip(i) {
		t.Errorf("%.40q: reported more than the limits: %.80q", lie, i.Title)
	}
}

// serveOnce listens until the test or the next call ends it, and sends text to each client. said is closed when the first client has
// received it.
func serveOnce(t *testing.T, socket string, text []byte, hangUp bool) (said <-chan struct{}) {
	t.Helper()
	_ = os.Remove(socket)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // the next one may exist already
	t.Cleanup(func() { l.Close() })
	first := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go func() {
				// Halfway, the client may have understood enough and disconnected.
				if _, err := c.Write(text); err != nil && !errors.Is(err, net.ErrClosed) {
					c.Close()
				}
				if hangUp {
					c.Close()
				}
				if n == 0 {
					close(first)
				}
			}()
		}
	}()
	return first
}

// Packed returns a binary message: numbers have 32 bits in the machine's order, strings are unchanged.
func Packed(parts ...any) string {
	var b bytes.Buffer
	for _, p := range parts {
		switch v := p.(type) {
		case string:
			b.WriteString(v)
		case int:
			_ = binary.Write(&b, binary.NativeEndian, uint32(v)) // writing to a buffer never fails
		}
	}
	return b.String()
}
