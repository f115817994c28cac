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

// ErrNoSessionBus says that the environment names no session bus and that there is none in the usual place.
var ErrNoSessionBus = fmt.Errorf("%w: no session bus: neither DBUS_SESSION_BUS_ADDRESS nor $XDG_RUNTIME_DIR/bus is there", window.ErrUnavailable)

// Connect opens a connection to a bus, for programs that do not follow a desktop. It accepts no descriptors and no large
// messages. The connection outlives ctx, which only limits the time for connecting. An address of "" is SessionAddress().
func Connect(ctx context.Context, address string) (*dbus.Conn, error) {
	conn, _, err := connect(ctx, address, MessageLimit, nil)
	return conn, err
}

// connect opens a separate connection behind a gate. It gives up on a bus that accepts and then says nothing. The
// connection outlives ctx: it may be needed for cleaning up.
func connect(ctx context.Context, address string, limit int, heeds func(string) bool, opts ...dbus.ConnOption) (*dbus.Conn, *gate, error) {
	if address == "" {
		address = SessionAddress()
	}
	if address == "" {
		return nil, nil, ErrNoSessionBus
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	watchdog := time.AfterFunc(CallTimeout, cancel)
	conn, g, err := open(own, address, limit, heeds, opts...)
	if !watchdog.Stop() {
		err = window.TimeoutError(fmt.Sprintf("no answer within %v", CallTimeout))
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

// open connects and says hello. If it fails, it does not close conn; own ends it.
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

// dial connects to the first address of a list that answers and does not belong to another user (D-Bus specification,
// "Server Addresses").
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

// socketOf returns the socket of an address such as "unix:path=/run/user/1000/bus,guid=1".
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
