//go:build vm

package e2e

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"toshy/cmd/internal/control"
)

// The system service: a daemon that has the devices and nothing else, and the users' agents.

const (
	daemonUID = 990
	annUID    = 1000
	bobUID    = 1001
)

// as makes a command run as a user without any group.
func as(cmd *exec.Cmd, uid uint32) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return cmd
}

// anybody may create virtual keyboards and read real ones until the test ends, like the user at the seat with udev's uaccess.
func anybody(t testing.TB) {
	t.Helper()
	paths, err := filepath.Glob("/dev/input/event*")
	must(t, err)
	for _, p := range append(paths, "/dev/uinput") {
		must(t, os.Chmod(p, 0o666))
		t.Cleanup(func() { _ = os.Chmod(p, 0o600) }) // it may be unplugged by then
	}
}

// publicDir returns a folder in which every user may write.
func publicDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.Chmod(dir, 0o777))
	return dir
}

// service is a daemon for agents.
type service struct {
	*remapper
	socket string
	out    *device
	env    []string
	flags  []string
}

// serve starts a daemon that may use all current devices, with more flags and environment.
func serve(t testing.TB, env []string, flags ...string) *service {
	t.Helper()
	anybody(t)
	s := &service{socket: filepath.Join(publicDir(t), "toshy.sock"), env: env, flags: flags}
	s.start(t)
	return s
}

func (s *service) start(t testing.TB) {
	t.Helper()
	known := nodes()
	cmd := as(exec.Command("/bin/toshy", append([]string{"daemon", "--log-level", "debug", "--socket", s.socket}, s.flags...)...), daemonUID)
	cmd.Env = append(os.Environ(), s.env...)
	s.remapper = launchCmd(t, cmd)
	s.out = open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	until(t, "the daemon listens", func() bool { return listens(s.socket) })
}

