//go:build vm

package e2e

import (
	"testing"
)

// This file tests what comes out for typed keys.

func TestPlainTyping(t *testing.T) {
	for name, plug := range map[string]func(testing.TB) *keyboard{"pc": pcKeyboard, "usb": plugUSB, "virtio": plugVirtio} {
		t.Run(name, func(t *testing.T) {
			k := plug(t)
			r := startOn(t, "", k)
			k.becomes(r.out, "+h -h +e +l -e -l +1 -1 +enter -enter", "+h -h +e +l -e -l +1 -1 +enter -enter")
			k.becomes(r.out, "+leftshift +a -a -leftshift", "+leftshift +a -a -leftshift")
		})
	}
}

// The machine's keyboards have the type windows: the key next to Space is Alt, and the built-in configuration turns it into Command.
func TestBuiltinConfiguration(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "", k)
	for _, c := range []struct{ what, typed, want string }{
		{"copy", "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl"},
		{"start of line", "+leftalt +left -left -leftalt", "+rightctrl +unknown -unknown -rightctrl +home -home +rightctrl +unknown -unknown -rightctrl"},
		{
			"select to the end", "+leftalt +leftshift +right -right -leftshift -leftalt",
			"+rightctrl +leftshift -rightctrl +end -end +rightctrl -leftshift +unknown -unknown -rightctrl",
		},
		{
			"switch window, two further", "+leftalt +tab -tab +tab -tab -leftalt",
			"+rightctrl +unknown -unknown -rightctrl +leftalt +tab -tab +tab -tab -leftalt",
		},
		{
			"emacs's start of line, menu kept shut", "+leftctrl +a -a -leftctrl",
			"+leftmeta +leftctrl -leftctrl -leftmeta +home -home +leftmeta +leftctrl -leftctrl -leftmeta",
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			k.t, r.out.t = t, t
			k.becomes(r.out, c.typed, c.want)
		})
	}
	k.t, r.out.t = t, t
}

func TestSwitcherStaysOpenWhileCommandIsHeld(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types("+leftalt +tab -tab")
	r.out.expect("+rightctrl +unknown -unknown -rightctrl +leftalt +tab -tab")
	leftAlt := parse(t, "+leftalt")
	if down := r.out.down(); len(down) != 1 || down[0] != leftAlt[0].code {
		t.Errorf("keys down while the switcher is open: %v, want leftalt", down)
	}
	k.types("-leftalt")
	r.out.expect("-leftalt")
	r.out.allUp()
}

const tapHold = `extends = "none"
[modmap.two-meanings]
keys.CapsLock = { tap = "Esc", hold = "LeftCtrl", timeout = "1m", preset = "hold_on_press" }
keys.Tab = { tap = "Tab", hold = "RightShift", timeout = "30ms" }
`

func TestTapHold(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, tapHold, k)
	k.becomes(r.out, "+capslock -capslock", "+esc -esc")
	k.becomes(r.out, "+capslock +x -x -capslock", "+leftctrl +x -x -leftctrl")
	// Held by time alone: nothing is typed that could wake the daemon.
	k.types("+tab")
	r.out.expect("+rightshift")
	k.types("+x -x -tab")
	r.out.expect("+x -x -rightshift")
	r.out.allUp()
}

func TestHeldKeyRepeatsAndHeldComboStaysDown(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types("+q")
	r.out.expect("+q")
	r.out.expectRepeats("q", 3)
	k.types("-q")
	r.out.expect("-q")

	// A combo's key stays down and the desktop repeats it. The keyboard's own repeats would end it.
	watch := open(t, k.node) // it sees nothing: the keyboard is grabbed
	k.types("+leftalt +left")
	r.out.expect("+rightctrl +unknown -unknown -rightctrl +home")
	home := parse(t, "+home")
	if down := r.out.down(); len(down) != 1 || down[0] != home[0].code {
		t.Errorf("keys down while the combo is held: %v, want home", down)
	}
	k.types("-left")
	r.out.expect("-home +rightctrl")
	k.types("-leftalt")
	r.out.expect("+unknown -unknown -rightctrl")
	watch.silent()
	r.out.allUp()
}

func TestModifierAndKeyOnTwoKeyboards(t *testing.T) {
	modifier, letters := pcKeyboard(t), plugUSB(t)
	r := startOn(t, "", modifier, letters)
	modifier.types("+leftalt")
	r.out.expect("+rightctrl")
	letters.types("+left -left")
	r.out.expect("+unknown -unknown -rightctrl +home -home +rightctrl")
	modifier.types("-leftalt")
	r.out.expect("+unknown -unknown -rightctrl")

	// If one key is down on both keyboards, it is typed twice, as without toshy, and is down until both release it.
	modifier.types("+a")
	r.out.expect("+a")
	letters.types("+a -a +" + marker + " -" + marker)
	r.out.expect("-a +a +" + marker + " -" + marker) // events from two keyboards have no order
	modifier.types("-a")
	modifier.becomes(r.out, "+s -s", "-a +s -s")
}

const byType = `extends = "none"
[[keyboard]]
match = { name = "QEMU QEMU USB Keyboard" }
type = "apple"
[[keyboard]]
match = { name = "/^AT Translated/" }
type = "windows"
[modmap.apple]
when = 'keyboard == "apple"'
keys.LeftMeta = "RightCtrl"
[modmap.windows]
when = 'keyboard == "windows"'
keys.LeftAlt = "RightCtrl"
`

func TestEachKeyboardHasItsType(t *testing.T) {
	windows, apple := pcKeyboard(t), plugUSB(t)
	r := startOn(t, byType, windows, apple)
	windows.becomes(r.out, "+leftalt -leftalt +leftmeta -leftmeta", "+rightctrl -rightctrl +leftmeta -leftmeta")
	apple.becomes(r.out, "+leftalt -leftalt +leftmeta -leftmeta", "+leftalt -leftalt +rightctrl -rightctrl")
}

func TestOnlyTheNamedDeviceIsTaken(t *testing.T) {
	other, wanted := pcKeyboard(t), plugUSB(t)
	r := start(t, "", "--device", wanted.name)
	wanted.through(r.out)
	other.works()
	wanted.becomes(r.out, "+b -b", "+b -b")
}

// Two runs that differ only in what is typed leave the same log, at the level at which everything is logged.
func TestLogDoesNotTellWhatIsTyped(t *testing.T) {
	var logs [2]string
	for i, text := range []string{"+s +e -s -e +c -c +leftalt +c -c -leftalt +tab -tab", "+w +o -w -o +r -r +leftalt +left -left -leftalt +4 -4"} {
		func() {
			k := pcKeyboard(t)
			r := startOn(t, "", k)
			defer r.kill()
			r.logs("keyboard grabbed", 1)
			k.types(text + " +" + marker + " -" + marker)
			must(t, r.out.skipTo("-"+marker, deadline()))
			r.stop()
			logs[i] = withoutStamps(r.log.String())
		}()
	}
	if logs[0] != logs[1] {
		t.Errorf("the logs differ:\n%s\n---\n%s", logs[0], logs[1])
	}
}
