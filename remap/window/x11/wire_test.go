package x11

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"toshy/remap/window"
)

// fakeServer listens on TCP, where a display name can point, and runs serve for each client.
func fakeServer(t *testing.T, serve func(net.Conn)) (display string) {
	t.Helper()
	for port := 6200; ; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			if port < 6400 {
				continue
			}
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					serve(c)
				}()
			}
		}()
		return "127.0.0.1:" + strconv.Itoa(port-6000)
	}
}

const fakeRoot = 0x123

// accept answers the connection setup with one screen that has one depth.
func accept(c net.Conn) error {
	if err := readSetup(c); err != nil {
		return err
	}
	b := make([]byte, 8+32+4+40+8)
	b[0] = 1
	order.PutUint16(b[6:], uint16((len(b)-8)/4))
	order.PutUint16(b[8+16:], 3) // vendor "fak", padded
	b[8+20] = 1
	copy(b[8+32:], "fak")
	order.PutUint32(b[8+36:], fakeRoot)
	b[8+36+39] = 1
	_, err := c.Write(b)
	return err
}

func readSetup(c net.Conn) error {
	var head [12]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	n := func(at int) int64 { return (int64(order.Uint16(head[at:])) + 3) &^ 3 }
	_, err := io.CopyN(io.Discard, c, n(6)+n(8))
	return err
}

// requests calls f for each request; seq counts from 1.
func requests(c net.Conn, f func(op byte, seq uint16)) {
	var head [4]byte
	for seq := uint16(1); ; seq++ {
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, c, int64(order.Uint16(head[2:]))*4-4); err != nil {
			return
		}
		f(head[0], seq)
	}
}

func reply(seq uint16, length uint32) []byte {
	b := make([]byte, 32)
	b[0] = 1
	order.PutUint16(b[2:], seq)
	order.PutUint32(b[4:], length)
	return b
}

// TestLies runs against servers that break the protocol. The result is an error, with bounded memory and without a panic.
func TestLies(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"ends at once":         func(net.Conn) {},
		"refuses":              func(c net.Conn) { _ = readSetup(c); c.Write([]byte{0, 200, 11, 0, 0, 0, 1, 0, 'n', 'o', 0, 0}) },
		"wants authentication": func(c net.Conn) { _ = readSetup(c); c.Write([]byte{2, 0, 0, 0, 0, 0, 1, 0, 'n', 'o', 0, 0}) },
		"unknown status":       func(c net.Conn) { _ = readSetup(c); c.Write([]byte{77, 0, 0, 0, 0, 0, 0, 0}) },
		"setup without screens": func(c net.Conn) {
			_ = readSetup(c)
			c.Write(append([]byte{1, 0, 11, 0, 0, 0, 8, 0}, make([]byte, 32)...))
		},
		"setup cut short": func(c net.Conn) { _ = readSetup(c); c.Write([]byte{1, 0, 11, 0, 0, 0, 1, 0, 1, 2, 3, 4}) },
		"vendor past the end": func(c net.Conn) {
			_ = readSetup(c)
			b := append([]byte{1, 0, 11, 0, 0, 0, 8, 0}, make([]byte, 32)...)
			b[8+16], b[8+17], b[8+20] = 0xff, 0xff, 1
			c.Write(b)
		},
		"reply of 16 GiB": func(c net.Conn) {
			_ = accept(c)
			requests(c, func(_ byte, seq uint16) { c.Write(reply(seq, 0xffffffff)) })
		},
		"reply of 1 MiB": func(c net.Conn) {
			_ = accept(c)
			requests(c, func(_ byte, seq uint16) { c.Write(append(reply(seq, 1<<18), make([]byte, 1<<20)...)) })
		},
		"endless event": func(c net.Conn) {
			_ = accept(c)
			requests(c, func(_ byte, seq uint16) {
				b := reply(seq, 0xffffffff)
				b[0] = evGeneric
				c.Write(b)
				c.Close()
			})
		},
		"errors only": func(c net.Conn) {
			_ = accept(c)
			requests(c, func(_ byte, seq uint16) { c.Write([]byte{0, 3, byte(seq), byte(seq >> 8), 31: 0}) })
		},
		"property longer than its reply": func(c net.Conn) {
			_ = accept(c)
			requests(c, func(op byte, seq uint16) {
				b := reply(seq, 0)
				switch op {
				case opGetProperty:
					b[1] = 32
					order.PutUint32(b[16:], 0xffffffff)
				case opQueryExtension, opChangeWindowAttributes:
					b[8] = 0
				case opGetInputFocus:
					c.Close()
				}
				c.Write(b)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Display: fakeServer(t, serve), Authority: "/nonexistent"})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := s.Run(ctx, func(window.Info) {}); err == nil || ctx.Err() != nil {
				t.Errorf("Run = %v", err)
			} else {
				t.Log(err)
			}
		})
	}
}

