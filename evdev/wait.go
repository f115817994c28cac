package evdev

import (
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// A waiter lets a goroutine wait for a descriptor in Go's own poller (package runtime, netpoll.go).
//
// That is the cheapest way that Go has. A goroutine that waits in a blocking system call has no processor, and when it gets one
// again the runtime wakes its watcher of threads (sysmon), which runs before the key goes out: 4 us and five switches of
// context for each key that a person types. The thread that waits in the poller gets its processor without that, as long as the
// calls around it are raw ones, which the scheduler does not see (rawRead, rawWrite).
type waiter struct {
	file   *os.File
	conn   syscall.RawConn
	closed atomic.Bool
}

// newWaiter takes over fd, which must be in non-blocking mode: from then on close closes it.
func newWaiter(fd int, name string) (*waiter, error) {
	file := os.NewFile(uintptr(fd), name)
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("wait for %s: %w", name, err)
	}
	return &waiter{file: file, conn: conn}, nil
}

// wait calls step until it returns true, at once and then each time the descriptor has become ready. The poller tells only of
// changes: before step returns false it must have taken all that was there. After close, wait returns fs.ErrClosed.
func (w *waiter) wait(step func(fd uintptr) bool) error {
	err := w.conn.Read(step)
	if err != nil && w.closed.Load() { // the poller's own error for it is not exported
		return fs.ErrClosed
	}
	return err
}

// close ends a wait, and closes the descriptor when step has returned.
func (w *waiter) close() error {
	w.closed.Store(true)
	return w.file.Close()
}