// listens says whether a daemon accepts connections. Its socket exists a moment before it does.
func listens(socket string) bool {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// agent starts the agent of a user.
func (s *service) agent(t testing.TB, uid uint32, config string, env ...string) (*remapper, string) {
	t.Helper()
	path := filepath.Join(publicDir(t), "config.toml")
	must(t, os.WriteFile(path, []byte(config), 0o644))
	cmd := as(exec.Command("/bin/toshy", "agent", "--log-level", "debug", "--socket", s.socket, "--config", path), uid)
	cmd.Env = append(os.Environ(), env...)
	return launchCmd(t, cmd), path
}

// says runs a toshy command as a user, and returns its output and its exit status.
func (s *service) says(t testing.TB, uid uint32, args ...string) (string, int) {
	t.Helper()
	cmd := as(exec.Command("/bin/toshy", append(args, "--socket", s.socket)...), uid)
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func (s *service) status(t testing.TB) control.Status {
	t.Helper()
	text, code := s.says(t, 0, "status", "--json")
	var st control.Status
	if err := json.Unmarshal([]byte(text), &st); err != nil || code != 0 {
		t.Fatalf("status: %v, exit status %d: %s", err, code, text)
	}
	return st
}

func only(uid int) string { return strconv.Itoa(uid) }

func TestAgentBringsTheConfiguration(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	k.works() // no user is served: the keyboard is not even open
	if st := s.status(t); st.Mode != "system" || len(st.Agents) != 0 || !strings.Contains(st.Reason, "no agent") {
		t.Errorf("status without an agent: %+v", st)
	}
	ann, path := s.agent(t, annUID, before)
	k.through(s.out)
	k.becomes(s.out, "+f1 -f1", "+a -a")
	st := s.status(t)
	if len(st.Agents) != 1 || st.Agents[0].UID != annUID || !st.Agents[0].Active || st.Configuration != path || st.Reason != "" {
		t.Errorf("status: %+v", st)
	}

	replace(t, path, broken)
	ann.logs(path+":3:11", 1)
	k.becomes(s.out, "+f1 -f1", "+a -a")
	if st := s.status(t); !strings.Contains(st.ConfigError, path+":3:11") {
		t.Errorf("status does not say what is broken: %q", st.ConfigError)
	}
	if text, code := s.says(t, annUID, "reload", "--wait"); code != 1 || !strings.Contains(text, path+":3:11") {
		t.Errorf("reload of a broken configuration: exit status %d: %s", code, text)
	}
	replace(t, path, after)
	until(t, "the new configuration is in use", func() bool {
		_, code := s.says(t, annUID, "reload", "--wait")
		return code == 0
	})
	k.becomes(s.out, "+f1 -f1", "+b -b")

	if text, code := s.says(t, bobUID, "status"); code != 3 || !strings.Contains(text, "belongs to someone else") {
		t.Errorf("another user's status: exit status %d: %s", code, text)
	}
	for _, command := range []string{"pause", "monitor"} {
		if text, code := s.says(t, bobUID, command); code != 3 || !strings.Contains(text, "belongs to someone else") {
			t.Errorf("another user's %s: exit status %d: %s", command, code, text)
		}
	}
	bob, _ := s.agent(t, bobUID, before)
	bob.logs("belongs to someone else", 1) // it stays attached, but the daemon does not follow it
	k.becomes(s.out, "+f1 -f1", "+b -b")

	s.signal(syscall.SIGHUP)
	s.logs("configuration loaded", 4)
	ann.stop()
	s.stop()
	k.free()
	k.works()
}

func TestAgentKilled(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann, _ := s.agent(t, annUID, before)
	k.through(s.out)
	k.types("+f2")
	s.out.expect("+leftshift")
	ann.kill()
	until(t, "the daemon has noticed", func() bool { return len(s.status(t).Agents) == 0 })
	k.types("-f2")
	s.out.expect("-leftshift")
	k.becomes(s.out, "+f1 -f1", "+a -a") // for a moment
	s.agent(t, annUID, after)            // it restarts
	untilAfter(t, k, s.out, "its new configuration is in use")
}

// untilAfter types until the new configuration takes effect.
func untilAfter(t *testing.T, k *keyboard, out *device, what string) {
	t.Helper()
	until(t, what, func() bool {
		k.types("+f1 -f1 +" + marker + " -" + marker)
		first, err := out.next(deadline())
		must(t, err)
		must(t, out.skipTo("-"+marker, deadline()))
		return first.String() == "+b"
	})
}

func TestDaemonKilled(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann, _ := s.agent(t, annUID, before)
	k.through(s.out)
	k.types("+f1")
	s.out.expect("+a")
	s.kill()
	s.out.gone()
	k.types("-f1 +r -r")
	k.expect("-f1 +r -r")
	ann.logs("not attached to the daemon", 1)
	s.start(t)
	k.through(s.out)
	k.becomes(s.out, "+f1 -f1", "+a -a")
	ann.logs("attached to the daemon", 3) // "attached", "not attached", "attached"
}

func TestLaterAgentWins(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	first, _ := s.agent(t, annUID, before)
	k.through(s.out)
	s.agent(t, annUID, after)
	if status := first.ends(); status != 0 {
		t.Errorf("the first agent ends with %d", status)
	}
	untilAfter(t, k, s.out, "the second is accepted")
}

// A stopped agent delays no key.
func TestAgentStalls(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann, _ := s.agent(t, annUID, before+"[keymap.k]\nkeys.F3 = { notify = \"x\" }\n")
	k.through(s.out)
	ann.signal(syscall.SIGSTOP)
	for range 100 { // more effects than can wait for an agent
		k.becomes(s.out, "+f3 -f3", "")
	}
	k.becomes(s.out, "+f1 -f1", "+a -a")
	ann.signal(syscall.SIGCONT)
	k.becomes(s.out, "+f1 -f1", "+a -a")
}

// For systemd, a reload lasts until the agent has sent the configuration again and it is in use.
func TestReloadLastsUntilTheAgentAnswers(t *testing.T) {
	path := filepath.Join(publicDir(t), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	must(t, err)
	defer manager.Close()
	must(t, os.Chmod(path, 0o777))
	// says returns what systemd gets next, of these words.
	says := func(words ...string) (message string) {
		t.Helper()
		b := make([]byte, 4096)
		must(t, manager.SetReadDeadline(atLast()))
		for {
			n, err := manager.Read(b)
			if err != nil {
				t.Fatalf("systemd got none of %q: %v", words, err)
			}
			message, _, _ = strings.Cut(string(b[:n]), "\n")
			if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(message, w) }) {
				return message
			}
		}
	}
	k := plugUSB(t)
	s := serve(t, []string{"NOTIFY_SOCKET=" + path}, "--user", only(annUID))
	says("READY=1")
	ann, _ := s.agent(t, annUID, before)
	k.through(s.out)
	for serves := ""; !strings.HasSuffix(serves, "serves "+only(annUID)); {
		serves = says("STATUS=")
	}
	until(t, "no reload is in progress", func() bool {
		must(t, manager.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
		_, err := manager.Read(make([]byte, 4096))
		return err != nil
	})
	ann.signal(syscall.SIGSTOP)
	s.signal(syscall.SIGHUP)
	says("RELOADING=1")
	s.status(t)
	must(t, manager.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
	for b := make([]byte, 4096); ; {
		n, err := manager.Read(b)
		if err != nil {
			break
		}
		if strings.HasPrefix(string(b[:n]), "READY=1") {
			t.Error("ready before the agent has answered")
		}
	}
	ann.signal(syscall.SIGCONT)
	says("READY=1")
	k.becomes(s.out, "+f1 -f1", "+a -a")
}

// Commands that the agent starts run as its user, not as the daemon's.
func TestAgentRunsCommands(t *testing.T) {
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, before+"[keymap.k]\nkeys.F3 = { run = [\"/bin/toshy\", \"pause\"] }\n")
	k.through(s.out)
	k.types("+f3 -f3")
	until(t, "the command has paused the daemon", func() bool { return s.status(t).Paused })
}

// The user's files are read with the user's rights.
func TestAgentReadsAsItsUser(t *testing.T) {
	secret := filepath.Join(publicDir(t), "secret.toml")
	must(t, os.WriteFile(secret, []byte("canary = 1\n"), 0o600))
	s := serve(t, nil, "--user", only(annUID))
	ann, _ := s.agent(t, annUID, "include = [\""+secret+"\"]\n")
	ann.logs("no permission to read the file", 1)
	for _, log := range []string{ann.log.String(), s.log.String()} {
		if strings.Contains(log, "canary") {
			t.Error("a log contains what the user may not read")
		}
	}
}
