package windowtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// scripted is a desktop that a script in this folder starts, on a private session bus that exists from launch on and outlives the
// desktop.
type scripted struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	env   map[string]string
	bus   *dbus.Conn
}

// launch starts the script, and with it the bus.
func (s *scripted) launch(t testing.TB, script string, env []string, args ...string) {
	t.Helper()
	_, self, _, _ := runtime.Caller(0)
	s.cmd = exec.Command(filepath.Join(filepath.Dir(self), script), args...)
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.lines = make(chan string, 16)
	go func() {
		defer close(s.lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			s.lines <- sc.Text()
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			s.showLogs(t)
		}
		s.in.Close() // the script ends everything that it has started, and itself
		_ = s.cmd.Wait()
	})
	s.env = map[string]string{}
	s.await(t, script, "ready")
	if s.bus, err = dbus.Connect(s.Address()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.bus.Close() })
}

// showLogs shows the ends of what the desktop and the programs around it wrote.
func (s *scripted) showLogs(t testing.TB) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(filepath.Dir(s.env["XDG_RUNTIME_DIR"]), "log", "*")) // see desk_init in desktop-lib.sh
	if err != nil {
		t.Error(err)
	}
	for _, path := range logs {
		if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
			t.Logf("last of %s:\n%s", filepath.Base(path), text[max(0, len(text)-2000):])
		}
	}
}

// await reads lines from the script until this one.
func (s *scripted) await(t testing.TB, what, last string) {
	t.Helper()
	limit := time.After(4 * Limit)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				t.Fatalf("%s: the script ended before %q", what, last)
			}
			if line == last {
				return
			}
			if kv, ok := strings.CutPrefix(line, "env "); ok {
				k, v, _ := strings.Cut(kv, "=")
				s.env[k] = v
			}
		case <-limit:
			t.Fatalf("%s: the script never said %q", what, last)
		}
	}
}

func (s *scripted) tell(t testing.TB, order, answer string) {
	t.Helper()
	if _, err := fmt.Fprintln(s.in, order); err != nil {
		t.Fatal(err)
	}
	s.await(t, order, answer)
}

// Start starts the desktop and returns when it is ready for windows.
func (s *scripted) Start(t testing.TB) {
	t.Helper()
	s.tell(t, "start", "ready")
}

// Kill ends the desktop; the bus stays.
func (s *scripted) Kill() {
	if _, err := fmt.Fprintln(s.in, "kill"); err != nil {
		panic(err)
	}
	for line := range s.lines {
		if line == "stopped" {
			return
		}
	}
	panic("the script ended instead of the desktop")
}

// Address returns the address of the session bus.
func (s *scripted) Address() string { return s.env["DBUS_SESSION_BUS_ADDRESS"] }

// Env returns a variable from the environment of the desktop's clients.
func (s *scripted) Env(name string) string { return s.env[name] }

// Socket returns the path of the Wayland socket.
func (s *scripted) Socket() string {
	return filepath.Join(s.env["XDG_RUNTIME_DIR"], s.env["WAYLAND_DISPLAY"])
}

// X11 is the X server of the desktop, as its X11 clients use it.
func (s *scripted) X11(t testing.TB) *X11 {
	t.Helper()
	if a := s.env["XAUTHORITY"]; a != "" {
		t.Setenv("XAUTHORITY", a)
	}
	return connectX11(t, "the desktop", s.env["DISPLAY"])
}

// call calls a method over the session bus.
func (s *scripted) call(t testing.TB, dest string, path dbus.ObjectPath, method string, out []any, args ...any) {
	t.Helper()
	c := s.bus.Object(dest, path).Call(method, 0, args...)
	if err := c.Store(out...); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}
