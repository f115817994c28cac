package gnome

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// A Typist types any text in the Wayland programs of a GNOME Shell with our extension, as an input method does.
type Typist struct{ link *bus.Link }

// DialTypist connects. An address of "" is the user's own session bus. The error wraps window.ErrUnavailable if there is no shell,
// or none with our extension.
func DialTypist(ctx context.Context, address string) (*Typist, error) {
	l, err := bus.Dial(ctx, options(address))
	if err != nil {
		return nil, err
	}
	t := &Typist{l}
	if err := t.Check(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return t, nil
}

// Check says whether the extension is there and can type. A shell that runs since before an update of it has an older one.
func (t *Typist) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bus.CallTimeout)
	defer cancel()
	_, err := t.call(ctx, "", 0)
	if bus.Missing(err) {
		return fmt.Errorf("%w: GNOME Shell runs without the toshy extension, or with an older one: %w", window.ErrUnavailable, err)
	}
	return err
}

// Type types a text. The result is "done"; or "failed" or "x11": nothing was typed, which for the latter is because the window
// belongs to an X11 program. until is a time of the monotonic clock after which nothing is typed.
func (t *Typist) Type(ctx context.Context, text string, until time.Duration) (result string, err error) {
	result, err = t.call(ctx, text, until)
	if bus.Missing(err) { // the extension is off while the screen is locked
		return "failed", nil
	}
	return result, err
}

func (t *Typist) call(ctx context.Context, text string, until time.Duration) (result string, err error) {
	c := t.link.Conn.Object(BusName, focusPath).CallWithContext(ctx, focusIface+".Type", dbus.FlagNoAutoStart, text, uint64(until.Microseconds()))
	return result, c.Store(&result)
}

// Close ends the connection.
func (t *Typist) Close() { t.link.Close() }
