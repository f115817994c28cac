//go:build vm && systemd

package e2e

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

// toshy setup on a machine without a package, from the archive of a release: what it installs, and that all of it is removed.
func TestSystemdSetup(t *testing.T) {
	k := pcKeyboard(t)
	if exists("/usr/bin/toshy") {
		sh(t, "dpkg", "--purge", "toshy")
	}
	uinput, before := mode(t, "/dev/uinput"), everything(t)
	dir := t.TempDir()
	sh(t, "tar", "-xzf", "/root/toshy.tar.gz", "--strip-components=1", "-C", dir)
	sh(t, dir+"/usr/bin/toshy", "setup", "--system", "--yes")
	for _, path := range []string{
		"/usr/local/bin/toshy", "/usr/local/bin/toshy-ui", "/usr/local/share/man/man1/toshy-keys.1", "/usr/local/share/man/man5/toshy.5",
		"/usr/local/share/bash-completion/completions/toshy", "/usr/local/share/zsh/site-functions/_toshy",
		"/usr/local/share/fish/vendor_completions.d/toshy.fish", "/usr/local/share/doc/toshy/README.md",
		"/usr/local/share/doc/toshy/docs/START.md", "/usr/local/share/doc/toshy/docs/tutorial.toml",
		"/usr/local/share/doc/toshy/docs/recipes/hyper.toml", "/usr/local/share/doc/toshy/builtin/mac/terminals.toml",
		"/usr/local/share/icons/hicolor/scalable/apps/toshy.svg", "/etc/systemd/system/toshy-daemon.service",
	} {
		if !exists(path) {
			t.Errorf("%s is missing", path)
		}
	}
	alice := sitsDown(t, "alice", 2)
	alice.configures("f1", "F2")
	alice.comes()
	alice.starts("toshy-agent.service")
	out := virtual(t)
	k.becomesSoon(out, "f1", "f2")

	// The installed program can install itself again, without the folder from which it came.
	must(t, os.RemoveAll(dir))
	sh(t, "/usr/local/bin/toshy", "setup", "--system", "--yes")
	if !exists("/usr/local/share/doc/toshy/docs/START.md") {
		t.Error("a second setup removed the documents")
	}

	alice.runs("systemctl", "--user", "disable", "--now", "toshy-agent")
	sh(t, "/usr/local/bin/toshy", "setup", "--remove", "--yes")
	k.freeSoon()
	k.works()
	after := everything(t)
	for _, path := range after {
		if _, found := slices.BinarySearch(before, path); !found && !empty(path) {
			t.Errorf("left behind: %s", path)
		}
	}
	if got := mode(t, "/dev/uinput"); got != uinput {
		t.Errorf("/dev/uinput was %s and is %s", uinput, got)
	}
	if err := exec.Command("getent", "group", "toshy-input").Run(); err == nil {
		t.Error("a group is left")
	}
}
