//go:build vm && systemd

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// This follows docs/START.md like a person who has never seen toshy: its commands and its file are taken from its text.

// startText is docs/START.md.
const startText = "/root/START.md"

var (
	tomlBlock = regexp.MustCompile("(?s)```toml\n(.*?)```")
	fileInTab = regexp.MustCompile("`~/([^`]+)`:")
)

// chapter returns one part of the document, up to the next heading, without the blocks that are files.
func chapter(t testing.TB, heading string) (text string, commands []string) {
	t.Helper()
	all, err := os.ReadFile(startText)
	must(t, err)
	_, rest, found := strings.Cut(string(all), "\n## "+heading)
	if !found {
		t.Fatalf("docs/START.md has no part %q", heading)
	}
	text, _, _ = strings.Cut(rest, "\n## ")
	for line := range strings.Lines(tomlBlock.ReplaceAllString(text, "")) {
		if c, ok := strings.CutPrefix(line, "    "); ok {
			commands = append(commands, strings.TrimSpace(c))
		}
	}
	return text, commands
}

// follows runs the commands of a part in order, those with sudo as root, and returns what each prints.
func (p *person) follows(heading string) map[string]string {
	p.t.Helper()
	_, commands := chapter(p.t, heading)
	if len(commands) == 0 {
		p.t.Fatalf("docs/START.md, %s: no commands", heading)
	}
	said := map[string]string{}
	for _, c := range commands {
		if asRoot, ok := strings.CutPrefix(c, "sudo "); ok {
			root := exec.Command("sh", "-c", "yes | "+asRoot)
			root.Dir = "/home/" + p.name
			root.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
			out, err := root.CombinedOutput()
			if err != nil {
				p.t.Fatalf("%s: %v\n%s", c, err, out)
			}
			said[c] = string(out)
			continue
		}
		if strings.HasSuffix(c, " --press") {
			continue // the test presses something
		}
		said[c] = p.runs("sh", "-c", "cd && "+c)
	}
	return said
}

func TestSystemdStart(t *testing.T) {
	sh(t, "dpkg", "--purge", "toshy")
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := exec.Command("journalctl", "--no-pager", "-n", "60").CombinedOutput()
			t.Logf("the journal:\n%s", out)
		}
	})
	k := pcKeyboard(t)
	alice := sitsDown(t, "alice", 2)
	alice.comes()
	home := "/home/alice"
	must(t, os.RemoveAll(filepath.Join(home, ".config")))
	uinput, before := mode(t, "/dev/uinput"), everything(t)

	// Install.
	sh(t, "cp", deb, home+"/toshy_1.0_amd64.deb")
	t.Cleanup(func() { must(t, os.Remove(home+"/toshy_1.0_amd64.deb")) })
	alice.follows("2. Install")
	out := virtual(t)
	k.becomesSoon(out, "leftalt", "rightctrl")
	said := alice.follows("3. Check")
	if !strings.Contains(said["toshy status"], k.name) {
		t.Errorf("status does not name the keyboard:\n%s", said["toshy status"])
	}

	// The emergency exit that the document names, and the way back.
	chord := "+backspace +esc +enter -enter -esc -backspace"
	k.types(chord)
	k.freeSoon()
	k.types(chord)
	k.becomesSoon(out, "leftalt", "rightctrl")

	// The first rules.
	text, _ := chapter(t, "4. Your first rules")
	file, rules := fileInTab.FindStringSubmatch(text), tomlBlock.FindStringSubmatch(text)
	if file == nil || rules == nil {
		t.Fatal("docs/START.md, 4: no file")
	}
	path := filepath.Join(home, file[1])
	put := func(rules string) {
		write(t, path, rules)
		sh(t, "chown", "-R", "alice:", home)
	}
	put(rules[1])
	k.becomesSoon(out, "capslock", "esc")
	alice.follows("4. Your first rules")

	// If the file contains a mistake, the old rules stay, and check shows the line.
	put(strings.Replace(rules[1], `"Esc"`, `"Escpae"`, 1))
	c := alice.command("toshy", "check")
	if found, err := c.CombinedOutput(); err == nil || !strings.Contains(string(found), path+":4:") {
		t.Errorf("check shows no line: %v\n%s", err, found)
	}
	k.becomesSoon(out, "capslock", "esc")
	put(rules[1])

	// The name of a key, and why a shortcut does not work.
	said = alice.follows("5. What is this key called?")
	if !strings.Contains(said["toshy keys vol"], "volumeup") {
		t.Errorf("keys: %q", said)
	}
	alice.presses(k, out, "+leftmeta -leftmeta", "KEY_LEFTMETA", "toshy", "keys", "--press")
	for c, says := range alice.follows("6. Why does my shortcut not work?") {
		if !strings.Contains(says, "[keymap.mine] "+path) {
			t.Errorf("%s does not name the rule:\n%s", c, says)
		}
	}
	alice.presses(k, out, "+leftalt +k -k -leftalt", "LeftAlt-K", "toshy", "explain", "--press")

	// Undo everything.
	alice.follows("Undo everything")
	k.freeSoon()
	k.works()
	for _, left := range everything(t) {
		if _, found := slices.BinarySearch(before, left); !found && !empty(left) {
			t.Errorf("left behind: %s", left)
		}
	}
	for _, left := range []string{".config/toshy", ".local/state/toshy"} {
		if exists(filepath.Join(home, left)) {
			t.Errorf("left behind: ~/%s", left)
		}
	}
	if got := mode(t, "/dev/uinput"); got != uinput {
		t.Errorf("/dev/uinput was %s and is %s", uinput, got)
	}
}

// presses runs a command that waits for keys, presses them until it has shown their names, and interrupts it.
func (p *person) presses(k *keyboard, out *device, keys, shows string, name string, args ...string) {
	p.t.Helper()
	c := p.command(name, args...)
	text, err := os.CreateTemp(p.t.TempDir(), "said")
	must(p.t, err)
	c.Stdout, c.Stderr = text, text
	must(p.t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	says := func(what string) bool {
		said, err := os.ReadFile(text.Name())
		return err == nil && strings.Contains(string(said), what)
	}
	// If keys are typed before the command listens, it may get only a part of them: a combo without its modifier.
	eventually(p.t, name+" asks for keys", func() bool { return says("Press ") })
	var typed time.Time
	eventually(p.t, fmt.Sprintf("%s %s shows %s", name, strings.Join(args, " "), shows), func() bool {
		if time.Since(typed) > 10*time.Second {
			k.types(keys)
			typed = time.Now()
		}
		return says(shows)
	})
	_ = c.Process.Signal(syscall.SIGINT)
	select {
	case <-ended:
	case <-time.After(patience):
		p.t.Errorf("%s does not end", name)
		_ = c.Process.Kill()
	}
	k.through(out)
}
