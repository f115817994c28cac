package evdev

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Poller waits for many descriptors, a deadline and a wake-up call at once: one epoll set with an eventfd and a timer, in Go's own
// poller (see waiter). It is how the daemon waits for everything but the keys of grabbed keyboards:
//
//	for {
//		ready, woken, err := p.Wait(deadline)
//		for _, id := range ready { device[id] wants a step }
//		if now >= deadline { engine.Tick(now); keyboard.Flush() }
//		if woken { take what others have left in a queue }
//	}
//
// A grabbed keyboard has a goroutine of its own instead (Device.Follow), for which a key is one system call less.
//
// One goroutine calls Wait; Wake may come from any.
type Poller struct {
	mu     sync.Mutex // closed and wake are changed under it
	waiter *waiter    // of ep
	ep     int
	closed bool
	wake   int
	rung   atomic.Bool   // a wake-up is on its way
	timer  int           // in ep
	set    time.Duration // what the timer is set to, Forever: nothing
	buf    [32]unix.EpollEvent
	n      int // how many of buf are filled
	errno  unix.Errno
	look   func(ep uintptr) bool
	ready  []int32
}

// wakeID and timerID mark the eventfd and the timer among the ids.
const (
	wakeID  = -1
	timerID = -2
)

// NewPoller makes an empty set.
func NewPoller() (*Poller, error) {
	p := &Poller{wake: -1, timer: -1, set: Forever, ready: make([]int32, 0, 32)}
	p.look = func(ep uintptr) bool {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, ep, uintptr(unsafe.Pointer(&p.buf)), uintptr(len(p.buf)), 0, 0, 0)
		p.n, p.errno = int(n), errno
		return n != 0
	}
	var err error
	if p.ep, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	// Only what is marked so goes into Go's poller. For epoll it changes nothing else.
	if err := unix.SetNonblock(p.ep, true); err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(p.ep))
	}
	if p.waiter, err = newWaiter(p.ep, "epoll"); err != nil {
		return nil, err
	}
	if p.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, errors.Join(os.NewSyscallError("eventfd", err), p.Close())
	}
	if p.timer, err = newTimerFD(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := errors.Join(p.add(p.wake, wakeID), p.add(p.timer, timerID)); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Add waits for fd too, and calls it id, which is not negative. A closed descriptor leaves by itself.
func (p *Poller) Add(fd int, id int32) error {
	if id < 0 {
		return fmt.Errorf("poller: negative id %d", id)
	}
	return p.add(fd, id)
}

func (p *Poller) add(fd int, id int32) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: id}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.ep, unix.EPOLL_CTL_ADD, fd, &e))
}

// Remove waits for fd no more.
func (p *Poller) Remove(fd int) error {
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.ep, unix.EPOLL_CTL_DEL, fd, nil))
}

// Wake makes the current or next Wait return with woken. Several calls before that are one.
func (p *Poller) Wake() {
	if p.rung.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wake >= 0 {
		one := [8]byte{1, 1, 1, 1, 1, 1, 1, 1} // any number but 0, in either byte order; EAGAIN means it is not 0
		_, _ = unix.Write(p.wake, one[:])
	}
}

// Forever is a deadline that never comes.
const Forever time.Duration = -1

// Wait blocks until a descriptor is readable or in error, Wake was called, or deadline (see Now) has come. The ids
// are valid until the next Wait. It allocates nothing. After Close the error is fs.ErrClosed.
func (p *Poller) Wait(deadline time.Duration) (ready []int32, woken bool, err error) {
	if deadline < 0 && deadline != Forever {
		deadline = 0
	}
	if deadline != p.set {
		p.set = deadline
		setTimerFD(p.timer, unix.TFD_TIMER_ABSTIME, deadline+1) // 0, which Forever becomes, stops it
	}
	if err := p.waiter.wait(p.look); err != nil {
		return nil, false, fmt.Errorf("poller: %w", err)
	}
	if p.errno == unix.EINTR {
		return nil, false, nil
	}
	if p.errno != 0 {
		return nil, false, os.NewSyscallError("epoll_wait", p.errno)
	}
	p.ready = p.ready[:0]
	for i := range p.n {
		var count [8]byte
		switch id := p.buf[i].Fd; id {
		case wakeID:
			_, _ = rawRead(p.wake, count[:]) // before rung: a Wake from here on rings again
			p.rung.Store(false)
			woken = true
		case timerID:
			_, _ = rawRead(p.timer, count[:])
			p.set = Forever // it does not fire again
		default:
			p.ready = append(p.ready, id)
		}
	}
	return p.ready, woken, nil
}

// Close closes the set; not while a Wait is running: call Wake first and let the loop end.
func (p *Poller) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	err := p.waiter.close()
	for _, fd := range []*int{&p.wake, &p.timer} {
		if *fd >= 0 {
			err = errors.Join(err, unix.Close(*fd))
		}
		*fd = -1
	}
	return err
}
