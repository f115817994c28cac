package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap/key"
)

// A pressed is an event of a key.
type pressed struct {
	device string
	key    key.Code // 0: the daemon does not say which key
	down   bool
}

// pressTime is how long a command waits for a key.
const pressTime = 2 * time.Minute

var errNoKeys = errors.New("no key was pressed")

// followKeys reports the events of all keyboards, from the daemon that has them, else from the keyboards themselves.
func followKeys(ctx context.Context) (<-chan pressed, error) {
	keys := make(chan pressed, 64)
	report := func(p pressed) {
		select {
		case keys <- p:
		default: // more than anybody presses at once
		}
	}
	if client, err := dial(); err == nil {
		context.AfterFunc(ctx, func() { client.Close() })
		go func() {
			defer close(keys)
			_ = client.Monitor(true, func(e control.Event) error {
				if e.Kind == "in" && (e.Value == "down" || e.Value == "up") {
					k, _ := key.Parse(e.Key)
					report(pressed{e.Device, k, e.Value == "down"})
				}
				return nil
			})
		}()
		return keys, nil
	}
	found, err := evdev.List(nil)
	if err != nil {
		return nil, fail(exitNoDevice, err)
	}
	return keys, followKeyboards(ctx, found, report)
}

// followKeyboards reports the events of all keyboards, read from the keyboards themselves until ctx ends.
func followKeyboards(ctx context.Context, found []evdev.Found, report func(pressed)) error {
	open := 0
	for i := range found {
		info := &found[i].Info
		if info.Caps.Kind() != evdev.KindKeyboard || info.IsOwn() {
			continue
		}
		d, err := evdev.Open(info.Path)
		if err != nil {
			continue
		}
		if err := d.Attach(); err != nil {
			_ = d.Close()
			continue
		}
		open++
		context.AfterFunc(ctx, func() { _ = d.Close() })
		go d.Follow(func(events []evdev.Event, err error) bool {
			for _, e := range events {
				if e.Type == evdev.EvKey && e.Value < 2 {
					report(pressed{info.Name, key.Code(e.Code), e.Value == 1})
				}
			}
			return err == nil
		})
	}
	if open == 0 {
		return fail(exitPermission, errors.New("no keyboard can be read, and no daemon is running"), permissionHint)
	}
	return nil
}

// next waits for the next event of a key.
func next(ctx context.Context, keys <-chan pressed) (pressed, error) {
	select {
	case <-ctx.Done():
		return pressed{}, fail(exitConfig, errNoKeys, "press one within two minutes")
	case p, open := <-keys:
		switch {
		case !open && ctx.Err() != nil:
			return p, fail(exitConfig, errNoKeys, "press one within two minutes")
		case !open:
			return p, fail(exitNoDaemon, errors.New("the daemon has ended, or does not say which keys are pressed"), "toshy status says what the daemon does")
		case p.key == 0 && p.down:
			return p, fail(exitPermission, errors.New("the daemon does not say which character keys are pressed"), `[daemon] monitor = "no-keys" in /etc/toshy/config.toml says so; name the combo instead`)
		}
		return p, nil
	}
}

// pressedCombo waits for a combo: a key that is not a modifier, with the modifiers held at that moment.
func pressedCombo(ctx context.Context, keys <-chan pressed) (combo, device string, err error) {
	var held []key.Code
	for {
		p, err := next(ctx, keys)
		if err != nil {
			return "", "", err
		}
		_, isMod := key.ModOf(p.key)
		at := -1
		for i, k := range held {
			if k == p.key {
				at = i
			}
		}
		switch {
		case !p.down && at >= 0:
			held = append(held[:at], held[at+1:]...)
		case p.down && isMod && at < 0:
			held = append(held, p.key)
		case p.down && !isMod:
			var words []string
			for _, k := range append(held, p.key) {
				words = append(words, nameOf(k))
			}
			return strings.Join(words, "-"), p.device, nil
		}
	}
}

// nameOf is the name of a key in a combo.
func nameOf(k key.Code) string {
	if m, is := key.ModOf(k); is {
		return m.String()
	}
	if name := k.String(); len(name) > 1 {
		return name
	}
	return strings.ToUpper(k.String())
}

// showKeys prints the names of pressed keys until the command is interrupted, or no key was pressed for pressTime.
func showKeys(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	keys, err := followKeys(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "Press keys to see their names. Ctrl-C ends, and so do two minutes without a key."); err != nil {
		return output(err)
	}
	return printKeys(ctx, keys, out)
}

func printKeys(ctx context.Context, keys <-chan pressed, out io.Writer) error {
	seen := false
	for {
		p, err := nextWithin(ctx, pressTime, keys)
		switch {
		case ctx.Err() != nil: // interrupted
			return nil
		case errors.Is(err, errNoKeys) && seen:
			return nil
		case err != nil:
			return err
		}
		seen = true
		if !p.down {
			continue
		}
		if _, err := fmt.Fprintf(out, "%-16s %-20s %s\n", nameOf(p.key), p.key.KernelName(), printable(p.device)); err != nil {
			return output(err)
		}
	}
}

func nextWithin(ctx context.Context, limit time.Duration, keys <-chan pressed) (pressed, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return next(ctx, keys)
}
