package daemon

import (
	"fmt"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// typingEvery is the shortest time between two calls of Options.Typing.
const typingEvery = 5 * time.Second

// loop waits for everything except the keys of grabbed keyboards.
func (d *daemon) loop() error {
	for {
		d.lock()
		d.sleep = d.deadline()
		d.unlock()
		ready, woken, err := d.poller.Wait(forPoller(d.sleep))
		if err != nil {
			return err
		}
		if end, err := d.turn(ready, woken); end {
			return err
		}
	}
}

// turn is what the loop does each time it wakes. After a panic, the lock is free for giveBack.
func (d *daemon) turn(ready []int32, woken bool) (end bool, err error) {
	d.lock()
	defer d.unlock()
	for _, id := range ready {
		if id == keyboardID {
			d.readLEDs()
		} else if k := d.devices[id]; k != nil && k.polled {
			d.step(k, evdev.Now())
		}
	}
	if woken {
		d.runPosted()
	}
	if d.typed {
		d.typed = false
		d.options.Typing()
	}
	now := evdev.Now()
	if d.wake <= now {
		d.wake = d.engine.Tick(now, d.out)
	}
	d.stepDevices(now)
	d.stepJobs(now)
	d.send()
	d.tellStatus()
	d.tellSupervisor(now)
	return d.finished || d.fatal != nil, d.fatal
}

// deadline is when the loop must look again even if nothing happens.
func (d *daemon) deadline() time.Duration {
	return min(d.wake, d.deviceDeadline(), d.jobDeadline(), d.aliveAt)
}

func forPoller(at time.Duration) time.Duration {
	if at == remap.Never {
		return evdev.Forever
	}
	return at
}

// read is the hot path: it waits for the keys of a grabbed keyboard and handles each completely. It allocates nothing per
// key, and ends when the keyboard is gone.
func (d *daemon) read(k *device) {
	defer d.readers.Done()
	defer func() {
		if r := recover(); r != nil {
			err := d.bug(r)
			d.post(func() { d.fail(err) })
			_ = k.dev.Close()
		}
	}()
	k.dev.Follow(func(events []evdev.Event, err error) bool {
		if d.take(k, events, err) {
			d.poller.Wake()
		}
		return err == nil
	})
	_ = k.dev.Close()
}

// take handles a key from the read to the write. It says whether the loop must look at its clock.
func (d *daemon) take(k *device, events []evdev.Event, err error) (ring bool) {
	d.lock()
	defer d.unlock()
	if d.ended {
		return true
	}
	if len(events) > 0 && d.devices[k.id] == k {
		d.handle(k, events)
		d.send()
		if d.watchdog != nil {
			d.watchdog.put(events[0].Time)
		}
		d.tellStatus()
		d.lastDevice = k.id
		if d.reads++; d.reads%sampling == 0 {
			d.latency.add(evdev.Now() - events[0].Time)
		}
		if at := events[0].Time; at >= d.typing && d.options.Typing != nil {
			d.typing, d.typed, ring = at+typingEvery, true, true
		}
	}
	if err != nil {
		d.lost(k, err)
		d.send()
		d.tellStatus()
		return true
	}
	if d.wake < d.sleep {
		d.sleep = d.wake // once is enough
		return true
	}
	return ring || d.finished || d.fatal != nil
}

// bug turns a panic into an error. The stack goes to the debug log; it shows no keys.
func (d *daemon) bug(r any) error {
	d.log.Debug("panic", zap.Any("value", r), zap.Stack("stack"))
	return fmt.Errorf("internal error, please report it: %v", r)
}

// send writes the engine's output.
func (d *daemon) send() {
	if len(d.out.Events)+len(d.out.Effects) > 0 || d.out.Typing != nil {
		if err := d.write(); err != nil {
			d.fail(fmt.Errorf("the virtual keyboard is lost: %w", err))
		}
	}
	if d.batched > 0 { // nothing that was typed stays in memory
		clear(d.events[:d.batched])
		d.batched = 0
	}
}

// handle passes the events of one read to the engine.
func (d *daemon) handle(k *device, events []evdev.Event) {
	if from, to := evdev.LetGo(events); to > 0 && k.grabbed && !k.dev.InSeam(events) {
		d.handleTyped(k, events[:from])
		d.letGo(k, events[from:to])
		events = events[to:]
	}
	d.handleTyped(k, events)
}

// letGo lifts what a keyboard holds down that is about to go, or slept. The user has not released these keys: if it looked
// so, the release of Super would open the launcher.
func (d *daemon) letGo(k *device, events []evdev.Event) {
	if len(d.monitors) > 0 && d.at == Here {
		for _, e := range events {
			if e.Type == evdev.EvKey {
				d.tell("in", key.Code(e.Code), e.Value, k.info.Name)
			}
		}
	}
	d.chords.forget()
	d.wake = d.engine.RemoveDevice(k.id, evdev.Now(), d.out)
	d.describeToEngine(k)
}

// handleTyped passes events from a user to the engine.
func (d *daemon) handleTyped(k *device, events []evdev.Event) {
	if len(events) == 0 {
		return
	}
	theirs, undone := 0, false // how many of the events others have also got
	if k.grabbed {
		var ours []evdev.Event
		ours, undone = k.dev.Ours(events)
		theirs = len(events) - len(ours)
	}
	if undone {
		k.grabbed = false
	}
	batch := d.events[:0]
	d.batched = min(max(d.batched, len(events)), cap(d.events)) // send clears them
	repeats := false
	for i := range events {
		e := &events[i]
		switch e.Type {
		case evdev.EvKey:
			if d.chords.see(e.Code, e.Value) {
				d.togglePause()
				d.poller.Wake() // the loop tells whoever wants to know
				return
			}
			repeats = repeats || e.Value == remap.Repeat
		case evdev.EvMsc:
			continue
		case evdev.EvSyn:
			if !k.pointer { // in the engine, each key is a separate frame
				continue
			}
		}
		if i < theirs {
			continue
		}
		batch = append(batch, remap.Event{At: e.Time, Type: e.Type, Code: key.Code(e.Code), Value: e.Value, Device: k.id})
	}
	if !k.grabbed { // given back, and followed for the panic chords and until its keys are up
		d.step(k, evdev.Now())
		d.poller.Wake() // its next time may be earlier now
		return
	}
	if len(d.monitors) > 0 && d.at == Here { // but nothing that is typed at a locked screen
		for _, ev := range batch {
			if ev.Type == remap.TypeKey {
				d.tell("in", ev.Code, ev.Value, k.info.Name)
			}
		}
	}
	if repeats {
		batch = remap.DropStaleRepeats(batch)
	}
	d.counters.In += uint64(len(batch))
	for i := range batch {
		d.wake = d.engine.Handle(batch[i], d.out)
	}
}
