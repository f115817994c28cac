//go:build desktop

package kwin

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/windowtest"
)

func TestKWin(t *testing.T) {
	k := new(windowtest.KWin).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	windowtest.Suite{
		Desktop: k,
		Source:  func() window.Source { return &Source{Address: k.Address()} },
		Want:    window.Info{Desktop: "kde", Session: "wayland", Source: "kwin"},
	}.Run(t)
}

// TestKWinX11: KWin 5 gives classes of X11 windows in lower case.
func TestKWinX11(t *testing.T) {
	k := (&windowtest.KWin{Session: "x11"}).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	k.Start(t)
	old := k.Version(t) < 6
	k.Kill()
	windowtest.Suite{
		Desktop:   k,
		Source:    func() window.Source { return &Source{Address: k.Address()} },
		Want:      window.Info{Desktop: "kde", Session: "x11", Source: "kwin"},
		LowerCase: old,
	}.Run(t)
}

// loaded asks KWin which of our scripts are loaded.
func loaded(t *testing.T, c *dbus.Conn) (plugins []string) {
	t.Helper()
	for i := range slots {
		plugin := "toshy-focus-" + strconv.Itoa(i)
		var yes bool
		if err := c.Object(BusName, scripting).Call(iface+"isScriptLoaded", 0, plugin).Store(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			plugins = append(plugins, plugin)
		}
	}
	return plugins
}

// TestScript follows the script itself: two sources at once, what a killed process has left, what is left at the end, and a script
// that does not run.
func TestScript(t *testing.T) {
	k := new(windowtest.KWin).Launch(t)
	dir := k.Env("XDG_RUNTIME_DIR")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	k.Start(t)
	c, err := dbus.Connect(k.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	left := filepath.Join(t.TempDir(), "left.js")
	if err := os.WriteFile(left, []byte("print('left by a process that was killed')"), 0o600); err != nil {
		t.Fatal(err)
	}
	var id int32
	if err := c.Object(BusName, scripting).Call(iface+"loadScript", 0, left, "toshy-focus-0").Store(&id); err != nil || id < 0 {
		t.Fatal(id, err)
	}

	w := k.Open(t, "alpha.app", "a")
	w.Focus(t)
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("two", func(t *testing.T) {
		first := windowtest.Follow(t, &Source{Address: k.Address()})
		if i := first.Wait(t, "alpha.app", "a"); i.Exe != self {
			t.Errorf("exe %q, want %q", i.Exe, self)
		}
		second := windowtest.Follow(t, &Source{Address: k.Address()})
		second.Wait(t, "alpha.app", "a")
		w.SetTitle(t, "b")
		first.Wait(t, "alpha.app", "b")
		second.Wait(t, "alpha.app", "b")
		// System Settings makes KWin do this after each change.
		if err := c.Object(BusName, "/KWin").Call("org.kde.KWin.reconfigure", 0).Err; err != nil {
			t.Fatal(err)
		}
		w.SetTitle(t, "c")
		first.Wait(t, "alpha.app", "c")
		if got := loaded(t, c); len(got) != 2 {
			t.Errorf("loaded: %v, want two", got)
		}
		empty(t, dir)
	})
	if got := loaded(t, c); len(got) != 0 {
		t.Errorf("loaded after the end: %v", got)
	}
	for name, script := range map[string]string{"syntax": "callDBus(", "throws": "throw new Error('x')"} {
		_, err := windowtest.RunError(t, &Source{Address: k.Address(), script: script, silence: 300 * time.Millisecond})
		if err == nil || !strings.Contains(err.Error(), "reported nothing") {
			t.Errorf("%s: Run returned %v", name, err)
		}
		empty(t, dir)
	}
	if got := loaded(t, c); len(got) != 0 {
		t.Errorf("loaded after errors: %v", got)
	}
	if err := (&Source{Address: k.Address()}).Detect(t.Context()); err != nil {
		t.Error(err)
	}
	k.Kill()
	if err := (&Source{Address: k.Address()}).Detect(t.Context()); !errors.Is(err, window.ErrUnavailable) {
		t.Errorf("without KWin Detect returned %v", err)
	}
}

// TestQuiet moves the focus between two windows. In between, KWin activates no window for a moment; this is not reported.
func TestQuiet(t *testing.T) {
	k := new(windowtest.KWin).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	k.Start(t)
	a, b := k.Open(t, "alpha.app", "a"), k.Open(t, "beta.app", "b")
	a.Focus(t)
	l := windowtest.Follow(t, &Source{Address: k.Address()})
	l.Wait(t, "alpha.app", "a")
	for range 20 {
		b.Focus(t)
		l.Wait(t, "beta.app", "b")
		a.Focus(t)
		l.Wait(t, "alpha.app", "a")
	}
	if n := len(l.All()); n != 41 {
		t.Errorf("%d reports, want 41", n)
	}
}

// TestX11Windows: KWin 5 reports classes of X11 windows in lower case.
func TestX11Windows(t *testing.T) {
	k := (&windowtest.KWin{Xwayland: true}).Launch(t)
	t.Setenv("XDG_RUNTIME_DIR", k.Env("XDG_RUNTIME_DIR"))
	k.Start(t)
	class := "XAlpha"
	if k.Version(t) < 6 {
		class = "xalpha"
	}
	windowtest.X11Windows(t, k, k.X11(t), &Source{Address: k.Address()}, class, 1<<20, 20_000)
}
