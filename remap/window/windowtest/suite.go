package windowtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"toshy/remap/window"
)

// A Desktop is a desktop that a test can start, kill, and use as a user would.
type Desktop interface {
	Start(t testing.TB)                            // returns when it is ready for windows
	Kill()                                         // kills it, like a crash
	Open(t testing.TB, class, title string) Window // maps a window and returns when the desktop knows it
}

// Workspaces is a desktop on which a test can change the workspace, "1" to "4"; it starts on "1".
type Workspaces interface {
	Workspace(t testing.TB, name string)
}

// A Window is a window from Open.
type Window interface {
	SetTitle(t testing.TB, title string)
	Focus(t testing.TB) // asks the desktop to focus it, by the desktop's own means
	Close(t testing.TB)
}

// A Shower is a desktop with parts that take the keyboard although no other window has it, such as a launcher.
type Shower interface {
	Takers() []string // the names for Show and Hide
	Show(t testing.TB, what string)
	Hide(t testing.TB, what string)
}

// A Log collects what a source reports.
type Log struct {
	mu    sync.Mutex
	infos []window.Info
	moved chan struct{}
	at    int // index of the next report for Wait
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{moved: make(chan struct{}, 1)} }

// Report is the function to pass to a source.
func (l *Log) Report(i window.Info) {
	l.mu.Lock()
	l.infos = append(l.infos, i)
	l.mu.Unlock()
	select {
	case l.moved <- struct{}{}:
	default:
	}
}

// All returns everything reported so far.
func (l *Log) All() []window.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]window.Info(nil), l.infos...)
}

// Wait returns the next report with this class and title, and fails if none arrives.
func (l *Log) Wait(t testing.TB, class, title string) window.Info {
	t.Helper()
	limit := time.NewTimer(Limit)
	defer limit.Stop()
	from := l.at
	for {
		for all := l.All(); l.at < len(all); {
			i := all[l.at]
			l.at++
			if i.Class == class && i.Title == title {
				return i
			}
		}
		select {
		case <-l.moved:
		case <-limit.C:
			t.Fatalf("never reported: class %q, title %q; reported since the last wait:%s", class, title, list(l.All()[from:]))
		}
	}
}

func list(infos []window.Info) string {
	var s strings.Builder
	for _, i := range infos {
		fmt.Fprintf(&s, "\n  class %q, title %.80q", i.Class, i.Title)
	}
	return s.String()
}

// Follow runs a source until the test ends, and checks that it then stops properly.
func Follow(t testing.TB, s window.Source) *Log {
	t.Helper()
	l := NewLog()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runPatiently(ctx, s, l) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v, want the context's error", err)
			}
		case <-time.After(Limit):
			t.Error("Run did not end with its context")
		}
	})
	return l
}

// Suite is what every source must do on its desktop. open returns a new source for d.
type Suite struct {
	Desktop Desktop
	Source  func() window.Source
	Want    window.Info // Desktop, Session and Source of each report

	LowerCase  bool // classes come in lower case
	KeepsTitle bool // the desktop itself does not replace a title with an empty one
	Drops      bool // the desktop ends the connection of a client that is behind by some hundred events
}

// Run runs the suite. The desktop must not run yet.
func (s Suite) Run(t *testing.T) {
	t.Run("absent", s.absent)
	s.Desktop.Start(t)
	t.Run("focus", s.focus)
	t.Run("title", s.title)
	t.Run("close", s.close)
	t.Run("workspace", s.workspace)
	t.Run("launcher", s.launcher)
	t.Run("order", s.order)
	t.Run("hostile", s.hostile)
	t.Run("flood", s.flood)
	t.Run("lost", s.lost) // kills the desktop
	s.Desktop.Start(t)
	t.Run("again", s.focus)
	s.Desktop.Kill()
}

func (s Suite) absent(t *testing.T) {
	err := s.Source().Run(t.Context(), func(i window.Info) { t.Errorf("reported %+v", i) })
	if !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without the desktop Run returned %v, want ErrUnavailable", err)
	}
}

