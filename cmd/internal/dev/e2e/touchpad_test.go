//go:build vm && desktop

package e2e

import (
	"encoding/binary"
	"os"
	"testing"
	"time"
	"unsafe"
)

// uinput's ioctls and codes for a touchpad (linux/uinput.h, linux/input-event-codes.h).
const (
	uiAbsSetup, uiSetAbsBit, uiSetPropBit = 0x401c5504, 0x40045567, 0x4004556e

	evAbs                                = 3
	absX, absY                           = 0, 1
	absSlot, absMTX, absMTY, absTracking = 0x2f, 0x35, 0x36, 0x39
	btnRight, btnToolFinger, btnTouch    = 0x111, 0x145, 0x14a
	busI8042                             = 0x11 // libinput takes a touchpad on this bus for a laptop's own
)

// A touchpad is that of a laptop: one finger and two buttons.
type touchpad struct {
	*softKeyboard
	touches int32
}

func newTouchpad(t testing.TB) *touchpad {
	t.Helper()
	ui, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	must(t, err)
	t.Cleanup(func() { ui.Close() })
	set := func(request uintptr, codes ...uintptr) {
		for _, c := range codes {
			must(t, ioctl(ui.Fd(), request, c))
		}
	}
	set(uiSetEvBit, evKey, evAbs)
	set(uiSetKeyBit, btnLeft, btnRight, btnToolFinger, btnTouch)
	set(uiSetPropBit, 0) // INPUT_PROP_POINTER
	for code, highest := range map[uint16]int32{absX: padWidth, absY: padHeight, absMTX: padWidth, absMTY: padHeight, absSlot: 1, absTracking: 65535} {
		set(uiSetAbsBit, uintptr(code))
		var setup [28]byte // struct uinput_abs_setup: code, then value, minimum, maximum, fuzz, flat, resolution
		binary.LittleEndian.PutUint16(setup[:], code)
		binary.LittleEndian.PutUint32(setup[12:], uint32(highest))
		if highest == padWidth || highest == padHeight {
			binary.LittleEndian.PutUint32(setup[24:], padMM)
		}
		must(t, ioctl(ui.Fd(), uiAbsSetup, uintptr(unsafe.Pointer(&setup))))
	}
	return &touchpad{softKeyboard: createSoft(t, ui, "e2e touchpad", [4]uint16{busI8042, 2, 7, 1})}
}

// The touchpad's size, and its units in a millimetre.
const padMM, padWidth, padHeight = 20, 100 * padMM, 60 * padMM

// stroke moves a finger one centimetre to the right.
func (p *touchpad) stroke() {
	p.touches++
	at := func(mm int32) []inputEvent {
		x, y := (40+mm)*padMM, int32(30*padMM)
		return []inputEvent{{evAbs, absMTX, x}, {evAbs, absMTY, y}, {evAbs, absX, x}, {evAbs, absY, y}}
	}
	down := []inputEvent{{evAbs, absSlot, 0}, {evAbs, absTracking, p.touches}}
	p.send(append(append(down, at(0)...), inputEvent{evKey, btnTouch, 1}, inputEvent{evKey, btnToolFinger, 1}, inputEvent{})...)
	for mm := range int32(10) {
		time.Sleep(8 * time.Millisecond) // the pace of a finger: libinput takes faster ones for a fault of the touchpad
		p.send(append(at(mm+1), inputEvent{})...)
	}
	p.send(inputEvent{evAbs, absTracking, -1}, inputEvent{evKey, btnTouch, 0}, inputEvent{evKey, btnToolFinger, 0}, inputEvent{})
}

// click presses the touchpad's button.
func (p *touchpad) click() {
	p.send(inputEvent{evKey, btnLeft, 1}, inputEvent{}, inputEvent{evKey, btnLeft, 0}, inputEvent{})
}
