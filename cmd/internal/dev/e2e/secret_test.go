//go:build vm

package e2e

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
)

// Nothing reveals what was typed.

// canaries are typed in two runs that are otherwise the same. What toshy reports about the runs must not differ, and a search for
// either canary finds nothing. They have the same number of letters, each of them once.
var canaries = []string{"zqxjkvbpyw", "fhgcmlnrtd"}

// spellings are the forms in which a text could be stored.
func spellings(t testing.TB, text string) (list []*regexp.Regexp) {
	var names, codes []string
	var raw []byte
	for _, r := range text {
		names = append(names, string(r))
		c := code(t, string(r))
		codes = append(codes, fmt.Sprint(uint16(c)))
		raw = binary.LittleEndian.AppendUint16(raw, uint16(c))
	}
	for _, part := range [][]string{names[:4], codes[:4]} {
		list = append(list, regexp.MustCompile(`(?i)\b(?:key_)?`+strings.Join(part, `(?:\W|key|down|up|_)+`)+`\b`))
	}
	return append(list, regexp.MustCompile(`(?i)`+text[:5]), regexp.MustCompile(regexp.QuoteMeta(string(raw[:8]))))
}

// searched searches for the canaries.
func searched(t testing.TB, what string, data []byte) {
	t.Helper()
	for _, c := range canaries {
		for _, s := range spellings(t, c) {
			if at := s.FindIndex(data); at != nil {
				t.Errorf("%s reveals what was typed: %q", what, data[at[0]:at[1]])
			}
		}
	}
}

func TestCanary(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("HOME", dir)
	var told [2]map[string]string
	for i, canary := range canaries {
		told[i] = typeCanary(t, canary)
	}
	for what, text := range told[0] {
		if other := told[1][what]; text != other {
			t.Errorf("%s depends on what is typed:\n%s\n---\n%s", what, text, other)
		}
	}
	self, err := os.Executable()
	must(t, err)
	sources, err := os.Getwd()
	must(t, err)
	for _, root := range []string{dir, "/tmp", "/run", "/var", "/root", "/etc", "/home"} {
		_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && path == sources { // they contain the canaries
				return fs.SkipDir
			}
			if err == nil && e.Type().IsRegular() && path != self {
				data, err := os.ReadFile(path)
				must(t, err)
				searched(t, path, data)
			}
			return nil
		})
	}
}

