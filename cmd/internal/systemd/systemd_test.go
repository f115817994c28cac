package systemd

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// manager is systemd's side of the socket.
func manager(t *testing.T) *net.UnixConn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return c
}

func gets(t *testing.T, c *net.UnixConn, want string) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, err := c.Read(b)
	if err != nil {
		t.Fatalf("%v instead of %s", err, want)
	}
	if ok, _ := regexp.MatchString("^(?:"+want+")$", string(b[:n])); !ok {
		t.Errorf("got %q, want %s", b[:n], want)
	}
}

const reloading = `RELOADING=1\nMONOTONIC_USEC=[1-9]\d*`

func TestNotifier(t *testing.T) {
	c := manager(t)
	t.Setenv("WATCHDOG_USEC", "30000000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	n := New()
	if n.Interval() != 15*time.Second {
		t.Errorf("alive every %v", n.Interval())
	}
	n.Reloading() // only after it is ready: otherwise this would say that it is
	n.Reloaded()
	n.Status("no keyboard")
	n.Ready()
	n.Reloading()
	n.Reloaded()
	n.Reloading()
	n.Reloading() // a part of it
	n.Reloaded()
	n.Status("still at it")
	n.Reloaded()
	n.Reloaded()
	n.Alive()
	n.Stopping()
	n.Stopping()
	n.Alive()
	for _, want := range []string{
		"STATUS=no keyboard", "READY=1", reloading, "READY=1", reloading, reloading, "STATUS=still at it", "READY=1", "WATCHDOG=1", "STOPPING=1",
	} {
		gets(t, c, want)
	}
}

// If the manager does not read, nothing waits except the end, and that only briefly.
func TestManagerThatDoesNotListen(t *testing.T) {
	c := manager(t)
	if err := c.SetReadBuffer(1); err != nil {
		t.Fatal(err)
	}
	n := New()
	n.Ready()
	for range 10_000 {
		n.Alive()
	}
	n.Stopping()
}

func TestWithoutManager(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	n := New()
	if n.Interval() != 0 {
		t.Error("the watchdog is on without a manager")
	}
	n.Ready()
	n.Stopping()
}
