package evdev

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Timer is a kernel timer (timerfd_create(2)) on CLOCK_MONOTONIC, which stops while the machine is suspended. Setting it is
// one system call, which does not wake a thread, as a timer of Go's runtime may. Any goroutine may set it; one goroutine
// waits.
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

// Set makes the timer fire once, after this time. 0 stops it. Do not call it after Close.
func (t *Timer) Set(in time.Duration) { setTimerFD(t.fd, 0, in) }

// setTimerFD is timerfd_settime(2). It is a raw call: it never waits, so the scheduler need not know.
func setTimerFD(fd int, flags uintptr, at time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(at))}
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(fd), flags, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// Wait waits until the timer has fired since the last Wait. The error is fs.ErrClosed after Close.
func (t *Timer) Wait() error { return t.wait(t.fired) }

// Close ends a Wait.
func (t *Timer) Close() error { return t.close() }
