//go:build vm

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	virtualKeyboard = "toshy/virtual-keyboard"
	virtualPointer  = "toshy/virtual-pointer"
)

// toshy is a running daemon.
type toshy struct {
	*remapper
	out    *device // its virtual keyboard, with nothing to read
	config string  // the path of its configuration, "" for the built-in one
}

// command returns toshy run with a configuration in a separate file, or the built-in one for "". It logs everything.
func command(t testing.TB, config string, flags ...string) (cmd *exec.Cmd, path string) {
	t.Helper()
	args := append([]string{"run", "--log-level", "debug"}, flags...)
	if config != "" {
		path = filepath.Join(t.TempDir(), "config.toml")
		must(t, os.WriteFile(path, []byte(config), 0o644))
		args = append(args, "--config", path)
	}
	return exec.Command("/bin/toshy", args...), path
}

// start starts toshy and opens its virtual keyboard.
func start(t testing.TB, config string, flags ...string) *toshy {
	t.Helper()
	known := nodes()
	cmd, path := command(t, config, flags...)
	r := launchCmd(t, cmd)
	n := appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard })
	return &toshy{r, open(t, n), path}
}

// startOn starts toshy and waits until it has grabbed the keyboards.
func startOn(t testing.TB, config string, keyboards ...*keyboard) *toshy {
	t.Helper()
	r := start(t, config)
	for _, k := range keyboards {
		k.through(r.out)
	}
	return r
}

// logs waits until the log contains the text this many times.
func (r *remapper) logs(text string, times int) {
	r.t.Helper()
	until(r.t, "the log has "+text, func() bool { return strings.Count(r.log.String(), text) >= times })
}

// stop ends toshy as systemd does.
func (r *remapper) stop() {
	r.t.Helper()
	r.signal(sigterm)
	if status := r.ends(); status != 0 {
		r.t.Errorf("exit status %d after SIGTERM", status)
	}
}

// fails checks that toshy ends by itself with this status, prints all of this, and shows no stack trace.
func (r *remapper) fails(status int, says ...string) {
	r.t.Helper()
	if got := r.ends(); got != status {
		r.t.Errorf("exit status %d, want %d", got, status)
	}
	log := r.log.String()
	for _, s := range says {
		if !strings.Contains(log, s) {
			r.t.Errorf("toshy does not say %q", s)
		}
	}
	if strings.Contains(log, "goroutine ") || strings.Contains(log, "panic") && !strings.Contains(log, "panic chords") {
		r.t.Error("toshy shows a stack trace")
	}
}

// works types a letter on a keyboard that no process has grabbed.
func (k *keyboard) works() {
	k.t.Helper()
	k.types("+p -p")
	k.expect("+p -p")
}

// free waits until no process has grabbed the keyboard, and drops what it has sent so far.
func (k *keyboard) free() {
	k.t.Helper()
	until(k.t, k.path+" is given back", func() bool {
		k.types("+" + probe + " -" + probe)
		return k.skipTo("-"+probe, in(20*time.Millisecond)) == nil
	})
	k.types("+" + marker + " -" + marker)
	must(k.t, k.skipTo("-"+marker, deadline()))
}

// stamps are the times in a log.
var stamps = regexp.MustCompile(`(?m)^\S+T\S+\s`)

// noFocus is logged once for each source that has found no window. Some sources may not have looked yet.
const noFocus = `focus	{"app": "", "title": ""}`

// withoutStamps returns what a log says: its lines without their times and order, without those about the search for a desktop, which
// is repeated now and then, and without the one about a busy computer.
func withoutStamps(log string) string {
	lines := strings.Split(stamps.ReplaceAllString(log, ""), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return strings.Contains(l, "desktop interface not available") || strings.Contains(l, noFocus) || strings.Contains(l, "are slow for the title")
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
