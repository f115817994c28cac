package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// ownListener only accepts connections of this user. /proc/net/tcp says who owns a socket.
type ownListener struct {
	net.Listener
	uid     int
	refused func(error)
}

func (l *ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := owner(c)
		if err == nil && uid != l.uid {
			err = fmt.Errorf("a connection of user %d is refused", uid)
		}
		if err == nil {
			return c, nil
		}
		l.refused(err)
		_ = c.Close()
	}
}

// owner is the user at the other end of a local connection.
func owner(c net.Conn) (int, error) {
	peer, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return 0, fmt.Errorf("whose a connection is: %w", err)
	}
	own, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return 0, fmt.Errorf("whose a connection is: %w", err)
	}
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return 0, fmt.Errorf("whose a connection is: %w", err)
	}
	defer f.Close()
	local, remote := procAddress(peer), procAddress(own) // from the other side's point of view
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid ... (proc_pid_net(5))
		w := strings.Fields(lines.Text())
		if len(w) > 7 && w[1] == local && w[2] == remote {
			return strconv.Atoi(w[7])
		}
	}
	return 0, fmt.Errorf("whose a connection is: the kernel does not list %s", peer)
}

// procAddress is an address in the form of /proc/net/tcp: the four bytes as a number in native byte order, and the port.
func procAddress(a netip.AddrPort) string {
	ip := a.Addr().As4()
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), a.Port())
}
