//go:build vm && systemd

package e2e

import (
	"strings"
	"testing"
	"time"
)

// unitProperty returns what systemctl show reports about the daemon.
func unitProperty(t testing.TB, name string) string {
	t.Helper()
	return sh(t, "systemctl", "show", "toshy-daemon.service", "-p", name, "--value")
}

// The daemon as a restricted service with a user that exists only while it runs, and an agent in each session.
func TestSystemdDaemonAndAgent(t *testing.T) {
	installed(t)
	sh(t, "systemctl", "reset-failed", "toshy-daemon.service")
	sh(t, "systemctl", "restart", "toshy-daemon.service")
	t.Cleanup(func() { sh(t, "systemctl", "stop", "toshy-daemon.service") })
	k := pcKeyboard(t)
	if pid := unitProperty(t, "MainPID"); pid == "0" || sh(t, "stat", "-c", "%U", "/proc/"+pid) != "toshy-daemon" {
		t.Errorf("process %s is not of the user toshy-daemon", pid)
	}
	k.works() // no user has an agent, so no keyboard is grabbed

	alice := sitsDown(t, "alice", 2)
	alice.configures("f1", "F2")
	alice.comes()
	alice.starts("toshy-agent.service")
	out := virtual(t)
	k.becomesSoon(out, "f1", "f2")
	if alice.command("test", "-r", k.path).Run() == nil || alice.command("test", "-w", "/dev/uinput").Run() == nil {
		t.Error("alice's programs may read the keyboard, or type")
	}
	alice.finds(0, "the system's daemon runs", "toshy-agent.service runs", "and has "+k.name)

	alice.configures("f1", "F3")
	sh(t, "systemctl", "reload", "toshy-daemon.service")
	k.becomesSoon(out, "f1", "f3")

	aliceIsAway(t, alice, k, out)
	if text, err := alice.command("toshy", "pause").CombinedOutput(); err == nil || !strings.Contains(string(text), "active session") {
		t.Errorf("the daemon accepts alice's command while bob is at the seat: %v %s", err, text)
	}
	alice.comes()
	k.becomesSoon(out, "f1", "f3")

	sh(t, "systemctl", "restart", "toshy-daemon.service")
	out = virtual(t)
	k.becomesSoon(out, "f1", "f3")

	// A daemon that a busy machine does not let run for some seconds does not hang.
	systemctlKill := func(signal string) { sh(t, "systemctl", "kill", "--signal="+signal, "toshy-daemon.service") }
	systemctlKill("STOP")
	began := time.Now()
	eventually(t, "12 s pass", func() bool { return time.Since(began) > 12*time.Second })
	systemctlKill("CONT")
	k.becomesSoon(out, "f1", "f3")
	if n := unitProperty(t, "NRestarts"); n != "0" {
		t.Errorf("systemd restarted a daemon that did not hang: %s times", n)
	}

	// A daemon that hangs does not answer systemd's watchdog, so systemd kills and restarts it.
	pid := unitProperty(t, "MainPID")
	systemctlKill("STOP")
	eventually(t, "systemd ends it", func() bool { return !exists("/proc/" + pid) })
	out.gone()
	out = virtual(t)
	k.becomesSoon(out, "f1", "f3")
	if n := unitProperty(t, "NRestarts"); n != "1" {
		t.Errorf("systemd restarted the daemon %s times", n)
	}

	sh(t, "systemctl", "stop", "toshy-daemon.service")
	k.freeSoon()
	k.works()
	if got := unitProperty(t, "Result"); got != "success" {
		t.Errorf("stopped with %s", got)
	}
	alice.finds(3, "no permission to write /dev/uinput", "to do: sudo systemctl enable --now toshy-daemon")
}

// finds checks that the person's toshy doctor says all of this, ends with this status, and never advises the other way of running
// toshy.
func (p *person) finds(status int, says ...string) {
	p.t.Helper()
	c := p.command("toshy", "doctor")
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		p.t.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != status {
		p.t.Errorf("toshy doctor: exit status %d, want %d", got, status)
	}
	for _, s := range says {
		if !strings.Contains(string(out), s) {
			p.t.Errorf("toshy doctor does not say %q", s)
		}
	}
	for _, s := range []string{"toshy setup", "enable --now toshy\n"} {
		if strings.Contains(string(out), s) {
			p.t.Errorf("toshy doctor says %q", s)
		}
	}
	if p.t.Failed() {
		p.t.Logf("%s", out)
	}
}
