//go:build desktop

package focustest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window/gnome"
	"toshy/remap/window/windowtest"
)

// A machine is the daemon without its devices: the engine with the built-in configuration, its lock, and the loop that receives the
// focus, as in cmd/internal/daemon. At each change of the focus, it presses Command-C at once.
type machine struct {
	poller *evdev.Poller
	typed  chan typed

	mu     sync.Mutex
	engine *remap.Engine
	out    *remap.Output
	posted []func()
}

// typed is a Command-C that came out.
type typed struct {
	at         time.Time
	asTerminal bool // with Shift
}

func newMachine(b *testing.B) *machine {
	b.Helper()
	c, err := program.Parse("built-in", []byte("extends = \"mac\"\n"), config.Disk{})
	if err != nil {
		b.Fatal(err)
	}
	m := &machine{engine: remap.New(c.Compiled), out: remap.NewOutput(), typed: make(chan typed, 1024)}
	m.engine.SetDevice(0, remap.Device{Name: "keyboard", Keyboard: c.TypeByName("keyboard")}, evdev.Now(), m.out)
	if m.poller, err = evdev.NewPoller(); err != nil {
		b.Fatal(err)
	}
	return m
}

// follow runs the daemon's focus until the benchmark ends.
func (m *machine) follow(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			if _, _, err := m.poller.Wait(evdev.Forever); err != nil {
				panic(err)
			}
			m.turn()
		}
	})
	running.Go(func() {
		_ = desktop.Focus{Log: zap.NewNop()}.Run(ctx, func(w remap.Window) { // ended by cancel
			m.mu.Lock()
			m.posted = append(m.posted, func() { m.focus(w) })
			m.mu.Unlock()
			m.poller.Wake()
		})
	})
	b.Cleanup(func() {
		cancel()
		m.poller.Wake()
		running.Wait()
		m.poller.Close()
	})
}

func (m *machine) turn() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.posted {
		f()
	}
	m.posted = m.posted[:0]
}

func (m *machine) focus(w remap.Window) {
	m.out.Reset()
	m.engine.SetWindow(w, evdev.Now(), m.out)
	c, _ := key.Parse("c")
	for _, e := range []remap.Event{
		{Code: key.LeftAlt, Value: remap.Press},
		{Code: c, Value: remap.Press},
		{Code: c, Value: remap.Release},
		{Code: key.LeftAlt, Value: remap.Release},
	} {
		e.At, e.Type = evdev.Now(), remap.TypeKey
		m.engine.Handle(e, m.out)
	}
	shift := slices.ContainsFunc(m.out.Events, func(o remap.Out) bool { return o.Code == key.LeftShift && o.Value == remap.Press })
	m.typed <- typed{time.Now(), shift}
}

// await waits for Command-C as it is in a terminal, or in a browser.
func (m *machine) await(b *testing.B, asTerminal bool) time.Time {
	b.Helper()
	for limit := time.After(windowtest.Limit); ; {
		select {
		case k := <-m.typed:
			if k.asTerminal == asTerminal {
				return k.at
			}
		case <-limit:
			b.Fatalf("Command-C never became that of a terminal: %v", asTerminal)
		}
	}
}

// restBetween is the shortest time that a person leaves between two changes of the focus.
const restBetween = 50 * time.Millisecond

// measure moves the focus between a terminal and a browser, with the means of the desktop.
func measure(b *testing.B, d windowtest.Desktop) {
	terminal, browser := d.Open(b, "kitty", "~ : bash"), d.Open(b, "firefox", "Inbox")
	browser.Focus(b)
	m := newMachine(b)
	m.follow(b)
	terminal.Focus(b)
	m.await(b, true)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		time.Sleep(restBetween)
		to, asTerminal := browser, false
		if i%2 == 1 {
			to, asTerminal = terminal, true
		}
		began := time.Now()
		to.Focus(b)
		took = append(took, m.await(b, asTerminal).Sub(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
	browser.Close(b)
	terminal.Close(b)
}

// BenchmarkFocusToKey measures from asking a real desktop for the focus until Command-C comes out of the engine by the rules of the
// new window. This includes the desktop's own work, the source, the follower, and the loop, lock and engine as in the daemon. It does
// not include the kernel's part, in and out.
func BenchmarkFocusToKey(b *testing.B) {
	session := func(b *testing.B, display, bus, runtime string) {
		for _, name := range []string{"WAYLAND_DISPLAY", "SWAYSOCK", "I3SOCK", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"} {
			b.Setenv(name, "")
		}
		b.Setenv("DISPLAY", display)
		b.Setenv("XDG_RUNTIME_DIR", runtime)
		if bus == "" {
			bus = "unix:path=" + runtime + "/no-bus"
		}
		b.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
	}
	for _, manager := range []string{"openbox", "i3", "xfwm4"} {
		b.Run("X11-"+manager, func(b *testing.B) {
			x := &windowtest.X11{Manager: manager}
			x.Start(b)
			session(b, x.Display, "", x.Dir)
			measure(b, x)
		})
	}
	b.Run("sway", func(b *testing.B) {
		s := &windowtest.Sway{}
		s.Start(b)
		session(b, "", "", s.Dir)
		measure(b, s)
	})
	b.Run("KWin-Wayland", func(b *testing.B) {
		k := new(windowtest.KWin).Launch(b)
		k.Start(b)
		session(b, "", k.Address(), k.Env("XDG_RUNTIME_DIR"))
		measure(b, k)
	})
	b.Run("GNOME-Shell", func(b *testing.B) {
		folder, err := gnome.Write(b.TempDir(), windowtest.ShellVersion(b))
		if err != nil {
			b.Fatal(err)
		}
		g := (&windowtest.GNOME{Extensions: []string{folder}}).Launch(b)
		g.Start(b)
		session(b, "", g.Address(), g.Env("XDG_RUNTIME_DIR"))
		measure(b, g)
	})
	b.Run("Cinnamon", func(b *testing.B) {
		c := new(windowtest.Cinnamon).Launch(b)
		c.Start(b)
		session(b, c.Env("DISPLAY"), c.Address(), c.Env("XDG_RUNTIME_DIR"))
		measure(b, c)
	})
}
