package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Poller waits for many descriptors, a deadline and a wake-up call at once: one epoll set, one eventfd. It is
// how the daemon waits for everything but the keys of grabbed keyboards:
//
//	for {
//		ready, woken, err := p.Wait(deadline)
//		for _, id := range ready { device[id] wants a step }
//		if now >= deadline { engine.Tick(now); keyboard.Flush() }
//		if woken { take what others have left in a queue }
//	}
//
// A grabbed keyboard has a goroutine of its own instead (Device.ReadWait): a blocking read costs a key one system
// call less than this, for a lock round the engine (docs/PERFORMANCE.md).
//
// Wait tells Go's scheduler that it blocks, so the rest of the program runs on; Read and Flush, which never block,
// do not tell it: telling it in them too costs a combination 5 to 10 us more, and half as much processor time
// again in a burst. Set GOMAXPROCS to at least 2: with one processor the scheduler hands it to another thread at
// every wait, and a combination costs 5 us more.
//
// One goroutine calls Wait; Wake may come from any.
type Poller struct {
	mu    sync.Mutex // ep and wake are closed under it
	ep    int
	wake  int
	rung  atomic.Bool // a wake-up is on its way
	ms    bool        // the kernel has no epoll_pwait2 (before 5.11)
	buf   [32]unix.EpollEvent
	ts    unix.Timespec
	ready []int32
}

// wakeID marks the eventfd among the ids.
const wakeID = -1

// NewPoller makes an empty set.
func NewPoller() (*Poller, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(ep)
		return nil, os.NewSyscallError("eventfd", err)
	}
	p := &Poller{ep: ep, wake: wake, ready: make([]int32, 0, 32)}
	if err := p.add(wake, wakeID); err != nil {
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
// are valid until the next Wait. A signal may make it return with nothing. It allocates nothing.
func (p *Poller) Wait(deadline time.Duration) (ready []int32, woken bool, err error) {
	n, errno := p.wait(deadline)
	switch errno {
	case 0:
	case unix.EINTR:
		return nil, false, nil
	case unix.EBADF:
		return nil, false, fmt.Errorf("poller: %w", fs.ErrClosed)
	default:
		return nil, false, os.NewSyscallError("epoll_wait", errno)
	}
	p.ready = p.ready[:0]
	for i := range n {
		if id := p.buf[i].Fd; id != wakeID {
			p.ready = append(p.ready, id)
			continue
		}
		var count [8]byte
		_, _ = rawRead(p.wake, count[:]) // before rung: a Wake from here on rings again
		p.rung.Store(false)
		woken = true
	}
	return p.ready, woken, nil
}

func (p *Poller) wait(deadline time.Duration) (int, unix.Errno) {
	events, size := uintptr(unsafe.Pointer(&p.buf)), uintptr(len(p.buf))
	if deadline < 0 {
		n, errno := waitCall(unix.SYS_EPOLL_PWAIT, uintptr(p.ep), events, size, ^uintptr(0), 0, 0)
		return int(n), errno
	}
	left := max(deadline-Now(), 0)
	if !p.ms {
		p.ts = unix.NsecToTimespec(int64(left))
		n, errno := waitCall(unix.SYS_EPOLL_PWAIT2, uintptr(p.ep), events, size, uintptr(unsafe.Pointer(&p.ts)), 0, 0)
		if errno != unix.ENOSYS && errno != unix.EPERM { // EPERM: a container's filter that is older than the call
			return int(n), errno
		}
		p.ms = true
	}
	ms := min((left+time.Millisecond-1)/time.Millisecond, 1<<30) // rounded up: never early
	n, errno := waitCall(unix.SYS_EPOLL_PWAIT, uintptr(p.ep), events, size, uintptr(ms), 0, 0)
	return int(n), errno
}

// Close closes the set; not while a Wait is running: call Wake first and let the loop end.
func (p *Poller) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ep < 0 {
		return nil
	}
	err := errors.Join(unix.Close(p.ep), unix.Close(p.wake))
	p.ep, p.wake = -1, -1
	return err
}
