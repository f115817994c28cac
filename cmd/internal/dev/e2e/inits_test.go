//go:build vm && systemd

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The services for OpenRC, runit and s6 in docs/SERVICE.md: the test takes files, commands and removal from its text. Their
// supervisors run next to the machine's systemd, which neither starts nor stops toshy here.

// serviceText is docs/SERVICE.md.
const serviceText = "/root/SERVICE.md"

// manual is the set of instructions in one part of docs/SERVICE.md.
type manual struct {
	files    map[string]string // content by path
	commands string
}

// backticked is a path in a text.
var backticked = regexp.MustCompile("`(/[^`]+)`")

// part reads what is below a heading, up to the next one. A block that begins with #! is the file that the line before it names first.
// Any other block is a list of commands.
func part(t testing.TB, heading string) *manual {
	t.Helper()
	text, err := os.ReadFile(serviceText)
	must(t, err)
	_, rest, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("docs/SERVICE.md has no part %q", heading)
	}
	m := &manual{files: map[string]string{}}
	said, file, inside := "", "", false
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "#") {
			break
		}
		code, indented := strings.CutPrefix(line, "    ")
		if inside && strings.TrimSpace(line) == "" {
			code, indented = line, true
		}
		switch {
		case !indented:
			if inside = false; strings.TrimSpace(line) != "" {
				said = line
			}
			continue
		case !inside && strings.HasPrefix(code, "#!"):
			path := backticked.FindStringSubmatch(said)
			if path == nil || !strings.Contains(said, ", executable") {
				t.Fatalf("docs/SERVICE.md, %s: no name of an executable file in %q", heading, said)
			}
			file = path[1]
		case !inside:
			file = ""
		}
		inside = true
		if file != "" {
			m.files[file] += code
		} else {
			m.commands += code
		}
	}
	if m.commands == "" {
		t.Fatalf("docs/SERVICE.md, %s: no commands", heading)
	}
	return m
}

// An initSystem is an init for which docs/SERVICE.md has a service.
type initSystem struct {
	t    testing.TB
	name string // its name in the document
	log  string // path
}

// follow runs commands from the document as root. Each of them must succeed.
func follow(t testing.TB, commands string) {
	t.Helper()
	// The commands ask no questions, and systemd does not start services here.
	script := `set -e
sudo() { "$@"; }
toshy() {
	case "$*" in
	*--remove*) /usr/local/bin/toshy "$@" --yes ;;
	*) /tmp/toshy/usr/bin/toshy "$@" --yes --init other ;;
	esac
}
` + strings.ReplaceAll(commands, "; ", "\n")
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("docs/SERVICE.md: %v\n%s\n%s", err, commands, out)
	}
}

// removal returns the document's instructions for this init or, with "", for all.
func removal(t testing.TB, name string) string {
	t.Helper()
	var commands strings.Builder
	for line := range strings.Lines(part(t, "### Removing it").commands) {
		if _, init, _ := strings.Cut(line, "#"); strings.TrimSpace(init) == name {
			commands.WriteString(line)
		}
	}
	if commands.Len() == 0 {
		t.Fatalf("docs/SERVICE.md does not say how to remove the service of %q", name)
	}
	return commands.String()
}

// daemonWord precedes a user's name in the document, for systems without logind.
var daemonWord = regexp.MustCompile(`(?m)(^command_args="|/toshy )daemon`)

// starts follows the document, with the service for alice.
func (s *initSystem) starts() {
	s.t.Helper()
	m := part(s.t, "#### "+s.name)
	named := 0
	for path, text := range m.files {
		changed := daemonWord.ReplaceAllString(text, "${0} --user alice")
		if changed != text {
			named++
		}
		write(s.t, path, changed)
		must(s.t, os.Chmod(path, 0o755))
	}
	if named != 1 {
		s.t.Fatalf("%d files for %s start the daemon", named, s.name)
	}
	follow(s.t, m.commands)
}

