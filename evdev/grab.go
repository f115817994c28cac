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

// FindHolders looks for who has the device open, as far as we may look; the one that grabbed it is among them.
// It reads all of /proc: not on the way of a key.
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

// Grab makes this opener the only one that gets the device's events (EVIOCGRAB). A device that someone
// else has grabbed gives a *BusyError, which also is unix.EBUSY. Use a Grabber where a key may be down.
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

// Ungrab gives the device back to everyone. It waits for the kernel (an RCU grace period, milliseconds).
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

// holders lists the other processes that have the node open and can interpose: desktops and login managers
// open keyboards too but do not grab, so names that are known to read only are left out. Without the right
// to look into other users' processes the list stays short.
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
			open-- // the descriptor that we asked with
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

// GrabLimit is how long a Grabber waits for keys to be let go.
const GrabLimit = 5 * time.Second

// Grabber grabs a device at a moment when none of its keys is down. The desktop has seen the press of a key
// that is down; were the keyboard grabbed then, it would never see the release, and repeat the key for ever.
// So: look that all keys are up, grab, look again, since one may have gone down in between; if so, ungrab
// and wait on. After GrabLimit the release of what is still down is injected before the grab, as if the
// keyboard had sent it.
//
// It never waits: call Step at once, then each time the device is readable, and at Deadline.
type Grabber struct {
	dev      *Device
	deadline time.Duration
}

// NewGrabber begins a grab at the time now (see Now).
func NewGrabber(d *Device, now time.Duration) *Grabber {
	return &Grabber{dev: d, deadline: now + GrabLimit}
}

// Deadline is when Step has to be called even if no event came.
func (g *Grabber) Deadline() time.Duration { return g.deadline }

// Step goes as far as it can. done means that the device is grabbed: Read then begins with the first event
// that only we get. Keys that could not be let go of before the grab (a device opened for reading only) are
// in Device.Held: their release will come out of Read and has to be passed on. With an error the grab is
// over; a *BusyError may be tried again later with a new Grabber.
func (g *Grabber) Step(now time.Duration) (done bool, err error) {
	d := g.dev
	force := now >= g.deadline
	if err := d.discard(); err != nil {
		return false, err
	}
	held, err := d.Keys()
	if err != nil || !held.Empty() && !force {
		return false, err
	}
	if !held.Empty() {
		d.letGo(&held)
	}
	if err := d.Grab(); err != nil {
		return false, err
	}
	// Asking for the keys also takes the key events up to now out of the queue: those from before the grab,
	// which the desktop got too. Nothing is thrown away from here on.
	if held, err = d.Keys(); err != nil || !held.Empty() && !force {
		return false, errors.Join(err, d.Ungrab())
	}
	d.down = held
	return true, nil
}

// letGo makes everyone who listens to the device see its keys go up. The keyboard's own release is then
// filtered by the kernel, since the key is up already. Best effort: what stays down is found out afterwards.
func (d *Device) letGo(held *KeySet) {
	for _, code := range held.Append(nil) {
		if d.inject(keyEvent(0, code, 0), SyncEvent) != nil {
			return
		}
	}
}

// discard throws away what is waiting.
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
