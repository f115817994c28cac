package windowtest

import (
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

// A Fake is a desktop that runs in the test and speaks a documented protocol, for desktops that Debian does not package. It keeps
// windows, workspaces and the focus; a [Protocol] writes them in the desktop's format.
type Fake struct {
	Listeners []Listener

	mu        sync.Mutex
	open      []net.Listener
	clients   map[net.Conn]func(Event) // nil until Join
	windows   []*FakeWindow            // the one that was focused last is at the end
	workspace string
	lastID    int
	launcher  bool
}

// A Listener is one socket of a fake, and the desktop's side of one connection to it.
type Listener struct {
	Path  func() string
	Serve func(c net.Conn) // returns when the connection is done

	// OnDemand leaves connections waiting until Accept is called.
	OnDemand bool
}

// An Event is a change that a desktop reports.
type Event struct {
	Kind   string      // "open", "focus", "title", "close"; for a launcher "show", "hide"
	Window *FakeWindow // nil if no window has the focus
}

// A FakeWindow is a window of a Fake. Its fields are valid while the fake is locked, as in Join.
type FakeWindow struct {
	ID                      int
	Class, Title, Workspace string

	f *Fake
}

// Start listens.
func (f *Fake) Start(t testing.TB) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients, f.windows, f.workspace, f.launcher = map[net.Conn]func(Event){}, nil, "1", false
	for _, l := range f.Listeners {
		_ = os.Remove(l.Path())
		nl, err := net.Listen("unix", l.Path())
		if err != nil {
			t.Fatal(err)
		}
		nl.(*net.UnixListener).SetUnlinkOnClose(false) // as after a crash
		f.open = append(f.open, nl)
		if l.OnDemand {
			continue
		}
		go func() {
			for {
				c, err := nl.Accept()
				if err != nil {
					return
				}
				f.add(c)
				go f.serve(l, c)
			}
		}()
	}
	t.Cleanup(f.Kill)
}

func (f *Fake) add(c net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients[c] = nil
}

func (f *Fake) serve(l Listener, c net.Conn) {
	l.Serve(c)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.clients, c)
	c.Close()
}

// Accept accepts the connections that wait at an OnDemand listener, and calls join for each before it serves it. An event loop does
// the same: it accepts all waiting connections before it answers any.
func (f *Fake) Accept(t testing.TB, listener int, join func(net.Conn)) {
	t.Helper()
	f.mu.Lock()
	if len(f.open) == 0 {
		f.mu.Unlock()
		return // killed
	}
	nl := f.open[listener].(*net.UnixListener)
	f.mu.Unlock()
	for {
		if err := nl.SetDeadline(time.Now().Add(time.Millisecond)); err != nil {
			return
		}
		c, err := nl.Accept()
		if err != nil {
			return
		}
		f.add(c)
		join(c)
		go f.serve(f.Listeners[listener], c)
	}
}

// Kill closes all sockets.
func (f *Fake) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.open {
		l.Close()
	}
	f.open = nil
	for c := range f.clients {
		c.Close()
	}
}

// Join calls state with all windows and the focused one (nil for none), and from then on emit with each event. It does this under one
// lock, so that no change is lost in between.
func (f *Fake) Join(c net.Conn, state func(windows []*FakeWindow, focus *FakeWindow), emit func(Event)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state(f.windows, f.focused())
	if emit != nil {
		f.clients[c] = emit
	}
}

func (f *Fake) focused() *FakeWindow {
	for _, w := range slices.Backward(f.windows) {
		if w.Workspace == f.workspace {
			return w
		}
	}
	return nil
}

func (f *Fake) emit(e Event) {
	for _, emit := range f.clients {
		if emit != nil {
			emit(e)
		}
	}
}

// Workspace changes the workspace.
func (f *Fake) Workspace(_ testing.TB, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.workspace = name
	f.emit(Event{"focus", f.focused()})
}

// FakeLaunchers is a fake that reports launchers; see [Shower].
type FakeLaunchers struct{ *Fake }

// Takers returns the only launcher.
func (f FakeLaunchers) Takers() []string { return []string{"launcher"} }

// Show opens the launcher.
func (f FakeLaunchers) Show(testing.TB, string) { f.launch(true) }

// Hide closes the launcher.
func (f FakeLaunchers) Hide(testing.TB, string) { f.launch(false) }

func (f FakeLaunchers) launch(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.launcher = on
	f.emit(Event{map[bool]string{true: "show", false: "hide"}[on], nil})
}

// Launcher says whether a launcher is open.
func (f *Fake) Launcher() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.launcher
}

// Open opens a window and gives it the focus.
func (f *Fake) Open(_ testing.TB, class, title string) Window {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	w := &FakeWindow{ID: f.lastID, Class: class, Title: title, Workspace: f.workspace, f: f}
	f.windows = append(f.windows, w)
	f.emit(Event{"open", w})
	f.emit(Event{"focus", w})
	return w
}

// SetTitle changes the title.
func (w *FakeWindow) SetTitle(_ testing.TB, title string) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.Title = title
	w.f.emit(Event{"title", w})
}

// Focus moves the focus.
func (w *FakeWindow) Focus(testing.TB) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.remove()
	w.f.windows = append(w.f.windows, w)
	w.f.emit(Event{"focus", w})
}

// Close closes the window. The window that had the focus before gets it.
func (w *FakeWindow) Close(testing.TB) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.remove()
	w.f.emit(Event{"close", w})
	w.f.emit(Event{"focus", w.f.focused()})
}

func (w *FakeWindow) remove() {
	w.f.windows = slices.DeleteFunc(w.f.windows, func(o *FakeWindow) bool { return o == w })
}

// WriteOdd writes in pieces of odd sizes, as a stream may deliver them.
func WriteOdd(c net.Conn, b []byte) {
	for len(b) > 0 {
		n := min(len(b), 701)
		if _, err := c.Write(b[:n]); err != nil {
			return // the client has disconnected; its reader ends, too
		}
		b = b[n:]
	}
}

// Outbox returns a function that writes to c and never makes the caller wait, like a compositor.
func Outbox(t testing.TB, c net.Conn) func([]byte) {
	var mu sync.Mutex
	var queue []byte
	wake := make(chan struct{}, 1)
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	go func() {
		for {
			select {
			case <-wake:
			case <-ended:
				return
			}
			mu.Lock()
			b := queue
			queue = nil
			mu.Unlock()
			WriteOdd(c, b)
		}
	}()
	return func(b []byte) {
		mu.Lock()
		queue = append(queue, b...)
		mu.Unlock()
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}
