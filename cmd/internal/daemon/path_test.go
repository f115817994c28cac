//go:build vm

package daemon

import (
	"testing"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// A key's way from the read to the write, on a real virtual keyboard.

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
		log: zap.NewNop(), engine: remap.New(compiled), out: remap.NewOutput(), keyboard: keyboard,
		events: make([]remap.Event, 0, 256), wake: remap.Never,
	}
	k := &device{info: &evdev.Info{}, grabbed: true, following: true}
	d.devices[0] = k
	return d, k
}

// batch is what one read gives for a key.
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
				batches = append(batches, batch(0, c, 1), batch(0, c, 2))
			}
			for _, c := range keys {
				batches = append(batches, batch(0, c, 0))
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
