package focus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"toshy/remap/window"
)

// A fake is a source that the test controls.
type fake struct {
	name string
	mu   sync.Mutex
	up   bool // otherwise Run finds nothing to connect to
	say  chan window.Info
	end  chan error
	runs atomic.Int32
}

func newFake(name string) *fake {
	return &fake{name: name, say: make(chan window.Info), end: make(chan error)}
}

func (f *fake) Name() string { return f.name }

func (f *fake) isUp() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.up
}

func (f *fake) set(up bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up = up
}

func (f *fake) Run(ctx context.Context, report func(window.Info)) error {
	f.runs.Add(1)
	if !f.isUp() {
		return fmt.Errorf("%s: %w", f.name, window.ErrUnavailable)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-f.end:
			return err
		case i := <-f.say:
			report(i)
		}
	}
}

// startFollower starts a follower in the test's bubble of virtual time, and counts the calls of Changed.
func startFollower(t *testing.T, c Config) (f *Follower, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	c.Changed = func() { calls.Add(1) }
	f = New(c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
	})
	return f, calls
}

func candidates(fakes ...*fake) Config {
	var c Config
	for _, f := range fakes {
		c.Candidates = append(c.Candidates, Candidate{Source: f, Detect: f.isUp})
	}
	return c
}

func expect(t *testing.T, f *Follower, class string, state window.State, source string) {
	t.Helper()
	synctest.Wait()
	s := f.Current()
	if s.Info.Class != class || s.State != state || s.Info.Source != source {
		t.Fatalf("class %q, state %d, source %q; want %q, %d, %q", s.Info.Class, s.State, s.Info.Source, class, state, source)
	}
}

func win(class string) window.Info { return window.Info{Class: class, Title: class} }

func TestWaitsForTheDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		f, _ := startFollower(t, candidates(a))
		expect(t, f, "", window.Unknown, "")
		time.Sleep(time.Hour)
		if n := a.runs.Load(); n != 0 {
			t.Errorf("tried a missing source %d times", n)
		}
		a.set(true)
		f.Kick()
		a.say <- win("x")
		expect(t, f, "x", window.Known, "a")
		if at := f.Current().At; !at.Equal(time.Now()) {
			t.Errorf("reported at %v, want now", at)
		}
	})
}

func TestFoundWithoutAKick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		f, _ := startFollower(t, candidates(a))
		time.Sleep(time.Hour)
		a.set(true)
		time.Sleep(retryMost * 12 / 10)
		a.say <- win("x")
		expect(t, f, "x", window.Known, "a")
	})
}

// Where no folder reports new sockets, the clock kicks whoever waits for a desktop.
func TestKickedByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kicks := 0
		f := New(Config{Kicked: func() { kicks++ }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		defer func() { cancel(); <-ended }()
		time.Sleep(3*kickedEvery + time.Second)
		synctest.Wait()
		if kicks != 3 {
			t.Errorf("kicked %d times, want 3", kicks)
		}
	})
}

// TestQuietWithoutADesktop: if there is no desktop, no timer runs once the follower has looked for one and watches the folders in
// which one would appear.
func TestQuietWithoutADesktop(t *testing.T) {
	looks, found := make(chan struct{}, 1000), make(chan struct{})
	dir := filepath.Join(t.TempDir(), "run", "user") // does not exist yet
	f := New(Config{
		Watch: []string{dir},
		Candidates: []Candidate{{Source: sourceFunc(func(ctx context.Context, _ func(window.Info)) error {
			close(found)
			<-ctx.Done()
			return ctx.Err()
		}), Detect: func() bool {
			looks <- struct{}{}
			_, err := os.Stat(filepath.Join(dir, "wayland-1"))
			return err == nil
		}}},
	})
	f.all[0].absent = quietLooks - 1 // as after two minutes
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- f.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	<-looks
	select {
	case <-looks:
		t.Error("looked again")
	case <-time.After(3 * retryFirst):
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	<-looks
	l, err := net.Listen("unix", filepath.Join(dir, "wayland-1"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	select {
	case <-found:
	case <-time.After(time.Minute):
		t.Fatal("a desktop that appeared was not found")
	}
}

func TestStaleThenUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		f, calls := startFollower(t, candidates(a))
		a.say <- win("x")
		expect(t, f, "x", window.Known, "a")
		a.set(false)
		a.end <- errors.New("gone")
		expect(t, f, "x", window.Stale, "a")
		if err := f.Sources()[0].Err; err == nil || err.Error() != "gone" {
			t.Errorf("Sources says %v, want gone", err)
		}
		time.Sleep(window.StaleAfter - time.Millisecond)
		expect(t, f, "x", window.Stale, "a")
		time.Sleep(time.Millisecond)
		expect(t, f, "", window.Unknown, "")
		if n := calls.Load(); n != 3 {
			t.Errorf("Changed was called %d times, want 3", n)
		}
	})
}

func TestReconnectsWhileStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		f, _ := startFollower(t, candidates(a))
		a.say <- win("x")
		a.end <- errors.New("restarted")
		a.say <- win("x")
		expect(t, f, "x", window.Known, "a")
		time.Sleep(time.Minute)
		expect(t, f, "x", window.Known, "a")
	})
}

func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		f, _ := startFollower(t, Config{Candidates: []Candidate{{Source: a}}})
		time.Sleep(time.Minute)
		first := a.runs.Load()
		if first < 8 || first > 16 {
			t.Errorf("%d attempts in the first minute", first)
		}
		time.Sleep(time.Hour)
		if n := a.runs.Load() - first; n > 200 {
			t.Errorf("%d attempts in an hour", n)
		}
		if err := f.Sources()[0].Err; !errors.Is(err, window.ErrUnavailable) {
			t.Errorf("Sources says %v", err)
		}
	})
}

// TestFlapping has a source that connects, reports and ends at once, again and again.
func TestFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		a := sourceFunc(func(_ context.Context, report func(window.Info)) error {
			n.Add(1)
			report(win("x"))
			return errors.New("died")
		})
		_, calls := startFollower(t, Config{Candidates: []Candidate{{Source: a}}})
		time.Sleep(time.Hour)
		if n.Load() > 250 || calls.Load() > 1000 {
			t.Errorf("%d attempts and %d calls in an hour", n.Load(), calls.Load())
		}
	})
}

// TestTwoFlapping has two such sources, which must not trigger each other.
func TestTwoFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		var mu sync.Mutex
		a := sourceFunc(func(_ context.Context, report func(window.Info)) error {
			mu.Lock()
			n++
			mu.Unlock()
			report(win("x"))
			return errors.New("died")
		})
		_, calls := startFollower(t, Config{Candidates: []Candidate{{Source: a}, {Source: a}}})
		time.Sleep(time.Hour)
		mu.Lock()
		defer mu.Unlock()
		if n > 600 || calls.Load() > 2000 {
			t.Errorf("%d attempts and %d calls in an hour", n, calls.Load())
		}
	})
}

func TestBetterSourceTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		best, other := newFake("best"), newFake("other")
		other.set(true)
		f, _ := startFollower(t, candidates(best, other))
		other.say <- win("o")
		expect(t, f, "o", window.Known, "other")
		best.set(true)
		f.Kick()
		synctest.Wait()
		other.say <- win("o2") // it continues until the better one has reported
		expect(t, f, "o2", window.Known, "other")
		best.say <- win("b")
		expect(t, f, "b", window.Known, "best")
		select {
		case other.say <- win("late"):
			t.Error("the other source still runs")
		default:
		}
		time.Sleep(time.Hour)
		if n := other.runs.Load(); n != 1 {
			t.Errorf("the other source was run %d times beside the better one", n)
		}
		best.set(false)
		best.end <- errors.New("gone")
		expect(t, f, "b", window.Stale, "best")
		other.say <- win("o3")
		expect(t, f, "o3", window.Known, "other")
		time.Sleep(window.StaleAfter * 2)
		expect(t, f, "o3", window.Known, "other")
	})
}

// TestIdle: no timer runs while the best available source is connected and quiet.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		absent, a, worse := newFake("absent"), newFake("a"), newFake("worse")
		a.set(true)
		var looks atomic.Int32
		c := candidates(absent, a, worse)
		for i := range c.Candidates {
			detect := c.Candidates[i].Detect
			c.Candidates[i].Detect = func() bool { looks.Add(1); return detect() }
		}
		f, _ := startFollower(t, c)
		a.say <- win("x")
		time.Sleep(retryMost * 2) // attempts that were already due
		before := looks.Load()
		time.Sleep(24 * time.Hour)
		if n := looks.Load() - before; n != 0 {
			t.Errorf("looked %d times in a quiet day", n)
		}
		expect(t, f, "x", window.Known, "a")
	})
}

func TestNoWindowBetweenTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		f, calls := startFollower(t, candidates(a))
		a.say <- win("x")
		expect(t, f, "x", window.Known, "a")
		a.say <- window.Info{}
		time.Sleep(settle - time.Millisecond)
		expect(t, f, "x", window.Known, "a")
		a.say <- win("y")
		expect(t, f, "y", window.Known, "a")
		time.Sleep(time.Second)
		expect(t, f, "y", window.Known, "a")
		if n := calls.Load(); n != 2 {
			t.Errorf("Changed was called %d times, want 2", n)
		}
		a.say <- window.Info{}
		time.Sleep(settle)
		expect(t, f, "", window.Known, "a")
	})
}

func TestFloodIsThinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		f, calls := startFollower(t, candidates(a))
		const n = 10_000 // in one second
		for i := range n {
			a.say <- window.Info{Class: "x", Title: fmt.Sprint(i)}
			time.Sleep(time.Second / n)
		}
		synctest.Wait()
		if got := f.Current().Info.Title; got != fmt.Sprint(n-1) {
			t.Errorf("title %q, want the newest", got)
		}
		time.Sleep(time.Second)
		if got := calls.Load(); got < 50 || got > 130 {
			t.Errorf("Changed was called %d times for %d changes", got, n)
		}
	})
}

// TestConsumerThatHangs has a Changed that does not return. The source continues, and nothing accumulates.
func TestConsumerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		hang := make(chan struct{})
		f := New(Config{Candidates: candidates(a).Candidates, Changed: func() { <-hang }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		a.say <- window.Info{Class: "first"}
		synctest.Wait() // everything that it starts has started
		before := runtime.NumGoroutine()
		for i := range 1000 {
			a.say <- window.Info{Class: fmt.Sprint(i)}
			time.Sleep(time.Millisecond)
		}
		expect(t, f, "999", window.Known, "a")
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n > 0 {
			t.Errorf("%d goroutines more than before", n)
		}
		cancel()
		<-ended
		close(hang)
	})
}

func TestLiesAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newFake("a")
		a.set(true)
		f, _ := startFollower(t, candidates(a))
		a.say <- window.Info{Class: strings.Repeat("c", 1<<20), Title: strings.Repeat("\xff\x00", 1<<19), Source: "someone else"}
		synctest.Wait()
		i := f.Current().Info
		if i != window.Clip(i) || len(i.Class) != window.MaxClass || i.Source != "a" {
			t.Errorf("%d bytes of class, %d of title, source %q", len(i.Class), len(i.Title), i.Source)
		}
	})
}

// TestCurrentAllocates limits the reader's side of the key path to one load.
func TestCurrentAllocates(t *testing.T) {
	f := New(Config{})
	if n := testing.AllocsPerRun(100, func() { _ = f.Current() }); n != 0 {
		t.Errorf("Current allocates %v times", n)
	}
}

// TestWatch notices a new socket, in a folder that existed and in a new one.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	kicks := make(chan struct{}, 16)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := newWatch([]string{dir, filepath.Join(dir, "i3")})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.run(ctx, func() { kicks <- struct{}{} })
	}()
	defer func() { cancel(); <-ended }()
	listen := func(path string) {
		t.Helper()
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		select {
		case <-kicks:
		case <-time.After(time.Minute):
			t.Fatalf("%s was not noticed", path)
		}
	}
	listen(filepath.Join(dir, "wayland-1"))
	if err := os.Mkdir(filepath.Join(dir, "i3"), 0o700); err != nil {
		t.Fatal(err)
	}
	<-kicks
	listen(filepath.Join(dir, "i3", "ipc-socket.1"))
}

// TestSocketFolders: the parent of a user's own file system is watched, too, because it outlives it.
func TestSocketFolders(t *testing.T) {
	if got := SocketFolders("/run/user/7"); !slices.Contains(got, "/run/user/7") || !slices.Contains(got, "/run/user") {
		t.Errorf("of a user of logind: %v", got)
	}
	if got := SocketFolders("/tmp/a"); !slices.Contains(got, "/tmp/a") || slices.Contains(got, "/tmp") {
		t.Errorf("of another folder: %v", got)
	}
}

type sourceFunc func(context.Context, func(window.Info)) error

func (sourceFunc) Name() string { return "func" }

func (s sourceFunc) Run(ctx context.Context, report func(window.Info)) error { return s(ctx, report) }
