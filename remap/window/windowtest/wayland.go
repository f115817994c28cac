package windowtest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/remap/window/internal/wayland"
)

// A waylandWindow is a window of this process. It only uses xdg-shell and wl_shm.
type waylandWindow struct {
	c      *wayland.Conn
	cancel context.CancelFunc
	ended  chan struct{}

	mu                     sync.Mutex
	shm, surface, xdg, top uint32
	width, height          uint32
	err                    error
}

// newSurface connects and creates a surface without a role.
func newSurface(t testing.TB, display string) *waylandWindow {
	t.Helper()
	for end := time.Now().Add(Limit); ; {
		w, err := trySurface(display)
		if err == nil {
			return w
		}
		// A compositor that has just started on a busy computer.
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func trySurface(display string) (*waylandWindow, error) {
	ctx, cancel := context.WithCancel(context.Background())
	c, err := wayland.Dial(ctx, display)
	if err != nil {
		cancel()
		return nil, err
	}
	w := &waylandWindow{c: c, cancel: cancel, ended: make(chan struct{}), width: 240, height: 160}
	compositor, _, err := c.Bind("wl_compositor", 1, nil)
	if err == nil {
		w.shm, _, err = c.Bind("wl_shm", 1, nil)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	w.surface = c.New(nil)
	w.send(compositor, 0, w.surface)
	return w, nil
}

func (w *waylandWindow) bind(t testing.TB, iface string, h wayland.Handler) uint32 {
	t.Helper()
	id, _, err := w.c.Bind(iface, 1, h)
	if err != nil {
		w.cancel()
		t.Fatal(err)
	}
	return id
}

// openWayland maps a window and starts to answer the compositor.
func openWayland(t testing.TB, display, class, title string) *waylandWindow {
	t.Helper()
	w := newSurface(t, display)
	c := w.c
	var base uint32
	base = w.bind(t, "xdg_wm_base", func(op uint16, a *wayland.Args) {
		if op == 0 { // ping
			w.send(base, 3, a.Uint())
		}
	})
	w.xdg = c.New(func(op uint16, a *wayland.Args) {
		if op == 0 { // configure
			w.send(w.xdg, 4, a.Uint())
			w.draw()
		}
	})
	w.send(base, 2, w.xdg, w.surface)
	w.top = c.New(func(op uint16, a *wayland.Args) {
		if op == 0 { // configure
			w.resize(a)
		}
	})
	w.send(w.xdg, 1, w.top)
	w.send(w.top, 2, title)
	w.send(w.top, 3, class)
	w.show(t)
	return w
}

// openLauncher maps a surface as launchers do: above all windows, with exclusive use of the keyboard.
func openLauncher(t testing.TB, display string) *waylandWindow {
	t.Helper()
	const overlay, exclusive = 3, 1
	return openLayer(t, display, "launcher", overlay, func(w *waylandWindow, layer uint32) {
		w.send(layer, 0, w.width, w.height)
		w.send(layer, 4, uint32(exclusive))
	})
}

// openBackground maps a surface below all windows. It is as large as what panels leave of the screen; with all, as large as the screen.
func openBackground(t testing.TB, display string, all bool) *waylandWindow {
	t.Helper()
	const background, allEdges = 0, 15
	return openLayer(t, display, "background", background, func(w *waylandWindow, layer uint32) {
		w.width, w.height = 0, 0 // until the compositor says
		w.send(layer, 1, uint32(allEdges))
		if all {
			w.send(layer, 2, ^uint32(0)) // -1
		}
	})
}

// openLayer maps a surface on a layer of wlr-layer-shell-unstable-v1. Hyprland reports its name. ask sends what it asks for.
func openLayer(t testing.TB, display, name string, on uint32, ask func(w *waylandWindow, layer uint32)) *waylandWindow {
	t.Helper()
	w := newSurface(t, display)
	shell := w.bind(t, "zwlr_layer_shell_v1", nil)
	var layer uint32
	layer = w.c.New(func(op uint16, a *wayland.Args) {
		if op == 0 { // configure
			w.send(layer, 6, a.Uint())
			w.resize(a)
			w.draw()
		}
	})
	w.send(shell, 0, layer, w.surface, uint32(0), on, name)
	ask(w, layer)
	w.show(t)
	return w
}

// show commits a surface that has its role, and continues to answer the compositor.
func (w *waylandWindow) show(t testing.TB) {
	t.Helper()
	w.send(w.surface, 6) // the first commit, without a buffer, asks for a configure
	if w.err == nil {
		w.err = w.c.Ready()
	}
	if w.err != nil {
		w.cancel()
		t.Fatal(w.err)
	}
	go func() {
		defer close(w.ended)
		for w.c.Dispatch() == nil {
		}
	}()
	t.Cleanup(func() { w.cancel(); <-w.ended })
}

// send is c.Send for the two goroutines of a window. It keeps the first error.
func (w *waylandWindow) send(object uint32, op uint16, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.c.Send(object, op, args...); err != nil && w.err == nil {
		w.err = err
	}
}

// resize reads the size that the compositor wants; 0 is "as you like".
func (w *waylandWindow) resize(a *wayland.Args) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if width, height := a.Uint(), a.Uint(); width > 0 && height > 0 {
		w.width, w.height = width, height
	}
}

// area returns the number of pixels.
func (w *waylandWindow) area() uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.width * w.height
}

// draw attaches a buffer of the configured size.
func (w *waylandWindow) draw() {
	size := w.width * w.height * 4
	fd, err := unix.MemfdCreate("window", unix.MFD_CLOEXEC)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if unix.Ftruncate(fd, int64(size)) != nil {
		return
	}
	pool, buffer := w.c.New(nil), w.c.New(nil)
	w.send(w.shm, 0, pool, wayland.FD(fd), size)
	w.send(pool, 0, buffer, uint32(0), w.width, w.height, w.width*4, uint32(1)) // xrgb8888
	w.send(pool, 1)
	w.send(w.surface, 1, buffer, uint32(0), uint32(0))
	w.send(w.surface, 2, uint32(0), uint32(0), w.width, w.height)
	w.send(w.surface, 6)
}

// SetTitle sets the title. A message has at most 4,096 bytes, and a compositor disconnects a client that sends invalid UTF-8.
func (w *waylandWindow) SetTitle(t testing.TB, title string) {
	t.Helper()
	title = strings.ToValidUTF8(title[:min(len(title), 4000)], "?")
	w.send(w.top, 2, title)
}

// Close disconnects the client, which closes the window.
func (w *waylandWindow) Close(testing.TB) {
	w.cancel()
	<-w.ended
}
