//go:build vm

package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"toshy/remap/key"
)

// Event types and ioctls (linux/input-event-codes.h, linux/input.h).
const (
	evKey, evRel, evLED = 1, 2, 17

	synDropped     = 3
	relX, relWheel = 0, 8
	btnLeft        = 0x110

	eventSize = 24 // struct input_event on 64-bit machines

	eviocgrab    = 0x40044590
	eviocgkey768 = 0x80604518 // EVIOCGKEY(96): one bit for each key that is down
	eviocgled8   = 0x80084519 // EVIOCGLED(8)
	eviocsrep    = 0x40084503 // EVIOCSREP: milliseconds until a held key repeats, and between repeats
)

// ioctl calls an ioctl with an integer.
func ioctl(fd, request, arg uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, arg); errno != 0 {
		return errno
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// node is an event device as /sys/class/input shows it.
type node struct{ path, name, phys string }

// nodes returns all event devices. A device that is about to disappear has a node without attributes, and is left out.
func nodes() []node {
	var all []node
	paths, _ := filepath.Glob("/dev/input/event*")
	for _, p := range paths {
		device := filepath.Join("/sys/class/input", filepath.Base(p), "device")
		name, err := os.ReadFile(filepath.Join(device, "name"))
		phys, err2 := os.ReadFile(filepath.Join(device, "phys"))
		if err == nil && err2 == nil {
			all = append(all, node{p, strings.TrimSpace(string(name)), strings.TrimSpace(string(phys))})
		}
	}
	return all
}

// appear waits for a node that is not in known.
func appear(t testing.TB, what string, known []node, want func(node) bool) node {
	t.Helper()
	var found node
	until(t, what+" appears", func() bool {
		for _, n := range nodes() {
			if want(n) && !slices.Contains(known, n) {
				found = n
				return true
			}
		}
		return false
	})
	return found
}

// vanish waits until a node has disappeared.
func vanish(t testing.TB, gone node) {
	t.Helper()
	until(t, gone.path+" ("+gone.name+") vanishes", func() bool { return !slices.Contains(nodes(), gone) })
}

// device is an open node: the events that come out of it, and its state.
type device struct {
	node
	t       testing.TB
	file    *os.File
	pending []keyEvent
	seen    map[key.Code]bool // keys that are down according to the events returned by next
	dropped bool              // the kernel dropped events for this reader
}

func open(t testing.TB, n node) *device {
	t.Helper()
	// Non-blocking, so that the runtime polls it and reads can have a deadline.
	f, err := os.OpenFile(n.path, os.O_RDWR|unix.O_NONBLOCK, 0)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return &device{node: n, t: t, file: f, seen: map[key.Code]bool{}}
}

// control calls f with the file's descriptor. File.Fd would make the descriptor blocking.
func (d *device) control(call func(fd uintptr) error) {
	d.t.Helper()
	conn, err := d.file.SyscallConn()
	must(d.t, err)
	var failed error
	must(d.t, conn.Control(func(fd uintptr) { failed = call(fd) }))
	must(d.t, failed)
}

// grab grabs the device for this process alone, like another remapper.
func (d *device) grab() {
	d.t.Helper()
	d.control(func(fd uintptr) error { return ioctl(fd, eviocgrab, 1) })
}

// down returns the keys that are down according to the kernel.
func (d *device) down() []key.Code {
	var bits [96]byte
	d.control(func(fd uintptr) error { return ioctl(fd, eviocgkey768, uintptr(unsafe.Pointer(&bits))) })
	var codes []key.Code
	for c := range key.Code(len(bits) * 8) {
		if bits[c/8]>>(c%8)&1 != 0 {
			codes = append(codes, c)
		}
	}
	return codes
}

// repeatSlowly makes held keys repeat twice a second. A test that waits for something else does not read them, and at the usual 30 a
// second the kernel would soon drop events that nobody has read.
func (d *device) repeatSlowly() {
	d.repeats([2]uint32{500, 500})
}

// withoutRepeats keeps held keys from repeating, for machines with the computer's clock: on a busy computer, a key is down for long.
func (k *keyboard) withoutRepeats() *keyboard {
	const hour = 3600 * 1000
	k.repeats([2]uint32{hour, hour})
	return k
}

func (d *device) repeats(times [2]uint32) {
	d.control(func(fd uintptr) error { return ioctl(fd, eviocsrep, uintptr(unsafe.Pointer(&times))) })
}

// led says whether a light is on: 0 is num lock, 1 caps lock, 2 scroll lock (LED_*).
func (d *device) led(code int) bool {
	var bits [8]byte
	d.control(func(fd uintptr) error { return ioctl(fd, eviocgled8, uintptr(unsafe.Pointer(&bits))) })
	return bits[0]>>code&1 != 0
}

// setLED does what a desktop does when a lock changes.
func (d *device) setLED(code uint16, on bool) {
	var value int32
	if on {
		value = 1
	}
	_, err := d.file.Write(append(event(evLED, code, value), event(0, 0, 0)...))
	must(d.t, err)
}

// ungrab ends the grab.
func (d *device) ungrab() {
	d.t.Helper()
	d.control(func(fd uintptr) error { return ioctl(fd, eviocgrab, 0) })
}

// inputEvent is one event of any type. The zero value is SYN_REPORT.
type inputEvent struct {
	kind, code uint16
	value      int32
}

func event(kind, code uint16, value int32) []byte {
	b := make([]byte, eventSize)
	binary.LittleEndian.PutUint16(b[16:], kind)
	binary.LittleEndian.PutUint16(b[18:], code)
	binary.LittleEndian.PutUint32(b[20:], uint32(value))
	return b
}

// read waits for key events until the deadline and adds them to pending.
func (d *device) read(deadline moment) error {
	events, err := d.readAll(deadline)
	d.took(events)
	return err
}

func (d *device) took(events []inputEvent) {
	for _, e := range events {
		switch {
		case e.kind == evKey:
			d.pending = append(d.pending, keyEvent{key.Code(e.code), e.value})
		case e.kind == 0 && e.code == synDropped:
			d.dropped = true
		}
	}
}

// readNow reads what is there already. (A read with a deadline in the past reads nothing at all.)
func (d *device) readNow() error {
	if err := d.file.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	conn, err := d.file.SyscallConn()
	if err != nil {
		return err
	}
	for {
		var buf [64 * eventSize]byte
		n, failed := 0, error(nil)
		if err := conn.Read(func(fd uintptr) bool { n, failed = unix.Read(int(fd), buf[:]); return true }); err != nil {
			return err
		}
		d.took(events(buf[:max(n, 0)]))
		switch {
		case failed == unix.EAGAIN:
			return nil
		case failed != nil:
			return failed
		}
	}
}

// readAll waits for events of all types until the deadline, and reads once.
func (d *device) readAll(deadline moment) ([]inputEvent, error) {
	var buf [64 * eventSize]byte
	for {
		if err := d.file.SetReadDeadline(time.Now().Add(deadline.left())); err != nil {
			return nil, err
		}
		n, err := d.file.Read(buf[:])
		if errors.Is(err, os.ErrDeadlineExceeded) && deadline.left() > beat { // by the machine's clock, some time is left
			continue
		}
		return events(buf[:max(n, 0)]), err
	}
}

func events(b []byte) (events []inputEvent) {
	for ; len(b) >= eventSize; b = b[eventSize:] {
		events = append(events, inputEvent{
			binary.LittleEndian.Uint16(b[16:]), binary.LittleEndian.Uint16(b[18:]), int32(binary.LittleEndian.Uint32(b[20:])),
		})
	}
	return events
}

// everything waits for this many events of any type.
func (d *device) everything(count int) (all []inputEvent) {
	d.t.Helper()
	for deadline := deadline(); len(all) < count; {
		events, err := d.readAll(deadline)
		if all = append(all, events...); err != nil {
			d.t.Fatalf("%s: only %v came, and then: %v", d.name, all, err)
		}
	}
	return all
}

// next returns the next key event.
func (d *device) next(deadline moment) (keyEvent, error) {
	for len(d.pending) == 0 {
		if err := d.read(deadline); err != nil {
			return keyEvent{}, err
		}
	}
	e := d.pending[0]
	d.pending = d.pending[1:]
	if e.value == released {
		delete(d.seen, e.code)
	} else {
		d.seen[e.code] = true
	}
	return e, nil
}

// expect reads key events from the device and fails unless they are the expected ones. It ignores repeats, because a slow machine has
// some where a fast one has none; see expectRepeats.
func (d *device) expect(want string) {
	d.t.Helper()
	wanted, err := parseKeys(want)
	must(d.t, err)
	var got []keyEvent
	for deadline := deadline(); len(got) < len(wanted); {
		e, err := d.next(deadline)
		if err != nil {
			d.t.Fatalf("%s: want %s\n  got %s\n  and then nothing: %v", d.name, want, format(got), err)
		}
		if e.value == repeated {
			continue
		}
		got = append(got, e)
		if e != wanted[len(got)-1] {
			d.settle()
			d.t.Fatalf("%s: want %s\n  got %s", d.name, want, format(append(got, d.pending...)))
		}
	}
}

// settle reads what else is on its way, to show it in a failure.
func (d *device) settle() { d.settleFor(200 * time.Millisecond) }

// settleFor reads what comes within this time.
func (d *device) settleFor(t time.Duration) {
	for deadline := in(t); d.read(deadline) == nil; {
		continue
	}
}

// expectRepeats waits until the key, which is down, has repeated this many times. Nothing else may come.
func (d *device) expectRepeats(name string, count int) {
	d.t.Helper()
	for deadline := deadline(); count > 0; count-- {
		e, err := d.next(deadline)
		if err != nil || e.String() != "~"+name {
			d.t.Fatalf("%s: want %d more ~%s, got %v (%v)", d.name, count, name, e, err)
		}
	}
}

// skipTo drops everything up to this event.
func (d *device) skipTo(want string, deadline moment) error {
	for {
		e, err := d.next(deadline)
		if err != nil || e.String() == want {
			return err
		}
	}
}

// silent fails if a key has come out of the device since the last read. Use it after something that comes later on the same path has
// been seen elsewhere.
func (d *device) silent() {
	d.t.Helper()
	must(d.t, d.readNow())
	if len(d.pending) > 0 {
		d.t.Fatalf("%s: want nothing, got %s", d.name, format(d.pending))
	}
}

// gone waits until the device disappears while it is read. The reader of a virtual keyboard then releases its keys, as desktops do:
// the kernel disconnects evdev readers before it releases the keys itself (evdev_disconnect, drivers/input/evdev.c).
func (d *device) gone() {
	d.t.Helper()
	for deadline := deadline(); ; {
		switch e, err := d.next(deadline); {
		case errors.Is(err, unix.ENODEV):
			vanish(d.t, d.node)
			return
		case err != nil:
			d.t.Fatalf("%s is still there: %v", d.name, err)
		case e.value != repeated:
			d.t.Fatalf("%s: want its end, got %v", d.name, e)
		}
	}
}

// ending reads the device in parallel until its maker has stopped properly: each key that was down goes up before it ends. It has to
// read at that moment, because the kernel drops unread events when a device ends. Call the result to wait for the end.
func (d *device) ending() func() {
	done := make(chan error, 1)
	end := deadline()
	go func() {
		for {
			switch e, err := d.next(end); {
			case errors.Is(err, unix.ENODEV) && len(d.seen) > 0:
				done <- fmt.Errorf("%s ended with keys down: %v", d.name, slices.Collect(maps.Keys(d.seen)))
				return
			case errors.Is(err, unix.ENODEV):
				done <- nil
				return
			case err != nil:
				done <- err
				return
			case e.value == pressed && keyName(e.code) != "leftctrl" && keyName(e.code) != "unknown": // they hide modifiers
				done <- fmt.Errorf("%s: %v at the end", d.name, e)
				return
			}
		}
	}()
	return func() {
		d.t.Helper()
		must(d.t, <-done)
		vanish(d.t, d.node)
	}
}

// allUp waits until no key is down on the device.
func (d *device) allUp() {
	d.t.Helper()
	until(d.t, fmt.Sprintf("all keys are up on %s", d.name), func() bool { return len(d.down()) == 0 })
}

// opens says whether a process has a file open.
func opens(t testing.TB, pid int, path string) bool {
	t.Helper()
	fds, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd/*"))
	must(t, err)
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == path {
			return true
		}
	}
	return false
}
