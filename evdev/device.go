package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is the number of records that one read(2) requests. The kernel's buffer for a reader of a keyboard holds 64
// (EVDEV_MIN_BUFFER_SIZE in drivers/input/evdev.c).
const batch = 64

// Device is an input device that is open for reading. One goroutine reads it; others may call Close, Ungrab and SetLED.
type Device struct {
	path     string
	writable bool
	readKeys func(*KeySet) error // EVIOCGKEY, replaced in tests without a real device

	mu       sync.Mutex // held during each system call on fd: a closed number may belong to someone else
	fd       int        // -1 when closed
	waiter   *waiter    // owns fd once the device is attached
	attached bool       // see Attach
	raw      [batch * EventSize]byte
	seam     seam // of the last grab
	part     int  // bytes at the start of raw that belong to an incomplete record

	out      []Event
	down     KeySet // keys reported as pressed and not yet as released
	truth    KeySet // what the kernel last said about the keys, after it dropped events
	dropping bool   // events are ignored up to the next SYN_REPORT
}

// Open opens the device node at path for reading, and for writing (LEDs) if allowed. Event times are on CLOCK_MONOTONIC.
// Scan codes (EV_MSC) are left out: nothing here needs them, and to read one with each key costs 0.2 µs.
// Errors are *fs.PathError with the errno: fs.ErrPermission, fs.ErrNotExist, unix.ENODEV.
func Open(path string) (*Device, error) {
	const flags = unix.O_NONBLOCK | unix.O_CLOEXEC
	writable := true
	fd, err := openRetry(path, unix.O_RDWR|flags)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EROFS) {
		writable = false
		fd, err = openRetry(path, unix.O_RDONLY|flags)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	id := int32(unix.CLOCK_MONOTONIC)
	if err := ioctlPtr(fd, eviocsclockid, unsafe.Pointer(&id)); err != nil {
		_ = unix.Close(fd)
		if errors.Is(err, unix.ENOTTY) {
			err = fmt.Errorf("not an input device: %w", err)
		}
		return nil, &fs.PathError{Op: "set clock of", Path: path, Err: err}
	}
	mask := inputMask{kind: EvSyn, size: wordSize, codes: uint64(uintptr(unsafe.Pointer(&withoutMsc)))}
	_ = ioctlPtr(fd, eviocsmask, unsafe.Pointer(&mask)) // before Linux 4.4, which has no masks, they come
	return newDevice(fd, path, writable), nil
}

// withoutMsc are the types of events that pass, a bit for each. It is a global variable, because Go may move others.
var withoutMsc = ^uintptr(0) &^ (1 << EvMsc)

func openRetry(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func newDevice(fd int, path string, writable bool) *Device {
	d := &Device{fd: fd, path: path, writable: writable, out: make([]Event, 0, 4*batch)}
	d.readKeys = d.kernelKeys
	return d
}

// FD is the descriptor, for epoll; -1 once closed.
func (d *Device) FD() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fd
}

// Writable says whether LEDs can be set.
func (d *Device) Writable() bool { return d.writable }

// Read takes the waiting records, at most 64, with one read(2). It never blocks: if nothing waits, it returns no events.
// The slice is valid until the next Read. The stream is consistent whatever the kernel dropped: SYN_DROPPED never appears,
// each press has a release, and after lost events extra frames restore the true state of the keys. Releases of keys that
// were not pressed are left out.
//
// If the device is gone, the error is unix.ENODEV (see IsGone), and Held lists the keys that are still down. After Close,
// the error is fs.ErrClosed.
func (d *Device) Read() ([]Event, error) {
	d.mu.Lock()
	if d.fd < 0 {
		d.mu.Unlock()
		return nil, &fs.PathError{Op: "read", Path: d.path, Err: fs.ErrClosed}
	}
	n, errno := rawRead(d.fd, d.raw[d.part:])
	d.mu.Unlock()
	return d.received(n, errno)
}

