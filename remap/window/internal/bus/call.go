package bus

import (
	"context"
	"errors"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
)

// Match asks the bus for signals of the desktop.
func (l *Link) Match(path dbus.ObjectPath, iface string) error {
	return l.match(dbus.WithMatchSender(l.opt.Name), dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(iface))
}

// MatchMember is Match for one signal.
func (l *Link) MatchMember(path dbus.ObjectPath, iface, member string) error {
	return l.match(dbus.WithMatchSender(l.opt.Name), dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(iface), dbus.WithMatchMember(member))
}

// MatchNames asks the bus to report when one of the names gets or loses its owner.
func (l *Link) MatchNames(names []string) error {
	for _, n := range names {
		err := l.match(dbus.WithMatchSender(Itself), dbus.WithMatchInterface(Itself), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, n))
		if err != nil {
			return err
		}
	}
	return nil
}

// Has says whether a name has an owner.
func (l *Link) Has(name string) (yes bool, err error) {
	err = l.call(Itself, "/org/freedesktop/DBus", Itself+".NameHasOwner", []any{&yes}, name)
	return yes, err
}

// MatchBelow is Match for all objects at and below a path.
func (l *Link) MatchBelow(path dbus.ObjectPath, iface string) error {
	return l.match(dbus.WithMatchSender(l.opt.Name), dbus.WithMatchPathNamespace(path), dbus.WithMatchInterface(iface))
}

func (l *Link) match(opts ...dbus.MatchOption) error {
	ctx, cancel := context.WithTimeout(l.ctx, CallTimeout)
	defer cancel()
	return l.Conn.AddMatchSignalContext(ctx, opts...)
}

// Call calls a method ("interface.Method") of the desktop and stores the results.
func (l *Link) Call(path dbus.ObjectPath, method string, out []any, args ...any) error {
	return l.call(l.opt.Name, path, method, out, args...)
}

func (l *Link) call(name string, path dbus.ObjectPath, method string, out []any, args ...any) error {
	ctx, cancel := context.WithTimeout(l.ctx, CallTimeout)
	defer cancel()
	return store(ctx, l.Conn, name, path, method, out, args...)
}

// CallLast is Call for cleaning up: it also works after the context given to Dial has ended, within the given limit.
func (l *Link) CallLast(limit time.Duration, path dbus.ObjectPath, method string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return store(ctx, l.Conn, l.opt.Name, path, method, nil, args...)
}

func store(ctx context.Context, conn *dbus.Conn, name string, path dbus.ObjectPath, method string, out []any, args ...any) error {
	c := conn.Object(name, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
	if c.Err != nil {
		if errors.Is(c.Err, context.DeadlineExceeded) {
			return window.TimeoutError(method + " did not answer within its time limit")
		}
		return c.Err
	}
	if len(out) == 0 {
		return nil
	}
	return c.Store(out...)
}

// Missing says whether an error of Call means that the object or method does not exist, and not that the desktop is slow or
// gone.
func Missing(err error) bool {
	var e dbus.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Name {
	case "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownInterface",
		"org.freedesktop.DBus.Error.UnknownMethod":
		return true
	}
	return false
}

// PID is the process behind the desktop's name, 0 if the bus does not know.
func (l *Link) PID() int {
	var pid uint32
	err := l.call(Itself, "/org/freedesktop/DBus", Itself+".GetConnectionUnixProcessID", []any{&pid}, l.owner)
	if err != nil {
		return 0
	}
	return int(pid)
}
