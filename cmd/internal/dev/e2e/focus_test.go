//go:build vm && desktop

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/remap/key"
	"toshy/remap/window/windowtest"
)

// The complete path: an X server and a window manager inside the machine, keys from the hypervisor, the built-in configuration, and
// the output of the virtual keyboard.

// What Command-C becomes in each.
const (
	inTerminal = "+rightctrl +leftshift +c -c -leftshift -rightctrl"
	inBrowser  = "+rightctrl +c -c -rightctrl"
)

// screen is a desktop in the machine, with a terminal and a browser.
type screen struct {
	windowtest.X11
	terminal, browser windowtest.Window
}

func newScreen(t testing.TB) *screen {
	t.Helper()
	s := &screen{X11: windowtest.X11{Manager: "openbox"}}
	s.Start(t)
	s.terminal = s.Open(t, "kitty", "~ : bash")
	s.browser = s.Open(t, "firefox", "Example - Mozilla Firefox")
	s.browser.Focus(t)
	return s
}

// toshy starts it in the session of the screen.
func (s *screen) toshy(t testing.TB, flags ...string) (*remapper, *device) {
	t.Helper()
	known := nodes()
	cmd, _ := command(t, "", flags...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.Display, "XDG_SESSION_TYPE=x11", "XDG_RUNTIME_DIR="+s.Dir)
	r := launchCmd(t, cmd)
	n := appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard })
	return r, open(t, n)
}

// copies presses Command-C until it comes out as expected in the focused window: the desktop needs time to report the focus.
func (k *keyboard) copies(out *device, want string) {
	k.t.Helper()
	last := ""
	defer func() {
		if k.t.Failed() {
			k.t.Logf("at last it became%s", last)
		}
	}()
	until(k.t, "Command-C becomes "+want, func() bool {
		k.types("+leftalt +c -c -leftalt +" + marker + " -" + marker)
		last = ""
		for deadline := deadline(); !strings.HasSuffix(last, " -"+marker); {
			e, err := out.next(deadline)
			if err != nil {
				k.t.Fatalf("after %s: %v", last, err)
			}
			last += " " + e.String()
		}
		return strings.TrimSpace(last) == want+" +"+marker+" -"+marker
	})
	k.silent()
	out.allUp()
}

func TestFocusDecidesWhatCommandCIs(t *testing.T) {
	s := newScreen(t)
	k := plugUSB(t)
	_, out := s.toshy(t)
	k.through(out)
	k.copies(out, inBrowser)
	s.terminal.Focus(t)
	k.copies(out, inTerminal)
	s.browser.Focus(t)
	k.copies(out, inBrowser)
	s.browser.Close(t) // the window manager gives the focus to the other one
	k.copies(out, inTerminal)
	s.Workspace(t, "2") // it has no window
	k.copies(out, inBrowser)
	s.Workspace(t, "1")
	k.copies(out, inTerminal)
	s.Kill() // the X server ends; after a while, the focus is not known
	k.copies(out, inBrowser)
}

// TestFocusMissingIsSaid has the environment of a desktop, but nothing that reports the focus. Keys follow the rules that do not test
// the application, and the log says once what is missing.
func TestFocusMissingIsSaid(t *testing.T) {
	k := plugUSB(t)
	known := nodes()
	cmd, _ := command(t, "")
	cmd.Env = append(os.Environ(), "XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=Weston", "XDG_RUNTIME_DIR=")
	r := launchCmd(t, cmd)
	out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	k.through(out)
	k.copies(out, inBrowser)
	const said = "applications are not told apart: weston offers none of the interfaces that toshy knows"
	r.logs(said, 1)
	k.copies(out, inBrowser)
	if n := strings.Count(r.log.String(), "applications are not told apart"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// BenchmarkFocusToKey measures from asking for the focus until the first Command-C is typed that comes out by the new window's rules.
// Keys come through uinput, a Command-C about every millisecond, so the figure is rounded up to the next one. "server": the X server moves the
// focus; this measures the source, the engine and the kernel. "openbox": the window manager moves it, and draws two titles.
func BenchmarkFocusToKey(b *testing.B) {
	b.Run("server", func(b *testing.B) {
		s := &screen{}
		s.Start(b)
		terminal, browser := s.OpenUnmanaged(b, "kitty", "~ : bash"), s.OpenUnmanaged(b, "firefox", "Example")
		s.terminal, s.browser = bare{terminal}, bare{browser}
		s.browser.Focus(b)
		benchFocus(b, s)
	})
	b.Run("openbox", func(b *testing.B) { benchFocus(b, newScreen(b)) })
}

// bare is a window to which the server itself gives the focus.
type bare struct{ *windowtest.XWindow }

func (w bare) Focus(t testing.TB) { w.FocusUnmanaged(t) }

func benchFocus(b *testing.B, s *screen) {
	const name = "e2e soft keyboard"
	k := newSoftKeyboard(b, name)
	_, out := s.toshy(b, "-d", name)
	code := func(name string) key.Code {
		c, ok := key.Parse("KEY_" + name)
		if !ok {
			b.Fatal(name)
		}
		return c
	}
	alt, c, shift := code("LEFTALT"), code("C"), code("LEFTSHIFT")
	// asTerminal types Command-C and says whether it came out as in a terminal.
	asTerminal := func() (shifted bool) {
		k.types(keyEvent{alt, pressed}, keyEvent{c, pressed}, keyEvent{c, released}, keyEvent{alt, released})
		for ups := 0; ; {
			e, err := out.next(in(limit))
			must(b, err)
			shifted = shifted || e.code == shift && e.value == pressed
			if e.value == released && e.code != shift {
				if ups++; ups == 2 {
					return shifted
				}
			}
		}
	}
	until(b, "the keyboard is grabbed and the browser known", func() bool {
		k.types(keyEvent{c, pressed}, keyEvent{c, released})
		return out.skipTo("-c", in(100*time.Millisecond)) == nil
	})
	until(b, "nothing more comes", func() bool {
		err := out.read(in(200 * time.Millisecond))
		out.pending = nil
		return err != nil
	})
	until(b, "the browser is known", func() bool { return !asTerminal() })
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		time.Sleep(50 * time.Millisecond) // a person does not change faster, and toshy reports only some of more frequent changes
		to, want := s.terminal, true
		if i%2 == 1 {
			to, want = s.browser, false
		}
		began, end := time.Now(), deadline()
		to.Focus(b)
		typed := time.Since(began) // when the typing of the Command-C that follows the rules began
		for ; asTerminal() != want; typed = time.Since(began) {
			if end.over() {
				b.Fatal("the focus never took effect")
			}
			time.Sleep(time.Millisecond) // otherwise the typing alone keeps the machine's only processor busy
		}
		took = append(took, typed)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
}
