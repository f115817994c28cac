package softkvm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tailLimit is how much of a log to read at once, in bytes. If it has grown by more, only the end is read.
const tailLimit = 64 << 10

// A tail reads the end of one log.
type tail struct {
	path   string
	looked bool // later lines are news
	there  bool
	file   os.FileInfo // the file that was read
	at     int64       // the offset up to which it was read
	part   []byte      // a line without its end
	saying
}

// look reads the end of the log to find the current state. An old log may end with the pointer away; that only counts while
// a server runs.
func (t *tail) look(proc string) {
	t.looked = true
	t.read()
	if _, runs := serverOf(proc); t.away && !runs {
		t.away = false
	}
}

// read reads what has been written since the last time.
func (t *tail) read() {
	f, err := openRegular(t.path)
	if err != nil {
		t.there = false
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return
	}
	t.there = true
	if t.file != nil && (!os.SameFile(t.file, info) || info.Size() < t.at) { // rotated or truncated
		t.at, t.part = 0, nil
	}
	t.file = info
	if info.Size()-t.at > tailLimit {
		t.at, t.part = info.Size()-tailLimit, nil // the first line may be incomplete; it is then not recognised
	}
	text, err := io.ReadAll(io.NewSectionReader(f, t.at, tailLimit))
	if err != nil {
		return
	}
	t.at += int64(len(text))
	text = append(t.part, text...)
	for {
		line, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			break
		}
		t.take(string(line))
		text = rest
	}
	t.part = bytes.Clone(text[max(0, len(text)-maxLine):])
}

// own says whether a process or a file belongs to this user. Others cannot tell us anything about our pointer.
func own(st os.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && int64(sys.Uid) == int64(os.Geteuid())
}

// openRegular opens a regular file of the user without waiting, as a pipe would.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() || !own(st) {
		f.Close()
		return nil, errors.Join(err, os.ErrInvalid)
	}
	return f, nil
}

// processEnd waits until a process has ended (true) or ctx has ended.
func processEnd(ctx context.Context, pid int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		for {
			if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
				return true
			}
			select {
			case <-ctx.Done():
				return false
			case <-time.After(endPoll):
			}
		}
	}
	defer unix.Close(fd)
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return false
	}
	defer unix.Close(wake)
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // cannot fail: the counter has room for more than one
	})
	defer func() {
		if !stop() {
			<-woken // wake belongs to us until then
		}
	}()
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || fds[1].Revents != 0:
			return false
		default:
			return true
		}
	}
}
