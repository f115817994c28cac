package windowtest

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// X11 is Xvfb with a window manager: "openbox", "i3", "xfwm4" (Xfce's), or "" for none.
type X11 struct {
	Manager string
	Display string // ":N", from the first Start on
	Dir     string
	Config  string // more lines for i3's configuration

	server, manager *process
	c               *xgb.Conn
	root            xproto.Window
}

func init() { xgb.Logger = log.New(io.Discard, "", 0) } // it writes to stderr when a server ends

// I3Socket is the path of i3's IPC socket, if i3 is the manager.
func (x *X11) I3Socket() string { return filepath.Join(x.Dir, "i3.sock") }

// Reserve chooses the display number and creates the folder, so that sources know them before Start.
func (x *X11) Reserve(t testing.TB) *X11 {
	t.Helper()
	x.Dir = Dir(t)
	for n := 100 + os.Getpid()%400; ; n++ { // compositors look for a number for their Xwayland from 0 up
		lock, err := os.OpenFile(fmt.Sprintf("/tmp/.toshy-test-X%d", n), os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			continue
		}
		lock.Close()
		t.Cleanup(func() { _ = os.Remove(lock.Name()) })
		if _, err := os.Stat(fmt.Sprintf("/tmp/.X11-unix/X%d", n)); err == nil || abstractDisplay(n) {
			continue
		}
		x.Display = fmt.Sprintf(":%d", n)
		return x
	}
}

// abstractDisplay says whether an X server listens on a display in the abstract namespace, which it shares with tests in other
// chroots.
func abstractDisplay(n int) bool {
	b, _ := os.ReadFile("/proc/net/unix")
	return bytes.Contains(b, fmt.Appendf(nil, "@/tmp/.X11-unix/X%d\n", n))
}

// Start starts the server and the window manager.
func (x *X11) Start(t testing.TB) {
	t.Helper()
	need(t, "Xvfb")
	if x.Dir == "" {
		x.Reserve(t)
	}
	n := strings.TrimPrefix(x.Display, ":")
	_ = os.Remove("/tmp/.X" + n + "-lock") // left by the one that was killed
	_ = os.Remove("/tmp/.X11-unix/X" + n)
	t.Cleanup(func() {
		_ = os.Remove("/tmp/.X" + n + "-lock")
		_ = os.Remove("/tmp/.X11-unix/X" + n)
	})
	x.server = start(t, x.Dir, nil, "Xvfb", x.Display, "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset")
	x.server.untilReady(t, "the X server lets clients in", func() bool {
		c, err := xgb.NewConnDisplay(x.Display)
		x.c = c
		return err == nil
	})
	x.root = xproto.Setup(x.c).DefaultScreen(x.c).Root
	x.noRepeats(t)
	x.StartManager(t)
}

// noRepeats keeps the server from repeating keys: on a busy computer, it learns late that a key was released.
func (x *X11) noRepeats(t testing.TB) {
	t.Helper()
	if err := xproto.ChangeKeyboardControlChecked(x.c, xproto.KbAutoRepeatMode, []uint32{xproto.AutoRepeatModeOff}).Check(); err != nil {
		t.Fatal(err)
	}
}

// connectX11 connects to the X server that a desktop has for X11 clients, once the desktop manages windows: the server accepts clients
// before that, and the desktop never notices windows that are mapped in between. A desktop on wlroots announces itself first and only
// then asks the server to redirect new windows to it.
func connectX11(t testing.TB, desktop, display string) *X11 {
	t.Helper()
	x := connectServer(t, desktop, display)
	Until(t, desktop+" manages X11 windows", func() bool {
		return x.redirects(t) && len(x.property(t, x.root, "_NET_SUPPORTING_WM_CHECK").Value) > 0
	})
	return x
}

