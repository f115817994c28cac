//go:build vm

package daemon

import (
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/evdev/evdevtest"
	"toshy/remap"
	"toshy/remap/key"
)

// The path of a key from read to write, on a real virtual keyboard.

func pathRig(t testing.TB) (*daemon, *device) {
	t.Helper()
	combo := func(s string) key.Combo {
		c, err := key.ParseCombo(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	compiled, err := remap.Compile(&remap.Program{
		Options: remap.Options{Masking: true},
		Modmaps: []remap.Modmap{{Name: "m", Keys: map[key.Code]key.Code{key.CapsLock: key.Esc}}},
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{{Combo: combo("Super-C"), Action: remap.Send(combo("Ctrl-C"))}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	keyboard, err := evdev.NewKeyboard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	d := &daemon{
		setup: &Setup{Program: compiled},
		log:   zap.NewNop(), engine: remap.New(compiled), out: remap.NewOutput(), keyboard: keyboard,
		events: make([]remap.Event, 0, 256), wake: remap.Never,
	}
	k := &device{info: &evdev.Info{}, dev: &evdev.Device{}, grabbed: true, following: true}
	d.devices[0] = k
	return d, k
}

// givenBack makes the keyboard of a rig a real one that is followed but not grabbed.
func givenBack(t *testing.T, k *device, name string) *evdevtest.Keyboard {
	t.Helper()
	kbd := evdevtest.NewKeyboard(t, name)
	dev, err := evdev.Open(kbd.Node)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	if err := dev.Attach(); err != nil {
		t.Fatal(err)
	}
	k.dev, k.grabbed = dev, false
	return kbd
}

// Keys that were pressed before the grab have been typed by the desktop.
func TestKeysInHandAtTheGrab(t *testing.T) {
	d, k := pathRig(t)
	kbd := givenBack(t, k, "keyboard that is followed")
	kbd.Down(keyA)
	var inHand []evdev.Event
	k.dev.Follow(func(events []evdev.Event, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		inHand = slices.Clone(events)
		return false
	})
	kbd.Up(keyA)
	d.step(k, evdev.Now())
	if !k.grabbed {
		t.Fatal("the keyboard is not grabbed although all keys are up")
	}
	d.take(k, inHand, nil)
	if s := d.engine.State(0); len(s.Held) > 0 || len(s.Down) > 0 {
		t.Errorf("held %v, down %v", s.Held, s.Down)
	}
}

// If another user has paused the daemon, the next user's keys are mapped from the first one on.
func TestPauseEndsWithItsOwner(t *testing.T) {
	d, k := pathRig(t)
	givenBack(t, k, "keyboard of two people")
	d.paused, d.at = true, NotMapped // as at a login screen: all keyboards are closed first
	d.startAfresh()
	if d.paused || !k.grabbed {
		t.Errorf("paused %v, grabbed %v", d.paused, k.grabbed)
	}
}

// batch is the result of one read for a key.
func batch(at time.Duration, code key.Code, value int32) []evdev.Event {
	return []evdev.Event{
		{Time: at, Type: evdev.EvMsc, Code: 4, Value: 7},
		{Time: at, Type: evdev.EvKey, Code: uint16(code), Value: value},
		{Time: at, Type: evdev.EvSyn},
	}
}

func TestKeyPathAllocatesNothing(t *testing.T) {
	c, _ := key.Parse("c")
	for name, keys := range map[string][]key.Code{"plain": {c}, "remapped": {key.CapsLock}, "combo": {key.LeftMeta, c}} {
		t.Run(name, func(t *testing.T) {
			d, k := pathRig(t)
			var batches [][]evdev.Event
			for _, c := range keys {
				batches = append(batches, batch(1, c, 1), batch(1, c, 2))
			}
			for _, c := range keys {
				batches = append(batches, batch(1, c, 0))
			}
			if n := testing.AllocsPerRun(1000, func() {
				for _, b := range batches {
					d.take(k, b, nil)
				}
			}); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if d.fatal != nil {
				t.Error(d.fatal)
			}
		})
	}
}
