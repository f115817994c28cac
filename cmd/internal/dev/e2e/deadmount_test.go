//go:build vm

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A deadMount is a file system whose server does not answer, like a network mount while the server is down: opening a file in it
// waits until the server's side is closed.
type deadMount struct {
	dir    string
	server int
}

func newDeadMount(t testing.TB) *deadMount {
	t.Helper()
	m := &deadMount{dir: t.TempDir()}
	var err error
	m.server, err = unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() {
		m.fails()
		_ = unix.Unmount(m.dir, unix.MNT_DETACH)
	})
	must(t, unix.Mount("dead", m.dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", m.server)))
	return m
}

// leads replaces a configuration by a link to a file in the mount.
func (m *deadMount) leads(t testing.TB, path string) {
	t.Helper()
	must(t, os.Symlink(filepath.Join(m.dir, "config.toml"), path+"~"))
	must(t, os.Rename(path+"~", path))
}

// fails gives an error to every process that waits.
func (m *deadMount) fails() {
	if m.server >= 0 {
		_ = unix.Close(m.server)
	}
	m.server = -1
}

// If a configuration can no longer be read because its server is gone, no key is lost, and toshy reads it again once the server
// gives an error.
func TestReloadFromADeadMount(t *testing.T) {
	dead := newDeadMount(t)
	k := plugUSB(t)
	r, env := served(t, before, k)
	dead.leads(t, r.config)
	k.types("+f2")
	r.out.expect("+leftshift")
	r.logs("takes longer than 10 s: is it on a network that does not answer?", 1)
	k.types("-f2")
	r.out.expect("-leftshift")
	k.becomes(r.out, "+f1 -f1", "+a -a")
	if s := status(t, env); len(s.Keyboards) == 0 {
		t.Error("it has no keyboards")
	}
	if code, text := client(t, env, "reload", "--wait"); code == 0 || !strings.Contains(text, "still being read") {
		t.Errorf("reload: exit status %d: %s", code, text)
	}

	replace(t, r.config, after)
	k.becomes(r.out, "+f1 -f1", "+a -a")
	dead.fails()
	r.logs("configuration loaded", 1)
	k.becomes(r.out, "+f1 -f1", "+b -b")
	r.stop()
}

// The same for an agent. Meanwhile, it still does everything else that the daemon needs.
func TestAgentReadsFromADeadMount(t *testing.T) {
	dead := newDeadMount(t)
	k := plugUSB(t)
	s := serve(t, nil, "--user", only(annUID))
	ann, path := s.agent(t, annUID, before+"[keymap.k]\nkeys.F3 = { run = [\"/nothing\"] }\n")
	k.through(s.out)
	dead.leads(t, path)
	ann.logs("takes longer than 10 s: is it on a network that does not answer?", 1)
	k.becomes(s.out, "+f1 -f1", "+a -a")
	k.becomes(s.out, "+f3 -f3", "")
	ann.logs("/nothing", 1)
	if st := s.status(t); st.Reason != "" || len(st.Agents) != 1 {
		t.Errorf("the daemon says %+v", st)
	}

	replace(t, path, after)
	dead.fails()
	ann.logs("the configuration is in use", 2)
	until(t, "the next configuration is in use", func() bool {
		k.types("+f1 -f1")
		return s.out.skipTo("-b", in(50*time.Millisecond)) == nil
	})
	dead = newDeadMount(t)
	dead.leads(t, path)
	until(t, "the agent reads its configuration", func() bool { return waitsForFile(ann.cmd.Process.Pid) })
	ann.stop()
	s.stop()
}

// Ending toshy does not wait for that server.
func TestEndWhileAMountIsDead(t *testing.T) {
	dead := newDeadMount(t)
	k := plugUSB(t)
	r := launchCmd(t, exec.Command("/bin/toshy", "run", "--config", filepath.Join(dead.dir, "config.toml")))
	until(t, "toshy reads its configuration", func() bool { return waitsForFile(r.cmd.Process.Pid) })
	k.works()
	r.signal(sigterm)
	_ = r.ends()
	k.works()

	s := startOn(t, before, k)
	dead.leads(t, s.config)
	until(t, "toshy reads its configuration", func() bool { return waitsForFile(s.cmd.Process.Pid) })
	s.stop()
	k.free()
	k.works()
}

// waitsForFile says whether a thread of a process waits for the server of a file.
func waitsForFile(pid int) bool {
	places, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/wchan", pid))
	for _, path := range places {
		if in, err := os.ReadFile(path); err == nil && slices.Contains([]string{"fuse_get_req", "request_wait_answer"}, string(in)) {
			return true
		}
	}
	return false
}
