package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/sock"
)

var errNoSessionBus = fmt.Errorf("%w: no session bus: neither DBUS_SESSION_BUS_ADDRESS nor $XDG_RUNTIME_DIR/bus is there", window.ErrUnavailable)

// Connect opens a connection to a bus, for those who follow no desktop: it takes no descriptors and no large messages. The
// connection outlives ctx, which only limits how long connecting may take. An address of "" is SessionAddress().
func Connect(ctx context.Context, address string) (*dbus.Conn, error) {
	conn, _, err := connect(ctx, address, MessageLimit, nil)
	return conn, err
}

// connect opens a connection of our own behind a gate. A bus that accepts and then says nothing is given up. The
// connection outlives ctx: there may be something to tidy up over it.
func connect(ctx context.Context, address string, limit int, heeds func(string) bool, opts ...dbus.ConnOption) (*dbus.Conn, *gate, error) {
	if address == "" {
		address = SessionAddress()
	}
	if address == "" {
		return nil, nil, errNoSessionBus
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	watchdog := time.AfterFunc(CallTimeout, cancel)
	conn, g, err := open(own, address, limit, heeds, opts...)
	if !watchdog.Stop() {
		err = fmt.Errorf("no answer within %v", CallTimeout)
	} else if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("%w: D-Bus at %s: %w", window.ErrUnavailable, address, err)
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, g, nil
}

// open connects and says hello; conn is not closed when it fails, own ends it.
func open(own context.Context, address string, limit int, heeds func(string) bool, opts ...dbus.ConnOption) (*dbus.Conn, *gate, error) {
	socket, err := dial(own, address)
	if err != nil {
		return nil, nil, err
	}
	g := newGate(socket, limit, heeds)
	conn, err := dbus.NewConn(g, append(opts, dbus.WithContext(own))...)
	if err != nil {
		socket.Close()
		return nil, nil, err
	}
	if err := conn.Auth(nil); err != nil {
		return nil, nil, err
	}
	return conn, g, conn.Hello()
}

// dial connects to the first address of a list that answers and is not another user's (D-Bus specification, "Server
// Addresses").
func dial(ctx context.Context, addresses string) (c net.Conn, err error) {
	err = errors.New("the address is empty")
	for one := range strings.SplitSeq(addresses, ";") {
		path, wrong := socketOf(one)
		if wrong != nil {
			err = wrong
			continue
		}
		var d net.Dialer
		if c, err = d.DialContext(ctx, "unix", path); err != nil {
			continue
		}
		if err = sock.CheckPeer(c); err != nil {
			c.Close()
			continue
		}
		return c, nil
	}
	return nil, err
}

// socketOf gives the socket of an address such as "unix:path=/run/user/1000/bus,guid=1".
func socketOf(address string) (string, error) {
	keys, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return "", fmt.Errorf("%q is not the address of a socket on this machine (unix:path=...)", address)
	}
	for one := range strings.SplitSeq(keys, ",") {
		name, value, _ := strings.Cut(one, "=")
		if name != "path" && name != "abstract" {
			continue
		}
		value, err := dbus.UnescapeBusAddressValue(value)
		if err != nil {
			return "", err
		}
		if name == "abstract" {
			return "@" + value, nil
		}
		return value, nil
	}
	return "", fmt.Errorf("%q names neither a path nor an abstract socket", address)
}
