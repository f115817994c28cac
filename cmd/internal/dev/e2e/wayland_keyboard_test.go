//go:build vm && desktop

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"toshy/remap/window/windowtest"
	"toshy/systemd"
)

// TestWaylandKeyboard: what is more to a keyboard than its keys. The desktop repeats a held key, Caps Lock has a light, the touchpad is
// disabled while you type, and dead keys make letters with accents.
func TestWaylandKeyboard(t *testing.T) {
	quirks, err := systemd.FS.ReadFile("toshy.quirks")
	must(t, err)
	must(t, os.WriteFile("/usr/share/libinput/30-toshy.quirks", quirks, 0o644))
	pad := newTouchpad(t)
	w := startWayland(t, "input type:keyboard xkb_layout us,de")
	k, second := plugUSB(t), pcKeyboard(t)
	_, out := w.toshy("extends = \"mac\"\n[keymap.mine.keys]\nF1 = \"x\"\n")
	k.through(out)
	second.through(out)

	wev := windowtest.WatcherIn(t, w)
	w.front(wev)
	w.repeats(k, out, wev)
	w.touchpadIsDisabled(k, out, wev, pad)
	wev.Close()

	foot := windowtest.TerminalIn(t, w, "foot")
	w.front(foot)
	typed := ""
	arrives := func(what, add string) {
		t.Helper()
		typed += add
		defer func() {
			if t.Failed() {
				t.Logf("%s: want %q, got %q", what, typed, foot.Text())
			}
		}()
		patient(t, what+" arrives", func() bool { return foot.Text() == typed })
	}
	w.sway.Repeat(t, 12, 321)
	k.types("+f1")
	out.expect("+x")
	patient(t, "the terminal repeats a held key", func() bool { return len(foot.Text()) > 3 })
	k.types("-f1")
	out.expect("-x")
	w.sway.Repeat(t, 0, 321)
	k.makes(out, "+dot -dot")
	patient(t, "a key after the repeated one arrives", func() bool { return strings.HasSuffix(foot.Text(), ".") })
	typed = foot.Text()
	if strings.TrimLeft(typed, "x") != "." {
		t.Errorf("a held key became %q", typed)
	}

	for _, on := range []bool{true, false} {
		k.makes(out, "+capslock -capslock")
		for _, keyboard := range []*keyboard{k, second} {
			patient(t, fmt.Sprintf("Caps Lock's light of %s is %v", keyboard.name, on), func() bool { return keyboard.led(ledCaps) == on })
		}
		k.makes(out, "+a -a")
		arrives("a letter", map[bool]string{true: "A", false: "a"}[on])
	}

	w.sway.SwitchLayout(t, 1)
	w.layoutIs("German")
	const dead = "+equal -equal +e -e +leftshift +equal -equal -leftshift +a -a"
	k.makes(out, dead)
	arrives("letters with accents", "éà")
	field := windowtest.FieldIn(t, w, "3.0")
	w.front(field)
	k.makes(out, dead)
	patient(t, "letters with accents arrive in a field", func() bool { return field.Text() == "éà" })
}

// keys counts the events of keys in what wev reports.
func keys(wev string) int { return strings.Count(wev, "wl_keyboard] key:") }

// repeats: the desktop tells programs how a held key repeats, and nothing else repeats it.
func (w *wayland) repeats(k *keyboard, out *device, wev *windowtest.Client) {
	w.sway.Repeat(w.t, 12, 321)
	defer w.sway.Repeat(w.t, 0, 321)
	patient(w.t, "the program knows how keys repeat", func() bool { return strings.Contains(wev.Log(), "rate: 12 keys/sec; delay: 321 ms") })
	for typed, comes := range map[string]string{"a": "a", "f1": "x"} {
		before := len(wev.Log())
		k.types("+" + typed)
		out.expect("+" + comes)
		if typed == comes {
			out.expectRepeats(comes, 3) // the keyboard's own, which desktops ignore
		}
		k.types("-" + typed)
		out.expect("-" + comes)
		k.makes(out, "+dot -dot")
		patient(w.t, "the program gets the keys", func() bool { return keys(wev.Log()[before:]) >= 4 })
		if n := keys(wev.Log()[before:]); n != 4 {
			w.t.Errorf("%s: the program got %d events of keys, want 4: \n%s", typed, n, wev.Log()[before:])
		}
	}
}

// touchpadIsDisabled: while a key is held, a finger on the touchpad does not move the pointer.
func (w *wayland) touchpadIsDisabled(k *keyboard, out *device, wev *windowtest.Client, pad *touchpad) {
	count := func(event string) int { return strings.Count(wev.Log(), "wl_pointer] "+event+":") }
	clicked := func() {
		buttons := count("button")
		pad.click()
		patient(w.t, "the program gets the button", func() bool { return count("button") == buttons+2 })
	}
	moves := func() {
		before := count("motion")
		patient(w.t, "a finger moves the pointer", func() bool {
			pad.stroke()
			return count("motion") > before
		})
		clicked()
	}
	moves()
	known := keys(wev.Log())
	k.types("+a")
	out.expect("+a")
	patient(w.t, "the program gets the key", func() bool { return keys(wev.Log()) > known })
	before := count("motion")
	for range 3 {
		pad.stroke()
	}
	clicked()
	if n := count("motion"); n != before {
		w.t.Errorf("the pointer moved %d times while a key was down", n-before)
	}
	k.types("-a")
	must(w.t, out.skipTo("-a", deadline()))
	moves()
}
