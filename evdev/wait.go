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
// That is the cheapest way in Go. A goroutine that waits in a blocking system call gives up its processor. When it gets one
// again, the runtime wakes its thread monitor (sysmon), which runs before the key goes out: 4 us and five context switches
// for each key that a person types. The thread that waits in the poller gets its processor without that, as long as the
// calls around it are raw ones, which the scheduler does not see (rawRead, rawWrite).
type waiter struct {
	file   *os.File
	conn   syscall.RawConn
	closed atomic.Bool
}

// newWaiter takes over fd, which must be in non-blocking mode. From then on, use close to close it.
func newWaiter(fd int, name string) (*waiter, error) {
	file := os.NewFile(uintptr(fd), name)
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("wait for %s: %w", name, err)
	}
	return &waiter{file: file, conn: conn}, nil
}

// wait calls step until it returns true: first at once, then each time the descriptor has become ready. The poller only
// reports changes, so step must have read everything before it returns false. After close, wait returns fs.ErrClosed.
func (w *waiter) wait(step func(fd uintptr) bool) error {
	err := w.conn.Read(step)
	if err != nil && w.closed.Load() { // the poller does not export its own error for this
		return fs.ErrClosed
	}
	return err
}

// close ends a wait, and closes the descriptor after step has returned.
func (w *waiter) close() error {
	w.closed.Store(true)
	return w.file.Close()
}
