//go:build vm

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
)

// dialAs connects as a user. The other side learns from the kernel which thread connected.
func dialAs(uid uint32, path string) (net.Conn, error) {
	type dialed struct {
		net.Conn
		error
	}
	done := make(chan dialed)
	go func() {
		runtime.LockOSThread() // it ends with the goroutine
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			done <- dialed{nil, errno}
			return
		}
		c, err := net.Dial("unix", path)
		done <- dialed{c, err}
	}()
	d := <-done
	return d.Conn, d.error
}

// between listens for an agent, connects it to the daemon as its user, and records what the two say.
func between(t testing.TB, s *service, uid uint32) (path string, traffic *logBuffer) {
	t.Helper()
	path, traffic = filepath.Join(publicDir(t), "between.sock"), &logBuffer{}
	l, err := net.Listen("unix", path)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	must(t, os.Chmod(path, 0o777))
	go func() {
		for {
			agent, err := l.Accept()
			if err != nil {
				return
			}
			daemon, err := dialAs(uid, s.socket)
			if err != nil {
				t.Error(err)
				return
			}
			for _, way := range [][2]net.Conn{{agent, daemon}, {daemon, agent}} {
				go func() {
					defer agent.Close()
					defer daemon.Close()
					_, _ = io.Copy(way[0], io.TeeReader(way[1], traffic))
				}()
			}
		}
	}()
	return path, traffic
}

// TestCanaryThroughAgent types through a system daemon with an agent. Neither of them reveals what was typed, nor does what they say
// to each other.
func TestCanaryThroughAgent(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard for secrets")
	s := serve(t, nil, "--user", only(annUID), "--log-level", "info")
	path, traffic := between(t, s, annUID)
	config := filepath.Join(publicDir(t), "config.toml")
	must(t, os.WriteFile(config, []byte("extends = \"none\"\n[keymap.k.keys]\nF11 = { notify = \"the end\" }\nF12 = { run = [\"/bin/toshy\", \"version\"] }\n"), 0o644))
	cmd := as(exec.Command("/bin/toshy", "agent", "--socket", path, "--config", config), annUID)
	cmd.Env = append(os.Environ(), "HOME="+publicDir(t))
	ann := launchCmd(t, cmd)
	softThrough(k, s.out)

	monitor := as(exec.Command("/bin/toshy", "monitor", "--json", "--socket", s.socket), annUID)
	var monitored logBuffer
	monitor.Stdout = &monitored
	must(t, monitor.Start())
	defer func() { _ = monitor.Wait() }()
	defer func() { _ = monitor.Process.Signal(syscall.SIGTERM) }()
	until(t, "the monitor shows keys", func() bool {
		softThrough(k, s.out)
		return strings.Contains(monitored.String(), marker)
	})

	var asked bytes.Buffer
	client, err := control.Dial(s.socket)
	must(t, err)
	defer client.Close()
	for n, canary := range canaries {
		for _, letter := range canary {
			c := code(t, string(letter))
			k.types(keyEvent{c, pressed})
			must(t, s.out.skipTo("+"+string(letter), deadline()))
			now, err := client.Do(control.Request{Command: "status"})
			must(t, err)
			must(t, json.NewEncoder(&asked).Encode(now))
			k.types(keyEvent{c, released})
			must(t, s.out.skipTo("-"+string(letter), deadline()))
		}
		// Effects, and in the second round a reload, too. They are typed again until they come: if an agent got no processor time for
		// three seconds, its effects are not carried out.
		ends, runs := strings.Count(traffic.String(), `"the end"`), strings.Count(traffic.String(), `"kind":"run"`)
		untilWithin(t, limit, time.Second, "the effects have come", func() bool {
			if strings.Count(traffic.String(), `"the end"`) > ends && strings.Count(traffic.String(), `"kind":"run"`) > runs {
				return true
			}
			for _, name := range []string{"f11", "f12"} {
				k.types(keyEvent{code(t, name), pressed}, keyEvent{code(t, name), released})
			}
			return false
		})
		s.signal(syscall.SIGHUP)
		s.logs("configuration loaded", n+2)
	}
	z := code(t, canaries[0][:1])
	k.types(keyEvent{z, pressed}) // one of its keys is held
	must(t, s.out.skipTo("+"+canaries[0][:1], deadline()))
	told := map[string][]byte{"socket of the agent": []byte(traffic.String()), "answers": asked.Bytes()}
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"dump"}} {
		text, code := s.says(t, annUID, args...)
		if code != 0 && args[0] == "status" || len(text) < 200 {
			t.Errorf("%v: exit status %d: %s", args, code, text)
		}
		told[strings.Join(args, " ")] = []byte(text)
	}
	k.types(keyEvent{z, released})
	must(t, s.out.skipTo("-"+canaries[0][:1], deadline()))
	ann.stop()
	s.stop()
	told["log of the daemon"], told["log of the agent"], told["monitor"] = []byte(s.log.String()), []byte(ann.log.String()), []byte(monitored.String())
	for what, text := range told {
		searched(t, what, text)
	}
	if n := strings.Count(monitored.String(), `"character"`); n < 4*2*len(canaries[0]) {
		t.Errorf("the monitor shows fewer keys than were typed: %d", n)
	}
	for _, part := range []string{`"kind":"config"`, `"kind":"active"`, `"kind":"accepted"`, `"kind":"reload"`} {
		if !strings.Contains(traffic.String(), part) {
			t.Errorf("what daemon and agent say to each other has no %s", part)
		}
	}
}
