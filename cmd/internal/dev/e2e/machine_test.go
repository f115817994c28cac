//go:build vm

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"toshy/cmd/internal/dev/vm"
	"toshy/remap/key"
)

// host presses keys on the machine's keyboards.
var host *vm.Host

func TestMain(m *testing.M) {
	var err error
	if host, err = vm.Connect(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// keyboard is hardware: the kernel's node for it, and the hypervisor's control of it.
type keyboard struct {
	*device
	vm.Keyboard
	held    map[key.Code]bool
	plugged bool
}

func newKeyboard(t testing.TB, hands vm.Keyboard, n node) *keyboard {
	k := &keyboard{device: open(t, n), Keyboard: hands, held: map[key.Code]bool{}, plugged: true}
	k.repeatSlowly()
	t.Cleanup(k.letGo)
	return k
}

// pcKeyboard is the keyboard that the machine always has.
func pcKeyboard(t testing.TB) *keyboard {
	t.Helper()
	n := appear(t, "the PC's keyboard", nil, func(n node) bool { return n.name == vm.PCKeyboard })
	return newKeyboard(t, host.PC(), n)
}

// plugs counts keyboards. A name is not used twice, because the name of a pulled keyboard is free only when the guest has released it.
var plugs int

// plugUSB plugs in a USB keyboard until the test ends.
func plugUSB(t testing.TB) *keyboard {
	t.Helper()
	return plug(t, host.PlugUSB)
}

// plugVirtio plugs in a virtio keyboard until the test ends.
func plugVirtio(t testing.TB) *keyboard {
	t.Helper()
	return plug(t, host.PlugVirtio)
}

func plug(t testing.TB, plug func(id string) (vm.Keyboard, error)) *keyboard {
	t.Helper()
	known := nodes()
	plugs++
	hands, err := plug("keyboard" + strconv.Itoa(plugs))
	must(t, err)
	n := appear(t, "the plugged keyboard", known, func(n node) bool {
		return n.name == "QEMU QEMU USB Keyboard" || n.name == "QEMU Virtio Keyboard"
	})
	k := newKeyboard(t, hands, n)
	t.Cleanup(func() {
		if k.plugged {
			k.pull()
		}
	})
	return k
}

// pull unplugs the keyboard, whatever key is held.
func (k *keyboard) pull() {
	k.t.Helper()
	must(k.t, k.Unplug())
	k.plugged = false
	vanish(k.t, k.node)
}

// types presses and releases keys, at most eight of them at once: the buffer of a USB keyboard holds sixteen events.
func (k *keyboard) types(keys string) {
	k.t.Helper()
	events, err := parseKeys(keys)
	must(k.t, err)
	for _, e := range events {
		if e.value == pressed {
			k.held[e.code] = true
			must(k.t, k.Down(keyName(e.code)))
		} else {
			delete(k.held, e.code)
			must(k.t, k.Up(keyName(e.code)))
		}
	}
}

// letGo releases what a test left down, so that the next one starts with all keys up.
func (k *keyboard) letGo() {
	if !k.plugged {
		return
	}
	for c := range k.held {
		if err := k.Up(keyName(c)); err != nil {
			k.t.Error(err)
		}
	}
	clear(k.held)
	k.allUp()
}

// Keys that nothing maps. If a marker is typed after other keys and comes out, nothing else will.
const (
	marker = "f9"
	probe  = "f10"
)

// through waits until keys of the keyboard come out of the remapper's virtual keyboard, and leaves the virtual keyboard with nothing
// to read.
func (k *keyboard) through(out *device) {
	k.t.Helper()
	for end := deadline(); ; {
		if end.over() {
			k.t.Fatalf("no key of %s (%s) came out of %s", k.name, k.path, out.name)
		}
		k.types("+" + probe + " -" + probe)
		if out.skipTo("-"+probe, in(100*time.Millisecond)) == nil {
			break
		}
	}
	k.types("+" + marker + " -" + marker)
	if err := out.skipTo("-"+marker, in(limit)); err != nil {
		k.t.Fatalf("%s: no marker: %v", out.name, err)
	}
	k.settleUngrabbed()
}

// settleUngrabbed drops what the keyboard itself sent before it was grabbed.
func (k *keyboard) settleUngrabbed() {
	must(k.t, k.readNow())
	k.pending = nil
}

// becomes types keys, which are all up at the end, and expects exactly this output: nothing is missing, nothing comes after it, and no
// key goes around the remapper.
func (k *keyboard) becomes(out *device, keys, want string) {
	k.t.Helper()
	k.types(keys + " +" + marker + " -" + marker)
	out.expect(want + " +" + marker + " -" + marker)
	k.silent()
	out.allUp()
}
