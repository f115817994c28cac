package daemon

import (
	"fmt"

	"go.uber.org/zap"

	"toshy/evdev"
)

// The desktop sets the lights of every keyboard that it sees: once the keyboards are grabbed, only those of the virtual
// one. They say which locks are on.

// takeLocks reads the locks from the first keyboard. The desktop set its lights before it was grabbed, and may not set
// those of the virtual one until a lock changes.
func (d *daemon) takeLocks(k *device) {
	if d.locksKnown {
		return
	}
	leds, err := k.dev.LEDs()
	if err != nil {
		return
	}
	d.locks, d.locksKnown = leds, true
}

// readLEDs passes the desktop's lights on to the real keyboards and tells the engine.
func (d *daemon) readLEDs() {
	leds, err := d.keyboard.ReadLEDs(d.leds[:0])
	d.leds = leds
	if err != nil {
		d.fail(fmt.Errorf("the virtual keyboard is lost: %w", err))
		return
	}
	for _, l := range leds {
		d.locks &^= 1 << l.Code
		if l.On {
			d.locks |= 1 << l.Code
		}
	}
	if len(leds) == 0 {
		return
	}
	d.locksKnown = true
	for _, k := range d.devices {
		if k != nil && k.grabbed {
			d.lightLEDs(k)
			d.describeToEngine(k)
		}
	}
}

// lightLEDs shows on a keyboard the lights that the desktop shows on the virtual one.
func (d *daemon) lightLEDs(k *device) {
	if !k.dev.Writable() {
		return
	}
	for _, led := range []uint16{evdev.LedNum, evdev.LedCaps, evdev.LedScroll} {
		if k.info.Caps.LEDs.Has(led) {
			if err := k.dev.SetLED(led, d.locks.Has(led)); err != nil {
				d.log.Debug("light", zap.Error(err))
			}
		}
	}
}
