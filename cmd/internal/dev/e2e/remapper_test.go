//go:build vm

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// remapper is a running remapper: toshy, or the simple one that tests the tests.
type remapper struct {
	t    testing.TB
	cmd  *exec.Cmd
	log  logBuffer
	done chan struct{} // closed when it has ended
	err  error         // how it ended
}

// Both output streams of the process write to a logBuffer, and tests read it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// launch starts a remapper, and kills it at the end of the test if it still runs. If the test fails, it shows the log.
func launch(t testing.TB, command ...string) *remapper {
	t.Helper()
	return launchCmd(t, exec.Command(command[0], command[1:]...))
}

func launchCmd(t testing.TB, cmd *exec.Cmd) *remapper {
	t.Helper()
	r := &remapper{t: t, cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append([]string{"XDG_STATE_HOME=" + t.TempDir()}, cmd.Env...) // what one test changes must not affect the next
	must(t, cmd.Start())
	go func() {
		r.err = cmd.Wait()
		close(r.done)
	}()
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", cmd.Path, r.log.String())
		}
	})
	return r
}

// output opens the virtual keyboard with this phys, once the remapper has created it.
func (r *remapper) output(phys string) *device {
	r.t.Helper()
	return open(r.t, appear(r.t, "the virtual keyboard "+phys, nil, func(n node) bool { return n.phys == phys }))
}

func (r *remapper) signal(s syscall.Signal) {
	r.t.Helper()
	must(r.t, r.cmd.Process.Signal(s))
}

// kill ends the process like kill -9.
func (r *remapper) kill() {
	_ = r.cmd.Process.Kill() // it may have ended already
	<-r.done
}

// ends waits until the process has ended by itself, and returns its exit status, or -1 if a signal ended it.
func (r *remapper) ends() int {
	r.t.Helper()
	select {
	case <-r.done:
	case <-deadline().reached():
		r.t.Fatalf("%s still runs after %v", r.cmd.Path, limit)
	}
	var exit *exec.ExitError
	if r.err != nil && !errors.As(r.err, &exit) {
		r.t.Fatal(r.err)
	}
	return r.cmd.ProcessState.ExitCode()
}
