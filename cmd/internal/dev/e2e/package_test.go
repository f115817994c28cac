//go:build vm && systemd

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSystemdPackage(t *testing.T) {
	installed(t)
	if got := mode(t, "/dev/uinput"); got != "root:toshy-input 0660" {
		t.Errorf("/dev/uinput is %s", got)
	}
	groups, err := os.ReadFile("/etc/group")
	must(t, err)
	for line := range strings.Lines(string(groups)) {
		if strings.HasPrefix(line, "input:") || strings.HasPrefix(line, "toshy-input:") {
			if members := strings.TrimSpace(line[strings.LastIndex(line, ":")+1:]); members != "" {
				t.Errorf("somebody is in a group: %s", line)
			}
		}
	}
	for _, unit := range []string{"toshy.service", "toshy-agent.service"} {
		out, _ := exec.Command("systemctl", "--global", "is-enabled", unit).Output()
		if got := strings.TrimSpace(string(out)); got != "disabled" {
			t.Errorf("%s is %s for every user: installing takes nobody's keyboard", unit, got)
		}
	}
	for unit, manager := range map[string]string{"toshy-daemon.service": "--system", "toshy.service": "--user", "toshy-agent.service": "--user"} {
		c := exec.Command("systemd-analyze", "verify", "--man=no", manager, unit)
		c.Env = append(os.Environ(), "XDG_RUNTIME_DIR=/run")
		if out, err := c.CombinedOutput(); err != nil || strings.Contains(string(out), "toshy") {
			t.Errorf("systemd-analyze verify %s: %v\n%s", unit, err, out)
		}
	}
	score := sh(t, "systemd-analyze", "security", "--no-pager", "--threshold=6", "toshy-daemon.service")
	t.Log(sh(t, "systemctl", "--version"))
	t.Log(strings.TrimSpace(score[strings.LastIndex(score, "\n")+1:]))
	sh(t, "udevadm", "verify", "/usr/lib/udev/rules.d/60-toshy-daemon.rules", "/usr/share/toshy/70-toshy.rules")
}

// A removed package leaves nothing that runs, a purged one no file. The keyboard works as before.
func TestSystemdPurge(t *testing.T) {
	k := pcKeyboard(t)
	if exists("/usr/bin/toshy") {
		sh(t, "dpkg", "--purge", "toshy")
	}
	uinput, before := mode(t, "/dev/uinput"), everything(t)
	installed(t)
	if unit := "/etc/systemd/system/multi-user.target.wants/toshy-daemon.service"; !exists(unit) {
		t.Errorf("no %s: the presets enable what is installed", unit)
	}
	sh(t, "systemctl", "--global", "enable", "toshy-agent.service")
	sh(t, "apt-get", "purge", "--yes", "toshy")
	after := everything(t)
	for _, path := range after {
		if _, found := slices.BinarySearch(before, path); !found && !empty(path) {
			t.Errorf("left behind: %s", path)
		}
	}
	for _, path := range before {
		if _, found := slices.BinarySearch(after, path); !found {
			t.Errorf("gone: %s", path)
		}
	}
	if got := mode(t, "/dev/uinput"); got != uinput {
		t.Errorf("/dev/uinput was %s and is %s", uinput, got)
	}
	if out, err := exec.Command("getent", "group", "toshy-input").Output(); err == nil {
		t.Errorf("a group is left: %s", out)
	}
	if out, _ := exec.Command("systemctl", "list-units", "--all", "--no-legend", "toshy*").Output(); strings.Contains(string(out), "toshy-daemon") {
		t.Errorf("units are left: %s", out)
	}
	k.freeSoon()
	k.works()
}

// empty says whether a folder that systemd creates for units has no file, and can be ignored.
func empty(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && len(entries) == 0 && strings.HasPrefix(path, "/etc/systemd/") && filepath.Ext(path) == ".wants"
}
