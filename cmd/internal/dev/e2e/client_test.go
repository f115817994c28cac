//go:build vm

package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/control"
)

// What clients of the control socket can do to the keyboard.

// served starts toshy with a socket, and returns the environment in which commands find it.
func served(t testing.TB, config string, keyboards ...*keyboard) (r *toshy, env []string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	env = os.Environ()
	r = startOn(t, config, keyboards...)
	until(t, "the daemon listens", func() bool { return listens(filepath.Join(dir, "toshy.sock")) })
	return r, env
}

// client runs a toshy command and returns its exit code and its output.
func client(t testing.TB, env []string, args ...string) (code int, text string) {
	t.Helper()
	cmd := exec.Command("/bin/toshy", args...)
	cmd.Env = env
	b, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

// does expects a command to succeed.
func does(t testing.TB, env []string, args ...string) string {
	t.Helper()
	code, text := client(t, env, args...)
	if code != 0 {
		t.Errorf("toshy %s: exit code %d: %s", strings.Join(args, " "), code, text)
	}
	return text
}

func status(t testing.TB, env []string, flags ...string) (s control.Status) {
	t.Helper()
	must(t, json.Unmarshal([]byte(does(t, env, append([]string{"status", "--json"}, flags...)...)), &s))
	return s
}

const layered = `extends = "none"
[layer.numbers.keys]
F1 = "1"
[keymap.base.keys]
F1 = "A"
`

func TestTypeCommand(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	does(t, env, "type", "aB1!")
	r.out.expect("+a -a +leftshift +b -b -leftshift +1 -1 +leftshift +1 -1 -leftshift")
	// A held modifier is put aside for the text.
	k.types("+leftshift")
	r.out.expect("+leftshift")
	does(t, env, "type", "x", "y")
	k.types("-leftshift")
	r.out.expect("-leftshift +x -x +space -space +y -y +leftshift -leftshift")
	for _, wrong := range []string{"", "a\x1bb", strings.Repeat("a", 1001)} {
		if code, text := client(t, env, "type", wrong); code != 2 {
			t.Errorf("%.10q: exit code %d: %s", wrong, code, text)
		}
	}
	k.becomes(r.out, "+q -q", "+q -q")
}

// While a long text is typed, a key that the user presses comes out long before the end of the text.
func TestTypingWhileTheUserTypes(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	cmd := exec.Command("/bin/toshy", "type", strings.Repeat("abcdefgh", 100))
	cmd.Env = env
	must(t, cmd.Start())
	must(t, r.out.skipTo("-h", deadline()))
	// This asks for the state of the virtual keyboard, because the kernel drops events if a reader is slower than a text is typed.
	f7 := code(t, "f7")
	k.types("+f7")
	until(t, "F7 goes down", func() bool { return slices.Contains(r.out.down(), f7) })
	k.types("-f7")
	until(t, "F7 goes up", func() bool { return !slices.Contains(r.out.down(), f7) })
	must(t, r.out.readNow())
	r.out.pending = nil
	if err := r.out.skipTo("-h", deadline()); err != nil {
		t.Errorf("nothing of the text came after the key: %v", err)
	}
	must(t, cmd.Wait())
	r.out.settle()
	r.out.allUp()
}

func TestPressCommand(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	does(t, env, "press", "Ctrl-T", "Shift-F5", "Esc")
	r.out.expect("+leftctrl +t -t -leftctrl +leftshift +f5 -f5 -leftshift +esc -esc")
	if code, text := client(t, env, "press", "Ctrl-T", "Ctrl-Nosuch"); code != 2 || !strings.Contains(text, "Nosuch") {
		t.Errorf("exit code %d: %s", code, text)
	}
	if code, text := client(t, env, "press", "BTN_LEFT"); code != 2 {
		t.Errorf("a button: exit code %d: %s", code, text)
	}
	k.becomes(r.out, "+q -q", "+q -q") // the wrong combos sent nothing before
}

// If a client disconnects in the middle, no key stays down, and the rest is not typed.
func TestClientThatGoesLeavesNothingDown(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	var socket string
	for _, e := range env {
		if dir, ok := strings.CutPrefix(e, "XDG_RUNTIME_DIR="); ok {
			socket = filepath.Join(dir, "toshy.sock")
		}
	}
	combos := strings.TrimSuffix(strings.Repeat(`"Ctrl-Shift-F8",`, 100), ",")
	for _, request := range []string{
		`{"command":"press","combos":[` + combos + `]}`,
		`{"command":"type","text":"` + strings.Repeat("AB", 500) + `"}`,
	} {
		conn, err := net.Dial("unix", socket)
		must(t, err)
		_, err = fmt.Fprintln(conn, request)
		must(t, err)
		must(t, r.out.skipTo("-leftshift", deadline()))
		must(t, conn.Close())
		pressed := 0
		for r.out.skipTo("-leftshift", in(300*time.Millisecond)) == nil {
			pressed++
		}
		if pressed > 90 && strings.Contains(request, "press") {
			t.Errorf("%d more combos were pressed after the client went", pressed)
		}
		r.out.allUp()
	}
	k.types("+" + marker + " -" + marker)
	must(t, r.out.skipTo("-"+marker, deadline()))
	r.out.allUp()
	k.becomes(r.out, "+q -q", "+q -q")
}

func TestLayerCommand(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, layered, k)
	k.becomes(r.out, "+f1 -f1", "+a -a")
	does(t, env, "layer", "numbers", "on")
	k.becomes(r.out, "+f1 -f1", "+1 -1")
	if text := does(t, env, "layer"); text != "on   numbers\n" {
		t.Errorf("list %q", text)
	}
	does(t, env, "layer", "numbers", "toggle")
	k.becomes(r.out, "+f1 -f1", "+a -a")
	for _, wrong := range [][]string{{"layer", "nosuch", "on"}, {"layer", "numbers", "maybe"}, {"layer", "numbers"}} {
		if code, text := client(t, env, wrong...); code != 2 {
			t.Errorf("%v: exit code %d: %s", wrong, code, text)
		}
	}
}

