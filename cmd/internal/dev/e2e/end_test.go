//go:build vm

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// However toshy ends, no key stays down and every program gets the keyboard again.

const sigterm = syscall.SIGTERM

func TestKilledWithAKeyHeld(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types("+leftalt +left")
	r.out.expect("+rightctrl +unknown -unknown -rightctrl +home")
	r.kill()
	r.out.gone()
	k.types("-left -leftalt")
	k.free()
	k.works()
}

func TestStoppedWithAKeyHeld(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			k := plugUSB(t)
			r := startOn(t, "", k)
			k.types("+w +leftalt +tab -tab") // a held Tab would be tapped again and again
			r.out.expect("+w +rightctrl +unknown -unknown -rightctrl +leftalt +tab -tab")
			lifted := r.out.ending()
			r.signal(signal)
			r.fails(0)
			lifted()
			k.types("-w -leftalt")
			k.free()
			k.works()
		})
	}
}

func TestEjectKey(t *testing.T) {
	k := plugUSB(t)
	r := startOn(t, "extends = \"none\"\n[options]\neject_key = \"F12\"\n", k)
	k.types("+w")
	r.out.expect("+w")
	lifted := r.out.ending()
	k.types("+f12")
	r.fails(0, "eject key")
	lifted()
	k.types("-f12 -w")
	k.free()
	k.works()
}

func TestPanicChordGivesTheKeyboardBackAndTakesItAgain(t *testing.T) {
	for _, chord := range []struct{ name, press, release string }{
		{"Backspace+Escape+Enter", "+backspace +esc +enter", "-backspace -esc -enter"},
		{"LeftCtrl+Space+Escape", "+leftctrl +space +esc", "-leftctrl -space -esc"},
	} {
		t.Run(chord.name, func(t *testing.T) {
			other, k := pcKeyboard(t), plugUSB(t)
			r := startOn(t, "", other, k)
			other.types("+w")
			r.out.expect("+w")
			k.types(chord.press)
			r.logs("press the panic chord again to resume", 1)
			r.out.allUp()
			// Usable at once: from here on, typed keys reach the programs that read the keyboard, not toshy.
			k.types(chord.release + " +p -p")
			must(t, k.skipTo("-p", deadline()))
			other.types("-w +o -o")
			must(t, other.skipTo("-o", deadline()))

			// A keyboard that is plugged in meanwhile can resume, too.
			third := plugUSB(t)
			r.logs(`"path": "`+third.path, 1)
			third.free()
			third.works()
			until(t, "the chord on the plugged keyboard resumes", func() bool {
				third.types(chord.press + " " + chord.release)
				r.out.settleFor(50 * time.Millisecond)
				return strings.Contains(r.log.String(), "taking the keyboards again")
			})
			for _, k := range []*keyboard{other, k, third} {
				k.through(r.out)
				k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
			}
		})
	}
}

// Some laptops have keys that never go up. Such a key does not keep the keyboard from toshy for ever. When toshy grabs the keyboard,
// it releases the key for the desktop, which has seen it go down.
func TestPanicChordResumesThoughAKeyStaysDown(t *testing.T) {
	const chord = "+backspace +esc +enter -enter -esc -backspace"
	k := plugUSB(t)
	r := startOn(t, "", k)
	k.types(chord)
	r.logs("press the panic chord again to resume", 1)
	k.free()
	k.types("+w")
	must(t, k.skipTo("+w", deadline()))
	k.types(chord)
	must(t, k.skipTo("-w", deadline()))
	k.through(r.out)
	k.types("-w")
	k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
}

func TestPausedToshyEnds(t *testing.T) {
	k := pcKeyboard(t)
	r := startOn(t, "", k)
	k.types("+backspace +esc +enter -enter -esc -backspace")
	r.logs("press the panic chord again to resume", 1)
	r.stop()
	k.settleUngrabbed()
	k.works()
}