// TestHung ends the context while servers stop answering at different points.
func TestHung(t *testing.T) {
	for name, serve := range map[string]func(net.Conn, chan struct{}){
		"mute from the start": func(c net.Conn, at chan struct{}) {
			_ = readSetup(c)
			close(at)
			_, _ = io.Copy(io.Discard, c)
		},
		"mute after the setup": func(c net.Conn, at chan struct{}) {
			_ = accept(c)
			requests(c, func(_ byte, seq uint16) {
				if seq == 1 {
					close(at)
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := make(chan struct{})
			s := New(Options{Display: fakeServer(t, func(c net.Conn) { serve(c, at) }), Authority: "/nonexistent"})
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-at; cancel() }()
			err := s.Run(ctx, func(i window.Info) { t.Errorf("reported %+v", i) })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run = %v, want the context's error", err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	s := New(Options{Display: ":32123"})
	if err := s.Run(t.Context(), nil); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("Run = %v, want ErrUnavailable", err)
	}
	if s.Detect() {
		t.Error("detected a server that does not exist")
	}
	for _, bad := range []string{"x", ":", ":x", ":-1", ":1.x", "host"} {
		if err := New(Options{Display: bad}).Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "HOST") {
			t.Errorf("display %q: %v, want an example of a valid name", bad, err)
		}
	}
}

func TestCookie(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	entry := func(family uint16, fields ...string) []byte {
		b := binary.BigEndian.AppendUint16(nil, family)
		for _, f := range fields {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(f))), f...)
		}
		return b
	}
	other := entry(familyLocal, "elsewhere", "7", cookieName, "wrong")
	for _, tt := range []struct {
		name string
		file []byte
		want string
		err  bool
	}{
		{"this host", append(other, entry(familyLocal, host, "7", cookieName, "right")...), "right", false},
		{"another display", entry(familyLocal, host, "8", cookieName, "wrong"), "", false},
		{"any display", entry(familyLocal, host, "", cookieName, "right"), "right", false},
		{"any host", entry(familyWild, "", "7", cookieName, "right"), "right", false},
		{"another kind first", append(entry(familyLocal, host, "7", "XDM-AUTHORIZATION-1", "wrong"), entry(familyWild, "", "7", cookieName, "right")...), "right", false},
		{"empty", nil, "", false},
		{"cut off", other[:10], "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "authority")
			if err := os.WriteFile(file, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := display{number: 7}.cookie(file)
			if string(got) != tt.want || (err != nil) != tt.err {
				t.Errorf("cookie = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestCompoundText(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                           "plain",
		"latin \xe9":                      "latin é",
		"A \x1b%G\xe2\x80\x93\x1b%@ \xfc": "A – ü",
		"open \x1b%Gend":                  "open end",
		"":                                "",
	} {
		if got := compoundText([]byte(in)); got != want {
			t.Errorf("compoundText(%q) = %q, want %q", in, got, want)
		}
	}
}
