//go:build vm && systemd

package e2e

import (
	"os"
	"strings"
	"testing"
)

// With [daemon] console = true, the system's configuration maps text consoles, as keyd does: the login prompt, and the session of a
// user without an agent. A user's agent has priority, and meanwhile only root may use commands.
func TestSystemdConsole(t *testing.T) {
	installed(t)
	const system = "/etc/toshy/config.toml"
	configure := func(console string) {
		write(t, system, "extends = \"none\"\n[daemon]\nconsole = "+console+"\n[keymap.all]\nkeys.F1 = \"F2\"\n")
		sh(t, "systemctl", "reload", "toshy-daemon.service")
	}
	sh(t, "systemctl", "reset-failed", "toshy-daemon.service")
	sh(t, "systemctl", "restart", "toshy-daemon.service")
	t.Cleanup(func() {
		must(t, os.Remove(system))
		sh(t, "systemctl", "stop", "toshy-daemon.service")
	})
	k := pcKeyboard(t)
	alice := sitsDown(t, "alice", 2)
	alice.configures("f1", "F3")
	alice.comes()
	k.freeSoon() // a console is not mapped unless the administrator says so

	configure("true")
	out := virtual(t)
	k.becomesSoon(out, "f1", "f2")
	if text, err := alice.command("toshy", "status").CombinedOutput(); err == nil || !strings.Contains(string(text), "only root may ask") {
		t.Errorf("alice may ask the daemon on a console: %v %s", err, text)
	}
	if text := sh(t, "toshy", "status"); !strings.Contains(text, system) {
		t.Errorf("root's status does not name the configuration:\n%s", text)
	}

	alice.starts("toshy-agent.service")
	out = virtual(t)
	k.becomesSoon(out, "f1", "f3")
	alice.runs("systemctl", "--user", "stop", "toshy-agent.service")
	k.becomesSoon(out, "f1", "f2")

	// The login prompt of a console.
	sh(t, "systemctl", "start", "getty@tty5.service")
	t.Cleanup(func() { sh(t, "systemctl", "stop", "getty@tty5.service") })
	showTerminal(t, 5)
	eventually(t, "nobody is logged in on the terminal that is shown", func() bool {
		return sh(t, "loginctl", "show-seat", "seat0", "-p", "ActiveSession", "--value") == ""
	})
	k.becomesSoon(out, "f1", "f2")
	alice.comes()
	k.becomesSoon(out, "f1", "f2")

	configure("false")
	k.freeSoon()
	k.works()
}
