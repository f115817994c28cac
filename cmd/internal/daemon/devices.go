package daemon

import (
	"errors"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
)

// A device is a keyboard that is grabbed or will be.
type device struct {
	id   uint8
	info *evdev.Info
	dev  *evdev.Device
	kind string       // type of keyboard
	told remap.Device // as the engine knows it

	pointer bool // it also moves a pointer
	grabbed bool
	grabber *evdev.Grabber // while it is being grabbed
	polled  bool           // the loop waits for its events, to continue grabbing
	// following says that a goroutine waits for its keys and will close the device. While the daemon is paused, it waits
	// only for the panic chords.
	following bool
	due       time.Duration // when to continue grabbing even if no event came
	tries     uint          // how often another program had it
}

// hotplug handles a report of the watch. It opens the keyboard here and not under the lock: for a USB keyboard that nobody
// had open, the kernel waits 50 ms (usbhid_open in drivers/hid/usbhid/hid-core.c).
func (d *daemon) hotplug(c evdev.Change) {
	var dev *evdev.Device
	if c.Kind == evdev.Appeared {
		d.lock()
		setup := d.setup
		d.unlock()
		if setup.Judge(c.Info).Grab {
			dev = d.open(c.Info)
		}
	}
	d.post(func() { d.change(c, dev) })
}

// open opens a keyboard, and makes the virtual pointer if the keyboard needs one. nil: it cannot be opened. Do not call it
// under the lock.
func (d *daemon) open(i *evdev.Info) *evdev.Device {
	if d.elsewhere() {
		return nil
	}
	dev, err := evdev.Open(i.Path)
	if err != nil {
		if !evdev.IsGone(err) && !errors.Is(err, fs.ErrNotExist) {
			d.log.Warn("keyboard cannot be opened", zap.Error(err))
		}
		return nil
	}
	if i.Caps.HasPointer() {
		d.needPointer()
	}
	return dev
}

// needPointer makes the virtual pointer unless it exists. Do not call it under the lock.
func (d *daemon) needPointer() {
	d.lock()
	have := d.pointer != nil
	d.unlock()
	if have {
		return
	}
	p, err := evdev.NewPointer()
	if err != nil {
		d.log.Error("no virtual pointer", zap.Error(err))
		return
	}
	d.lock()
	defer d.unlock()
	if d.pointer != nil || d.ended {
		_ = p.Close()
		return
	}
	d.pointer = p
}

// change handles a device that appeared or disappeared. dev is its keyboard if it must be grabbed.
func (d *daemon) change(c evdev.Change, dev *evdev.Device) {
	switch c.Kind {
	case evdev.Appeared:
		d.nodes[c.Path] = c.Info
		delete(d.failures, c.Path)
		d.consider(c.Info, dev)
	case evdev.Vanished:
		delete(d.nodes, c.Path)
		if k := d.byPath(c.Path); k != nil {
			d.lost(k, nil)
		}
	case evdev.Scanned: // happens once
		close(d.looked)
		if c.Denied > 0 && d.keyboards() == 0 {
			// udev may be about to give us permission; by then, the watch has reported the nodes for which it did not.
			time.AfterFunc(evdev.PermissionLimit+deniedGrace, func() { d.post(func() { d.scanLate(deniedTries) }) })
			return
		}
		d.firstScan()
	}
}

const (
	deniedGrace = 200 * time.Millisecond
	deniedTries = 20 // on a busy machine, the watch may be later
)

// scanLate decides when the watch has reported what was denied at first, or after so many tries.
func (d *daemon) scanLate(tries int) {
	if tries > 0 && d.keyboards() == 0 && d.denied() == 0 {
		time.AfterFunc(deniedGrace, func() { d.post(func() { d.scanLate(tries - 1) }) })
		return
	}
	d.firstScan()
}

// firstScan decides about the devices that existed at the start.
func (d *daemon) firstScan() {
	d.scanned = true
	switch {
	case d.keyboards() > 0:
	case d.at == Elsewhere: // they are taken when our session is active
	case d.denied() > 0:
		d.fail(ErrNoPermission)
		return
	case !d.options.Wait:
		d.fail(ErrNoKeyboard)
		return
	default:
		d.log.Warn("no keyboard to grab; waiting for one (\"toshy devices\" lists the devices)")
	}
	d.ready()
}

