package evdev

import (
	"maps"
	"sync"
	"time"
)

// held are the descriptors by which this process keeps keyboards from everyone else or keys down, each with
// the ioctl that ends that. Its lock is held for a moment only, never over a system call.
var held struct {
	mu  sync.Mutex
	fds map[int]uintptr
}

func hold(fd int, end uintptr) {
	held.mu.Lock()
	defer held.mu.Unlock()
	if held.fds == nil {
		held.fds = map[int]uintptr{}
	}
	held.fds[fd] = end
}

// letGoOf forgets a descriptor; before it is closed, since its number may be someone else's from then on.
func letGoOf(fd int) {
	held.mu.Lock()
	defer held.mu.Unlock()
	delete(held.fds, fd)
}

// GiveBackAll gives all grabbed devices of this process back and takes all its virtual devices away, which
// lifts their keys. It is for a process that is about to end because something in it hangs: it waits for no
// lock of a Device or Writer, and for the kernel at most for limit. It returns how many there were.
func GiveBackAll(limit time.Duration) int {
	held.mu.Lock()
	fds := maps.Clone(held.fds)
	held.mu.Unlock()
	done := make(chan struct{}, len(fds))
	for fd, end := range fds {
		go func() { // each takes the kernel some milliseconds
			_ = ioctl(fd, end, 0)
			done <- struct{}{}
		}()
	}
	expired := time.After(limit)
	for range fds {
		select {
		case <-done:
		case <-expired:
			return len(fds)
		}
	}
	return len(fds)
}
