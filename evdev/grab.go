package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// BusyError says that another program has grabbed the device.
type BusyError struct {
	Path    string
	Holders []Holder // set by FindHolders
}

// FindHolders looks for the processes that have the device open, as far as permissions allow. One of them has grabbed it.
// It reads all of /proc, so never call it while a key waits.
func (e *BusyError) FindHolders() { e.Holders = holders(e.Path) }

// Holder is a process that has a device open.
type Holder struct {
	PID  int
	Name string // the kernel's name of the process, at most 15 bytes
}

func (e *BusyError) Error() string {
	who := "another program"
	if len(e.Holders) > 0 {
		names := make([]string, len(e.Holders))
		for i, h := range e.Holders {
			names[i] = fmt.Sprintf("%s, pid %d", h.Name, h.PID)
		}
		who += " (" + strings.Join(names, "; ") + ")"
	}
	return fmt.Sprintf("grab %s: already grabbed by %s; stop it, or leave this keyboard to it with an ignore rule", e.Path, who)
}

// Unwrap makes errors.Is(err, unix.EBUSY) true.
func (e *BusyError) Unwrap() error { return unix.EBUSY }

// Grab makes this opener the only one that gets the device's events (EVIOCGRAB). If someone else has grabbed the device,
// the error is a *BusyError, which is also unix.EBUSY. If a key may be down, use a Grabber.
func (d *Device) Grab() error {
	d.mu.Lock()
	fd := d.fd
	var err error = fs.ErrClosed
	if fd >= 0 {
		if err = ioctl(fd, eviocgrab, 1); err == nil {
			hold(fd, eviocgrab)
		}
	}
	d.mu.Unlock()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EBUSY):
		return &BusyError{Path: d.path}
	}
	return &fs.PathError{Op: "grab", Path: d.path, Err: err}
}

// Ungrab gives the device back to everyone. It waits some milliseconds for the kernel (an RCU grace period).
func (d *Device) Ungrab() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return nil
	}
	err := ioctl(d.fd, eviocgrab, 0)
	letGoOf(d.fd)
	if err != nil && err != unix.EINVAL && err != unix.ENODEV {
		return &fs.PathError{Op: "ungrab", Path: d.path, Err: err}
	}
	return nil
}