// typeCanary types a text through a toshy and returns everything that can be read from it.
func typeCanary(t *testing.T, canary string) map[string]string {
	k := newSoftKeyboard(t, "e2e keyboard for secrets")
	known := nodes()
	cmd := exec.Command("/bin/toshy", "run") // logs at its default level; other levels log more or less
	r := &toshy{remapper: launchCmd(t, cmd)}
	defer r.kill()
	defer k.unplug()
	r.out = open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
	softThrough(k, r.out)

	monitor := exec.Command("/bin/toshy", "monitor")
	var monitored logBuffer
	monitor.Stdout, monitor.Stderr = &monitored, &monitored
	must(t, monitor.Start())
	defer func() { _ = monitor.Wait() }()
	defer func() { _ = monitor.Process.Signal(syscall.SIGTERM) }()
	path, err := control.SocketPath()
	must(t, err)
	raw, err := net.Dial("unix", path)
	must(t, err)
	defer raw.Close()
	fmt.Fprintln(raw, `{"command":"monitor"}`)
	lines := bufio.NewReader(raw)
	answer, err := lines.ReadString('\n')
	must(t, err)
	until(t, "the monitor shows keys", func() bool {
		softThrough(k, r.out)
		return strings.Contains(monitored.String(), marker)
	})

	start := strings.Count(monitored.String(), "\n")
	var status strings.Builder
	client, err := control.Dial(path)
	must(t, err)
	defer client.Close()
	for i, letter := range canary {
		c := code(t, string(letter))
		k.types(keyEvent{c, pressed})
		must(t, r.out.skipTo("+"+string(letter), deadline()))
		now, err := client.Do(control.Request{Command: "status"})
		must(t, err)
		now.Status.PID, now.Status.Since, now.Status.Latency, now.Status.Window.Age = 0, time.Time{}, control.Latency{}, 0
		now.Status.Counters = control.Counters{} // how often the probe was typed
		text, err := json.Marshal(now)
		must(t, err)
		status.Write(text)
		if i > 0 {
			before := code(t, canary[i-1:i])
			k.types(keyEvent{before, released})
			must(t, r.out.skipTo("-"+canary[i-1:i], deadline()))
		}
	}
	last := canary[len(canary)-1:]
	k.types(keyEvent{code(t, last), released})
	must(t, r.out.skipTo("-"+last, deadline()))
	shownToPeople := ask(t, r, "status") + ask(t, r, "status", "--json")
	f11 := code(t, "f11") // the end
	k.types(keyEvent{f11, pressed}, keyEvent{f11, released})
	until(t, "the monitor shows the end", func() bool { return strings.Count(monitored.String(), "f11") >= 4 })
	var traffic strings.Builder
	traffic.WriteString(answer)
	for ends := 0; ends < 4; {
		line, err := lines.ReadString('\n')
		must(t, err)
		if strings.Contains(line, `"f11"`) {
			ends++
		}
		traffic.WriteString(line)
	}
	r.stop()

	everything := map[string]string{"log": r.log.String(), "status": status.String(), "status for people": shownToPeople, "monitor": monitored.String(), "socket": traffic.String()}
	for what, text := range everything {
		searched(t, what, []byte(text))
	}
	if strings.Count(monitored.String(), "\n") < start+4*len(canary) {
		t.Errorf("the monitor shows fewer keys than were typed:\n%s", monitored.String())
	}
	// These may differ for other reasons: times, how often the probe was typed, node numbers.
	count := strings.Count(everything["monitor"][strings.LastIndex(everything["monitor"], marker):], "character")
	return map[string]string{
		"log": withoutNodes(withoutStamps(everything["log"])), "status": withoutNodes(everything["status"]), "monitor": fmt.Sprint(count),
	}
}

var numbered = regexp.MustCompile(`event\d+|"pid": ?\d+`)

func withoutNodes(s string) string { return numbered.ReplaceAllString(s, "") }

// A core dump would contain the complete memory, and so what was typed. None is written, however the kernel is set up.
func TestNoCoreDump(t *testing.T) {
	dir := t.TempDir()
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	must(t, err)
	t.Cleanup(func() { _ = os.WriteFile("/proc/sys/kernel/core_pattern", bytes.TrimSpace(pattern), 0) })
	must(t, os.WriteFile("/proc/sys/kernel/core_pattern", []byte(filepath.Join(dir, "core.%e.%p")), 0))
	limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	must(t, unix.Setrlimit(unix.RLIMIT_CORE, &limit))
	cores := func() int {
		found, _ := filepath.Glob(filepath.Join(dir, "core.*"))
		return len(found)
	}
	t.Run("others have one", func(t *testing.T) { // otherwise the test would prove nothing
		r := launch(t, "/bin/floor")
		r.signal(syscall.SIGABRT)
		<-r.done
		if cores() != 1 {
			t.Error("no core of another program")
		}
	})
	for _, signal := range []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV} {
		t.Run(unix.SignalName(signal), func(t *testing.T) {
			k := pcKeyboard(t)
			known := nodes()
			cmd := exec.Command("/bin/toshy", "run")
			cmd.Env = append(os.Environ(), "GOTRACEBACK=crash")
			r := launchCmd(t, cmd)
			out := open(t, appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard }))
			k.through(out)
			k.types("+w")
			out.expect("+w")
			r.signal(signal)
			<-r.done
			if cores() != 1 {
				t.Error("a core was written")
			}
			k.types("-w")
			k.free()
			k.works()
		})
	}
}
