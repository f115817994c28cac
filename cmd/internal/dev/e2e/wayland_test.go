//go:build vm && desktop

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"toshy/cmd/internal/control"
	"toshy/remap/window/windowtest"
)

// The complete path on Wayland: keys from the hypervisor, a real kernel, toshy, a current sway with libinput on toshy's virtual
// keyboard, and programs that record the text and the keys that arrive.

// session is a Wayland desktop on the machine's screen that has started.
type session struct {
	windowtest.Session
	t   testing.TB
	env []string // for commands in the session
}

func newSession(t testing.TB, s windowtest.Session) session {
	return session{s, t, append(os.Environ(), s.Env()...)}
}

// wayland is a session of sway in the machine.
type wayland struct {
	session
	sway *windowtest.Sway
}

func startWayland(t testing.TB, config string) *wayland {
	t.Helper()
	startUdev(t)
	s := (&windowtest.Sway{Machine: true}).Reserve(t)
	w := &wayland{newSession(t, s), s}
	s.Config = "bindsym --release Super_L exec echo >>" + w.launcher() + "\n" + config
	s.Start(t)
	return w
}

// startUdev starts, once, the udev that libinput asks for keyboards.
func startUdev(t testing.TB) {
	t.Helper()
	if _, err := os.Lstat("/run/udev/control"); err != nil {
		run(t, "/usr/lib/systemd/systemd-udevd", "--daemon") // until the end of the machine
	}
	run(t, "udevadm", "trigger", "--subsystem-match=input", "--subsystem-match=drm")
	patient(t, "udev has handled the devices", func() bool { return exec.Command("udevadm", "settle").Run() == nil }) // fails if udev is slow to answer
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// launcher is a file with one line for each time that a tap of Super has opened the launcher.
func (w *wayland) launcher() string { return filepath.Join(w.sway.Dir, "launcher") }

func (w *wayland) launched() int {
	b, _ := os.ReadFile(w.launcher()) // none yet
	return strings.Count(string(b), "\n")
}

// toshy starts it in the session.
func (w session) toshy(config string) (*remapper, *device) {
	w.t.Helper()
	known := nodes()
	cmd, _ := command(w.t, config)
	cmd.Env = w.env
	r := launchCmd(w.t, cmd)
	n := appear(w.t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard })
	return r, open(w.t, n)
}

// patient polls what real programs do in a machine without hardware virtualisation.
func patient(t testing.TB, what string, ok func() bool) {
	t.Helper()
	untilWithin(t, 2*time.Minute, 10*time.Millisecond, what, ok)
}

// front gives the focus to a program, and waits until toshy knows it.
func (w session) front(c *windowtest.Client) {
	w.t.Helper()
	c.Focus(w.t)
	w.focused(c)
}

// status is that of the toshy in the session, empty if it takes long to answer: on a very busy computer, that can take a quarter of a
// minute.
func (w session) status() (s control.Status) {
	w.t.Helper()
	if code, said := client(w.t, w.env, "status", "--json"); code == 0 {
		must(w.t, json.Unmarshal([]byte(said), &s))
	}
	return s
}

// focused waits until toshy knows that a program has the focus.
func (w session) focused(c *windowtest.Client) {
	w.t.Helper()
	patient(w.t, "toshy knows that "+c.ID()+" has the focus", func() bool { return w.status().Window.App == c.ID() })
}

// the names of keys that differ from the character that they type on a US layout
var names = map[rune]string{' ': "space", '.': "dot", ',': "comma", '-': "minus", '=': "equal", '/': "slash", ';': "semicolon", '[': "leftbrace", ']': "rightbrace"}

// writes types a text on a US layout, in bursts of as many keys as a keyboard buffers. arrived waits for what has been typed so far:
// the kernel keeps only some dozen events for a compositor that gets no processor time.
func (k *keyboard) writes(out *device, text string, arrived func(string)) {
	k.t.Helper()
	keys, count, from := "", 0, 0
	for i, c := range text {
		name, ok := names[c]
		if !ok {
			name = strings.ToLower(string(c))
		}
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) {
			keys += " +leftshift +" + name + " -" + name + " -leftshift"
			count++
		} else {
			keys += " +" + name + " -" + name
		}
		if count++; count >= 6 || i == len(text)-1 {
			k.types(keys)
			out.expect(keys)
			arrived(text[from : i+1])
			keys, count, from = "", 0, i+1
		}
	}
}

// The keys that come out for these, which the programs get.
const (
	cmdA = "+leftalt +a -a -leftalt => +rightctrl +a -a -rightctrl"
	cmdC = "+leftalt +c -c -leftalt => " + inBrowser
	cmdV = "+leftalt +v -v -leftalt => +rightctrl +v -v -rightctrl"

	cmdCinTerminal = "+leftalt +c -c -leftalt => " + inTerminal
	cmdVinTerminal = "+leftalt +v -v -leftalt => +rightctrl +leftshift +v -v -leftshift -rightctrl"
)

