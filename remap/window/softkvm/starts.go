package softkvm

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// starts reports when one of the servers' programs may have been started: the kernel opens its file, and inotify reports
// that (fsnotify does not pass it on). It costs nothing until it happens.
type starts struct {
	opened chan struct{}
	notify *os.File
	ended  chan struct{}
}

// watchStarts watches the servers that are installed in the folders of path.
func watchStarts(path string) (*starts, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	s := &starts{opened: make(chan struct{}, 1), notify: os.NewFile(uintptr(fd), "inotify"), ended: make(chan struct{})}
	for _, dir := range filepath.SplitList(path) {
		for name := range servers {
			_, err := unix.InotifyAddWatch(fd, filepath.Join(dir, name), unix.IN_OPEN)
			if errors.Is(err, unix.ENOSPC) { // the user has no watches left
				s.notify.Close()
				return nil, os.NewSyscallError("inotify_add_watch", err)
			}
		}
	}
	go s.read()
	return s, nil
}

func (s *starts) read() {
	defer close(s.ended)
	var buf [4096]byte // room for some hundred events
	for {
		if _, err := s.notify.Read(buf[:]); err != nil {
			return // closed
		}
		select {
		case s.opened <- struct{}{}:
		default:
		}
	}
}

// Close stops watching.
func (s *starts) Close() {
	s.notify.Close()
	<-s.ended
}
