//go:build desktop

package x11

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"toshy/remap/window"
	"toshy/remap/window/internal/xkb"
	"toshy/remap/window/windowtest"
)

func TestOpenbox(t *testing.T) { suite(t, "openbox", "openbox") }

func TestI3(t *testing.T) { suite(t, "i3", "i3") }

func TestXfwm4(t *testing.T) { suite(t, "xfwm4", "xfce") }

func suite(t *testing.T, manager, desktop string) {
	x := (&windowtest.X11{Manager: manager}).Reserve(t)
	windowtest.Suite{
		Desktop: x,
		Source:  func() window.Source { return New(Options{Display: x.Display}) },
		Want:    window.Info{Desktop: desktop, Session: "x11", Source: "x11"},
	}.Run(t)
}

// TestManager kills the window manager, and starts it again, while the source runs.
func TestManager(t *testing.T) {
	x := &windowtest.X11{Manager: "openbox"}
	x.Start(t)
	a := x.Open(t, "alpha.app", "a")
	a.Focus(t)
	l := windowtest.Follow(t, New(Options{Display: x.Display}))
	if i := l.Wait(t, "alpha.app", "a"); i.Desktop != "openbox" {
		t.Errorf("desktop %q, want openbox", i.Desktop)
	}
	x.KillManager()
	b := x.OpenUnmanaged(t, "beta.app", "b")
	b.FocusUnmanaged(t)
	if i := l.Wait(t, "beta.app", "b"); i.Desktop != "" {
		t.Errorf("desktop %q without a window manager", i.Desktop)
	}
	b.Close(t)
	x.StartManager(t)
	c := x.Open(t, "gamma.app", "c")
	c.Focus(t)
	if i := l.Wait(t, "gamma.app", "c"); i.Desktop != "openbox" {
		t.Errorf("desktop %q, want openbox", i.Desktop)
	}
}

// TestNoManager follows the input focus of a bare server.
func TestNoManager(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	a, b := x.OpenX(t, "alpha.app", "a"), x.OpenX(t, "beta.app", "b")
	child := b.Child(t) // like Java's FocusProxy: no class; the window above it has one
	l := windowtest.Follow(t, New(Options{Display: x.Display}))
	l.Wait(t, "", "")
	a.Focus(t)
	l.Wait(t, "alpha.app", "a")
	child.Focus(t)
	l.Wait(t, "beta.app", "b")
	b.SetTitle(t, "b2")
	l.Wait(t, "beta.app", "b2")
	a.Focus(t)
	l.Wait(t, "alpha.app", "a")
	a.Close(t)
	l.Wait(t, "", "")
}

// TestProperties reads what toolkits and old programs leave in the properties.
func TestProperties(t *testing.T) {
	x := &windowtest.X11{Manager: "i3"}
	x.Start(t)
	w := x.OpenX(t, "alpha.app", "a")
	l := windowtest.Follow(t, New(Options{Display: x.Display}))
	if i := l.Wait(t, "alpha.app", "a"); i.Exe != "" {
		t.Errorf("exe %q of a window that reports no process", i.Exe)
	}
	w.SetNumber(t, "_NET_WM_PID", uint32(os.Getpid()))
	w.SetTitle(t, "with a process")
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if i := l.Wait(t, "alpha.app", "with a process"); i.Exe != self {
		t.Errorf("exe %q, want %q", i.Exe, self)
	}
	w.Set(t, "WM_CLIENT_MACHINE", xproto.AtomString, "elsewhere")
	w.SetTitle(t, "of another machine")
	if i := l.Wait(t, "alpha.app", "of another machine"); i.Exe != "" {
		t.Errorf("exe %q of another machine's window", i.Exe)
	}
	w.SetTitle(t, strings.Repeat("1 MB ✓ ", 1<<17))
	w.Unset(t, "_NET_WM_NAME")
	w.Set(t, "WM_NAME", x.Atom(t, "COMPOUND_TEXT"), "xterm \x1b%G\xe2\x9c\x93\x1b%@ \xfcber")
	l.Wait(t, "alpha.app", "xterm ✓ über")
	w.Set(t, "WM_NAME", xproto.AtomString, "latin \xe9")
	l.Wait(t, "alpha.app", "latin é")
	w.Set(t, "WM_CLASS", xproto.AtomString, "only-instance\x00")
	l.Wait(t, "only-instance", "latin é")
	w.Set(t, "WM_CLASS", xproto.AtomString, "inst\xff")
	l.Wait(t, "inst\uFFFD", "latin é")
	for _, i := range l.All() {
		if i != window.Clip(i) {
			t.Errorf("reported more than the limits: %.80q", i.Title)
		}
	}
}

