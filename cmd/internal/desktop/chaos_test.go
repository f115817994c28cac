package desktop

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"toshy/remap/window"
	"toshy/remap/window/hyprland"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/niri"
)

// This sends what compositors say, with bytes that are changed, missing or repeated. A source ends with an error when its compositor
// ends, and its reports stay within the limits.

const (
	swayWindow = `{"id":2,"type":"con","name":"a title","focused":true,"pid":1,"app_id":"kitty","window_properties":{"class":"Kitty"},"nodes":[],"floating_nodes":[]}`
	swayTree   = `{"id":1,"type":"root","name":"root","focused":false,"nodes":[` + swayWindow + `],"floating_nodes":[]}`
)

var (
	swayEvents = []string{
		`{"change":"focus","container":` + swayWindow + `}`, `{"change":"title","container":{"id":2,"name":"b","focused":true}}`,
		`{"change":"close","container":{"id":2}}`, `{"change":"focus"}`, `{"success":true}`, swayTree,
	}
	niriBegin = []string{
		`{"Ok":"Handled"}`, `{"WorkspacesChanged":{"workspaces":[]}}`,
		`{"WindowsChanged":{"windows":[{"id":1,"title":"t","app_id":"a","pid":1,"workspace_id":1,"is_focused":true,"is_floating":false}]}}`,
	}
	niriEvents = []string{
		`{"WindowOpenedOrChanged":{"window":{"id":2,"title":null,"app_id":"b","pid":null,"is_focused":true}}}`, `{"WindowClosed":{"id":2}}`,
		`{"WindowFocusChanged":{"id":1}}`, `{"WindowFocusChanged":{"id":null}}`, `{"KeyboardLayoutsChanged":{"keyboard_layouts":{"names":["a"],"current_idx":0}}}`,
	}
	hyprEvents = []string{
		"activewindow>>kitty,a title", "activewindowv2>>55aa", "windowtitlev2>>55aa,other", "windowtitle>>55aa", "closewindow>>55aa",
		"activelayout>>kb,English (US)", "workspace>>1", "activewindow>>,", "activewindowv2>>,",
	}
	swayTypes = []uint32{2, 4, 0x80000003, 0x80000000, 0x80000006, 0x80000005, 3, 0}
	odd       = []string{
		"null", "-1", "1e400", "18446744073709551616", `"\ud800"`, "[", "{", "}", "]", `"`, "\x00", "\xff", `\u0000`, "true",
		strings.Repeat("[", 20_000), strings.Repeat("x", 100_000),
	}
)

// mutated returns a message with a few changes.
func mutated(r *rand.Rand, s string) []byte {
	b := []byte(s)
	for range r.Intn(4) {
		if len(b) == 0 {
			return b
		}
		i := r.Intn(len(b))
		switch r.Intn(7) {
		case 0:
			b[i] ^= 1 << r.Intn(8)
		case 1:
			b = append(b[:i:i], b[min(len(b), i+1+r.Intn(8)):]...)
		case 2:
			part := b[i:min(len(b), i+1+r.Intn(12))]
			b = append(b[:i:i], append(bytes.Repeat(part, 1+r.Intn(50)), b[i:]...)...)
		case 3:
			b = append(b[:i:i], append([]byte(odd[r.Intn(len(odd))]), b[i:]...)...)
		case 4:
			b = bytes.Replace(b, []byte("false"), []byte("true"), 1)
		case 5:
			b = bytes.Replace(b, []byte(":1"), fmt.Append(nil, ":", r.Int63()), 1)
		case 6:
			b = b[:i]
		}
	}
	return b
}

// swayFrame is a message of i3's IPC. Its length may be wrong.
func swayFrame(r *rand.Rand, kind uint32, body []byte) []byte {
	n := uint32(len(body))
	if r.Intn(30) == 0 {
		n = r.Uint32()
	}
	b := binary.NativeEndian.AppendUint32([]byte("i3-ipc"), n)
	return append(binary.NativeEndian.AppendUint32(b, kind), body...)
}

// compositor serves a socket: each connection gets what say produces, and is then closed.
func compositor(t *testing.T, path string, seed int64, say func(r *rand.Rand) [][]byte) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() { l.Close(); serving.Wait() })
	serving.Go(func() {
		r := rand.New(rand.NewSource(seed))
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			heard := make(chan struct{})
			go func() { defer close(heard); _, _ = io.Copy(io.Discard, c) }()
			for _, m := range say(r) {
				if _, err := c.Write(m); err != nil {
					break
				}
			}
			_ = c.(*net.UnixConn).CloseWrite()
			<-heard // the source has sent everything that it wants to send
			c.Close()
		}
	})
}

func FuzzSources(f *testing.F) {
	for seed := range int64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		dir, err := os.MkdirTemp("", "toshy") // a short path: the path of a socket has at most 107 bytes
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		var s window.Source
		switch seed % 3 {
		case 0:
			compositor(t, filepath.Join(dir, "s"), seed, func(r *rand.Rand) [][]byte {
				m := [][]byte{swayFrame(r, 2, []byte(`{"success":true}`)), swayFrame(r, 4, mutated(r, swayTree))}
				for range 30 {
					m = append(m, swayFrame(r, swayTypes[r.Intn(len(swayTypes))], mutated(r, swayEvents[r.Intn(len(swayEvents))])))
				}
				return m
			})
			s = i3ipc.NewSway(i3ipc.Options{Socket: filepath.Join(dir, "s")})
		case 1:
			compositor(t, filepath.Join(dir, "s"), seed, func(r *rand.Rand) (m [][]byte) {
				for i := range 30 {
					e := niriEvents[r.Intn(len(niriEvents))]
					if i < len(niriBegin) {
						e = niriBegin[i]
					}
					m = append(m, append(mutated(r, e), '\n'))
				}
				return m
			})
			s = niri.New(niri.Options{Socket: filepath.Join(dir, "s")})
		default:
			compositor(t, filepath.Join(dir, ".socket2.sock"), seed, func(r *rand.Rand) (m [][]byte) {
				for range 30 {
					m = append(m, append(mutated(r, hyprEvents[r.Intn(len(hyprEvents))]), '\n'))
				}
				return m
			})
			compositor(t, filepath.Join(dir, ".socket.sock"), seed, func(r *rand.Rand) [][]byte {
				return [][]byte{mutated(r, `{"address":"0x55aa","class":"kitty","title":"t"}`)}
			})
			s = hyprland.New(hyprland.Options{Folder: dir})
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		err = s.Run(ctx, func(i window.Info) {
			if len(i.Class) > window.MaxClass || len(i.Title) > window.MaxTitle || len(i.Exe) > window.MaxClass || !utf8.ValidString(i.Title+i.Class) {
				t.Errorf("reported: %.300q %.300q", i.Class, i.Title)
			}
		})
		if ctx.Err() != nil {
			t.Errorf("%s did not end although its compositor is gone", s.Name())
		}
		if err == nil {
			t.Errorf("%s ended without an error", s.Name())
		}
	})
}
