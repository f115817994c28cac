package evdev

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// watched is how long a system call of package syscall leaves its goroutine the processor, in case that it is a
// short one (retake in runtime/proc.go). Until then Go's watcher of threads looks at it 57 times: 300 us for each
// key of a person, and as many wake-ups.
const watched = 10 * time.Millisecond

// waitCall is unix.Syscall6 for a call that is likely to wait for longer than watched. It gives the processor away
// at once, so that nobody watches. To get one again costs 3 us, as it does when it was taken away. The caller keeps
// alive what the arguments point to, and has none of it on its stack.
//
//go:nosplit
//go:norace
func waitCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno unix.Errno) {
	entersyscallblock()
	r1, _, errno = unix.RawSyscall6(trap, a1, a2, a3, a4, a5, a6)
	exitsyscall()
	return r1, errno
}

// The runtime keeps these names and what they do for callers like this one (go.dev/issue/67401).

//go:linkname entersyscallblock runtime.entersyscallblock
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// ReadRare is read(2) on a blocking descriptor on which something comes seldom, as from a timer.
func ReadRare(fd int, b *[8]byte) (int, error) {
	n, errno := waitCall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(b)), uintptr(len(b)), 0, 0, 0)
	runtime.KeepAlive(b)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// A pace is how far apart the events of a device are, so that waiting for the next one costs least.
type pace struct {
	quick bool          // the next one is likely to come before the processor would be taken away
	last  time.Duration // when one came
	shown time.Duration // when the scheduler last saw us
}

// saw takes the time of an event.
func (p *pace) saw(at time.Duration) {
	p.quick = at-p.last < watched
	p.last = at
}

// read is read(2) on a blocking descriptor.
func (p *pace) read(fd, b, n uintptr) (uintptr, unix.Errno) {
	if !p.quick {
		return waitCall(unix.SYS_READ, fd, b, n, 0, 0, 0)
	}
	// A goroutine that was not scheduled for 10 ms counts as one that hogs its processor, and loses it at each
	// wait. Going through the scheduler wakes another thread for nothing, so it is done no more than is needed.
	if p.last-p.shown >= watched/2 {
		p.shown = p.last
		runtime.Gosched()
	}
	r, _, errno := unix.Syscall(unix.SYS_READ, fd, b, n)
	return r, errno
}
