//go:build vm

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keycheck reads the keyboard itself, or asks the daemon that has it. The rule that it writes takes effect.
func TestKeycheck(t *testing.T) {
	k := plugUSB(t)
	check := func(path string) *remapper {
		r := launchCmd(t, exec.Command("/bin/toshy", "keycheck", "--write", "--config", path))
		r.logs("to the left of the space bar", 1)
		return r
	}
	config := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	// A keyboard with the layout of a Mac's keys, whatever its name is.
	path := config("apple.toml", "extends = \"mac\"\n")
	r := check(path)
	k.types("+a -a +leftmeta +leftshift -leftshift -leftmeta")
	r.logs("to the left of that one", 1)
	k.types("+leftalt +leftshift -leftshift -leftalt")
	if status := r.ends(); status != 0 || !strings.Contains(r.log.String(), "has the type apple") {
		t.Errorf("status %d: %s", status, r.log.String())
	}
	if strings.Contains(r.log.String(), " a, on") {
		t.Errorf("it shows what was typed: %s", r.log.String())
	}
	k.free()
	out, err := exec.Command("/bin/toshy", "devices", "--config", path).CombinedOutput()
	must(t, err)
	if !strings.Contains(string(out), "apple") {
		t.Errorf("the rule has no effect:\n%s", out)
	}

	daemon, _ := served(t, "extends = \"mac\"\n", k)
	r = check(config("windows.toml", "extends = \"mac\"\n"))
	k.types("+leftalt +leftshift -leftshift -leftalt")
	r.logs("to the left of that one", 1)
	k.types("+leftmeta +leftshift -leftshift -leftmeta")
	if status := r.ends(); status != 0 || !strings.Contains(r.log.String(), "has the type windows") || !strings.Contains(r.log.String(), "already") {
		t.Errorf("with a daemon: status %d: %s", status, r.log.String())
	}
	daemon.stop()
}
