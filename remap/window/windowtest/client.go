package windowtest

import (
	"os"
	"path/filepath"
	"testing"
)

// A Session is a Wayland desktop in which programs of a user run: [Sway] or [Hyprland].
type Session interface {
	Env() []string // environment for programs in the session
	folder() string
	focusApp(id string) error // gives an application the keyboard
}

// A Client is a real program in a session that records what arrives in it.
type Client struct {
	s   Session
	id  string
	log string
	p   *process
}

// TerminalIn opens foot with the program cat in it. After a first line, cat records the bytes that it gets without changes. The
// terminal shows the words "shown here".
func TerminalIn(t testing.TB, s Session, id string) *Client {
	t.Helper()
	need(t, "foot", "stty")
	c := &Client{s: s, id: id, log: filepath.Join(Dir(t), "bytes")}
	return c.open(t, "foot", "--config=/dev/null", "--app-id="+id, "--override=font=monospace:size=8",
		"sh", "-c", `stty raw -echo; printf 'shown here'; echo >"$0"; exec cat >>"$0"`, c.log)
}

// XtermIn opens xterm, a program of the session's X server, with the program cat in it, as [TerminalIn] does. id is the class of its
// window.
func XtermIn(t testing.TB, s Session, id string) *Client {
	t.Helper()
	need(t, "xterm", "stty")
	c := &Client{s: s, id: id, log: filepath.Join(Dir(t), "bytes")}
	return c.open(t, "xterm", "-u8", "-class", id, "-e", "sh", "-c", `stty raw -echo; echo >"$0"; exec cat >>"$0"`, c.log)
}

// FieldIn opens a text field of GTK "3.0" or "4.0", or of "qt" (6).
func FieldIn(t testing.TB, s Session, version string) *Client {
	t.Helper()
	need(t, "python3")
	c := &Client{s: s, id: "org.toshy.entry", log: filepath.Join(Dir(t), "text")}
	return c.open(t, "python3", "-c", entryScript, version, c.log)
}

// WatcherIn opens wev, which reports each key, the repeat rate, and what the pointer does.
func WatcherIn(t testing.TB, s Session) *Client {
	t.Helper()
	need(t, "wev", "stdbuf")
	c := &Client{s: s, id: "wev", log: filepath.Join(s.folder(), "stdbuf.log")}
	_ = os.Remove(c.log) // from a client that was closed
	return c.open(t, "stdbuf", "-oL", "wev", "-f", "wl_keyboard", "-f", "wl_pointer")
}

// open starts the program and waits until its window has the focus and the log says that it has started.
func (c *Client) open(t testing.TB, name string, args ...string) *Client {
	t.Helper()
	env := append(onWayland(c.s.Env()), "GTK_IM_MODULE=gtk-im-context-simple", "GSK_RENDERER=cairo", "GTK_A11Y=none",
		"DBUS_SESSION_BUS_ADDRESS=disabled:")
	c.p = start(t, c.s.folder(), env, name, args...)
	Until(t, name+" has a window and has begun", func() bool {
		if !c.p.running() {
			t.Fatalf("%s ended before it had a window", name)
		}
		return len(c.Log()) > 0 && c.s.focusApp(c.id) == nil
	})
	return c
}

// ID is the application's ID on the desktop.
func (c *Client) ID() string { return c.id }

// Focus gives the client the focus.
func (c *Client) Focus(t testing.TB) {
	t.Helper()
	if err := c.s.focusApp(c.id); err != nil {
		t.Fatal(err)
	}
}

// Log returns everything that the client has recorded.
func (c *Client) Log() string {
	b, _ := os.ReadFile(c.log) // it may not have started yet
	return string(b)
}

// Text returns the last line of the log: the text of a field, or what was typed in a terminal.
func (c *Client) Text() string { return withoutLevels((&Entry{log: c.log}).Text()) }

// Ended says whether the program has ended.
func (c *Client) Ended() bool { return !c.p.running() }

// Close ends the program.
func (c *Client) Close() { c.p.kill() }
