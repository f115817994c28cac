package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"golang.org/x/sys/unix"
)

// Sink accepts frames of output.
type Sink interface {
	// WriteFrame adds a frame: events that happen at once. It adds a SYN_REPORT unless the frame ends with one. An empty
	// frame adds nothing. A Sink may send nothing before Flush.
	WriteFrame(frame []Event) error
	// Flush sends the frames since the last Flush, in order.
	Flush() error
	Close() error
}

// Writer collects frames in one buffer and sends them with one write(2). Neither step allocates. One goroutine writes;
// another may call Close.
type Writer struct {
	mu  sync.Mutex // held during each system call on fd
	fd  int        // -1 when closed
	n   int        // bytes in the buffer
	buf [4 * batch * EventSize]byte
}

var _ Sink = (*Writer)(nil)

// WriteFrame implements Sink. If the buffer (256 records) has no room for the frame, it is sent first.
func (w *Writer) WriteFrame(frame []Event) error {
	if len(frame) == 0 {
		return nil
	}
	last := frame[len(frame)-1]
	closed := last.Type == EvSyn && last.Code == SynReport
	size := len(frame) * EventSize
	if !closed {
		size += EventSize
	}
	if size > len(w.buf) {
		return fmt.Errorf("write frame of %d events: at most %d fit", len(frame), len(w.buf)/EventSize-1)
	}
	if w.n+size > len(w.buf) {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, e := range frame {
		encode(w.buf[w.n:], e)
		w.n += EventSize
	}
	if !closed {
		encode(w.buf[w.n:], SyncEvent)
		w.n += EventSize
	}
	return nil
}

// Add adds one event. The caller ends the frame with SyncEvent's type and code. If the buffer is full, Add first sends its
// content, and the kernel waits for the rest of the frame.
func (w *Writer) Add(kind, code uint16, value int32) error {
	if w.n+EventSize > len(w.buf) {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	encode(w.buf[w.n:], Event{Type: kind, Code: code, Value: value})
	w.n += EventSize
	return nil
}

// fullWait is how long Flush waits if the kernel accepts no more. uinput always accepts everything.
const fullWait = 100 // milliseconds

// Flush implements Sink. After an error it drops the frames: late keys are worse than none.
func (w *Writer) Flush() error {
	if w.n == 0 {
		return nil
	}
	b := w.buf[:w.n]
	w.n = 0
	w.mu.Lock()
	err := w.send(b)
	w.mu.Unlock()
	clear(b) // nothing that was typed stays in memory
	return err
}

// send sends what is laid out; the caller holds the lock.
func (w *Writer) send(b []byte) error {
	if w.fd < 0 {
		return fmt.Errorf("write to virtual device: %w", fs.ErrClosed)
	}
	for len(b) > 0 {
		n, errno := rawWrite(w.fd, b)
		switch errno {
		case 0:
			b = b[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			ready, err := unix.Poll([]unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLOUT}}, fullWait)
			if err == nil && ready == 0 {
				return fmt.Errorf("write to virtual device: it accepts nothing for %d ms: %w", fullWait, errno)
			}
			if err != nil && !errors.Is(err, unix.EINTR) {
				return fmt.Errorf("write to virtual device: %w", err)
			}
		default:
			return fmt.Errorf("write to virtual device: %w", errno)
		}
	}
	return nil
}

// FD is the descriptor, for epoll; -1 once closed.
func (w *Writer) FD() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fd
}

// Close closes the descriptor. The kernel then lifts all keys of the virtual device and removes it. Closing again does
// nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd < 0 {
		return nil
	}
	fd := w.fd
	w.fd = -1
	letGoOf(fd)
	if err := unix.Close(fd); err != nil && err != unix.EINTR {
		return fmt.Errorf("close virtual device: %w", err)
	}
	return nil
}