// makes types keys and waits for what comes out, "keys" or "keys => others".
func (k *keyboard) makes(out *device, keys string) {
	k.t.Helper()
	typed, want, other := strings.Cut(keys, " => ")
	if !other {
		want = typed
	}
	k.types(typed)
	out.expect(want)
}

func TestWayland(t *testing.T) {
	w := startWayland(t, "")
	k, second := plugUSB(t).withoutRepeats(), pcKeyboard(t).withoutRepeats()
	r, out := w.toshy("extends = \"mac\"\n[settings]\noption_special_characters = \"us\"\n")
	k.through(out)
	second.through(out)
	foot := windowtest.TerminalIn(t, w, "foot")
	typed := ""
	arrives := func(what, add string) { // in the terminal
		t.Helper()
		typed += add
		defer func() {
			if t.Failed() {
				t.Logf("%s: want %q, got %q", what, typed, foot.Text())
			}
		}()
		patient(t, what+" arrives", func() bool { return foot.Text() == typed })
	}

	w.front(foot)
	for _, text := range []string{"the quick brown fox jumps over the lazy dog. ", "Fox DOG, 0123456789; [a-b]=c/d "} {
		k.writes(out, text, func(part string) { arrives("a text", part) })
	}

	field := windowtest.FieldIn(t, w, "3.0")
	w.front(field)
	holds := func(what, want string) {
		t.Helper()
		defer func() {
			if t.Failed() {
				t.Logf("%s: want %q, got %q", what, want, field.Text())
			}
		}()
		patient(t, what+" is in the field", func() bool { return field.Text() == want })
	}
	written := ""
	k.writes(out, "copy me", func(part string) { written += part; holds("what was typed", written) })
	k.makes(out, cmdA)
	k.makes(out, cmdC)
	k.makes(out, "+right -right")
	k.makes(out, cmdV)
	holds("what was copied", "copy mecopy me")

	w.front(foot)
	k.makes(out, cmdVinTerminal)
	arrives("what was pasted", "copy me")
	// Command-C in a terminal copies the selection, here made with the terminal's own search, and interrupts nothing.
	k.makes(out, "+leftctrl +leftshift +r -r -leftshift -leftctrl")
	k.makes(out, "+h -h +e -e +r -r +e -e")
	k.makes(out, "+enter -enter")
	k.makes(out, cmdCinTerminal)

	w.front(field)
	k.makes(out, cmdA)
	k.makes(out, cmdV)
	holds("what was copied in a terminal", "here")
	// The desktop types it. On a busy computer, this can take longer than keys wait for it. Then toshy refuses the character, and it may
	// arrive later. The Y comes after the answer, or after the refusal.
	tooLong := func() int { return strings.Count(r.log.String(), "took too long to type a character") }
	for refused := -1; refused != tooLong() || field.Text() != "£y"; {
		refused = tooLong()
		k.makes(out, cmdA)
		k.makes(out, "+backspace -backspace")
		patient(t, "the field is cleared", func() bool { return !strings.Contains(field.Text(), "y") })
		k.types("+leftmeta +3 -3 -leftmeta +y -y")
		must(t, out.skipTo("-y", deadline()))
		patient(t, "the key after a character of Option is in the field", func() bool { return strings.HasSuffix(field.Text(), "y") })
	}
	out.allUp()
	if n := w.launched(); n != 0 {
		t.Errorf("the launcher was opened %d times", n)
	}

	for i, held := range []string{"leftctrl => leftmeta", "leftmeta => leftalt", "leftalt => rightctrl"} { // Super, Option and Command
		held, becomes, _ := strings.Cut(held, " => ")
		k.types("+" + held)
		must(t, out.skipTo("+"+becomes, deadline()))
		k.pull()
		r.logs("keyboard is gone", i+1)
		second.types("+x -x")
		must(t, out.skipTo("-x", deadline()))
		holds("a key after a keyboard was unplugged with "+held+" down", "£y"+strings.Repeat("x", i+1))
		k = plugUSB(t).withoutRepeats()
		k.through(out)
	}
	k.types("+leftctrl -leftctrl") // a tap of the key that is Super does open it
	patient(t, "the launcher opens", func() bool { return w.launched() > 0 })
	if n := w.launched(); n != 1 {
		t.Errorf("the launcher was opened %d times too often", n-1)
	}

	w.front(foot)
	second.types("+leftalt") // one that sway has known from the start
	must(t, out.skipTo("+rightctrl", deadline()))
	r.kill()
	out.gone()
	second.types("-leftalt +a -a +b -b")
	arrives("what is typed after kill -9 with Command down", "ab")
}
