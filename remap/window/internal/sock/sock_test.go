package sock

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"toshy/remap/window"
)

func TestLines(t *testing.T) {
	text := "one\n\n" + strings.Repeat("x", 200_000) + "\nfour\ncut off"
	l := NewLines(iotest.OneByteReader(strings.NewReader(text)), 10_000)
	for _, want := range []struct {
		line string
		cut  bool
	}{{"one", false}, {"", false}, {strings.Repeat("x", 10_000), true}, {"four", false}} {
		line, cut, err := l.Next()
		if err != nil || string(line) != want.line || cut != want.cut {
			t.Fatalf("%.20q of %d bytes, cut %v, %v; want %.20q", line, len(line), cut, err, want.line)
		}
	}
	if _, _, err := l.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last line: %v, want EOF", err)
	}
}

// TestDialLeftOver finds the live socket among those that a crash has left, and reports if there is none.
func TestDialLeftOver(t *testing.T) {
	dir := t.TempDir()
	dead, live := filepath.Join(dir, "dead"), filepath.Join(dir, "live")
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for _, paths := range [][]string{nil, {live}, {dead}, {live, dead}} {
		if _, _, err := Dial(t.Context(), paths...); !errors.Is(err, window.ErrUnavailable) {
			t.Errorf("%v: %v, want ErrUnavailable", paths, err)
		}
	}
	if l, err = net.Listen("unix", live); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, done, err := Dial(t.Context(), Find(filepath.Join(dir, "*"))...)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.RemoteAddr().String(); got != live {
		t.Errorf("connected to %s", got)
	}
	done()
}

func TestReport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	report := Report(ctx, window.Info{Source: "x"}, func(window.Info) { n++ })
	report(window.Info{}) // the first one is reported, although it is zero
	report(window.Info{})
	report(window.Info{Class: "a"})
	cancel()
	report(window.Info{Class: "b"})
	if n != 2 {
		t.Errorf("reported %d times, want 2", n)
	}
}