// serves starts the document's service, uses it, kills it and removes it.
func (s *initSystem) serves() {
	t := s.t
	t.Helper()
	k := pcKeyboard(t)
	s.starts()
	out := virtual(t)
	pid := daemonProcess(t, 0)
	if got := rights(t, pid); got != "toshy: input toshy toshy-input" {
		t.Errorf("the daemon's user and groups are %s", got)
	}
	if limits := read(t, fmt.Sprintf("/proc/%d/limits", pid)); !regexp.MustCompile(`Max core file size +0 `).MatchString(limits) {
		t.Errorf("a core of the daemon would be written:\n%s", limits)
	}
	k.works() // no user has an agent, so no keyboard is grabbed
	agent := aliceAgent(t)
	k.becomesSoon(out, "f1", "f2")

	must(t, syscall.Kill(pid, syscall.SIGKILL))
	out.gone()
	agent.kill()
	out = virtual(t)
	daemonProcess(t, pid)
	aliceAgent(t)
	k.becomesSoon(out, "f1", "f2")

	const canary = "zqxjkvwy"
	for _, c := range canary {
		k.types(fmt.Sprintf("+%c -%c", c, c))
	}
	must(t, out.skipTo("-y", deadline()))
	if got := mode(t, "/run/toshy"); !strings.HasPrefix(got, "toshy:") || !strings.HasSuffix(got, " 0755") {
		t.Errorf("/run/toshy is %s", got)
	}
	s.tellsNothing(canary)

	// Stopped properly: keys that are down go up before the virtual keyboard disappears.
	k.types("+f1")
	out.expect("+f2")
	ended := out.ending()
	follow(t, removal(t, s.name))
	ended()
	k.types("-f1")
	k.freeSoon()
	k.works()
}

// aliceAgent starts alice's agent, outside of any session that logind knows.
func aliceAgent(t testing.TB) *remapper {
	t.Helper()
	alice := &person{t: t, name: "alice", uid: 1000, gid: 1000}
	c := alice.command("/usr/local/bin/toshy", "agent")
	c.Env = append(c.Env, "XDG_STATE_HOME=/home/alice/.local/state")
	return launchCmd(t, c)
}

// tellsNothing checks that the log contains both starts of the daemon and nothing that was typed, and that only the daemon's user can
// read it.
func (s *initSystem) tellsNothing(typed string) {
	t := s.t
	t.Helper()
	var text string
	eventually(t, s.log+" has two starts", func() bool {
		b, _ := os.ReadFile(s.log)
		text = strings.ToLower(string(b))
		return strings.Count(text, "toshy starts") == 2
	})
	letters := strings.Split(typed, "")
	for _, separator := range []string{"", " ", ", ", "\n"} {
		if strings.Contains(text, strings.Join(letters, separator)) {
			t.Error("the log shows what was typed")
		}
	}
	for _, key := range []string{"key_", `"z"`, `"f1"`, `"f2"`} {
		if strings.Contains(text, key) {
			t.Errorf("the log names a key: %s", key)
		}
	}
	file, want := s.log, " 0600"
	if dir := filepath.Dir(s.log); dir != "/var/log" {
		file, want = dir, " 0700"
	}
	if got := mode(t, file); !strings.HasPrefix(got, "toshy:") || !strings.HasSuffix(got, want) {
		t.Errorf("%s is %s", file, got)
	}
	if t.Failed() {
		t.Logf("%s:\n%s", s.log, text)
	}
}

// supervises runs the program that starts services, until the test ends.
func supervises(t testing.TB, end syscall.Signal, command ...string) {
	t.Helper()
	s := launch(t, command...)
	t.Cleanup(func() {
		s.signal(end)
		s.ends()
	})
}

// folder creates a folder that is removed at the end of the test.
func folder(t testing.TB, path string) {
	t.Helper()
	must(t, os.MkdirAll(path, 0o755))
	t.Cleanup(func() { must(t, os.RemoveAll(path)) })
}

