//go:build vm && systemd

package e2e

import (
	"os"
	"strings"
	"testing"
)

// openToUser activates 70-toshy.rules, like an administrator who wants a single process.
func openToUser(t testing.TB) {
	t.Helper()
	const target = "/etc/udev/rules.d/70-toshy.rules"
	rules, err := os.ReadFile("/usr/share/toshy/70-toshy.rules")
	must(t, err)
	write(t, target, string(rules))
	refresh := func() {
		sh(t, "udevadm", "control", "--reload")
		sh(t, "udevadm", "trigger", "--action=change", "--subsystem-match=input", "--subsystem-match=misc")
		sh(t, "udevadm", "settle")
	}
	refresh()
	t.Cleanup(func() {
		must(t, os.Remove(target))
		refresh()
	})
}

// toshy run as a user's service, with the session, the permissions and the lock of a real logind.
func TestSystemdSingleProcess(t *testing.T) {
	installed(t)
	sh(t, "systemctl", "stop", "toshy-daemon.service") // a newly installed package starts it
	openToUser(t)
	k := pcKeyboard(t)
	alice := sitsDown(t, "alice", 2)
	alice.configures("f1", "F2")
	alice.comes()
	alice.starts("toshy.service")
	out := virtual(t)
	k.becomesSoon(out, "f1", "f2")

	alice.configures("f1", "F3")
	alice.runs("systemctl", "--user", "reload", "toshy.service")
	k.becomesSoon(out, "f1", "f3")

	bob := aliceIsAway(t, alice, k, out)
	if out, err := bob.command("test", "-r", k.path).CombinedOutput(); err != nil {
		t.Errorf("bob is at the seat and may not read his keyboard: %s", out)
	}
	if alice.command("test", "-r", k.path).Run() == nil {
		t.Error("alice may read the keyboard that bob types on")
	}
	alice.comes()
	if got := activeTerminal(t); got != alice.vt {
		t.Errorf("terminal %d is active", got)
	}
	k.becomesSoon(out, "f1", "f3")

	alice.runs("systemctl", "--user", "kill", "--signal=KILL", "toshy.service")
	out.gone()
	out = virtual(t)
	k.becomesSoon(out, "f1", "f3")

	alice.runs("systemctl", "--user", "stop", "toshy.service")
	k.freeSoon()
	if got := alice.runs("systemctl", "--user", "show", "-p", "Result", "--value", "toshy.service"); strings.TrimSpace(got) != "success" {
		t.Errorf("stopped with %s", got)
	}
}
