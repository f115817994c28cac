package cinnamon

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

//go:embed typing.js
var typing string

// ibus is the time in which IBus has given back the keys before a text.
const ibus = 10 * time.Millisecond

// A Typist types any text in the Wayland programs of Cinnamon, as an input method does.
type Typist struct{ link *bus.Link }

// DialTypist connects. An address of "" is the user's own session bus. The error wraps window.ErrUnavailable if there is no
// Cinnamon, or one on X11.
func DialTypist(ctx context.Context, address string) (*Typist, error) {
	l, err := bus.Dial(ctx, bus.Options{Address: address, Name: BusName, Desktop: "Cinnamon"})
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

// Check says whether Cinnamon can type.
func (t *Typist) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bus.CallTimeout)
	defer cancel()
	result, err := t.eval(ctx, "", 0, false)
	if bus.Missing(err) || err == nil && result == "none" {
		return fmt.Errorf("%w: Cinnamon has no input method here", window.ErrUnavailable)
	}
	return err
}

// Type types a text. The result is "done"; or "failed" or "x11": nothing was typed, which for the latter is because the window
// belongs to an X11 program. until is a time of the monotonic clock after which nothing is typed.
func (t *Typist) Type(ctx context.Context, text string, until time.Duration) (result string, err error) {
	result, err = t.eval(ctx, text, until, false)
	if result != "ibus" || err != nil {
		return result, err
	}
	wait := time.NewTimer(ibus)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return "failed", nil
	}
	return t.eval(ctx, text, until, true)
}

func (t *Typist) eval(ctx context.Context, text string, until time.Duration, waited bool) (result string, err error) {
	quoted, err := json.Marshal(text)
	if err != nil {
		return "", err
	}
	js := strings.NewReplacer("'@TEXT@'", string(quoted), "@UNTIL@", strconv.FormatInt(until.Microseconds(), 10), "@WAITED@", strconv.FormatBool(waited)).Replace(typing)
	var ok bool
	var value string
	c := t.link.Conn.Object(BusName, path).CallWithContext(ctx, eval, dbus.FlagNoAutoStart, js)
	if err := c.Store(&ok, &value); err != nil {
		return "", err
	}
	if !ok { // what it says may have the text in it
		return "", fmt.Errorf("%w: Cinnamon refused to type", window.ErrUnavailable)
	}
	if err := json.Unmarshal([]byte(value), &result); err != nil {
		return "", fmt.Errorf("cinnamon: the answer to a text is not valid")
	}
	return result, nil
}

// Close ends the connection.
func (t *Typist) Close() { t.link.Close() }
