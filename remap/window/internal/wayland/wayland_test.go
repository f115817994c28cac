package wayland

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"toshy/remap/window"
)

// TestLies connects to compositors that break the protocol. The result is an error, with bounded memory and without a panic.
func TestLies(t *testing.T) {
	header := func(object uint32, op, size uint16) []byte {
		b := order.AppendUint32(nil, object)
		return order.AppendUint32(b, uint32(size)<<16|uint32(op))
	}
	for name, send := range map[string][]byte{
		"ends at once":              nil,
		"event shorter than a head": header(1, 0, 4),
		"event cut short":           header(2, 0, 8),
		"string past the end":       append(header(2, 0, 16), 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff),
		"fatal error":               append(header(1, 0, 24), 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 'n', 'o', 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wayland-1")
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 64))
				_, _ = c.Write(send)
				c.Close()
			}()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := Dial(ctx, path); err == nil || ctx.Err() != nil || errors.Is(err, window.ErrUnavailable) {
				t.Errorf("Dial = %v", err)
			}
		})
	}
}

// TestTooManyObjects has a compositor that creates objects without end.
func TestTooManyObjects(t *testing.T) {
	c := &Conn{objects: map[uint32]Handler{}}
	for id := uint32(0xff000000); c.fatal == nil && id < 0xff000000+2*maxObjects; id++ {
		c.Adopt(id, nil)
	}
	if !errors.Is(c.fatal, ErrProtocol) || len(c.objects) > maxObjects {
		t.Errorf("%d objects, %v", len(c.objects), c.fatal)
	}
}

// TestMute ends the context while a compositor never answers.
func TestMute(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wayland-1")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.ReadFull(c, make([]byte, 12))
		cancel()
	}()
	if _, err := Dial(ctx, path); err == nil || ctx.Err() == nil {
		t.Errorf("Dial = %v", err)
	}
}