// keyboards counts keyboards that are grabbed or will be.
func (d *daemon) keyboards() (n int) {
	for _, k := range d.devices {
		if k != nil {
			n++
		}
	}
	return n
}

// denied counts the keyboards that may not be opened.
func (d *daemon) denied() (n int) {
	for _, i := range d.nodes {
		if d.setup.Judge(i).Reason == evdev.ReasonPermission {
			n++
		}
	}
	return n
}

// ready reports that the start is over, as soon as no keyboard waits until its keys are up. It does not wait for a keyboard
// that another program has: that may never change.
func (d *daemon) ready() {
	if !d.scanned || d.options.Ready == nil {
		return
	}
	for _, k := range d.devices {
		if k != nil && k.grabber != nil && k.tries == 0 {
			return
		}
	}
	d.options.Ready()
	d.options.Ready = nil
}

func (d *daemon) byPath(path string) *device {
	for _, k := range d.devices {
		if k != nil && k.info.Path == path {
			return k
		}
	}
	return nil
}

// consider grabs a device if it is a wanted keyboard and was opened.
func (d *daemon) consider(i *evdev.Info, dev *evdev.Device) {
	v := d.setup.Judge(i)
	d.log.Debug("device", zap.String("name", i.Name), zap.String("path", i.Path), zap.Bool("grab", v.Grab), zap.String("why", v.Text))
	if v.Reason == evdev.ReasonPermission && d.scanned {
		d.log.Warn("no permission to open a keyboard", zap.String("device", describe(i)), zap.String("why", v.Text))
	}
	if dev == nil {
		if v.Grab && d.at != Elsewhere { // it could not be opened, or was not wanted at the time
			d.retry(i)
		}
		return
	}
	if !v.Grab || d.at == Elsewhere { // the configuration has changed since it was opened
		_ = dev.Close()
		return
	}
	if old := d.byPath(i.Path); old != nil { // the node was reused before we heard that the old device is gone
		d.lost(old, nil)
	}
	id := -1
	for n, k := range d.devices {
		if k == nil {
			id = n
			break
		}
	}
	if id < 0 {
		if d.failures[i.Path] == 0 {
			d.log.Error("too many keyboards; toshy takes this one when another is unplugged", zap.String("device", describe(i)), zap.Int("limit", remap.MaxDevices))
		}
		_ = dev.Close()
		d.retry(i)
		return
	}
	k := &device{id: uint8(id), info: i, dev: dev, pointer: i.Caps.HasPointer(), kind: d.kind(i), due: remap.Never}
	d.devices[id] = k
	d.changes++
	if d.paused {
		d.follow(k)
		return
	}
	d.step(k, evdev.Now())
}

// busyRetry is the first pause before trying again to take a keyboard that another program has; the pause doubles up to
// busyRetryMax.
const (
	busyRetry    = time.Second
	busyRetryMax = 30 * time.Second
)

// step continues grabbing a keyboard. A keyboard that was given back is followed: each of its events, including its end,
// leads here again. It is grabbed once none of its keys is down, since the desktop has seen their presses and must see the
// releases, or when it has waited long enough for that.
func (d *daemon) step(k *device, now time.Duration) {
	if d.paused || k.grabbed {
		return
	}
	if k.grabber == nil {
		k.grabber = evdev.NewGrabber(k.dev, now)
	}
	if !k.following && !k.polled {
		if err := d.poller.Add(k.dev.FD(), int32(k.id)); err != nil {
			d.lost(k, err)
			return
		}
		k.polled = true
	}
	done, err := k.grabber.Step(now)
	switch {
	case d.busy(k, err, now):
		k.grabber = evdev.NewGrabber(k.dev, k.due)
		// Its events go to the program that has it. Do not spin on it.
		d.unpoll(k)
		d.ready()
	case err != nil:
		d.lost(k, err)
	case !done:
		k.due = k.grabber.Deadline()
	default:
		if !k.following {
			d.follow(k)
		}
		if k.following {
			d.taken(k)
		}
	}
}

// busy says whether another program has the keyboard, and then sets the time of the next try.
func (d *daemon) busy(k *device, err error, now time.Duration) bool {
	var busy *evdev.BusyError
	if !errors.As(err, &busy) {
		return false
	}
	if k.tries == 0 {
		go func() { // reads all of /proc
			busy.FindHolders()
			d.log.Warn("keyboard is not available; trying again", zap.String("device", describe(k.info)), zap.Error(busy))
		}()
	}
	k.due = now + min(busyRetry<<k.tries, busyRetryMax)
	k.tries = min(k.tries+1, 10)
	return true
}