// TestFlood sets titles as fast as the server accepts them. The last one arrives, and some of the others.
func TestFlood(t *testing.T) {
	x := &windowtest.X11{Manager: "openbox"}
	x.Start(t)
	w := x.OpenX(t, "alpha.app", "a")
	l := windowtest.Follow(t, New(Options{Display: x.Display}))
	l.Wait(t, "alpha.app", "a")
	w.Flood(t, 20_000)
	w.SetTitle(t, "end")
	l.Wait(t, "alpha.app", "end")
}

// startX11 starts an X server and connects to it.
func startX11(t *testing.T) (*windowtest.X11, *xgb.Conn) {
	t.Helper()
	x := &windowtest.X11{}
	x.Start(t)
	c, err := xgb.NewConnDisplay(x.Display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return x, c
}

// TestTypistCapsLock: a program gets the intended characters while Caps Lock is on, and Caps Lock stays on.
func TestTypistCapsLock(t *testing.T) {
	x, c := startX11(t)
	root := xproto.Setup(c).DefaultScreen(c).Root
	if err := xproto.ChangeWindowAttributesChecked(c, root, xproto.CwEventMask, []uint32{xproto.EventMaskKeyPress}).Check(); err != nil {
		t.Fatal(err)
	}
	typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	defer typist.Close()
	const capsLock = 58
	x.Key(t, capsLock, true)
	x.Key(t, capsLock, false)
	if err := typist.Type("é", time.Now().Add(windowtest.Limit)); err != nil {
		t.Fatal(err)
	}
	p, err := xproto.QueryPointer(c, root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	if p.Mask&xproto.ModMaskLock == 0 {
		t.Error("Caps Lock is off")
	}
	typed := false
	for e, err := c.PollForEvent(); e != nil && err == nil; e, err = c.PollForEvent() {
		if k, ok := e.(xproto.KeyPressEvent); ok && byte(k.Detail) == typist.at['é'].code {
			typed = true
			if k.State&xproto.ModMaskLock != 0 {
				t.Error("programs get É: Caps Lock changes the key")
			}
		}
	}
	if !typed {
		t.Error("nothing was typed")
	}
}

// TestTypistFollowsTheLayout: a new layout takes the characters off their codes. The next text puts them on codes again, and the end
// takes no symbol away that the layout has.
func TestTypistFollowsTheLayout(t *testing.T) {
	x, c := startX11(t)
	typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	limit := time.Now().Add(windowtest.Limit)
	symbol := func(at slot) uint32 {
		t.Helper()
		r, err := xproto.GetKeyboardMapping(c, xproto.Keycode(at.code), 1).Reply()
		if err != nil {
			t.Fatal(err)
		}
		return uint32(r.Keysyms[typist.levels.all[at.level].core])
	}
	const text = "жабвгд😀" // on more than one code
	for _, layout := range []string{"us", "de"} {
		x.Setxkbmap(t, layout)
		if err := typist.Type(text, limit); err != nil {
			t.Fatal(err)
		}
		for _, r := range text {
			if got := symbol(typist.at[r]); got != symOf(r) {
				t.Errorf("%s: %#x is on the code of %c", layout, got, r)
			}
		}
	}
	ours, other := typist.at['ж'], typist.at['😀']
	if ours.code == other.code {
		t.Fatal("the first and the last character are on the same code")
	}
	const of = 'q' // a key that was ours before the layout had it
	if err := xproto.ChangeKeyboardMappingChecked(c, 1, xproto.Keycode(ours.code), 1, []xproto.Keysym{of}).Check(); err != nil {
		t.Fatal(err)
	}
	typist.Close()
	if got := symbol(ours); got != of {
		t.Errorf("the end leaves %#x on a key of the layout", got)
	}
	if got := symbol(other); got != 0 {
		t.Errorf("the end leaves %#x on a code", got)
	}
}

// TestTypistIsNoNewLayout: text that is typed with codes without a symbol changes no layout, so no new layout is reported.
func TestTypistIsNoNewLayout(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	layouts := make(chan *xkb.Keymap, 100)
	go func() {
		_ = New(Options{Display: x.Display}).RunKeymap(t.Context(), func(k *xkb.Keymap, _ int) { layouts <- k })
	}()
	<-layouts
	for range 2 {
		typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"é", "ßπ"} {
			if err := typist.Type(text, time.Now().Add(windowtest.Limit)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		typist.Close()
	}
	x.Setxkbmap(t, "de")
	n := 0
	for k := range layouts {
		if k.Keys[21][0][0] == 'z' {
			break
		}
		n++
	}
	if n > 0 {
		t.Errorf("%d layouts were reported before the new one", n)
	}
}
