//go:build vm

package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What one local user can make another user's toshy believe.

const foreignUID = 1003

// listenAs listens as a user. Whoever connects learns from the kernel which thread that was.
func listenAs(t testing.TB, uid uint32, path string, serve func(net.Conn)) {
	t.Helper()
	type listening struct {
		net.Listener
		error
	}
	done := make(chan listening)
	go func() {
		runtime.LockOSThread() // it ends with the goroutine
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			done <- listening{nil, errno}
			return
		}
		l, err := net.Listen("unix", path)
		if err == nil {
			err = os.Chmod(path, 0o777)
		}
		done <- listening{l, err}
	}()
	l := <-done
	must(t, l.error)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
}

// publicFolder creates a folder in which every user may write, as systems have them.
func publicFolder(t testing.TB, path string) string {
	t.Helper()
	must(t, os.MkdirAll(path, 0o777))
	must(t, os.Chmod(path, 0o777|os.ModeSticky))
	t.Cleanup(func() { _ = os.RemoveAll(path) })
	return path
}

// TestForeignSockets: one user puts into /tmp what looks like another user's desktop, an older Hyprland and an X server.
func TestForeignSockets(t *testing.T) {
	instance := publicFolder(t, filepath.Join(publicFolder(t, "/tmp/hypr"), "evil"))
	var asked atomic.Int32
	listenAs(t, foreignUID, filepath.Join(instance, ".socket2.sock"), func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	listenAs(t, foreignUID, filepath.Join(instance, ".socket.sock"), func(c net.Conn) {
		defer c.Close()
		if b := make([]byte, 100); func() bool { n, _ := c.Read(b); return n > 0 }() {
			asked.Add(1)
			fmt.Fprint(c, `{"address":"0x1","class":"evil","title":"evil"}`)
		}
	})
	listenAs(t, foreignUID, filepath.Join(publicFolder(t, "/tmp/.X11-unix"), "X7"), func(c net.Conn) {
		defer c.Close()
		if n, _ := c.Read(make([]byte, 100)); n > 0 {
			asked.Add(1)
		}
	})
	windows := func(env ...string) string {
		cmd := as(exec.Command("/bin/toshy", "windows"), annUID)
		cmd.Env = append([]string{"PATH=/bin", "HOME=" + publicDir(t)}, env...)
		out, _ := cmd.CombinedOutput() // the window is not known
		return string(out)
	}
	for _, env := range [][]string{nil, {"HYPRLAND_INSTANCE_SIGNATURE=evil", "DISPLAY=:7"}} {
		text := windows(env...)
		if n := asked.Load(); n > 0 || strings.Contains(text, "evil\"") {
			t.Errorf("%v: %d times ann spoke to another user's desktop:\n%s", env, n, text)
		}
		if env != nil && strings.Count(text, "belongs to another user") < 2 {
			t.Errorf("%v: it does not say why:\n%s", env, text)
		}
	}
}

// TestForeignServer: one user runs what looks like the server of a program that shares a keyboard between machines, and says that the
// pointer is on another machine.
func TestForeignServer(t *testing.T) {
	for _, tt := range []struct {
		name         string
		process, log uint32 // who runs it, and whose log it is
		away         bool
	}{
		{"another's", foreignUID, foreignUID, false},
		{"own, with another's log", annUID, foreignUID, false},
		{"own", annUID, annUID, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := plugUSB(t)
			s := serve(t, nil, "--user", only(annUID))
			dir := publicDir(t)
			log := filepath.Join(dir, "log")
			must(t, os.WriteFile(log, []byte("[x] INFO: started server\n[x] INFO: switch from \"a\" to \"b\" at 0,0\n[x] INFO: leaving screen\n"), 0o644))
			must(t, os.Chown(log, int(tt.log), int(tt.log)))
			program, err := os.ReadFile("/proc/self/exe")
			must(t, err)
			server := filepath.Join(dir, "synergys")
			must(t, os.WriteFile(server, program, 0o755))
			cmd := as(exec.Command(server, "--log", log), tt.process)
			cmd.Env = []string{waitForEnd + "=1"}
			in, err := cmd.StdinPipe()
			must(t, err)
			must(t, cmd.Start())
			defer func() { in.Close(); _ = cmd.Wait() }()
			must(t, os.Chmod(filepath.Dir(dir), 0o755))
			s.agent(t, annUID, before, "HOME="+publicDir(t))
			until(t, "the agent is accepted", func() bool { return len(s.status(t).Agents) == 1 && s.status(t).Agents[0].Active })
			if tt.away {
				until(t, "the pointer is away", func() bool { return strings.Contains(s.status(t).Reason, "pointer") })
				return
			}
			k.through(s.out)
			k.becomes(s.out, "+f1 -f1", "+a -a")
			time.Sleep(time.Second) // in this time, toshy looks for a server
			k.becomes(s.out, "+f1 -f1", "+a -a")
		})
	}
}

// waitForEnd makes this program wait until its input ends, whatever its name is.
const waitForEnd = "TOSHY_TEST_WAIT"

func init() {
	if os.Getenv(waitForEnd) != "" {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(0)
	}
}

// TestSetupTakesTheKeyboardsAway: what udev has given to a user stays given when the rule is removed, unless something takes it away.
func TestSetupTakesTheKeyboardsAway(t *testing.T) {
	k := plugUSB(t)
	t.Cleanup(func() { _ = os.RemoveAll("/etc/udev"); _ = os.RemoveAll("/etc/toshy") })
	setup := func(args ...string) string {
		out, err := exec.Command("/bin/toshy", append([]string{"setup", "--yes", "--init", "other"}, args...)...).CombinedOutput()
		var exit *exec.ExitError // there is no udev here, which setup reports
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out)
	}
	mayRead := func() bool {
		f := make(chan error)
		go func() {
			runtime.LockOSThread()
			if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, annUID, annUID, annUID); errno != 0 {
				f <- errno
				return
			}
			file, err := os.Open(k.path)
			if err == nil {
				file.Close()
			}
			f <- err
		}()
		return <-f == nil
	}
	must(t, os.Chmod(k.path, 0o660))
	must(t, os.Chown(k.path, 0, daemonUID)) // the group of a file that ann is not in
	if mayRead() {
		t.Fatal("ann may read the keyboard anyway")
	}
	setup()
	// As udev writes it: u::rw-,u:ann:rw-,g::---,m::rw-,o::---
	acl := []byte{2, 0, 0, 0}
	for _, e := range [][2]uint32{{1, 6}, {2, 6}, {4, 0}, {16, 6}, {32, 0}} {
		id := ^uint32(0)
		if e[0] == 2 {
			id = annUID
		}
		acl = append(acl, byte(e[0]), 0, byte(e[1]), 0, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
	}
	must(t, unix.Setxattr(k.path, "system.posix_acl_access", acl, 0))
	if !mayRead() {
		t.Fatal("the list gives ann nothing")
	}
	if text := setup("--remove"); mayRead() || !strings.Contains(text, "close   "+k.path) {
		t.Errorf("ann may still read the keyboard:\n%s", text)
	}
}