func (d *daemon) unpoll(k *device) {
	if k.polled {
		_ = d.poller.Remove(k.dev.FD())
		k.polled = false
	}
}

// follow starts the goroutine that waits for the keys of a keyboard.
func (d *daemon) follow(k *device) {
	d.unpoll(k)
	if err := k.dev.Attach(); err != nil {
		d.lost(k, err)
		return
	}
	k.grabber, k.following, k.due = nil, true, remap.Never
	d.readers.Add(1)
	go d.read(k)
}

// taken tells the rest of the program about a keyboard that was grabbed.
func (d *daemon) taken(k *device) {
	k.grabber, k.grabbed, k.tries, k.due = nil, true, 0, remap.Never
	d.changes++
	d.counters.Grabs++
	d.takeLocks(k)
	d.describeToEngine(k)
	d.lightLEDs(k)
	d.log.Info("keyboard grabbed", zap.String("device", describe(k.info)), zap.String("type", k.kind), zap.String("id", k.info.ID()))
	d.ready()
}

// close gives a keyboard back and ends its goroutine.
func (k *device) close() {
	if k.following {
		_ = k.dev.Revoke() // whoever waits for it closes it
		return
	}
	_ = k.dev.Close()
}

func (d *daemon) deviceDeadline() time.Duration {
	at := remap.Never
	for _, k := range d.devices {
		if k != nil && !k.grabbed {
			at = min(at, k.due)
		}
	}
	return at
}

// stepDevices continues with the keyboards whose time has come.
func (d *daemon) stepDevices(now time.Duration) {
	for _, k := range d.devices {
		if k != nil && !k.grabbed && now >= k.due {
			d.step(k, now)
		}
	}
}

// lost lifts what the keys of a lost keyboard hold down, and forgets it.
func (d *daemon) lost(k *device, err error) {
	if d.devices[k.id] != k || d.ended {
		return
	}
	if err != nil && !evdev.IsGone(err) {
		d.log.Warn("keyboard is lost; trying again", zap.String("device", describe(k.info)), zap.Error(err))
		d.retry(k.info)
	} else {
		d.log.Info("keyboard is gone", zap.String("device", describe(k.info)))
		if err != nil { // its node may stay: someone has revoked our access to it
			d.retry(k.info)
		}
	}
	d.counters.Lost++
	d.forget(k)
}

// retry opens a keyboard again that failed or was not opened, although its node still exists, after a pause that grows with
// each failure.
func (d *daemon) retry(i *evdev.Info) {
	n := d.failures[i.Path]
	d.failures[i.Path] = min(n+1, 10)
	time.AfterFunc(min(busyRetry<<n, busyRetryMax), func() {
		d.lock()
		wanted := d.nodes[i.Path] == i && d.byPath(i.Path) == nil && d.setup.Judge(i).Grab && d.at != Elsewhere && !d.ended
		d.unlock()
		if !wanted {
			return
		}
		dev := d.open(i)
		d.post(func() {
			if dev != nil {
				d.adopt(map[string]*evdev.Device{i.Path: dev})
			} else if d.nodes[i.Path] == i {
				d.retry(i)
			}
		})
	})
}

func (d *daemon) forget(k *device) {
	d.devices[k.id] = nil
	d.changes++
	d.unpoll(k)
	k.close()
	d.chords.forget()
	d.wake = d.engine.RemoveDevice(k.id, evdev.Now(), d.out)
	d.ready()
}

// describeToEngine tells the engine what conditions may ask about a keyboard.
func (d *daemon) describeToEngine(k *device) {
	var debounce time.Duration
	if d.setup.Debounce != nil {
		debounce = d.setup.Debounce(k.info)
	}
	k.told = d.setup.Program.SearchDevice(remap.Device{
		Name: k.info.Name, Keyboard: k.kind, Debounce: debounce,
		CapsLock: d.locks.Has(evdev.LedCaps), NumLock: d.locks.Has(evdev.LedNum),
	}, k.told)
	d.wake = d.engine.SetDevice(k.id, k.told, evdev.Now(), d.out)
}
