package daemon

import (
	"fmt"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// loop is the hot path: wait, read, match, write, on one goroutine. It allocates nothing per key.
func (d *daemon) loop() error {
	for {
		ready, woken, err := d.poller.Wait(d.deadline())
		if err != nil {
			return err
		}
		for _, id := range ready {
			if id == keyboardID {
				d.readLEDs()
			} else {
				d.read(id)
			}
		}
		if woken {
			d.runPosted()
		}
		if d.wake != remap.Never || d.waitingDevices() {
			now := evdev.Now()
			if d.wake <= now {
				d.wake = d.engine.Tick(now, d.out)
			}
			d.stepDevices(now)
		}
		if len(d.out.Events)+len(d.out.Effects) > 0 {
			if err := d.write(); err != nil {
				return fmt.Errorf("the virtual keyboard is lost: %w", err)
			}
		}
		if d.finished || d.fatal != nil {
			return d.fatal
		}
	}
}

// deadline is when the loop has to look again though nothing happened.
func (d *daemon) deadline() time.Duration {
	at := d.wake
	if d.waitingDevices() {
		at = min(at, d.deviceDeadline())
	}
	if at == remap.Never {
		return evdev.Forever
	}
	return at
}

// read takes what a keyboard has sent.
func (d *daemon) read(id int32) {
	k := d.devices[id]
	if k == nil {
		return
	}
	if !k.grabbed && !d.paused {
		d.step(k, evdev.Now())
		return
	}
	events, err := k.dev.Read()
	if len(events) > 0 {
		d.handle(k, events)
	}
	if err != nil {
		d.lost(k, err)
	}
}

// handle gives the events of one read to the engine.
func (d *daemon) handle(k *device, events []evdev.Event) {
	batch := d.events[:0]
	for _, e := range events {
		switch e.Type {
		case evdev.EvKey:
			switch d.chords.see(e.Code, e.Value) {
			case chordGiveBack:
				d.togglePause()
				return
			case chordNone:
			}
		case evdev.EvMsc:
			continue
		}
		batch = append(batch, remap.Event{At: e.Time, Type: e.Type, Code: key.Code(e.Code), Value: e.Value, Device: k.id})
	}
	if d.paused {
		return
	}
	for _, ev := range remap.DropStaleRepeats(batch) {
		d.wake = d.engine.Handle(ev, d.out)
	}
}

// write sends what the engine has put out, with one system call for each device that gets something.
func (d *daemon) write() error {
	frame := d.frame[:0]
	pointer := false
	for _, o := range d.out.Events {
		switch {
		case o.Type == remap.TypeSyn:
			if err := d.writeFrame(frame, pointer); err != nil {
				return err
			}
			frame, pointer = frame[:0], false
			continue
		case o.Type == remap.TypeKey && evdev.IsKeyboardKey(uint16(o.Code)):
		case o.Type == remap.TypeKey && evdev.IsPointerButton(uint16(o.Code)), o.Type == remap.TypeRel:
			pointer = true
		default:
			continue
		}
		frame = append(frame, evdev.Event{Type: o.Type, Code: uint16(o.Code), Value: o.Value})
	}
	if len(frame) > 0 { // the frame of a device that sends its SYN with the next read
		if err := d.writeFrame(frame, pointer); err != nil {
			return err
		}
	}
	d.frame = frame[:0]
	if len(d.out.Effects) > 0 {
		d.effects()
	}
	d.out.Reset()
	if d.pointer != nil {
		if err := d.pointer.Flush(); err != nil {
			d.log.Warn("virtual pointer", zap.Error(err))
		}
	}
	return d.keyboard.Flush()
}

func (d *daemon) writeFrame(frame []evdev.Event, pointer bool) error {
	switch {
	case !pointer:
		return d.keyboard.WriteFrame(frame)
	case d.pointer != nil:
		return d.pointer.WriteFrame(frame)
	}
	return nil // no keyboard with a pointer is grabbed and the program uses none
}

// readLEDs passes the lights that the desktop sets on to the real keyboards and tells the engine.
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
	for _, k := range d.devices {
		if k != nil && k.grabbed {
			d.lightLEDs(k)
			d.describeToEngine(k)
		}
	}
}

// togglePause gives the keyboards back, or takes them again.
func (d *daemon) togglePause() {
	d.paused = !d.paused
	if d.paused {
		d.log.Warn("panic chord: the keyboards are given back; press it again to resume")
		d.wake = d.engine.ReleaseAll(evdev.Now(), d.out)
		for _, k := range d.devices {
			if k != nil && k.grabbed {
				k.grabbed = false
				_ = k.dev.Ungrab()
			}
		}
		return
	}
	d.log.Info("panic chord: taking the keyboards again")
	now := evdev.Now()
	for _, k := range d.devices {
		if k != nil {
			k.grabber = evdev.NewGrabber(k.dev, now)
			d.step(k, now)
		}
	}
}
