//go:build vm

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"toshy/remap/key"
)

// These tests check the test tools themselves, with the bare C forwarder in place of toshy: CapsLock becomes Esc, Super-C becomes
// Ctrl-C, everything else passes. The tools must also notice what it is known to do wrong.

func launchFloor(t *testing.T, on node) (*remapper, *device) {
	t.Helper()
	cmd := exec.Command("/bin/floor")
	cmd.Env = append(os.Environ(), "KBDBENCH_DEV="+on.path)
	r := launchCmd(t, cmd)
	return r, r.output("floor/virtual-keyboard")
}

func TestNotation(t *testing.T) {
	const text = "+leftctrl +c ~c -c -leftctrl +1 -1 +capslock -capslock"
	events, err := parseKeys(text)
	must(t, err)
	if got := format(events); got != text {
		t.Errorf("got %s, want %s", got, text)
	}
	for _, wrong := range []string{"a", "+", "+nosuchkey"} {
		if _, err := parseKeys(wrong); err == nil {
			t.Errorf("%q is accepted", wrong)
		}
	}
}

func TestEveryKindOfKeyboardIsPressedAlone(t *testing.T) {
	for _, k := range []*keyboard{pcKeyboard(t), plugUSB(t), plugVirtio(t)} {
		k.types("+a -a")
		k.expect("+a -a")
	}
	first, second, builtin := plugUSB(t), pcKeyboard(t), pcKeyboard(t)
	first.types("+leftshift")
	second.types("+b -b")
	first.types("-leftshift")
	first.expect("+leftshift -leftshift")
	builtin.expect("+b -b")
}

func TestFloorForwards(t *testing.T) {
	for name, plug := range map[string]func(testing.TB) *keyboard{"pc": pcKeyboard, "usb": plugUSB, "virtio": plugVirtio} {
		t.Run(name, func(t *testing.T) {
			k := plug(t)
			_, out := launchFloor(t, k.node)
			k.through(out)
			k.becomes(out, "+h -h +i -i", "+h -h +i -i")
			k.becomes(out, "+capslock -capslock", "+esc -esc")
			k.becomes(out, "+leftmeta +c -c -leftmeta", "+leftmeta -leftmeta +leftctrl +c -c -leftctrl")
		})
	}
}

func TestHeldKeyRepeats(t *testing.T) {
	k := plugUSB(t)
	_, out := launchFloor(t, k.node)
	k.through(out)
	k.types("+q")
	out.expect("+q")
	out.expectRepeats("q", 3)
	k.types("-q")
	out.expect("-q")
}

func TestPulledKeyboardIsSeen(t *testing.T) {
	k := plugUSB(t)
	r, out := launchFloor(t, k.node)
	k.through(out)
	k.types("+w")
	out.expect("+w")
	k.pull()
	if status := r.ends(); status != 0 {
		t.Errorf("floor ended with %d", status)
	}
	out.gone()
}

func TestKillGivesTheKeyboardBack(t *testing.T) {
	k := pcKeyboard(t)
	r, out := launchFloor(t, k.node)
	k.through(out)
	k.types("+e")
	out.expect("+e")
	r.kill()
	out.gone()
	k.types("-e +r -r")
	k.expect("-e +r -r")
}

func TestStuckKeyIsSeen(t *testing.T) {
	k := newSoftKeyboard(t, "e2e soft keyboard")
	r, out := launchFloor(t, k.node)
	z, _ := key.Parse("KEY_Z")
	q, _ := key.Parse("KEY_Q")
	until(t, "floor has grabbed the keyboard", func() bool {
		k.types(keyEvent{q, pressed}, keyEvent{q, released})
		return out.skipTo("-q", in(100*time.Millisecond)) == nil
	})
	k.types(keyEvent{z, pressed})
	must(t, out.skipTo("+z", in(limit)))
	r.signal(syscall.SIGSTOP)
	k.types(append([]keyEvent{{z, released}}, flood(q, 200)...)...)
	r.signal(syscall.SIGCONT)
	k.types(flood(q, 1)...)
	must(t, out.skipTo("-q", in(limit)))
	if got := out.down(); !slices.Contains(got, z) {
		t.Errorf("keys down on the output: %v, want z: floor does not notice that its release was dropped", got)
	}
}

func TestLEDs(t *testing.T) {
	k := pcKeyboard(t)
	for _, on := range []bool{true, false} {
		k.setLED(1, on)
		until(t, fmt.Sprintf("caps lock's light is %v", on), func() bool { return k.led(1) == on })
	}
}

func TestGrabbedKeyboardIsBusy(t *testing.T) {
	k := pcKeyboard(t)
	k.grab()
	cmd := exec.Command("/bin/floor")
	cmd.Env = append(os.Environ(), "KBDBENCH_DEV="+k.path)
	r := launchCmd(t, cmd)
	if status := r.ends(); status != 1 || !strings.Contains(r.log.String(), "EVIOCGRAB") {
		t.Errorf("exit status %d, log %q", status, r.log.String())
	}
}

func TestWithoutUinputOrPermission(t *testing.T) {
	t.Run("uinput", func(t *testing.T) {
		hideUinput(t)
		if r := launch(t, "/bin/floor"); r.ends() != 1 || !strings.Contains(r.log.String(), "/dev/uinput") {
			t.Errorf("log %q", r.log.String())
		}
	})
	t.Run("permission", func(t *testing.T) {
		cmd := exec.Command("/bin/floor")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if r := launchCmd(t, cmd); r.ends() != 1 || !strings.Contains(r.log.String(), "no keyboard") {
			t.Errorf("log %q", r.log.String())
		}
	})
}