// redirects says whether the server asks a window manager before it maps windows.
func (x *X11) redirects(t testing.TB) bool {
	t.Helper()
	a, err := xproto.GetWindowAttributes(x.c, x.root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return a.AllEventMasks&xproto.EventMaskSubstructureRedirect != 0
}

// connectServer connects to an X server.
func connectServer(t testing.TB, desktop, display string) *X11 {
	t.Helper()
	x := &X11{Manager: desktop, Display: display}
	conn, err := xgb.NewConnDisplay(x.Display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	x.c, x.root = conn, xproto.Setup(conn).DefaultScreen(conn).Root
	x.noRepeats(t)
	return x
}

// StartManager starts the window manager alone.
func (x *X11) StartManager(t testing.TB) {
	t.Helper()
	env := []string{"DISPLAY=" + x.Display}
	switch x.Manager {
	case "":
		return
	case "openbox":
		need(t, "openbox")
		x.manager = start(t, x.Dir, env, "openbox", "--sm-disable")
	case "i3":
		need(t, "i3")
		conf := filepath.Join(x.Dir, "i3.conf")
		text := "# i3 config file (v4)\nfont pango:monospace 8\nfocus_follows_mouse no\nipc-socket " + x.I3Socket() + "\n" + x.Config
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		x.manager = start(t, x.Dir, env, "i3", "-c", conf)
	case "xfwm4":
		need(t, "xfwm4", "dbus-run-session") // it gets its settings over a session bus
		x.manager = start(t, x.Dir, env, "dbus-run-session", "--", "xfwm4", "--compositor=off")
	}
	// Openbox announces itself before it manages windows, and forgets those that are mapped in between. The time until it manages a
	// window depends on the machine, so wait a little longer each time.
	var w *XWindow
	patience := 10 * time.Millisecond
	x.manager.untilReady(t, x.Manager+" manages windows", func() bool {
		w = x.mapWindow(t, "probe", "probe")
		defer w.Close(t)
		patience *= 2
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if x.managed(t, w) {
				return true
			}
		}
		return false
	})
	Until(t, x.Manager+" has forgotten the probe", func() bool {
		return !x.managed(t, w)
	})
}

// Setxkbmap sets the keyboard layout.
func (x *X11) Setxkbmap(t testing.TB, args ...string) {
	t.Helper()
	need(t, "setxkbmap")
	if out, err := exec.Command("setxkbmap", append([]string{"-display", x.Display}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("setxkbmap %v: %v: %s", args, err, out)
	}
	x.noRepeats(t) // the new keymap may bring its own setting
}

// Kill kills everything.
func (x *X11) Kill() {
	x.KillManager()
	x.server.kill()
}

// KillManager ends the window manager alone.
func (x *X11) KillManager() {
	if x.manager != nil {
		x.manager.kill()
	}
}

// Atom returns the number of a name.
func (x *X11) Atom(t testing.TB, name string) xproto.Atom {
	t.Helper()
	r, err := xproto.InternAtom(x.c, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return r.Atom
}

func (x *X11) property(t testing.TB, w xproto.Window, name string) *xproto.GetPropertyReply {
	t.Helper()
	r, err := xproto.GetProperty(x.c, false, w, x.Atom(t, name), xproto.GetPropertyTypeAny, 0, 1024).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tell sends the window manager a message, as a pager does.
func (x *X11) tell(t testing.TB, w xproto.Window, message string, data ...uint32) {
	t.Helper()
	ev := xproto.ClientMessageEvent{
		Format: 32, Window: w, Type: x.Atom(t, message),
		Data: xproto.ClientMessageDataUnionData32New(append(data, make([]uint32, 5-len(data))...)),
	}
	mask := uint32(xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify)
	if err := xproto.SendEventChecked(x.c, false, x.root, mask, string(ev.Bytes())).Check(); err != nil {
		t.Fatal(err)
	}
}

// Workspace changes the workspace.
func (x *X11) Workspace(t testing.TB, name string) {
	t.Helper()
	if x.Manager == "i3" {
		if err := ipcCommand(x.I3Socket(), "workspace "+name); err != nil {
			t.Fatal(err)
		}
		return
	}
	n, err := strconv.Atoi(name)
	if err != nil {
		t.Fatal(err)
	}
	x.tell(t, x.root, "_NET_CURRENT_DESKTOP", uint32(n-1))
}

// Open maps a window.
func (x *X11) Open(t testing.TB, class, title string) Window { return x.OpenX(t, class, title) }

// OpenX is Open, with methods that only X11 windows have.
func (x *X11) OpenX(t testing.TB, class, title string) *XWindow {
	t.Helper()
	w, opened := x.mapWindow(t, class, title), time.Now()
	Until(t, "the window manager knows the window", func() bool {
		if time.Since(opened) > Limit/5 { // sway can lose one, see shown
			t.Log("the window is opened again: the window manager does not know it")
			w.Close(t)
			w, opened = x.mapWindow(t, class, title), time.Now()
		}
		return x.Manager == "" || x.managed(t, w)
	})
	return w
}

// OpenUnmanaged maps a window that the window manager need not know.
func (x *X11) OpenUnmanaged(t testing.TB, class, title string) *XWindow {
	t.Helper()
	return x.mapWindow(t, class, title)
}

func (x *X11) managed(t testing.TB, w *XWindow) bool {
	t.Helper()
	r := x.property(t, x.root, "_NET_CLIENT_LIST")
	for v := r.Value; len(v) >= 4; v = v[4:] {
		if xproto.Window(xgb.Get32(v)) == w.id {
			return true
		}
	}
	return false
}

func (x *X11) mapWindow(t testing.TB, class, title string) *XWindow {
	t.Helper()
	w := &XWindow{x: x, id: x.create(t, x.root)}
	w.Set(t, "WM_CLASS", xproto.AtomString, strings.ToLower(class)+"\x00"+class+"\x00")
	w.SetTitle(t, title)
	if err := xproto.MapWindowChecked(x.c, w.id).Check(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (x *X11) create(t testing.TB, parent xproto.Window) xproto.Window {
	t.Helper()
	id, err := xproto.NewWindowId(x.c)
	if err != nil {
		t.Fatal(err)
	}
	s := xproto.Setup(x.c).DefaultScreen(x.c)
	err = xproto.CreateWindowChecked(x.c, s.RootDepth, id, parent, 0, 0, 240, 160, 0, xproto.WindowClassInputOutput,
		s.RootVisual, xproto.CwBackPixel, []uint32{s.WhitePixel}).Check()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// An XWindow is a window on an X server.
type XWindow struct {
	x  *X11
	id xproto.Window
}

// Set sets a property of 8-bit elements. The value may be longer than the largest request.
func (w *XWindow) Set(t testing.TB, property string, typ xproto.Atom, value string) {
	t.Helper()
	mode, atom := byte(xproto.PropModeReplace), w.x.Atom(t, property)
	for {
		part := value[:min(len(value), 200_000)]
		value = value[len(part):]
		err := xproto.ChangePropertyChecked(w.x.c, mode, w.id, atom, typ, 8, uint32(len(part)), []byte(part)).Check()
		if err != nil {
			t.Fatal(err)
		}
		if value == "" {
			return
		}
		mode = xproto.PropModeAppend
	}
}

// SetNumber sets a property that is one number.
func (w *XWindow) SetNumber(t testing.TB, property string, v uint32) {
	t.Helper()
	b := make([]byte, 4)
	xgb.Put32(b, v)
	err := xproto.ChangePropertyChecked(w.x.c, xproto.PropModeReplace, w.id, w.x.Atom(t, property), xproto.AtomCardinal, 32, 1, b).Check()
	if err != nil {
		t.Fatal(err)
	}
}

// Unset deletes a property.
func (w *XWindow) Unset(t testing.TB, property string) {
	t.Helper()
	if err := xproto.DeletePropertyChecked(w.x.c, w.id, w.x.Atom(t, property)).Check(); err != nil {
		t.Fatal(err)
	}
}

// SetTitle sets the title as toolkits do.
func (w *XWindow) SetTitle(t testing.TB, title string) {
	t.Helper()
	w.Set(t, "_NET_WM_NAME", w.x.Atom(t, "UTF8_STRING"), title)
}

// Focus asks the window manager, or the server if there is none.
func (w *XWindow) Focus(t testing.TB) {
	t.Helper()
	if w.x.Manager == "" {
		w.FocusUnmanaged(t)
		return
	}
	w.x.tell(t, w.id, "_NET_ACTIVE_WINDOW", 2)
}

// FocusUnmanaged gives the window the server's input focus.
func (w *XWindow) FocusUnmanaged(t testing.TB) {
	t.Helper()
	err := xproto.SetInputFocusChecked(w.x.c, xproto.InputFocusPointerRoot, w.id, xproto.TimeCurrentTime).Check()
	if err != nil {
		t.Fatal(err)
	}
}

// Child maps a window without properties inside w.
func (w *XWindow) Child(t testing.TB) *XWindow {
	t.Helper()
	c := &XWindow{x: w.x, id: w.x.create(t, w.id)}
	if err := xproto.MapWindowChecked(w.x.c, c.id).Check(); err != nil {
		t.Fatal(err)
	}
	return c
}

// Flood changes the title n times without waiting for the server.
func (w *XWindow) Flood(t testing.TB, n int) {
	t.Helper()
	name, utf8 := w.x.Atom(t, "_NET_WM_NAME"), w.x.Atom(t, "UTF8_STRING")
	for i := range n {
		title := strconv.Itoa(i)
		xproto.ChangeProperty(w.x.c, xproto.PropModeReplace, w.id, name, utf8, 8, uint32(len(title)), []byte(title))
	}
}

// Close destroys the window.
func (w *XWindow) Close(t testing.TB) {
	t.Helper()
	if err := xproto.DestroyWindowChecked(w.x.c, w.id).Check(); err != nil {
		t.Fatal(err)
	}
}
