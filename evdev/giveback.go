package evdev

import (
	"maps"
	"sync"
	"time"
)

// held are the descriptors with which this process keeps keyboards from everyone else or keys down, each with the ioctl
// that ends that. Its lock is only held for a moment, never during a system call.
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

// letGoOf forgets a descriptor. Call it before closing: after that, the number may be someone else's.
func letGoOf(fd int) {
	held.mu.Lock()
	defer held.mu.Unlock()
	delete(held.fds, fd)
}

// GiveBackAll gives back all grabbed devices of this process and removes all its virtual devices, which lifts their keys.
// It is for a process that is about to exit because part of it hangs: it waits for no lock of a Device or Writer, and at
// most limit for the kernel. It returns how many devices there were.
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
