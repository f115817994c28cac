package windowtest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"toshy/remap/window/internal/wayland"
	"toshy/remap/window/internal/xkb"
)

// A VirtualKeyboard is a keyboard of a compositor on wlroots (zwp_virtual_keyboard_v1) with a keymap of the test. It has
// all codes; the keyboard of an X server has those below 248.
type VirtualKeyboard struct {
	c      *wayland.Conn
	id     uint32
	keymap *xkb.Keymap
	mods   map[uint16]uint32 // what the modifier keys are in the keymap, apart from AltGr
	held   map[uint16]bool
	group  uint32
	clock  uint32
}

// Kernel codes of more modifiers; the last two are those of "toshy characters".
const (
	keyLeftAlt     = 56
	keyRightAlt    = 100
	keySpareLevel3 = 141
	keySpareLevel5 = 146
)

// The modifiers of every keymap, as bits.
const (
	modShift = 1 << 0
	modCtrl  = 1 << 2
	modAlt   = 1 << 3
	modSuper = 1 << 6
	mod3     = 1 << 5
	mod5     = 1 << 7
)

// PlugKeyboard plugs in a keyboard until it is unplugged or the test ends, and makes it the current keyboard of the seat.
func PlugKeyboard(t testing.TB, display, keymap string) *VirtualKeyboard {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	c, err := wayland.Dial(ctx, display)
	if err != nil {
		t.Fatal(err)
	}
	seat, _, err := c.Bind("wl_seat", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	manager, _, err := c.Bind("zwp_virtual_keyboard_manager_v1", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := xkb.ParseText(keymap)
	if err != nil {
		t.Fatal(err)
	}
	text := append([]byte(keymap), 0)
	fd, err := unix.MemfdCreate("keymap", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if n, err := unix.Write(fd, text); err != nil || n != len(text) {
		t.Fatalf("%d bytes of the keymap written: %v", n, err)
	}
	k := &VirtualKeyboard{keymap: parsed, c: c, id: c.New(nil), held: map[uint16]bool{}, mods: map[uint16]uint32{
		keyLeftShift: modShift, keyRightShift: modShift, keyLeftCtrl: modCtrl, keyRightCtrl: modCtrl,
		keyLeftMeta: modSuper, keyLeftAlt: modAlt, keyRightAlt: modAlt, keySpareLevel3: mod5, keySpareLevel5: mod3,
	}}
	for _, err := range []error{
		c.Send(manager, 0, seat, k.id),                                // create_virtual_keyboard
		c.Send(k.id, 0, uint32(1), wayland.FD(fd), uint32(len(text))), // keymap, XKB v1
		c.Send(k.id, 2, uint32(0), uint32(0), uint32(0), uint32(0)),   // modifiers
		c.Send(k.id, 1, uint32(0), uint32(30), uint32(1)),             // key: makes it the seat's current one
		c.Send(k.id, 1, uint32(1), uint32(30), uint32(0)),
		c.Roundtrip(),
		c.Ready(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// Unplug takes it away.
func (k *VirtualKeyboard) Unplug() { k.c.Close() }

// Key presses or releases a key, by its kernel code.
func (k *VirtualKeyboard) Key(t testing.TB, code uint16, press bool) {
	t.Helper()
	k.clock++
	state := uint32(0)
	if press {
		state = 1
	}
	err := k.c.Send(k.id, 1, k.clock, uint32(code), state)
	if k.mods[code] != 0 && err == nil {
		k.held[code] = press
		err = k.modifiers()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// SwitchLayout makes another group of the keymap the active one, and returns when the compositor knows it.
func (k *VirtualKeyboard) SwitchLayout(t testing.TB, group int) {
	t.Helper()
	k.group = uint32(group)
	if err := errors.Join(k.modifiers(), k.c.Roundtrip(), k.c.Ready()); err != nil {
		t.Fatal(err)
	}
}

// modifiers sends the state: a client of this protocol says what its modifiers are, and its group.
func (k *VirtualKeyboard) modifiers() error {
	depressed := uint32(0)
	for c, down := range k.held {
		switch {
		case !down:
		case k.keymap.Means(c, int(k.group), false, false) == xkb.Level3Shift:
			depressed |= mod5
		default:
			depressed |= k.mods[c]
		}
	}
	return k.c.Send(k.id, 2, depressed, uint32(0), uint32(0), k.group)
}

// CurrentKeymap is the keymap that a compositor sends its clients, in text form.
func CurrentKeymap(t testing.TB, display string) (text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	defer cancel()
	c, err := wayland.Dial(ctx, display)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.FollowKeymapTexts(func(keymap string) { text = strings.TrimRight(keymap, "\x00"); cancel() }); text == "" {
		t.Fatal(err)
	}
	return text
}