// Attach prepares the device for Follow. Do not use Read after that.
func (d *Device) Attach() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return &fs.PathError{Op: "wait for", Path: d.path, Err: fs.ErrClosed}
	}
	if d.attached {
		return nil
	}
	w, err := newWaiter(d.fd, d.path)
	if err != nil {
		return err
	}
	d.waiter, d.attached = w, true
	return nil
}

// Follow reads the device until take returns false or gets an error. Call it in a goroutine of its own: it waits while
// nothing happens. take gets what Read would return; the events are valid until it returns. Revoke ends the wait with
// ENODEV, Close with fs.ErrClosed. Call Attach first.
func (d *Device) Follow(take func([]Event, error) (more bool)) {
	err := d.waiter.wait(func(fd uintptr) bool {
		for {
			n, errno := rawRead(int(fd), d.raw[d.part:])
			switch errno {
			case unix.EINTR:
				continue
			case unix.EAGAIN:
				return false
			}
			events, err := d.received(n, errno)
			more := take(events, err)
			d.forget(n)
			if !more || err != nil {
				return true
			}
		}
	})
	if err != nil {
		take(nil, &fs.PathError{Op: "read", Path: d.path, Err: err})
	}
}

// forget wipes the result of a read after it was passed on, because what was typed must not stay in memory. The start of an
// incomplete record stays.
func (d *Device) forget(n int) {
	clear(d.out)
	if n > 0 {
		clear(d.raw[d.part:min(d.part+n+EventSize, len(d.raw))])
	}
}

// received handles the result of a read.
func (d *Device) received(n int, errno unix.Errno) ([]Event, error) {
	switch errno {
	case 0:
	case unix.EAGAIN, unix.EINTR:
		return nil, nil
	default:
		return nil, &fs.PathError{Op: "read", Path: d.path, Err: errno}
	}
	if n == 0 { // a real node never reports end of file
		return nil, &fs.PathError{Op: "read", Path: d.path, Err: unix.ENODEV}
	}
	n += d.part
	whole := n - n%EventSize
	events, err := d.take(d.raw[:whole])
	if d.part = n - whole; d.part > 0 {
		copy(d.raw[:], d.raw[whole:n])
	}
	return events, err
}

// take turns records into events and updates the state of the keys.
func (d *Device) take(b []byte) ([]Event, error) {
	d.out = d.out[:0]
	out := d.out // in a register for each key
	for ; len(b) >= EventSize; b = b[EventSize:] {
		e := decode(b)
		switch {
		case e.Type == EvSyn && e.Code == SynDropped:
			d.dropping = true
			continue
		case d.dropping:
			if e.Type == EvSyn && e.Code == SynReport {
				d.dropping, d.out = false, out
				err := d.resync(e.Time, b[EventSize:])
				return d.out, err
			}
			continue
		case e.Type == EvKey && !d.account(e.Code, e.Value):
			continue
		}
		out = append(out, e)
	}
	d.out = out
	return out, nil
}

// pass appends e to the output if it passes.
func (d *Device) pass(e Event) {
	if e.Type != EvKey || d.account(e.Code, e.Value) {
		d.out = append(d.out, e)
	}
}

// account updates which keys are down, and says whether the event of a key passes: not the release or repeat of a key that was
// never reported down.
func (d *Device) account(code uint16, value int32) bool {
	switch {
	case value == 1:
		d.down.Add(code)
	case !d.down.Has(code):
		return false
	case value == 0:
		d.down.Remove(code)
	}
	return true
}

// Held returns the keys that were reported as pressed and not as released, in rising order. After an error from Read, lift
// them.
func (d *Device) Held() []uint16 { return d.down.Append(nil) }

// Keys asks the kernel which keys are down now.
func (d *Device) Keys() (KeySet, error) {
	var s KeySet
	err := d.readKeys(&s)
	return s, err
}

