package evdev

import (
	"fmt"
	"time"
)

// resync updates the reported keys to the state of the device after the kernel has dropped events (SYN_DROPPED,
// Documentation/input/event-codes.rst). rest holds the records of this read after the damaged frame: they are complete, and
// none of their keystrokes may be lost.
//
// EVIOCGKEY returns the current state, and removes key events still queued for us. So there are three steps:
//
//  1. the state before rest follows from the current state and the first event of each key in rest; the difference from
//     the reported keys goes out as a frame
//  2. rest goes out unchanged
//  3. what came between the read and the ioctl, if anything, goes out as a frame
func (d *Device) resync(at time.Duration, rest []byte) error {
	now := &d.truth // not a variable: it would have to be allocated
	if err := d.readKeys(now); err != nil {
		return fmt.Errorf("recover from dropped events: %w", err)
	}
	before, seen := *now, KeySet{}
	for i := 0; i < len(rest); i += EventSize {
		e := decode(rest[i:])
		if e.Type == EvSyn && e.Code == SynDropped {
			break // what follows is damaged too, and now makes up for it
		}
		if e.Type != EvKey || seen.Has(e.Code) {
			continue
		}
		seen.Add(e.Code)
		if e.Value == 1 {
			before.Remove(e.Code)
		} else {
			before.Add(e.Code)
		}
	}
	d.reconcile(at, &before)
	for i := 0; i < len(rest); i += EventSize {
		e := decode(rest[i:])
		at = e.Time
		if e.Type == EvSyn && e.Code == SynDropped {
			d.dropping = true
		} else if d.dropping {
			d.dropping = e.Type != EvSyn || e.Code != SynReport
		} else {
			d.pass(e)
		}
	}
	if !d.dropping {
		d.reconcile(at, now)
	}
	return nil
}

// reconcile appends a frame that changes the reported keys to want. Releases come first, so that no combination appears
// that nobody typed.
func (d *Device) reconcile(at time.Duration, want *KeySet) {
	if d.down == *want {
		return
	}
	for i, w := range d.down {
		d.appendKeys(at, i, w&^want[i], 0)
	}
	for i, w := range want {
		d.appendKeys(at, i, w&^d.down[i], 1)
	}
	d.down = *want
	d.out = append(d.out, Event{Time: at, Type: EvSyn, Code: SynReport})
}

func (d *Device) appendKeys(at time.Duration, word int, set uint64, value int32) {
	for bit := range uint16(64) {
		if set>>bit&1 != 0 {
			d.out = append(d.out, keyEvent(at, uint16(word)*64+bit, value))
		}
	}
}
