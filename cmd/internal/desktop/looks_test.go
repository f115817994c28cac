package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"toshy/remap"
	"toshy/remap/window"
	"toshy/remap/window/sessionbus"
)

// toshy looks for a missing bus when a folder reports something, and on a timer only at first. If the environment
// names a bus, that may be anywhere, so the timer continues.
func TestBusIsLookedForAtFirst(t *testing.T) {
	for _, c := range []struct {
		err    error
		byHour int // looks in the first hour
		after  int // and in the tenth
	}{
		{sessionbus.ErrNone, looks, 0},
		{fmt.Errorf("%w: nobody listens", window.ErrUnavailable), 13, 6},
		{errors.New("the bus is lost"), 3600, 3600},
	} {
		synctest.Test(t, func(t *testing.T) {
			var n atomic.Int64
			look := make(chan struct{}, 1)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				watchBus(ctx, look, func() (bool, error) { n.Add(1); return false, c.err })
			}()
			defer func() { cancel(); <-ended }()
			count := func(what string, want int) {
				t.Helper()
				synctest.Wait()
				if n := int(n.Swap(0)); n < want-want/3 || n > want+want/3 { // the intervals are random
					t.Errorf("%v: %s: looked %d times, want %d", c.err, what, n, want)
				}
			}
			time.Sleep(time.Hour)
			count("first hour", c.byHour)
			time.Sleep(8 * time.Hour)
			synctest.Wait()
			n.Store(0)
			time.Sleep(time.Hour)
			count("tenth hour", c.after)
			if errors.Is(c.err, sessionbus.ErrNone) {
				look <- struct{}{}
				count("kicked", 1)
			}
		})
	}
}

// The same for the ways to type.
func TestTypistLooksAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		typist := NewTypist(zap.NewNop())
		var n atomic.Int64
		var there, can atomic.Bool
		typist.ways = []way{{"fake", func(context.Context) (typer, error) {
			n.Add(1)
			if there.Load() {
				return &fakeTyper{}, nil
			}
			return nil, errors.New("not there")
		}}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = typist.Run(ctx, func(yes bool) { can.Store(yes) }, func(uint64, remap.TypingResult) {})
		}()
		defer func() { cancel(); <-ended }()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n.Load() != looks {
			t.Errorf("looked %d times in an hour, want %d", n.Load(), looks)
		}
		there.Store(true)
		typist.Kick()
		synctest.Wait()
		if !can.Load() || n.Load() != looks+1 {
			t.Errorf("after a kick it can type: %v; looked %d times", can.Load(), n.Load())
		}
	})
}

// A desktop is reported before it can type: GNOME Shell runs its extensions seconds after its name is on the bus.
func TestTypistOfADesktopThatStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		typist := NewTypist(zap.NewNop())
		var there, can atomic.Bool
		typist.ways = []way{{"fake", func(context.Context) (typer, error) {
			if there.Load() {
				return &fakeTyper{}, nil
			}
			return nil, errors.New("not there")
		}}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = typist.Run(ctx, func(yes bool) { can.Store(yes) }, func(uint64, remap.TypingResult) {})
		}()
		defer func() { cancel(); <-ended }()
		time.Sleep(time.Hour)
		synctest.Wait()
		typist.Kick()
		synctest.Wait()
		there.Store(true)
		time.Sleep(grace)
		synctest.Wait()
		if !can.Load() {
			t.Errorf("it cannot type %v after the desktop was reported", grace)
		}
	})
}

// The folders that report a socket are those in which it is looked for, also if the environment does not name them.
func TestWatchedFolder(t *testing.T) {
	for set, want := range map[string]string{"": "/run/user/" + strconv.Itoa(os.Geteuid()), "/run/user/7": "/run/user/7", "/tmp/x": "/tmp/x"} {
		t.Setenv("XDG_RUNTIME_DIR", set)
		if got := runtimeFolder(); got != want {
			t.Errorf("XDG_RUNTIME_DIR=%q: %s is watched, want %s", set, got, want)
		}
	}
}
