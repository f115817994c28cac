//go:build vm

package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"toshy/remap/key"
)

// Keyboards that come and go while toshy runs, and keyboards that are not free.

func TestPluggedKeyboardIsTaken(t *testing.T) {
	first := pcKeyboard(t)
	r := startOn(t, "", first)
	for range 2 {
		k := plugUSB(t)
		k.through(r.out)
		k.becomes(r.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
		k.pull()
	}
	first.becomes(r.out, "+b -b", "+b -b")
	r.logs("keyboard is gone", 2)
}

// The kernel releases a pulled keyboard's keys, but a reader that does not read at that moment never gets these events. So this test
// stops toshy for that moment.
func TestPulledKeyboardIsLifted(t *testing.T) {
	for held, down := range map[string]string{"+w": "+w", "+leftalt +left": "+rightctrl +unknown -unknown -rightctrl +home", "+leftalt +tab": "+rightctrl +unknown -unknown -rightctrl +leftalt +tab"} {
		t.Run(held, func(t *testing.T) {
			stays, k := pcKeyboard(t), plugUSB(t)
			r := startOn(t, "", stays, k)
			k.types(held)
			r.out.expect(down)
			r.signal(syscall.SIGSTOP)
			k.pull()
			r.signal(syscall.SIGCONT)
			r.out.allUp()
			stays.types("+" + marker + " -" + marker)
			must(t, r.out.skipTo("-"+marker, deadline()))
			stays.becomes(r.out, "+b -b", "+b -b")
		})
	}
}

func TestNoKeyboardThenOne(t *testing.T) {
	k := plugUSB(t)
	name := k.name
	k.pull()
	r := start(t, "", "--device", name)
	r.logs("no keyboard to grab; waiting", 1)
	k = plugUSB(t)
	k.through(r.out)
	k.becomes(r.out, "+b -b", "+b -b")
}

func TestKeyHeldAtStart(t *testing.T) {
	k := plugUSB(t)
	k.free() // the kernel drops what a USB keyboard sends while it is opened
	k.types("+h")
	k.expect("+h")
	r := start(t, "")
	r.logs(`"path": "`+k.path, 1)
	k.types("-h")
	k.expect("-h") // toshy did not grab it while the desktop waited for the release
	k.through(r.out)
	k.becomes(r.out, "+b -b", "+b -b")
}

func TestKeyHeldForLongAtStart(t *testing.T) {
	k := plugUSB(t)
	k.free() // the kernel drops what a USB keyboard sends while it is opened
	k.types("+h")
	k.expect("+h")
	r := start(t, "")
	until(t, "both keyboards are grabbed, after five seconds", func() bool {
		k.settleFor(time.Millisecond) // otherwise the repeats would push the release out of the reader's buffer
		return strings.Count(r.log.String(), "keyboard grabbed") == 2
	})
	k.expect("-h") // the desktop sees this: the key is not stuck
	k.types("-h")
	k.through(r.out)
	k.becomes(r.out, "+b -b", "+b -b")
}

func TestBusyKeyboardIsTakenWhenFree(t *testing.T) {
	k := plugUSB(t)
	k.grab()
	r := start(t, "", "--device", k.name)
	r.logs("keyboard is not available", 1)
	if log := r.log.String(); !strings.Contains(log, k.path) || !strings.Contains(log, "e2e.test, pid ") {
		t.Errorf("it does not say which keyboard and who has it:\n%s", log)
	}
	k.ungrab()
	r.logs("keyboard grabbed", 1)
	k.through(r.out)
	k.becomes(r.out, "+b -b", "+b -b")
	if n := strings.Count(r.log.String(), "keyboard is not available"); n != 1 {
		t.Errorf("%d messages, want one", n)
	}
}

func TestSecondToshyOfASessionEnds(t *testing.T) {
	k := pcKeyboard(t)
	first := startOn(t, "", k)
	cmd, _ := command(t, "")
	launchCmd(t, cmd).fails(4, "another toshy is running already")
	k.becomes(first.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
}

func TestSecondToshyOfAnotherSessionTakesOver(t *testing.T) {
	k := pcKeyboard(t)
	first := startOn(t, "", k)
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	second := start(t, "")
	second.logs("keyboard is not available", 1)
	if log := second.log.String(); !strings.Contains(log, "(toshy, pid ") {
		t.Errorf("it does not say that a toshy has the keyboard:\n%s", log)
	}
	k.becomes(first.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
	second.out.silent() // it has not grabbed the first one's virtual keyboard
	first.stop()
	k.through(second.out)
	k.becomes(second.out, "+leftalt +c -c -leftalt", "+rightctrl +c -c -rightctrl")
}

func TestOverflowLeavesNoKeyDown(t *testing.T) {
	k := newSoftKeyboard(t, "e2e soft keyboard")
	r := start(t, `extends = "none"`)
	r.logs(k.name+" (", 1)
	r.logs("keyboard grabbed", 2)
	z, q, f9, f10 := code(t, "z"), code(t, "q"), code(t, marker), code(t, probe)
	for range 3 {
		k.types(keyEvent{z, pressed})
		r.out.expect("+z")
		r.signal(syscall.SIGSTOP)
		k.types(append([]keyEvent{{z, released}}, flood(q, 200)...)...)
		r.signal(syscall.SIGCONT)
		until(t, "the overflow is over", func() bool { // the first one may still be among the lost events
			k.types(keyEvent{f10, pressed}, keyEvent{f10, released})
			return r.out.skipTo("-"+probe, in(100*time.Millisecond)) == nil
		})
		k.types(keyEvent{f9, pressed}, keyEvent{f9, released})
		must(t, r.out.skipTo("-"+marker, deadline()))
		r.out.allUp()
	}
	// A key that went down in the lost part is down.
	r.signal(syscall.SIGSTOP)
	k.types(append(flood(q, 200), keyEvent{z, pressed})...)
	r.signal(syscall.SIGCONT)
	must(t, r.out.skipTo("+z", deadline()))
	k.types(keyEvent{z, released})
	must(t, r.out.skipTo("-z", deadline()))
	r.out.allUp()
	if r.out.dropped {
		t.Error("the test's own reader lost events")
	}
}

func TestPointerOfAKeyboardGoesOut(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard with wheel", withWheel)
	known := nodes()
	r := start(t, "")
	pointer := open(t, appear(t, "toshy's virtual pointer", known, func(n node) bool { return n.phys == virtualPointer }))
	r.logs(k.name+" (", 1)
	r.logs("keyboard grabbed", 2)
	k.send(inputEvent{evRel, relX, -5}, inputEvent{evRel, relWheel, 1}, inputEvent{evKey, btnLeft, 1}, inputEvent{}, inputEvent{evKey, btnLeft, 0}, inputEvent{})
	k.types(keyEvent{code(t, "b"), pressed}, keyEvent{code(t, "b"), released})
	r.out.expect("+b -b")
	got := pointer.everything(6)
	want := []inputEvent{{evRel, relX, -5}, {evRel, relWheel, 1}, {evKey, btnLeft, 1}, {}, {evKey, btnLeft, 0}, {}}
	if !slices.Equal(got, want) {
		t.Errorf("the pointer sends %v, want %v", got, want)
	}
}

func code(t testing.TB, name string) key.Code {
	t.Helper()
	return parse(t, "+"+name)[0].code
}
