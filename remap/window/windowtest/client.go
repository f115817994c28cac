package windowtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A Client is a real program in a session of sway that records what arrives in it.
type Client struct {
	s   *Sway
	id  string
	log string
	p   *process
}

// OpenTerminal opens foot with the program cat in it. After a first line, cat records the bytes that it gets without changes. The
// terminal shows the words "shown here".
func (s *Sway) OpenTerminal(t testing.TB, id string) *Client {
	t.Helper()
	need(t, "foot", "stty")
	c := &Client{s: s, id: id, log: filepath.Join(Dir(t), "bytes")}
	return c.open(t, "foot", "--config=/dev/null", "--app-id="+id, "--override=font=monospace:size=8",
		"sh", "-c", `stty raw -echo; printf 'shown here'; echo >"$0"; exec cat >>"$0"`, c.log)
}

// OpenField opens a text field of GTK "3.0" or "4.0".
func (s *Sway) OpenField(t testing.TB, version string) *Client {
	t.Helper()
	need(t, "python3")
	c := &Client{s: s, id: "org.toshy.entry", log: filepath.Join(Dir(t), "text")}
	return c.open(t, "python3", "-c", entryScript, version, c.log)
}

// OpenWatcher opens wev, which reports each key.
func (s *Sway) OpenWatcher(t testing.TB) *Client {
	t.Helper()
	need(t, "wev", "stdbuf")
	c := &Client{s: s, id: "wev", log: filepath.Join(s.Dir, "stdbuf.log")}
	_ = os.Remove(c.log) // from a client that was closed
	return c.open(t, "stdbuf", "-oL", "wev", "-f", "wl_keyboard")
}

// Env is the environment for programs in the session.
func (s *Sway) Env() []string {
	return []string{
		"XDG_RUNTIME_DIR=" + s.Dir, "WAYLAND_DISPLAY=" + filepath.Base(s.Display()), "SWAYSOCK=" + s.IPC(),
		"XDG_SESSION_TYPE=wayland", "XDG_CURRENT_DESKTOP=sway",
	}
}

// slow is how long a toolkit may take to show a window in a machine without hardware virtualisation.
const slow = 2 * time.Minute

// open starts the program and waits until its window has the focus and the log says that it has started.
func (c *Client) open(t testing.TB, name string, args ...string) *Client {
	t.Helper()
	env := append(c.s.Env(), "GDK_BACKEND=wayland", "GTK_IM_MODULE=gtk-im-context-simple", "GSK_RENDERER=cairo", "GTK_A11Y=none",
		"DBUS_SESSION_BUS_ADDRESS=disabled:")
	c.p = start(t, c.s.Dir, env, name, args...)
	within(t, slow, name+" has a window and has begun", func() bool {
		if !c.p.running() {
			t.Fatalf("%s ended before it had a window", name)
		}
		return len(c.Log()) > 0 && c.focus() == nil
	})
	return c
}

func (c *Client) focus() error { return ipcCommand(c.s.IPC(), `[app_id="^`+c.id+`$"] focus`) }

// ID is the application's ID in sway.
func (c *Client) ID() string { return c.id }

// Focus gives the client the focus.
func (c *Client) Focus(t testing.TB) {
	t.Helper()
	if err := c.focus(); err != nil {
		t.Fatal(err)
	}
}

// Log returns everything that the client has recorded.
func (c *Client) Log() string {
	b, _ := os.ReadFile(c.log) // it may not have started yet
	return string(b)
}

// Text returns the last line of the log: the text of a field.
func (c *Client) Text() string { return (&Entry{log: c.log}).Text() }

// Close ends the program.
func (c *Client) Close() { c.p.kill() }