func (s Suite) focus(t *testing.T) {
	a := s.Desktop.Open(t, "alpha.app", "Alpha – ünïcode ✓")
	a.Focus(t)
	l := Follow(t, s.Source())
	i := l.Wait(t, "alpha.app", "Alpha – ünïcode ✓") // the one that has it already
	if i.Desktop != s.Want.Desktop || i.Session != s.Want.Session || i.Source != s.Want.Source {
		t.Errorf("reported %+v, want desktop, session and source of %+v", i, s.Want)
	}
	class := "Beta"
	b := s.Desktop.Open(t, class, `Beta "one", two`)
	b.Focus(t)
	if s.LowerCase {
		class = strings.ToLower(class)
	}
	l.Wait(t, class, `Beta "one", two`)
	for range 5 {
		a.Focus(t)
		l.Wait(t, "alpha.app", "Alpha – ünïcode ✓")
		b.Focus(t)
		l.Wait(t, class, `Beta "one", two`)
	}
	a.Close(t)
	b.Close(t)
}

func (s Suite) title(t *testing.T) {
	a := s.Desktop.Open(t, "alpha.app", "a1")
	b := s.Desktop.Open(t, "beta.app", "b1")
	b.Focus(t)
	l := Follow(t, s.Source())
	l.Wait(t, "beta.app", "b1")
	before := len(l.All())
	a.SetTitle(t, "a2") // not the focused one
	b.SetTitle(t, "b2")
	l.Wait(t, "beta.app", "b2")
	for _, i := range l.All()[before:] {
		if i.Class == "alpha.app" {
			t.Errorf("reported %q, which has not the focus", i.Title)
		}
	}
	a.Focus(t)
	l.Wait(t, "alpha.app", "a2")
	if !s.KeepsTitle {
		a.SetTitle(t, "")
		l.Wait(t, "alpha.app", "")
	}
	a.Close(t)
	b.Close(t)
}

func (s Suite) close(t *testing.T) {
	a := s.Desktop.Open(t, "alpha.app", "a")
	a.Focus(t)
	b := s.Desktop.Open(t, "beta.app", "b")
	b.Focus(t)
	l := Follow(t, s.Source())
	l.Wait(t, "beta.app", "b")
	b.Close(t)
	l.Wait(t, "alpha.app", "a")
	a.Close(t)
	l.Wait(t, "", "")
	c := s.Desktop.Open(t, "gamma.app", "c")
	c.Focus(t)
	l.Wait(t, "gamma.app", "c")
	c.Close(t)
	l.Wait(t, "", "")
}

func (s Suite) workspace(t *testing.T) {
	d, ok := s.Desktop.(Workspaces)
	if !ok {
		return
	}
	a := s.Desktop.Open(t, "alpha.app", "a")
	a.Focus(t)
	l := Follow(t, s.Source())
	l.Wait(t, "alpha.app", "a")
	d.Workspace(t, "3")
	l.Wait(t, "", "")
	d.Workspace(t, "1")
	l.Wait(t, "alpha.app", "a")
	a.Close(t)
}

// launcher: what you type into a launcher is not for the window behind it.
func (s Suite) launcher(t *testing.T) {
	d, ok := s.Desktop.(Shower)
	if !ok {
		return
	}
	a := s.Desktop.Open(t, "alpha.app", "a")
	a.Focus(t)
	l := Follow(t, s.Source())
	l.Wait(t, "alpha.app", "a")
	for _, what := range d.Takers() {
		for range 3 {
			d.Show(t, what)
			l.Wait(t, "", "")
			d.Hide(t, what)
			l.Wait(t, "alpha.app", "a")
		}
		d.Show(t, what)
		l.Wait(t, "", "")
		late, ended := Started(t.Context(), s.Source()) // a source that only starts now gets the same reports
		late.Wait(t, "", "")
		d.Hide(t, what)
		late.Wait(t, "alpha.app", "a")
		l.Wait(t, "alpha.app", "a")
		select {
		case err := <-ended:
			t.Error(err)
		default:
		}
	}
	a.Close(t)
}

// order changes a title many times. Reports may leave out some titles, but never go back.
func (s Suite) order(t *testing.T) {
	const n = 300
	a := s.Desktop.Open(t, "alpha.app", "0")
	a.Focus(t)
	source := s.Source()
	if s.Drops {
		source = &returning{Source: source}
	}
	l := Follow(t, source)
	l.Wait(t, "alpha.app", "0")
	for i := 1; i <= n; i++ {
		a.SetTitle(t, strconv.Itoa(i))
	}
	l.Wait(t, "alpha.app", strconv.Itoa(n))
	last := 0
	for _, i := range l.All() {
		if i.Class == "" {
			continue // "no window", which Openbox reports when a window is focused again
		}
		v, err := strconv.Atoi(i.Title)
		if err != nil || v < last {
			t.Fatalf("title %q after %d", i.Title, last)
		}
		last = v
	}
	a.Close(t)
}

