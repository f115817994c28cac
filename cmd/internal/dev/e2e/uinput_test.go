//go:build vm

package e2e

import (
	"encoding/binary"
	"os"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"toshy/remap/key"
)

// uinput's ioctls (linux/uinput.h).
const (
	uiDevCreate, uiDevSetup = 0x5501, 0x405c5503
	uiSetEvBit, uiSetKeyBit = 0x40045564, 0x40045565
	uiSetLEDBit             = 0x40045569
	uiSetRelBit             = 0x40045566
)

// A softKeyboard is created through uinput, where many events fit into one write: more than the kernel's buffer for a reader holds.
type softKeyboard struct {
	*device
	ui *os.File
}

// withWheel creates a soft keyboard that also moves a pointer.
func withWheel(t testing.TB, ui *os.File) {
	t.Helper()
	must(t, ioctl(ui.Fd(), uiSetEvBit, evRel))
	for _, c := range []uintptr{relX, 1, relWheel} {
		must(t, ioctl(ui.Fd(), uiSetRelBit, c))
	}
	must(t, ioctl(ui.Fd(), uiSetKeyBit, btnLeft))
}

func newSoftKeyboard(t testing.TB, name string, more ...func(testing.TB, *os.File)) *softKeyboard {
	t.Helper()
	ui, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	must(t, err)
	t.Cleanup(func() { ui.Close() })
	must(t, ioctl(ui.Fd(), uiSetEvBit, evKey))
	must(t, ioctl(ui.Fd(), uiSetEvBit, evLED))
	for c := range uintptr(3) {
		must(t, ioctl(ui.Fd(), uiSetLEDBit, c))
	}
	for c := range uintptr(248) {
		must(t, ioctl(ui.Fd(), uiSetKeyBit, c+1))
	}
	for _, f := range more {
		f(t, ui)
	}
	return createSoft(t, ui, name, [4]uint16{3, 0x1209, 0x70a5, 1})
}

// createSoft creates the device of ui, whose capabilities are set. id is the bus, the vendor, the product and the version.
func createSoft(t testing.TB, ui *os.File, name string, id [4]uint16) *softKeyboard {
	t.Helper()
	var setup [92]byte // struct uinput_setup: bus, vendor, product, version, name
	for i, v := range id {
		binary.LittleEndian.PutUint16(setup[2*i:], v)
	}
	copy(setup[8:87], name)
	known := nodes()
	must(t, ioctl(ui.Fd(), uiDevSetup, uintptr(unsafe.Pointer(&setup))))
	must(t, ioctl(ui.Fd(), uiDevCreate, 0))
	n := appear(t, name, known, func(n node) bool { return n.name == name })
	return &softKeyboard{device: open(t, n), ui: ui}
}

// through waits until keys of the keyboard come out of the remapper's virtual keyboard, and leaves that with nothing to read.
func (k *softKeyboard) through(out *device) {
	k.t.Helper()
	tap := func(name string) {
		k.types(keyEvent{code(k.t, name), pressed}, keyEvent{code(k.t, name), released})
	}
	until(k.t, "a key of "+k.name+" comes out", func() bool {
		tap(probe)
		return out.skipTo("-"+probe, in(100*time.Millisecond)) == nil
	})
	tap(marker)
	must(k.t, out.skipTo("-"+marker, deadline()))
}

// types writes all events in one call, each in a separate frame.
func (k *softKeyboard) types(events ...keyEvent) {
	k.t.Helper()
	var all []inputEvent
	for _, e := range events {
		all = append(all, inputEvent{evKey, uint16(e.code), e.value}, inputEvent{})
	}
	k.send(all...)
}

// send writes events unchanged. The zero event ends a frame.
func (k *softKeyboard) send(events ...inputEvent) {
	k.t.Helper()
	var b []byte
	for _, e := range events {
		b = append(b, event(e.kind, e.code, e.value)...)
	}
	_, err := k.ui.Write(b)
	must(k.t, err)
}

// flood is enough taps of one key that a reader loses some if it does not read.
func flood(c key.Code, taps int) []keyEvent {
	var events []keyEvent
	for range taps {
		events = append(events, keyEvent{c, pressed}, keyEvent{c, released})
	}
	return events
}

// hideUinput removes /dev/uinput until the test ends.
func hideUinput(t testing.TB) {
	t.Helper()
	must(t, unix.Rename("/dev/uinput", "/dev/uinput.hidden"))
	t.Cleanup(func() { must(t, unix.Rename("/dev/uinput.hidden", "/dev/uinput")) })
}
