package evdev

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"toshy/remap/key"
)

// Keyboard is the virtual keyboard: the only device that sends mapped and forwarded keys.
//
// It has every key that has a name, the spare codes that a keymap may put characters on (key.Spare), and no button. Buttons
// belong to the Pointer: with them udev would take this device for a mouse or joystick, and libinput would set up pointer
// acceleration and disable-while-typing for it. Other keys without a name are left out because the list of all codes would not
// fit the kernel's 2,048 bytes for a uevent: then udev is never notified of the device (kernels before 6.9 do not cut the list,
// they drop the event).
//
// It has no EV_REP. With it, the kernel would itself repeat held keys, in addition to the real keyboard's repeats that
// toshy forwards (value 2): twice the rate on the console, and 30 wake-ups a second in every reader while a modifier is
// held. Desktops make their own repeats and ignore value 2. The console accepts value 2 from any device, so forwarded keys
// repeat there at the real keyboard's rate.
//
// It has the three lock lights, so that ReadLEDs returns what the desktop sets.
type Keyboard struct {
	Writer
	node string
	raw  [16 * EventSize]byte
}

// LED is one change of a light.
type LED struct {
	Code uint16 // LedNum, LedCaps, LedScroll
	On   bool
}

// NewKeyboard makes the virtual keyboard and waits for its node. The errors are ErrNoUinput, ErrUinputPermission, or name
// the step that failed.
func NewKeyboard() (*Keyboard, error) {
	v := virtual{
		name: KeyboardName, phys: keyboardPhys, product: keyboardProduct,
		bits: []bitRange{
			{uiSetEvbit, []uint16{EvKey, EvMsc, EvLed}},
			{uiSetKeybit, KeyboardKeys()},
			{uiSetMscbit, []uint16{MscScan}},
			{uiSetLedbit, []uint16{LedNum, LedCaps, LedScroll}},
		},
	}
	k := &Keyboard{}
	if err := k.start(&v, &k.node); err != nil {
		return nil, err
	}
	return k, nil
}

// start makes the device behind w and waits for its node.
func (w *Writer) start(v *virtual, node *string) (err error) {
	w.fd = -1
	fd, err := v.create(UinputPath)
	if err != nil {
		return err
	}
	hold(fd, uiDevDestroy)
	if *node, err = waitNode(fd); err != nil {
		letGoOf(fd)
		_ = unix.Close(fd)
		return fmt.Errorf("make %s: %w", v.name, err)
	}
	w.fd = fd
	return nil
}

// KeyboardKeys are the codes that the virtual keyboard can send, in rising order: all named keys that are not buttons, and
// the spare codes.
func KeyboardKeys() []uint16 { return keyboardKeys.Append(nil) }

var keyboardKeys = func() (s KeySet) {
	// Not go-evdev's names of keys: Go would make that map, which nothing else uses, at every start (1 ms).
	for code := key.Code(1); code < KeyMax; code++ {
		if strings.HasPrefix(code.KernelName(), "KEY_") {
			s.Add(uint16(code))
		}
	}
	for _, code := range slices.Concat([]key.Code{key.SpareLevel3, key.SpareLevel5}, key.Spare, key.Borrowed, unnamed) {
		s.Add(uint16(code))
	}
	return s
}()

// unnamed are keys that kernels have had since 6.2: KEY_CAMERA_ACCESS_ENABLE, _DISABLE and _TOGGLE.
var unnamed = []key.Code{0x24b, 0x24c, 0x24d}

// IsKeyboardKey says whether the Keyboard sends a code. Of the others, the Pointer sends those of IsPointerButton, and
// nothing sends the rest.
func IsKeyboardKey(code uint16) bool { return keyboardKeys.Has(code) }

// Node is the device node, /dev/input/event7.
func (k *Keyboard) Node() string { return k.node }

// ReadLEDs reads the desktop's changes of lights, without blocking, and appends them to dst.
func (k *Keyboard) ReadLEDs(dst []LED) ([]LED, error) {
	for {
		k.mu.Lock()
		if k.fd < 0 {
			k.mu.Unlock()
			return dst, fmt.Errorf("read LEDs of virtual keyboard: %w", fs.ErrClosed)
		}
		n, errno := rawRead(k.fd, k.raw[:])
		k.mu.Unlock()
		switch errno {
		case 0:
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return dst, nil
		default:
			return dst, fmt.Errorf("read LEDs of virtual keyboard: %w", errno)
		}
		for i := 0; i+EventSize <= n; i += EventSize {
			if e := decode(k.raw[i:]); e.Type == EvLed {
				dst = append(dst, LED{Code: e.Code, On: e.Value != 0})
			}
		}
		if n < len(k.raw) {
			return dst, nil
		}
	}
}
