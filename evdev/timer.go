package evdev

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Timer is a timer of the kernel (timerfd_create(2)) on CLOCK_MONOTONIC, which stands still while the machine is suspended. To set
// it is one system call, which wakes no thread, as a timer of Go's runtime may. Any goroutine sets it, one waits.
type Timer struct {
	*waiter
	fd    int
	count [8]byte
	fired func(fd uintptr) bool
}

// NewTimer makes a timer that is not set.
func NewTimer() (*Timer, error) {
	fd, err := newTimerFD()
	if err != nil {
		return nil, err
	}
	w, err := newWaiter(fd, "timer")
	if err != nil {
		return nil, err
	}
	t := &Timer{waiter: w, fd: fd}
	t.fired = func(fd uintptr) bool {
		_, errno := rawRead(int(fd), t.count[:])
		return errno != unix.EAGAIN
	}
	return t, nil
}

func newTimerFD() (int, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	return fd, os.NewSyscallError("timerfd_create", err)
}

// Set lets the timer fire once, in so long. 0 stops it. Not after Close.
func (t *Timer) Set(in time.Duration) { setTimerFD(t.fd, 0, in) }

// setTimerFD is timerfd_settime(2). Raw: it never waits, and the scheduler need not hear of it.
func setTimerFD(fd int, flags uintptr, at time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(at))}
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(fd), flags, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// Wait waits until the timer has fired since the last Wait. The error is fs.ErrClosed after Close.
func (t *Timer) Wait() error { return t.wait(t.fired) }

// Close ends a Wait.
func (t *Timer) Close() error { return t.close() }
