//go:build desktop

package kwin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

// fakeKWin answers like org.kde.KWin's scripting interface, and the test plays the script by hand. It does what a real KWin cannot be
// made to do.
type fakeKWin struct {
	conn   *dbus.Conn
	refuse bool // loadScript answers -1
	mute   bool // start does not run the script
	broken bool // there is no scripting interface
	hung   bool // no request is answered

	mu      sync.Mutex
	loaded  map[string]string // plugin to the address that its script calls
	perm    os.FileMode
	started chan string
}

var destination = regexp.MustCompile(`callDBus\("([^"]*)"`)

func newFake(t *testing.T, b *windowtest.Bus) *fakeKWin {
	t.Helper()
	return &fakeKWin{conn: b.Connect(t, BusName), loaded: map[string]string{}, started: make(chan string, 8)}
}

func (f *fakeKWin) export(t *testing.T) *fakeKWin {
	t.Helper()
	if f.broken {
		return f
	}
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	methods := map[string]any{
		"isScriptLoaded": func(name string) (bool, *dbus.Error) {
			if f.hung {
				<-forever
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			_, ok := f.loaded[name]
			return ok, nil
		},
		"unloadScript": func(name string) (bool, *dbus.Error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			_, ok := f.loaded[name]
			delete(f.loaded, name)
			return ok, nil
		},
		"loadScript": func(file, name string) (int32, *dbus.Error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if _, ok := f.loaded[name]; ok || f.refuse {
				return -1, nil
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return 0, nil
			}
			if i, err := os.Stat(file); err == nil {
				f.perm = i.Mode().Perm()
			}
			f.loaded[name] = destination.FindStringSubmatch(string(text))[1]
			return int32(len(f.loaded) - 1), nil
		},
		"start": func() *dbus.Error {
			f.mu.Lock()
			defer f.mu.Unlock()
			if !f.mute {
				for _, to := range f.loaded {
					f.started <- to
				}
			}
			return nil
		},
	}
	if err := f.conn.ExportMethodTable(methods, scripting, strings.TrimSuffix(iface, ".")); err != nil {
		t.Fatal(err)
	}
	return f
}

// state returns the number of loaded scripts, and the mode of the last one's file.
func (f *fakeKWin) state() (loaded int, perm os.FileMode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.loaded), f.perm
}

// report does what callDBus does in the script.
func report(t *testing.T, from *dbus.Conn, to string, serial int, class, title string) {
	t.Helper()
	c := from.Object(to, callPath).Go(callIface+".Report", dbus.FlagNoReplyExpected, nil, strconv.Itoa(serial), class, title, "")
	if c.Err != nil {
		t.Fatal(c.Err)
	}
}

func runtimeDir(t *testing.T) string {
	t.Helper()
	dir := windowtest.Dir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

func empty(t *testing.T, dir string) {
	t.Helper()
	windowtest.Until(t, "the script's file is removed", func() bool {
		left, err := filepath.Glob(filepath.Join(dir, "*.js"))
		return err == nil && len(left) == 0
	})
}

// Errors are reported, and nothing is left behind.
func TestGivesUp(t *testing.T) {
	tests := []struct {
		name        string
		set         func(*fakeKWin)
		unavailable bool
		late        bool // it has not answered in time
		say         string
	}{
		{"no scripting", func(f *fakeKWin) { f.broken = true }, true, false, "no scripting"},
		{"refused", func(f *fakeKWin) { f.refuse = true }, false, false, "refused the focus script"},
		{"hung", func(f *fakeKWin) { f.hung = true }, false, true, "did not answer"},
		{"silent", func(f *fakeKWin) { f.mute = true }, false, true, "reported nothing within"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := runtimeDir(t)
			b := windowtest.NewBus(t)
			f := newFake(t, b)
			tt.set(f)
			f.export(t)
			said, err := windowtest.RunError(t, &Source{Address: b.Address, silence: 50 * time.Millisecond})
			if !strings.Contains(fmt.Sprint(err), tt.say) || errors.Is(err, window.ErrUnavailable) != tt.unavailable ||
				errors.Is(err, os.ErrDeadlineExceeded) != tt.late {
				t.Errorf("Run returned %v", err)
			}
			if len(said) > 0 {
				t.Errorf("reported %+v", said)
			}
			if n, _ := f.state(); n > 0 {
				t.Errorf("left %d scripts loaded", n)
			}
			empty(t, dir)
		})
	}
}