func (d *Device) kernelKeys(s *KeySet) error {
	var b [keyBytes]byte
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return &fs.PathError{Op: "read keys of", Path: d.path, Err: fs.ErrClosed}
	}
	if err := ioctlPtr(d.fd, eviocgkey, unsafe.Pointer(&b)); err != nil {
		return &fs.PathError{Op: "read keys of", Path: d.path, Err: err}
	}
	s.fromBitmap(&b)
	return nil
}

// LEDs is a set of lock lights, bit n for LED n (1<<LedCaps ...).
type LEDs uint16

// Has says whether led is lit.
func (l LEDs) Has(led uint16) bool { return led < 16 && l>>led&1 != 0 }

// LEDs asks the kernel which lights are on.
func (d *Device) LEDs() (LEDs, error) {
	var b [8]byte
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return 0, &fs.PathError{Op: "read LEDs of", Path: d.path, Err: fs.ErrClosed}
	}
	if err := ioctlPtr(d.fd, eviocgled, unsafe.Pointer(&b)); err != nil {
		return 0, &fs.PathError{Op: "read LEDs of", Path: d.path, Err: err}
	}
	var l LEDs
	for led := range uint16(16) {
		// unsigned longs: only the lowest 16 bits of the first word matter
		at := led / 8
		if !littleEndian {
			at = wordSize - 1 - at
		}
		if b[at]>>(led%8)&1 != 0 {
			l |= 1 << led
		}
	}
	return l, nil
}

var littleEndian = func() bool { x := uint16(1); return *(*byte)(unsafe.Pointer(&x)) == 1 }()

// SetLED turns an LED of the real keyboard on or off. The kernel ignores LEDs that the keyboard does not have. On a device
// that is only open for reading, the error is fs.ErrPermission.
func (d *Device) SetLED(led uint16, on bool) error {
	e := Event{Type: EvLed, Code: led}
	if on {
		e.Value = 1
	}
	if err := d.inject(e, SyncEvent); err != nil {
		return &fs.PathError{Op: "set LED of", Path: d.path, Err: err}
	}
	return nil
}

// inject writes at most 64 events to the device. All its readers see them as if its hardware had sent them
// (input_inject_event in drivers/input/input.c).
func (d *Device) inject(events ...Event) error {
	if !d.writable {
		return unix.EACCES
	}
	var b [batch * EventSize]byte
	for i, e := range events {
		encode(b[i*EventSize:], e)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return fs.ErrClosed
	}
	for {
		_, err := unix.Write(d.fd, b[:len(events)*EventSize])
		if err != unix.EINTR {
			return err
		}
	}
}

// Close gives the keyboard back and closes the device, even if a Poller currently waits for it. It may wait some
// milliseconds for the kernel (an RCU grace period). Closing again does nothing.
func (d *Device) Close() error {
	d.mu.Lock()
	fd := d.fd
	d.fd = -1
	if fd < 0 {
		d.mu.Unlock()
		return nil
	}
	d.mu.Unlock()
	// The number is ours until close: all other code reads d.fd under the lock.
	_ = ioctl(fd, eviocgrab, 0) // EINVAL if it was not grabbed
	letGoOf(fd)
	if d.attached {
		return d.waiter.close()
	}
	if err := unix.Close(fd); err != nil && err != unix.EINTR {
		return &fs.PathError{Op: "close", Path: d.path, Err: err}
	}
	return nil
}

// Revoke permanently takes this opener's access away: everyone else gets the keyboard back at once, and Read then returns
// ENODEV. It is for a watchdog, which must not close what another goroutine reads.
func (d *Device) Revoke() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return nil
	}
	if err := ioctl(d.fd, eviocrevoke, 0); err != nil && err != unix.ENODEV {
		return &fs.PathError{Op: "revoke", Path: d.path, Err: err}
	}
	return nil
}

// IsGone says whether an error means that the device no longer exists (unplugged or revoked).
func IsGone(err error) bool {
	return errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO)
}

func keyEvent(t time.Duration, code uint16, value int32) Event {
	return Event{Time: t, Type: EvKey, Code: code, Value: value}
}
