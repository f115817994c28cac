package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"golang.org/x/sys/unix"
)

// Sink takes frames of output.
type Sink interface {
	// WriteFrame lays a frame out: events that happen at once. A SYN_REPORT is added unless it ends in one;
	// an empty frame is nothing. Nothing need come out before Flush.
	WriteFrame(frame []Event) error
	// Flush sends the frames laid out since the last Flush, in order.
	Flush() error
	Close() error
}

// Writer lays frames out in one buffer and sends them with one write(2). Neither allocates. One goroutine
// writes; Close may come from another.
type Writer struct {
	mu  sync.Mutex // held over each system call on fd
	fd  int        // -1 when closed
	n   int        // bytes laid out
	buf [4 * batch * EventSize]byte
}

var _ Sink = (*Writer)(nil)

// WriteFrame is Sink's. A frame that finds the buffer full (256 records) sends it first.
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

// Add lays out one event. The caller ends the frame with SyncEvent's type and code; where the buffer is full, what is
// laid out is sent first, and the kernel waits for the rest of the frame.
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

// fullWait is how long Flush waits when the kernel takes nothing more. uinput always takes what it gets.
const fullWait = 100 // milliseconds

// Flush is Sink's. After an error the frames laid out are forgotten: late keys are worse than none.
func (w *Writer) Flush() error {
	if w.n == 0 {
		return nil
	}
	b := w.buf[:w.n]
	w.n = 0
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd < 0 {
		return fmt.Errorf("write to virtual device: %w", fs.ErrClosed)
	}
	defer clear(b) // of what was typed nothing stays
	for len(b) > 0 {
		n, errno := rawWrite(w.fd, b)
		switch errno {
		case 0:
			b = b[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			ready, err := unix.Poll([]unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLOUT}}, fullWait)
			if err == nil && ready == 0 {
				return fmt.Errorf("write to virtual device: it takes nothing for %d ms: %w", fullWait, errno)
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

// Close closes the descriptor; the kernel then lifts what a virtual device has down and removes it. Closing
// again does nothing.
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