func TestNothingIsTypedWhilePaused(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	does(t, env, "pause")
	if code, text := client(t, env, "type", "abc"); code != 1 || !strings.Contains(text, "paused") {
		t.Errorf("exit code %d: %s", code, text)
	}
	if s := status(t, env); !s.Paused || s.Reason == "" || s.Keyboards[0].Grabbed {
		t.Errorf("status %+v", s)
	}
	does(t, env, "resume")
	k.through(r.out)
	k.becomes(r.out, "+q -q", "+q -q")
}

func TestReloadWait(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, before, k)
	must(t, os.WriteFile(r.config, []byte(after), 0o644))
	if text := does(t, env, "reload", "--wait"); !strings.Contains(text, "in use: "+r.config) {
		t.Errorf("it says %q", text)
	}
	k.becomes(r.out, "+f1 -f1", "+b -b") // at once
	must(t, os.WriteFile(r.config, []byte(broken), 0o644))
	if code, text := client(t, env, "reload", "--wait"); code != 1 || !strings.Contains(text, ":3:11") {
		t.Errorf("exit code %d: %s", code, text)
	}
	if s := status(t, env); !strings.Contains(s.ConfigError, ":3:11") || s.Counters.BrokenReloads == 0 {
		t.Errorf("status %+v", s)
	}
}

func TestStatusHidesWhatIsHeld(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	k.types("+q +leftshift")
	r.out.expect("+q +leftshift")
	s := status(t, env)
	if len(s.Held) != 2 || s.Held[0].Key != "character" || s.Held[1].Key != "leftshift" || s.Down[0].Key != "character" || s.Down[0].By[0].Key != "character" {
		t.Errorf("held %+v, down %v", s.Held, s.Down)
	}
	if s = status(t, env, "--show-keys"); s.Held[0].Key != "q" || s.Held[0].Keyboard != k.name {
		t.Errorf("held %+v", s.Held)
	}
	if len(s.OtherDevices) == 0 || s.OtherDevices[0].Why == "" {
		t.Errorf("other devices %+v", s.OtherDevices)
	}
	must(t, r.out.readNow()) // repeats that came meanwhile: the kernel keeps few events for a reader that does not read
	r.out.pending = nil
	k.types("-leftshift -q")
	r.out.expect("-leftshift -q")
}

func TestMonitorNamesTheRule(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, layered, k)
	cmd := exec.Command("/bin/toshy", "monitor", "--json")
	cmd.Env = env
	m := launchCmd(t, cmd)
	want := fmt.Sprintf(`{"kind":"match","key":"f1","map":"keymap base","file":%q,"line":5}`, r.config)
	until(t, "the monitor says "+want, func() bool {
		k.types("+f1 -f1")
		r.out.settleFor(20 * time.Millisecond)
		return strings.Contains(m.log.String(), want)
	})
	k.types("+q -q +f9 -f9")
	m.logs(`"key":"f9","value":"up"`, 1)
	if strings.Contains(m.log.String(), `"q"`) || !strings.Contains(m.log.String(), `"character"`) {
		t.Error("a character is not hidden")
	}
	r.out.settle()
}

// A dump contains nothing of what was typed, whoever or whatever typed it.
func TestDumpDoesNotShowWhatWasTyped(t *testing.T) {
	k := plugUSB(t)
	r, env := served(t, "", k)
	const canary = "zqxjkvwy"
	for _, c := range canary {
		k.types(fmt.Sprintf("+%c -%c", c, c))
	}
	must(t, r.out.skipTo("-y", deadline()))
	does(t, env, "type", canary)
	must(t, r.out.skipTo("-y", deadline()))
	k.types("+z") // and one of its keys is held
	must(t, r.out.skipTo("+z", deadline()))
	dump := does(t, env, "dump")
	k.types("-z")
	for _, part := range []string{"== version", "== doctor", "== devices", "== daemon", k.name, `"counters"`} {
		if !strings.Contains(dump, part) {
			t.Errorf("the dump has no %q", part)
		}
	}
	letters := strings.Split(canary, "")
	for name, text := range map[string]string{"dump": dump, "log": r.log.String(), "status": does(t, env, "status")} {
		low := strings.ToLower(text)
		for _, sep := range []string{"", " ", ", ", "\n"} {
			if strings.Contains(low, strings.Join(letters, sep)) {
				t.Errorf("the %s shows what was typed", name)
			}
		}
		for _, leak := range []string{`"z"`, "key_z"} {
			if strings.Contains(low, leak) {
				t.Errorf("the %s shows a key: %s", name, leak)
			}
		}
	}
	r.out.settle()
}
