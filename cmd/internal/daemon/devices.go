package daemon

import (
	"errors"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
)

// A device is a keyboard that is grabbed or about to be.
type device struct {
	id      uint8
	info    *evdev.Info
	dev     *evdev.Device
	grabber *evdev.Grabber // until it is grabbed
	grabbed bool
	// following says that a goroutine waits for its keys; it closes the device.
	following bool
	retryAt   time.Duration // when another program had it
	retries   uint
	kind      string // type of keyboard
}

// change handles a device that came or went.
func (d *daemon) change(c evdev.Change) {
	switch c.Kind {
	case evdev.Appeared:
		d.nodes[c.Path] = c.Info
		d.consider(c.Info)
	case evdev.Vanished:
		delete(d.nodes, c.Path)
		if k := d.byPath(c.Path); k != nil {
			d.lost(k, nil)
		}
	case evdev.Scanned:
		d.scanned = true
		d.firstScan()
	}
}

// firstScan judges what was there at the start.
func (d *daemon) firstScan() {
	keyboards, denied := 0, 0
	for _, k := range d.devices {
		if k != nil {
			keyboards++
		}
	}
	for _, i := range d.nodes {
		if errors.Is(i.Err, fs.ErrPermission) {
			denied++
		}
	}
	switch {
	case keyboards > 0:
	case denied > 0:
		d.fail(ErrNoPermission)
		return
	case !d.options.Wait:
		d.fail(ErrNoKeyboard)
		return
	default:
		d.log.Warn("no keyboard to grab; waiting for one (\"toshy devices\" says what is there)")
	}
	d.ready()
}

// ready tells that the start is over, once no keyboard waits for its keys to go up any more.
func (d *daemon) ready() {
	if !d.scanned || d.options.Ready == nil {
		return
	}
	for _, k := range d.devices {
		if k != nil && k.grabber != nil {
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

// consider grabs a device if it is a keyboard that is wanted.
func (d *daemon) consider(i *evdev.Info) {
	v := d.setup.Judge(i)
	d.log.Debug("device", zap.String("name", i.Name), zap.String("path", i.Path), zap.Bool("grab", v.Grab), zap.String("why", v.Text))
	if !v.Grab {
		if v.Reason == evdev.ReasonPermission && d.scanned {
			d.log.Warn("an input device may not be opened", zap.String("path", i.Path))
		}
		return
	}
	if old := d.byPath(i.Path); old != nil { // the node was used again before we heard of the loss
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
		d.log.Error("too many keyboards; this one is left alone", zap.String("device", describe(i)), zap.Int("limit", remap.MaxDevices))
		return
	}
	dev, err := evdev.Open(i.Path)
	if err != nil {
		if !evdev.IsGone(err) && !errors.Is(err, fs.ErrNotExist) {
			d.log.Warn("keyboard cannot be opened", zap.Error(err))
		}
		return
	}
	now := evdev.Now()
	k := &device{id: uint8(id), info: i, dev: dev, grabber: evdev.NewGrabber(dev, now), kind: d.setup.KeyboardType(i)}
	d.devices[id] = k
	if err := d.poller.Add(dev.FD(), int32(id)); err != nil {
		d.log.Error("keyboard cannot be waited for", zap.Error(err))
		d.forget(k)
		return
	}
	if i.Caps.HasPointer() {
		d.needPointer()
	}
	if !d.paused {
		d.step(k, now)
	}
}

// needPointer makes the virtual pointer, if there is none yet.
func (d *daemon) needPointer() {
	if d.pointer != nil {
		return
	}
	p, err := evdev.NewPointer()
	if err != nil {
		d.log.Error("no virtual pointer", zap.Error(err))
		return
	}
	d.pointer = p
}

// busyRetry is how long a keyboard that another program has is left alone at first; the time doubles
// up to busyRetryMax.
const (
	busyRetry    = time.Second
	busyRetryMax = 30 * time.Second
)

// step goes on with grabbing a keyboard.
func (d *daemon) step(k *device, now time.Duration) {
	if k.grabber == nil || now < k.retryAt {
		return
	}
	done, err := k.grabber.Step(now)
	var busy *evdev.BusyError
	switch {
	case errors.As(err, &busy):
		if k.retries == 0 {
			d.log.Warn("keyboard is not available; trying again", zap.Error(err))
		}
		k.retryAt = now + min(busyRetry<<k.retries, busyRetryMax)
		k.retries = min(k.retries+1, 10)
		k.grabber = evdev.NewGrabber(k.dev, k.retryAt)
		// What it sends meanwhile goes to the one who has it; do not spin on it.
		_ = d.poller.Remove(k.dev.FD())
		return
	case err != nil:
		d.lost(k, err)
		return
	case !done:
		return
	}
	if k.retries == 0 {
		_ = d.poller.Remove(k.dev.FD())
	}
	if err := k.dev.Block(); err != nil {
		d.lost(k, err)
		return
	}
	k.grabber, k.grabbed, k.retries, k.following = nil, true, 0, true
	d.readers.Add(1)
	go d.follow(k)
	d.describeToEngine(k)
	d.lightLEDs(k)
	d.log.Info("keyboard grabbed", zap.String("device", describe(k.info)), zap.String("type", k.kind), zap.String("id", k.info.ID()))
	d.ready()
}

// close gives a keyboard back and ends its goroutine.
func (k *device) close() {
	if k.following {
		_ = k.dev.Revoke() // who waits for it closes it
		return
	}
	_ = k.dev.Close()
}

func (d *daemon) deviceDeadline() time.Duration {
	at := remap.Never
	if d.paused {
		return at
	}
	for _, k := range d.devices {
		if k != nil && k.grabber != nil {
			at = min(at, max(k.grabber.Deadline(), k.retryAt))
			if k.retries > 0 {
				at = min(at, k.retryAt)
			}
		}
	}
	return at
}

// stepDevices goes on with the keyboards whose time has come.
func (d *daemon) stepDevices(now time.Duration) {
	if d.paused {
		return
	}
	for _, k := range d.devices {
		if k != nil && k.grabber != nil && (now >= k.grabber.Deadline() || k.retries > 0 && now >= k.retryAt) {
			d.step(k, now)
		}
	}
}

// lost lifts what the keys of a keyboard put down that is gone, and forgets it.
func (d *daemon) lost(k *device, err error) {
	if d.devices[k.id] != k {
		return
	}
	if err != nil && !evdev.IsGone(err) {
		d.log.Warn("keyboard is lost", zap.String("device", describe(k.info)), zap.Error(err))
	} else {
		d.log.Info("keyboard is gone", zap.String("device", describe(k.info)))
	}
	d.forget(k)
}

func (d *daemon) forget(k *device) {
	d.devices[k.id] = nil
	k.close()
	d.chords = chords{}
	d.wake = d.engine.RemoveDevice(k.id, evdev.Now(), d.out)
	d.ready()
}

// describeToEngine tells the engine what conditions may ask about a keyboard.
func (d *daemon) describeToEngine(k *device) {
	d.wake = d.engine.SetDevice(k.id, remap.Device{
		Name: k.info.Name, Keyboard: k.kind,
		CapsLock: d.locks.Has(evdev.LedCaps), NumLock: d.locks.Has(evdev.LedNum),
	}, evdev.Now(), d.out)
}

// lightLEDs shows on a keyboard what the desktop shows on the virtual one.
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
