package bus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/godbus/dbus/v5"
)

// Relay is for a library that connects to the session bus by itself: it returns an address at which this process finds that
// bus behind a gate. The address is valid until end is called, for one connection.
func Relay(ctx context.Context) (address string, end func(), err error) {
	own := SessionAddress()
	if own == "" {
		return "", nil, ErrNoSessionBus
	}
	socket, err := dial(ctx, own)
	if err != nil {
		return "", nil, fmt.Errorf("D-Bus at %s: %w", own, err)
	}
	dir, err := os.MkdirTemp("", "toshy-bus-") // nobody else can look into it
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("D-Bus: %w", err), socket.Close())
	}
	path := filepath.Join(dir, "bus")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("D-Bus: %w", err), socket.Close(), os.RemoveAll(dir))
	}
	go func() {
		defer socket.Close()
		c, err := l.AcceptUnix()
		if err != nil {
			return
		}
		defer c.Close()
		relay(c, socket) // only this user can open a socket in that folder
	}()
	return "unix:path=" + dbus.EscapeBusAddressValue(path), func() {
		l.Close()
		_ = os.RemoveAll(dir)
	}, nil
}

// relay passes data between the two until one of them ends.
func relay(c, socket net.Conn) {
	g := newGate(socket, 0, nil)
	in := bufio.NewReader(c)
	for begin := []byte("BEGIN\r\n"); ; {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		if bytes.HasPrefix(line, []byte("NEGOTIATE_UNIX_FD")) {
			if _, err := io.WriteString(c, "ERROR\r\n"); err != nil {
				return
			}
			continue
		}
		if _, err := g.Write(line); err != nil {
			return
		}
		if bytes.Equal(line, begin) {
			break
		}
		answer := make([]byte, prefaceLimit)
		n, err := g.Read(answer)
		if err != nil {
			return
		}
		if _, err := c.Write(answer[:n]); err != nil {
			return
		}
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = io.Copy(c, g)
		c.Close()
	}()
	_, _ = io.Copy(g, in)
	socket.Close()
	<-answered
}
