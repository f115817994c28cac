// Package windowtest starts real desktops without a screen and runs one test suite against every focus source. Only tests
// import it; install.sh beside it installs the desktops.
package windowtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Limit is how long a desktop may take for anything before a test fails. It is there to end a test that hangs: on a busy computer a
// desktop can take a minute for what it usually does at once.
const Limit = 5 * time.Minute

// Until polls ok until it is true, and fails the test if that takes longer than [Limit].
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	within(t, Limit, what, ok)
}

func within(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// need fails the test if a program is not installed.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatalf("%v; run remap/window/windowtest/install.sh", err)
		}
	}
}

// A process is a program of a desktop, the leader of its own process group.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

// start runs a program with a private home below dir, and with nothing from the desktop in which the test itself may run.
// Its output goes to dir/NAME.log, shown if the test fails.
func start(t testing.TB, dir string, env []string, name string, args ...string) *process {
	t.Helper()
	return startAs(t, nil, dir, env, name, args...)
}

// startAs is start as a user; nil is the test's own.
func startAs(t testing.TB, user *syscall.Credential, dir string, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), log: filepath.Join(dir, filepath.Base(name)+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "XDG_CONFIG_HOME=" + dir,
		"LANG=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1",
	}, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: user}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in the log
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if text, err := os.ReadFile(p.log); err == nil && t.Failed() && len(text) > 0 {
			t.Logf("last of %s:\n%s", filepath.Base(p.log), text[max(0, len(text)-2000):])
		}
	})
	return p
}

// kill kills the process group at once, like a crash, and waits for its leader.
func (p *process) kill() {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		panic(err)
	}
	<-p.done
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// shown starts a program that shows a window, and waits until the window has the focus, which ok says. Xwayland and sway can lose the
// window of an X11 program: it is on the X server, and sway never lists it. So a program without its window is started again.
func shown(t testing.TB, what string, open func() *process, ok func() bool) *process {
	t.Helper()
	for end := time.Now().Add(Limit); ; {
		p, again := open(), time.Now().Add(Limit/5)
		for time.Now().Before(again) {
			switch {
			case !p.running():
				t.Fatalf("%s ended before: %s", p.cmd.Path, what)
			case ok():
				return p
			case time.Now().After(end):
				t.Fatalf("not within %v: %s", Limit, what)
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Logf("%s is started again: its window has no focus", p.cmd.Path)
		p.kill()
	}
}

// untilReady is Until for a condition that a running process must meet.
func (p *process) untilReady(t testing.TB, what string, ok func() bool) {
	t.Helper()
	Until(t, what, func() bool {
		if !p.running() {
			t.Fatalf("%s ended before: %s", p.cmd.Path, what)
		}
		return ok()
	})
}

// Dir returns a new folder with a path short enough for sockets in it.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "desk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