// A returning source connects again when it is lost, as package focus does.
type returning struct {
	window.Source
	lost atomic.Int32 // times
}

func (r *returning) Run(ctx context.Context, report func(window.Info)) error {
	for {
		err := r.Source.Run(ctx, report)
		if ctx.Err() != nil || errors.Is(err, window.ErrUnavailable) {
			return err
		}
		r.lost.Add(1)
	}
}

// hostile shows titles that no one should set.
func (s Suite) hostile(t *testing.T) {
	a := s.Desktop.Open(t, "alpha.app", "0")
	a.Focus(t)
	l := Follow(t, s.Source())
	l.Wait(t, "alpha.app", "0")
	for _, title := range []string{
		"long " + strings.Repeat("✓", 1000), "in\xffva\xc3lid", "{\"}\n>>\x01,", strings.Repeat("1 MB ✓ ", 1<<17),
	} {
		a.SetTitle(t, title)
	}
	a.SetTitle(t, "end")
	l.Wait(t, "alpha.app", "end")
	for _, i := range l.All() {
		if len(i.Title) > window.MaxTitle || !utf8.ValidString(i.Title) {
			t.Errorf("reported a title of %d bytes: %.40q", len(i.Title), i.Title)
		}
	}
	a.Close(t)
}

// flood changes the title 10,000 times, as fast as the desktop accepts it, and some of the titles are long (few: a desktop
// draws them). The last one must arrive, and nothing of the others may stay in memory.
func (s Suite) flood(t *testing.T) {
	const n, kept = 10_000, 2 << 20 // bytes that the whole test process may have more than before
	a := s.Desktop.Open(t, "alpha.app", "0")
	a.Focus(t)
	l := &latest{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	// Since version 1.8, sway drops a client that has 4 MB of unread events.
	r := &returning{Source: s.Source()}
	go func() { ended <- r.Run(ctx, l.report) }()
	Until(t, "the window is reported", func() bool { return l.is("alpha.app", "0") })
	before := heap()
	long := strings.Repeat("long ✓ ", 400)
	for i := range n {
		title := strconv.Itoa(i)
		if i%1000 == 0 {
			title += long
		}
		a.SetTitle(t, title)
	}
	a.SetTitle(t, "end")
	// sway takes 20 s for them on a busy computer.
	within(t, 6*Limit, "the last title is reported", func() bool {
		select {
		case err := <-ended:
			t.Fatalf("Run ended: %v", err)
		default:
		}
		return l.is("alpha.app", "end")
	})
	if n := r.lost.Load(); n > 0 {
		t.Logf("the desktop ended the connection %d times", n)
	}
	if more := heap() - before; more > kept {
		t.Errorf("%d bytes are kept after %d titles, %d of which were reported", more, n, l.count())
	}
	cancel()
	<-ended
	a.Close(t)
}

// latest keeps only the last report.
type latest struct {
	mu sync.Mutex
	i  window.Info
	n  int
}

func (l *latest) report(i window.Info) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.i = i
	l.n++
}

func (l *latest) is(class, title string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.i.Class == class && l.i.Title == title
}

func (l *latest) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

// heap is the memory in use after everything else has been freed.
func heap() int64 {
	var m runtime.MemStats
	for range 2 { // the second run frees what finalizers released
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func (s Suite) lost(t *testing.T) {
	a := s.Desktop.Open(t, "alpha.app", "a")
	a.Focus(t)
	l := NewLog()
	ended := make(chan error, 1)
	go func() { ended <- s.Source().Run(t.Context(), l.Report) }()
	l.Wait(t, "alpha.app", "a")
	s.Desktop.Kill()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, window.ErrUnavailable) || errors.Is(err, context.Canceled) {
			t.Errorf("with the desktop gone Run returned %v, want what was lost", err)
		}
	case <-time.After(Limit):
		t.Fatal("Run did not end without its desktop")
	}
}
