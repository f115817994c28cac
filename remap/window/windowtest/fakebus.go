package windowtest

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A Bus is a private dbus-daemon, for services that a test plays itself.
type Bus struct {
	Address string
	cmd     *exec.Cmd
}

// NewBus starts a bus.
func NewBus(t testing.TB) *Bus {
	t.Helper()
	need(t, "dbus-daemon")
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
		"--address=unix:path="+Dir(t)+"/bus")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &Bus{cmd: cmd}
	t.Cleanup(b.Kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon said no address: %v", err)
	}
	b.Address = strings.TrimSpace(line)
	return b
}

// Kill ends the bus.
func (b *Bus) Kill() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// Restart ends the bus and starts another in its place, without clients.
func (b *Bus) Restart(t testing.TB) {
	t.Helper()
	b.Kill()
	cmd := exec.Command(b.cmd.Args[0], b.cmd.Args[1:]...)
	cmd.SysProcAttr, cmd.Stderr = b.cmd.SysProcAttr, b.cmd.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.cmd = cmd
	b.letsIn(t)
}

func (b *Bus) letsIn(t testing.TB) {
	t.Helper()
	Until(t, "the bus lets clients in", func() bool {
		c, err := dbus.Connect(b.Address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// Connect returns a connection of a new client, which owns these names.
func (b *Bus) Connect(t testing.TB, names ...string) *dbus.Conn {
	t.Helper()
	c, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for _, n := range names {
		if r, err := c.RequestName(n, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("own %s: reply %d, %v", n, r, err)
		}
	}
	return c
}
