package evdev

import (
	"bytes"
	"encoding/binary"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A dirWatch reports changes of the entries of one directory (inotify(7)).
//
// fsnotify would do, but it always asks for changes of attributes, too. While anyone asks for these, the kernel looks up the
// directory before and after each read of each node in it, in every program (__fsnotify_parent in fs/notify/fsnotify.c). In
// /dev/input, this makes each key 1.1 µs slower. So a dirWatch asks for them only while someone needs them.
type dirWatch struct {
	file  *os.File
	at    int32 // the watch of the directory, -1: none
	buf   [4096]byte
	ready []byte // the part of buf that was read and not yet reported
}

// dirChange is one report. Without a name, it is about the directory itself, or reports were lost.
type dirChange struct {
	name string
	gone bool
}

const (
	entryCame = unix.IN_CREATE | unix.IN_MOVED_TO
	entryGone = unix.IN_DELETE | unix.IN_MOVED_FROM
	dirGone   = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
)

func newDirWatch() (*dirWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &dirWatch{file: os.NewFile(uintptr(fd), "inotify"), at: -1}, nil
}

// watch watches this directory instead of the one before. attributes: also report when the mode of an entry changes.
func (w *dirWatch) watch(dir string, attributes bool) error {
	mask := uint32(entryCame | entryGone | dirGone)
	if attributes {
		mask |= unix.IN_ATTRIB
	}
	conn, err := w.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		at, err := unix.InotifyAddWatch(int(fd), dir, mask)
		if err != nil {
			failed = os.NewSyscallError("inotify_add_watch", err)
			return
		}
		if w.at >= 0 && w.at != int32(at) {
			_, _ = unix.InotifyRmWatch(int(fd), uint32(w.at)) // EINVAL if that directory no longer exists
		}
		w.at = int32(at)
	})
	if err != nil {
		return err
	}
	return failed
}

// next waits for the next report, until a time that is not zero. The error is os.ErrDeadlineExceeded after that time, and
// os.ErrClosed after close.
func (w *dirWatch) next(until time.Time) (dirChange, error) {
	for {
		for len(w.ready) >= unix.SizeofInotifyEvent {
			at := int32(binary.NativeEndian.Uint32(w.ready))
			mask := binary.NativeEndian.Uint32(w.ready[4:])
			end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(w.ready[12:]))
			if end > len(w.ready) { // the kernel only writes whole records
				break
			}
			name := string(bytes.TrimRight(w.ready[unix.SizeofInotifyEvent:end], "\x00"))
			w.ready = w.ready[end:]
			if mask&unix.IN_Q_OVERFLOW != 0 || at == w.at { // not of a directory that was watched before
				return dirChange{name, mask&entryGone != 0}, nil
			}
		}
		if err := w.file.SetReadDeadline(until); err != nil {
			return dirChange{}, err
		}
		n, err := w.file.Read(w.buf[:])
		if err != nil {
			return dirChange{}, err
		}
		w.ready = w.buf[:n]
	}
}

// close ends next.
func (w *dirWatch) close() error { return w.file.Close() }
