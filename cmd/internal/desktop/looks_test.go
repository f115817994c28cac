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

// A looking is a typist that looks for its only way to type.
type looking struct {
	*Typist
	looked     atomic.Int64
	there, can atomic.Bool // the way exists; the typist can type
}

// newLooking runs a typist until the test ends. It must be called in a synctest bubble.
func newLooking(t *testing.T) *looking {
	l := &looking{Typist: NewTypist(zap.NewNop())}
	l.ways = []way{{"fake", func(context.Context) (typer, error) {
		l.looked.Add(1)
		if l.there.Load() {
			return &fakeTyper{}, nil
		}
		return nil, errors.New("not there")
	}, typingRest}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Run(ctx, l.can.Store, func(uint64, remap.TypingResult) {})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return l
}

// The same for the ways to type.
func TestTypistLooksAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooking(t)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := l.looked.Load(); n != looks {
			t.Errorf("looked %d times in an hour, want %d", n, looks)
		}
		l.there.Store(true)
		l.Kick()
		synctest.Wait()
		if !l.can.Load() || l.looked.Load() != looks+1 {
			t.Errorf("after a kick it can type: %v; looked %d times", l.can.Load(), l.looked.Load())
		}
	})
}

// A desktop is reported before it can type: GNOME Shell runs its extensions seconds after its name is on the bus.
func TestTypistOfADesktopThatStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooking(t)
		time.Sleep(time.Hour)
		synctest.Wait()
		l.Kick()
		synctest.Wait()
		l.there.Store(true)
		time.Sleep(grace)
		synctest.Wait()
		if !l.can.Load() {
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
