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

// In folders such as /tmp/.X11-unix every user can create a socket, even with the name of a desktop that has not started
// yet. Only a listener of our own user or of root is trusted.

// ErrForeign says that a socket belongs to another user, whom we do not trust.
var ErrForeign = errors.New("the socket belongs to another user")

func trusted(uid uint32, us int) bool { return uid == 0 || int64(uid) == int64(us) }

// CheckPeer says why the listener at the other end is not trusted. The kernel reports who it is. Root serves whoever sits
// at the machine, and accepts any.
func CheckPeer(c net.Conn) error {
	if os.Geteuid() == 0 {
		return nil
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil // on another machine, which the user has named
	}
	return checkUnix(u)
}

func checkUnix(u *net.UnixConn) error {
	peer, err := Peer(u)
	if err != nil {
		return err
	}
	if !trusted(peer.Uid, os.Geteuid()) {
		return fmt.Errorf("%w: %s, uid %d", ErrForeign, u.RemoteAddr(), peer.Uid)
	}
	return nil
}

// Peer is who listens at the other end, according to the kernel (SO_PEERCRED in unix(7)).
func Peer(u *net.UnixConn) (peer *unix.Ucred, err error) {
	raw, err := u.SyscallConn()
	if err != nil {
		return nil, err
	}
	if e := raw.Control(func(fd uintptr) { peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil {
		return nil, e
	}
	if err != nil {
		return nil, fmt.Errorf("who listens at %s: %w", u.RemoteAddr(), err)
	}
	return peer, nil
}

// Own says whether a file belongs to our user or to root.
func Own(path string) bool {
	st, err := os.Stat(path)
	return err == nil && own(st)
}

func own(st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && trusted(sys.Uid, os.Geteuid())
}