// holders lists the other processes that have the node open and may have grabbed it. Desktops and login managers open
// keyboards too but do not grab them, so the list leaves out names of programs that only read. Without the right to look
// into other users' processes, the list stays short.
func holders(node string) []Holder {
	node, err := filepath.EvalSymlinks(node)
	if err != nil {
		return nil
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var found []Holder
	for _, proc := range procs {
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err != nil {
			continue
		}
		fds, err := os.ReadDir(filepath.Join(proc, "fd"))
		if err != nil {
			continue
		}
		open := 0
		for _, fd := range fds {
			if to, err := os.Readlink(filepath.Join(proc, "fd", fd.Name())); err == nil && to == node {
				open++
			}
		}
		if pid == os.Getpid() {
			open-- // our own descriptor
		}
		if open < 1 {
			continue
		}
		name, err := os.ReadFile(filepath.Join(proc, "comm"))
		h := Holder{PID: pid, Name: strings.TrimSpace(string(name))}
		if err != nil || readsOnly[h.Name] {
			continue
		}
		found = append(found, h)
	}
	return found
}

// readsOnly are programs that keep keyboards open without grabbing them.
var readsOnly = map[string]bool{
	"systemd-logind": true, "systemd": true, "elogind-daemon": true, "seatd": true, "acpid": true, "upowerd": true,
	"gnome-shell": true, "kwin_wayland": true, "Xorg": true, "sway": true, "Hyprland": true, "niri": true,
	"cosmic-comp": true, "labwc": true, "weston": true, "river": true, "wayfire": true,
}

// GrabLimit is how long a Grabber waits until all keys are released.
const GrabLimit = 5 * time.Second

// Grabber grabs a device at a moment when none of its keys is down. The desktop has seen the press of a key that is down.
// If the keyboard were grabbed then, the desktop would never see the release, and would repeat the key for ever. So a
// Grabber checks that all keys are up, and then grabs. If a key went down in between, reading the device shows it, see
// Device.Ours. If keys are still down after GrabLimit, the Grabber injects their releases before the grab, as if the
// keyboard had sent them.
//
// It never waits: call Step at once, then each time the device is readable, and at Deadline.
type Grabber struct {
	dev      *Device
	deadline time.Duration
}

// NewGrabber starts a grab at the time now (see Now).
func NewGrabber(d *Device, now time.Duration) *Grabber {
	return &Grabber{dev: d, deadline: now + GrabLimit}
}

// Deadline is the time to call Step even if no event came.
func (g *Grabber) Deadline() time.Duration { return g.deadline }

// Step goes as far as it can. done means that the device is grabbed: pass everything that you read from then on through
// Device.Ours. Device.Held has the keys that could not be released before the grab (only for a device open for reading
// only): Read will return their releases, which you must pass on. After an error the grab is over; after a *BusyError, try
// again later with a new Grabber.
//
// After Attach, Step does not touch what Follow uses.
func (g *Grabber) Step(now time.Duration) (done bool, err error) {
	d := g.dev
	if !d.attached {
		if err := d.discard(); err != nil {
			return false, err
		}
	}
	// Asking for the keys also drops the key events up to now from the queue, which the desktop got too. Do not ask after
	// the grab: nobody else has got the events that would be dropped.
	from := Now()
	held, err := d.Keys()
	if err != nil {
		return false, err
	}
	if !held.Empty() {
		if now < g.deadline {
			return false, nil
		}
		d.letGo(&held)
		from = Now()
		if held, err = d.Keys(); err != nil {
			return false, err
		}
	}
	before := Now()
	if err := d.Grab(); err != nil {
		return false, err
	}
	d.seam = seam{from, before, Now()}
	if !d.attached {
		d.down = held
	}
	return true, nil
}

// A seam is the moment of a grab: all keys were up at from; others got all events up to before, and none after until.
type seam struct{ from, before, until time.Duration }

// InSeam says whether the first of some events belongs to the moment of the grab, so that Ours must look at them.
func (d *Device) InSeam(events []Event) bool {
	return len(events) > 0 && events[0].Time <= d.seam.until
}

// Ours returns those events of a read, made while a Grabber grabs the device, that nobody else has got. undone says that
// others saw a key go down at the moment of the grab. Then the device has been given back, so that they also see the key go
// up and get all later events. Do not call it at the same time as Step.
func (d *Device) Ours(events []Event) (ours []Event, undone bool) {
	if !d.InSeam(events) {
		return events, false
	}
	var shared KeySet
	n := 0
	for ; n < len(events) && events[n].Time <= d.seam.until; n++ {
		switch e := &events[n]; {
		case e.Type != EvKey:
		case e.Value == 1 && e.Time > d.seam.from:
			shared.Add(e.Code)
		case e.Value == 0 && e.Time <= d.seam.before:
			shared.Remove(e.Code)
		}
	}
	if shared.Empty() {
		return events[n:], false
	}
	d.undo(shared, events[n:])
	return nil, true
}

// undo gives the device back, and sends others the events that only we got: the releases of the keys that they saw go down,
// and the keys of rest. This is best effort: a key that was tapped twice at that moment counts once.
func (d *Device) undo(shared KeySet, rest []Event) {
	now, err := d.Keys() // everyone sees the release of a key that goes up later
	_ = d.Ungrab()
	d.seam = seam{}
	if err != nil {
		return // it is gone
	}
	tap := func(code uint16) {
		_ = d.inject(keyEvent(0, code, 1), SyncEvent, keyEvent(0, code, 0), SyncEvent)
	}
	for _, code := range shared.Append(nil) {
		if !now.Has(code) {
			tap(code) // they ignore another press
		}
	}
	done := shared
	for i := range rest {
		e := &rest[i]
		if e.Type != EvKey || e.Value != 1 || done.Has(e.Code) {
			continue
		}
		done.Add(e.Code)
		if now.Has(e.Code) { // it must be up before it can be pressed
			_ = d.inject(keyEvent(0, e.Code, 0), SyncEvent, keyEvent(0, e.Code, 1), SyncEvent)
		} else {
			tap(e.Code)
		}
	}
}

// letGo makes all readers of the device see its keys go up. The kernel then filters the keyboard's own release, since the
// key is already up. This is best effort: the caller checks afterwards what is still down.
func (d *Device) letGo(held *KeySet) {
	for _, code := range held.Append(nil) {
		if d.inject(keyEvent(0, code, 0), SyncEvent) != nil {
			return
		}
	}
}

// discard drops the waiting events.
func (d *Device) discard() error {
	for {
		d.dropping, d.part = false, 0
		d.mu.Lock()
		if d.fd < 0 {
			d.mu.Unlock()
			return &fs.PathError{Op: "read", Path: d.path, Err: fs.ErrClosed}
		}
		n, errno := rawRead(d.fd, d.raw[:])
		d.mu.Unlock()
		clear(d.raw[:max(n, 0)])
		switch {
		case errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return nil
		case errno != 0:
			return &fs.PathError{Op: "read", Path: d.path, Err: errno}
		case n < len(d.raw):
			return nil // a short read has emptied the queue
		}
	}
}