func TestInitServices(t *testing.T) {
	if exists("/usr/bin/toshy") {
		sh(t, "dpkg", "--purge", "toshy")
	}
	sh(t, "dpkg-deb", "-x", deb, "/tmp/toshy")
	(&person{t: t, name: "alice"}).configures("f1", "F2")
	for _, path := range []string{"/etc/sv", "/var/service", "/etc/s6", "/run/service", "/run/openrc"} {
		folder(t, path)
	}
	// OpenRC's own boot creates these, and its distribution has a service for udev, which runs here.
	for _, state := range []string{"exclusive", "starting", "started", "stopping", "inactive", "wasinactive", "failed", "daemons", "options", "tmp"} {
		folder(t, "/run/openrc/"+state)
	}
	write(t, "/run/openrc/softlevel", "default\n")
	write(t, "/etc/init.d/udev", "#!/sbin/openrc-run\nstart() { :; }\n")
	t.Cleanup(func() { must(t, os.Remove("/etc/init.d/udev")) })
	must(t, os.Chmod("/etc/init.d/udev", 0o755))

	before, groups, uinput := everything(t), read(t, "/etc/group"), mode(t, "/dev/uinput")
	follow(t, part(t, "### Daemon and agents").commands)
	t.Run("OpenRC", func(t *testing.T) { (&initSystem{t, "OpenRC", "/var/log/toshy.log"}).serves() })
	t.Run("runit", func(t *testing.T) {
		supervises(t, syscall.SIGHUP, "runsvdir", "/var/service")
		(&initSystem{t, "runit", "/var/log/toshy/current"}).serves()
	})
	t.Run("s6", func(t *testing.T) {
		supervises(t, syscall.SIGTERM, "s6-svscan", "/run/service")
		(&initSystem{t, "s6", "/var/log/toshy/current"}).serves()
	})
	follow(t, removal(t, ""))
	after := everything(t)
	for _, path := range slices.Concat(before, after) {
		_, old := slices.BinarySearch(before, path)
		_, now := slices.BinarySearch(after, path)
		if old != now {
			t.Errorf("%s was there: %v, and is: %v", path, old, now)
		}
	}
	for _, path := range []string{"/run/toshy", "/var/log/toshy", "/var/log/toshy.log"} {
		if exists(path) {
			t.Errorf("left behind: %s", path)
		}
	}
	if got := mode(t, "/dev/uinput"); got != uinput {
		t.Errorf("/dev/uinput was %s and is %s", uinput, got)
	}
	if got := read(t, "/etc/group"); got != groups {
		t.Errorf("groups were\n%s and are\n%s", groups, got)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// daemonProcess returns the process of the daemon, different from the one before.
func daemonProcess(t testing.TB, before int) (pid int) {
	t.Helper()
	eventually(t, "the daemon runs", func() bool {
		paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range paths {
			line, _ := os.ReadFile(path)
			if !bytes.HasPrefix(line, []byte("/usr/local/bin/toshy\x00daemon\x00")) {
				continue
			}
			if n, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil && n != before {
				pid = n
				return true
			}
		}
		return false
	})
	return pid
}

// rights returns the user and the groups of a process, by name and in order.
func rights(t testing.TB, pid int) string {
	t.Helper()
	var owner string
	var groups []string
	for line := range strings.Lines(read(t, fmt.Sprintf("/proc/%d/status", pid))) {
		words := strings.Fields(line)
		switch words[0] {
		case "Uid:":
			u, err := user.LookupId(words[1])
			must(t, err)
			owner = u.Username
			if len(slices.Compact(words[1:])) != 1 {
				t.Errorf("the daemon may become another user: %s", line)
			}
		case "Gid:", "Groups:":
			for _, id := range words[1:] {
				g, err := user.LookupGroupId(id)
				must(t, err)
				groups = append(groups, g.Name)
			}
		}
	}
	slices.Sort(groups)
	return owner + ": " + strings.Join(slices.Compact(groups), " ")
}
