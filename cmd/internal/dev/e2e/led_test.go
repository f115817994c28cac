//go:build vm

package e2e

import (
	"fmt"
	"os"
	"testing"
)

// Lights (LED_*, linux/input-event-codes.h).
const ledCaps = 1

const byCaps = `extends = "none"
[modmap.caps]
when = "capslock"
keys.F1 = "B"
`

// The desktop sets the light of the virtual keyboard. The real keyboard shows it, and conditions know the lock.
func TestLockGoesTheWholeWayRound(t *testing.T) {
	for name, plug := range map[string]func(testing.TB) *keyboard{"pc": pcKeyboard, "usb": plugUSB} {
		t.Run(name, func(t *testing.T) {
			k := plug(t)
			r := startOn(t, byCaps, k)
			for _, on := range []bool{true, false, true, false} {
				r.out.setLED(ledCaps, on)
				until(t, fmt.Sprintf("the real light is %v", on), func() bool { return k.led(ledCaps) == on })
				want := "+f1 -f1"
				if on {
					want = "+b -b"
				}
				k.becomes(r.out, "+f1 -f1", want)
			}
		})
	}
}

// kdskbled sets the locks of a console (linux/kd.h). The kernel shows them on all keyboards.
const kdskbled, kdCaps = 0x4b65, 4

// consoleLock does what the Caps Lock key does on a console.
func consoleLock(t testing.TB, locks uintptr) {
	t.Helper()
	tty, err := os.OpenFile("/dev/tty0", os.O_RDWR, 0)
	must(t, err)
	defer tty.Close()
	must(t, ioctl(tty.Fd(), kdskbled, locks))
}

// The lock was on before toshy started.
func TestLockAtStart(t *testing.T) {
	k := pcKeyboard(t)
	consoleLock(t, kdCaps)
	t.Cleanup(func() { consoleLock(t, 0) })
	r := startOn(t, byCaps, k)
	k.becomes(r.out, "+f1 -f1", "+b -b")
	until(t, "the light is on", func() bool { return k.led(ledCaps) })
	// A keyboard that is plugged in later shows it, too.
	second := plugUSB(t)
	second.through(r.out)
	second.becomes(r.out, "+f1 -f1", "+b -b")
	until(t, "the second keyboard's light is on", func() bool { return second.led(ledCaps) })
}
