package sock

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// In folders such as /tmp/.X11-unix everybody may make a socket, also under the name of a desktop that is not there yet.
// What listens there is believed only if it is ours or root's.

// ErrForeign is that a socket belongs to another user, who may say what he likes.
var ErrForeign = errors.New("the socket belongs to another user")

func trusted(uid uint32, us int) bool { return uid == 0 || int64(uid) == int64(us) }

// CheckPeer says why whoever listens at the other end is not believed. The kernel vouches for who that is. Root serves
// whoever sits at the machine, and takes what it is given.
func CheckPeer(c net.Conn) error {
	if os.Geteuid() == 0 {
		return nil
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil // of another machine: whoever named it knows
	}
	return checkUnix(u)
}

func checkUnix(u *net.UnixConn) error {
	raw, err := u.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	if e := raw.Control(func(fd uintptr) { peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil {
		return e
	}
	if err != nil {
		return fmt.Errorf("who listens at %s: %w", u.RemoteAddr(), err)
	}
	if !trusted(peer.Uid, os.Geteuid()) {
		return fmt.Errorf("%w: %s, uid %d", ErrForeign, u.RemoteAddr(), peer.Uid)
	}
	return nil
}

// Own says whether a file belongs to us or to root.
func Own(path string) bool {
	st, err := os.Stat(path)
	return err == nil && own(st)
}

func own(st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && trusted(sys.Uid, os.Geteuid())
}
