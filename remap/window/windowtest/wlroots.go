package windowtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"toshy/remap/window/internal/wayland"
)

// Wlroots is a compositor on the headless backend of wlroots, drawn by the processor. Tests only use what these compositors share:
// "labwc", "wayfire" or "phoc"; "budgie" is labwc with the session of Budgie in it. The focus moves by the protocol that panels use.
type Wlroots struct {
	Compositor string
	Dir        string // the runtime folder; set by Reserve
	Outer      *X11   // the X server in whose window it runs, with a keyboard; nil for no screen and no keyboard
	Xwayland   bool   // with an X server for X11 clients

	compositor *process
	bus        *process // the bus of a session
	pager      *pager
	n          int // windows so far
	launcher   *waylandWindow
}

// Reserve creates the folder, so that sources know the paths before Start.
func (w *Wlroots) Reserve(t testing.TB) *Wlroots {
	t.Helper()
	w.Dir = Dir(t)
	return w
}

// Display is the path of the Wayland socket.
func (w *Wlroots) Display() string {
	if w.Compositor == "wayfire" {
		return filepath.Join(w.Dir, "wayland-1")
	}
	return filepath.Join(w.Dir, "wayland-0")
}

// Start starts the compositor.
func (w *Wlroots) Start(t testing.TB) {
	t.Helper()
	program := w.Compositor
	if w.Compositor == "budgie" {
		program = "startbudgielabwc"
	}
	need(t, program)
	env := append(wlrootsBackend(w.Outer), "WF_RENDERER=pixman")
	args := w.command(t, program)
	var bus string
	if w.Compositor == "budgie" {
		bus = w.startBus(t)
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+bus, "DBUS_SYSTEM_BUS_ADDRESS="+bus, "XDG_CURRENT_DESKTOP=Budgie", "GSETTINGS_BACKEND=keyfile")
	}
	w.compositor = start(t, w.Dir, env, args[0], args[1:]...)
	w.compositor.untilReady(t, w.Compositor+" answers", func() bool {
		c, err := wayland.Dial(t.Context(), w.Display())
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
	if bus != "" {
		w.untilPanel(t)
	}
	w.pager = openPager(t, w.Display())
}

// command writes the configuration and returns the command line.
func (w *Wlroots) command(t testing.TB, program string) []string {
	t.Helper()
	write := func(text string, path ...string) string {
		t.Helper()
		name := filepath.Join(append([]string{w.Dir}, path...)...)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	var tell string
	if w.Xwayland {
		tell = tellDisplay(t, w.Dir)
	}
	switch w.Compositor {
	case "wayfire":
		text := "[core]\nplugins = foreign-toplevel place\nxwayland = false\n[input]\nkb_repeat_rate = 0\n"
		if w.Xwayland {
			text = "[core]\nplugins = foreign-toplevel place autostart\nxwayland = true\n[input]\nkb_repeat_rate = 0\n[autostart]\nautostart_wf_shell = false\ntell = " + tell + "\n"
		}
		conf := write(text, "wayfire.ini")
		args := []string{program, "-c", conf}
		if os.Getuid() == 0 { // it refuses to run as root
			args = append(unroot(t, w.Dir, conf), args...)
		}
		return args
	case "labwc":
		write("<labwc_config><keyboard><repeatRate>0</repeatRate></keyboard></labwc_config>\n", "labwc", "rc.xml")
		if w.Xwayland {
			write(tell+"\n", "labwc", "autostart")
		}
	case "budgie":
		if w.Xwayland {
			write(tell+"\n", "budgie-desktop", "labwc", "autostart")
		}
	case "phoc":
		if w.Xwayland {
			need(t, "xprop")
			return []string{program, "--xwayland", "--exec", "sh -c '" + tell + "; exec xprop -spy -root'"} // it ends with this program
		}
	}
	return []string{program}
}

// X11 is the compositor's X server, as its X11 clients use it.
func (w *Wlroots) X11(t testing.TB) *X11 {
	t.Helper()
	return toldX11(t, w.Compositor, w.Dir, w.compositor)
}

// startBus starts a bus for a session. It is also the system bus: nothing answers on it.
func (w *Wlroots) startBus(t testing.TB) (address string) {
	t.Helper()
	need(t, "dbus-daemon")
	path := filepath.Join(w.Dir, "bus")
	_ = os.Remove(path) // from the session that was killed
	if w.bus != nil {
		w.bus.kill()
	}
	w.bus = start(t, w.Dir, nil, "dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path="+path)
	w.bus.untilReady(t, "the bus is there", func() bool { _, err := os.Stat(path); return err == nil })
	return "unix:path=" + path
}

// untilPanel waits for the panel of Budgie's session. When it appears, it takes the keyboard from the window that has it.
func (w *Wlroots) untilPanel(t testing.TB) {
	t.Helper()
	screen, left := openBackground(t, w.Display(), true), openBackground(t, w.Display(), false)
	within(t, 3*Limit, "the panel is on the screen", func() bool { return left.area() > 0 && left.area() < screen.area() })
	screen.Close(t)
	left.Close(t)
}

// wlrootsBackend returns the environment variables that choose what a compositor on wlroots draws on.
func wlrootsBackend(outer *X11) []string {
	env := []string{"WLR_RENDERER=pixman", "XDG_SESSION_TYPE=wayland"}
	if outer != nil {
		return append(env, "WLR_BACKENDS=x11", "WLR_X11_OUTPUTS=1", "DISPLAY="+outer.Display)
	}
	return append(env, "WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_HEADLESS_OUTPUTS=1")
}

// PID returns the process of the compositor.
func (w *Wlroots) PID() int { return w.compositor.cmd.Process.Pid }

// Kill kills the compositor.
func (w *Wlroots) Kill() { w.compositor.kill() }

// Open maps a window.
func (w *Wlroots) Open(t testing.TB, class, title string) Window {
	t.Helper()
	w.n++
	mark := fmt.Sprintf("new window %d", w.n)
	win := &wlrootsWindow{openWayland(t, w.Display(), class, mark), w, 0}
	Until(t, w.Compositor+" lists the window", func() bool {
		win.handle = w.pager.find(mark)
		return win.handle != 0
	})
	win.SetTitle(t, title)
	Until(t, w.Compositor+" lists the title", func() bool { return w.pager.title(win.handle) == title }) // otherwise a source that starts now would get the mark
	return win
}

type wlrootsWindow struct {
	*waylandWindow
	w      *Wlroots
	handle uint32
}

func (w *wlrootsWindow) Focus(testing.TB) { w.w.pager.activate(w.handle) }

// focusTitled focuses a window that may belong to another program.
func (w *Wlroots) focusTitled(title string) {
	if handle := w.pager.find(title); handle != 0 {
		w.pager.activate(handle)
	}
}

// Keyboard plugs in a keyboard with the recorded layout (see KeymapText).
func (w *Wlroots) Keyboard(t testing.TB, layout string) (unplug func()) {
	t.Helper()
	return PlugKeyboard(t, w.Display(), KeymapText(t, layout)).Unplug
}

// tellingWlroots are compositors that report launchers; see [Shower].
type tellingWlroots struct{ *Wlroots }

// Telling returns w as a desktop with launchers, which the compositor must report.
func (w *Wlroots) Telling() Desktop { return tellingWlroots{w} }

func (w tellingWlroots) Takers() []string { return []string{"launcher"} }

func (w tellingWlroots) Show(t testing.TB, _ string) {
	t.Helper()
	w.launcher = openLauncher(t, w.Display())
}

func (w tellingWlroots) Hide(t testing.TB, _ string) {
	t.Helper()
	w.launcher.Close(t)
}

// A pager activates windows through zwlr_foreign_toplevel_manager_v1, as panels do.
type pager struct {
	mu     sync.Mutex
	c      *wayland.Conn
	seat   uint32
	titles map[uint32]string
}

func openPager(t testing.TB, display string) *pager {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c, err := wayland.Dial(ctx, display)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	p := &pager{c: c, titles: map[uint32]string{}}
	if p.seat, _, err = c.Bind("wl_seat", 1, nil); err != nil {
		cancel()
		t.Fatal(err)
	}
	const evToplevel, evTitle, evClosed = 0, 0, 6
	if _, _, err = c.Bind("zwlr_foreign_toplevel_manager_v1", 1, func(op uint16, a *wayland.Args) {
		if op != evToplevel {
			return
		}
		id := a.Uint()
		c.Adopt(id, func(op uint16, a *wayland.Args) {
			p.mu.Lock()
			defer p.mu.Unlock()
			switch op {
			case evTitle:
				p.titles[id] = a.Text(64)
			case evClosed:
				delete(p.titles, id)
			}
		})
	}); err == nil {
		err = c.Ready()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for c.Dispatch() == nil {
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return p
}

// find returns the handle of the window with this title, 0 if there is none.
func (p *pager) find(title string) uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, is := range p.titles {
		if is == title {
			return id
		}
	}
	return 0
}

// title returns the title of a window.
func (p *pager) title(handle uint32) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.titles[handle]
}

func (p *pager) activate(handle uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.c.Send(handle, 4, p.seat) // if the compositor is gone, the test notices
}
