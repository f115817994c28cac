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

// Poller waits for many descriptors, a deadline and a wake-up call at once: one epoll set with an eventfd and a timer, in
// Go's own poller (see waiter). The daemon uses it to wait for everything except the keys of grabbed keyboards:
//
//	for {
//		ready, woken, err := p.Wait(deadline)
//		for _, id := range ready { device[id] wants a step }
//		if now >= deadline { engine.Tick(now); keyboard.Flush() }
//		if woken { take what others have left in a queue }
//	}
//
// A grabbed keyboard has its own goroutine instead (Device.Follow), which saves one system call per key.
//
// One goroutine calls Wait. Any goroutine may call Wake.
type Poller struct {
	mu     sync.Mutex // protects closed and wake
	waiter *waiter    // of ep
	ep     int
	closed bool
	wake   int
	rung   atomic.Bool   // a wake-up is pending
	timer  int           // in ep
	set    time.Duration // the time of the timer, Forever: not set
	buf    [32]unix.EpollEvent
	n      int // the number of filled entries of buf
	errno  unix.Errno
	look   func(ep uintptr) bool
	ready  []int32
}

// wakeID and timerID are the ids of the eventfd and the timer.
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
	// Go's poller only accepts descriptors in this mode. It makes no other difference for epoll.
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

// Add also waits for fd, with id, which must not be negative. A closed descriptor removes itself.
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

// Remove no longer waits for fd.
func (p *Poller) Remove(fd int) error {
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.ep, unix.EPOLL_CTL_DEL, fd, nil))
}

// Wake makes the current or next Wait return with woken. Several calls before that count as one.
func (p *Poller) Wake() {
	if p.rung.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wake >= 0 {
		one := [8]byte{1, 1, 1, 1, 1, 1, 1, 1} // any number except 0, in either byte order; EAGAIN means it is not 0
		_, _ = unix.Write(p.wake, one[:])
	}
}

// Forever is a deadline that never comes.
const Forever time.Duration = -1

// Wait blocks until a descriptor is readable or has an error, until Wake is called, or until deadline (see Now). The ids
// are valid until the next Wait. It allocates nothing. After Close, the error is fs.ErrClosed.
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
			_, _ = rawRead(p.wake, count[:]) // before rung: a Wake from here on makes a new wake-up
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

// Close closes the set. Do not call it while Wait runs: call Wake first and let the loop end.
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