func TestNoBus(t *testing.T) {
	for _, address := range []string{"unix:path=/nonexistent/bus", "unix:", "nonsense"} {
		_, err := windowtest.RunError(t, &Source{Address: address})
		if !errors.Is(err, window.ErrUnavailable) {
			t.Errorf("%s: Run returned %v, want ErrUnavailable", address, err)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	_, err := windowtest.RunError(t, &Source{})
	if !errors.Is(err, window.ErrUnavailable) || !strings.Contains(err.Error(), "no session bus") {
		t.Errorf("Run returned %v", err)
	}
}

func TestOrderAndLies(t *testing.T) {
	dir := runtimeDir(t)
	b := windowtest.NewBus(t)
	f := newFake(t, b).export(t)
	ctx, cancel := context.WithCancel(t.Context())
	l, ended := windowtest.Started(ctx, &Source{Address: b.Address})
	to := <-f.started
	report(t, f.conn, to, 1, "alpha.app", "a")
	l.Wait(t, "alpha.app", "a")
	empty(t, dir)
	if _, perm := f.state(); perm != 0o600 {
		t.Errorf("the script's file had mode %v", perm)
	}
	liar := b.Connect(t)
	report(t, liar, to, 50, "liar", "another program of the session")
	report(t, f.conn, to, 3, "gamma.app", "c")
	report(t, f.conn, to, 2, "beta.app", "late")
	for _, args := range [][]any{{}, {"4"}, {"4", 5, "x", ""}, {"NaN", "x", "y", ""}, {"-4", "x", "y", ""}} {
		f.conn.Object(to, callPath).Go(callIface+".Report", dbus.FlagNoReplyExpected, nil, args...)
	}
	f.conn.Object(to, callPath).Go(callIface+".Other", dbus.FlagNoReplyExpected, nil, "4", "x", "y", "")
	report(t, f.conn, to, 5, "big", strings.Repeat("✓", 1<<20/3))
	report(t, f.conn, to, 6, strings.Repeat("c", 5000), "")
	report(t, f.conn, to, 7, "end", "")
	l.Wait(t, "end", "")
	var classes []string
	for _, i := range l.All() {
		classes = append(classes, i.Class)
		if len(i.Title) > window.MaxTitle || len(i.Class) > window.MaxClass || !utf8.ValidString(i.Title) {
			t.Errorf("reported %.40q, %.40q", i.Class, i.Title)
		}
	}
	want := []string{"alpha.app", "gamma.app", "big", strings.Repeat("c", window.MaxClass), "end"}
	if fmt.Sprint(classes) != fmt.Sprint(want) {
		t.Errorf("reported %v, want %v", classes, want)
	}
	cancel()
	if err := windowtest.Ended(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
	if n, _ := f.state(); n > 0 {
		t.Errorf("left %d scripts loaded", n)
	}
}

// TestFlood reports faster than the consumer reads. What it gets is in order and ends with the last report, and only a limited number
// of reports waits.
func TestFlood(t *testing.T) {
	runtimeDir(t)
	b := windowtest.NewBus(t)
	f := newFake(t, b).export(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const n = 10_000
	hold, done := make(chan struct{}), make(chan []int, 1)
	var got []int
	go (&Source{Address: b.Address}).Run(ctx, func(i window.Info) {
		<-hold
		v, _ := strconv.Atoi(i.Title)
		if got = append(got, v); v == n {
			done <- got
		}
	})
	to := <-f.started
	for i := 1; i <= n; i++ {
		report(t, f.conn, to, i, "flood", strconv.Itoa(i))
	}
	// A call after them has been answered, so all of them have been received.
	if err := f.conn.Object(to, callPath).Call(callIface+".Report", 0, strconv.Itoa(n), "late", "", "").Err; err != nil {
		t.Fatal(err)
	}
	close(hold)
	select {
	case got := <-done:
		if len(got) > 100 {
			t.Errorf("%d reports waited", len(got))
		}
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("%d after %d", got[i], got[i-1])
			}
		}
	case <-time.After(windowtest.Limit):
		t.Fatal("the last report never came")
	}
}

func TestLost(t *testing.T) {
	tests := map[string]func(*windowtest.Bus, *fakeKWin){
		"KWin": func(_ *windowtest.Bus, f *fakeKWin) { f.conn.Close() },
		"name": func(_ *windowtest.Bus, f *fakeKWin) { f.conn.ReleaseName(BusName) },
		"bus":  func(b *windowtest.Bus, _ *fakeKWin) { b.Kill() },
	}
	for name, lose := range tests {
		t.Run(name, func(t *testing.T) {
			dir := runtimeDir(t)
			b := windowtest.NewBus(t)
			f := newFake(t, b).export(t)
			l, ended := windowtest.Started(t.Context(), &Source{Address: b.Address})
			report(t, f.conn, <-f.started, 1, "alpha.app", "a")
			l.Wait(t, "alpha.app", "a")
			lose(b, f)
			err := windowtest.Ended(t, ended)
			if err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
				t.Errorf("Run returned %v, want what was lost", err)
			}
			empty(t, dir)
		})
	}
}
