//go:build vm && systemd

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// remark is a comment next to a command in INSTALL.md.
var remark = regexp.MustCompile(`\s{2,}\((.*)\)$`)

// The tarball of a release is installed and removed with the commands in its INSTALL.md.
func TestSystemdTarball(t *testing.T) {
	k := pcKeyboard(t)
	if exists("/usr/bin/toshy") {
		sh(t, "dpkg", "--purge", "toshy")
	}
	uinput, before := mode(t, "/dev/uinput"), everything(t)
	dir := t.TempDir()
	sh(t, "tar", "-xzf", "/root/toshy.tar.gz", "--strip-components=1", "-C", dir)
	text, err := os.ReadFile(filepath.Join(dir, "INSTALL.md"))
	must(t, err)
	install, remove, found := strings.Cut(string(text), "To remove toshy:")
	if !found {
		t.Fatalf("INSTALL.md does not say how to remove toshy:\n%s", text)
	}
	alice := sitsDown(t, "alice", 2)
	alice.comes()
	must(t, os.RemoveAll("/home/alice/.config"))
	follow := func(text string) {
		t.Helper()
		for line := range strings.Lines(text) {
			command, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
			if !ok {
				continue
			}
			where := remark.FindString(command)
			command = strings.TrimSuffix(command, where)
			if strings.HasPrefix(command, "systemctl --user ") {
				alice.runs("sh", "-c", command)
				continue
			}
			root := exec.Command("bash", "-ec", command)
			if root.Dir = dir; strings.Contains(where, "in /)") {
				root.Dir = "/"
			}
			if out, err := root.CombinedOutput(); err != nil || strings.Contains(strings.ToLower(string(out)), "no such file") {
				t.Fatalf("%s: %v\n%s", command, err, out)
			}
		}
	}
	follow(install)
	out := virtual(t)
	k.becomesSoon(out, "leftalt", "rightctrl")

	follow(remove)
	k.freeSoon()
	k.works()
	for _, path := range everything(t) { // folders that programs share, such as the one for icons, may stay
		info, err := os.Lstat(path)
		if _, found := slices.BinarySearch(before, path); !found && err == nil && (!info.IsDir() || strings.Contains(path, "toshy")) {
			t.Errorf("left behind: %s", path)
		}
	}
	if got := mode(t, "/dev/uinput"); got != uinput {
		t.Errorf("/dev/uinput was %s and is %s", uinput, got)
	}
	for _, database := range []string{"passwd", "group"} {
		if out, err := exec.Command("getent", database, "toshy-daemon", "toshy-input").Output(); err == nil || len(out) > 0 {
			t.Errorf("left behind in %s: %s", database, out)
		}
	}
}
