// Package cinnamon follows the focus in Cinnamon.
//
// Cinnamon lets every program of the session evaluate JavaScript in it (org.Cinnamon.Eval). Run once evaluates a small
// hook, which then reports each change: there is nothing to install and nothing to poll. It is the same on X11 and on
// Wayland, where X11 programs cannot read a window list.
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

//go:embed focus.js
var hook string

// BusName is on the session bus while the desktop runs.
const BusName = "org.Cinnamon"

const (
	name = "cinnamon"
	path = dbus.ObjectPath("/org/Cinnamon")
	eval = "org.Cinnamon.Eval"

	focusIface = "org.toshy.Focus" // of the signal that the hook sends
)

// Source follows Cinnamon. The zero value is ready to use.
type Source struct {
	Address string // of the session bus; "" is the user's own bus
}

// Name implements window.Source.
func (s *Source) Name() string { return name }

// Detect says whether Cinnamon is on the bus. It asks the bus, and does not wait for Cinnamon. If Cinnamon is missing, the
// error wraps window.ErrUnavailable.
func (s *Source) Detect(ctx context.Context) error {
	return bus.Detect(ctx, bus.Options{Address: s.Address, Name: BusName, Desktop: "Cinnamon"})
}

// Run implements window.Source.
func (s *Source) Run(ctx context.Context, report func(window.Info)) error {
	opt := bus.Options{Address: s.Address, Name: BusName, Desktop: "Cinnamon", Take: take}
	return bus.Follow(ctx, opt, func(l *bus.Link) error { return follow(l, report) })
}

func follow(l *bus.Link, report func(window.Info)) error {
	owner := l.UniqueName()
	// Signals to our own name need no match rule. If something fails half-way, the hook ends with the connection.
	defer l.CallLast(time.Second, path, eval, fmt.Sprintf("(global._toshyFocus||{})[%q]&&global._toshyFocus[%q]()", owner, owner))
	var ok bool
	var result string
	err := l.Call(path, eval, []any{&ok, &result}, strings.ReplaceAll(hook, "@OWNER@", owner))
	if err != nil {
		if bus.Missing(err) {
			err = fmt.Errorf("%w: %w", window.ErrUnavailable, err)
		}
		return fmt.Errorf("cinnamon: have the focus hook evaluated: %w", err)
	}
	if !ok {
		return fmt.Errorf("%w: Cinnamon refused to evaluate the focus hook: %.200s", window.ErrUnavailable, window.Text(result, 200))
	}
	var said []string
	if err := json.Unmarshal([]byte(result), &said); err != nil {
		return fmt.Errorf("cinnamon: answer of the focus hook: %w", err)
	}
	r, ok := describe(said)
	if !ok {
		return fmt.Errorf("cinnamon: the focus hook answered %d values that make no report", len(said))
	}
	l.Push(r)
	return l.Follow(report)
}

func take(m *dbus.Message) (bus.Report, bool) {
	iface, member := bus.Names(m)
	if m.Type != dbus.TypeSignal || iface != focusIface || member != "Changed" || len(m.Body) != 1 {
		return bus.Report{}, false
	}
	said, ok := m.Body[0].([]string)
	if !ok {
		return bus.Report{}, false
	}
	return describe(said)
}

// describe parses what the hook's function of that name sends.
func describe(said []string) (bus.Report, bool) {
	if len(said) != 6 {
		return bus.Report{}, false
	}
	serial, err := strconv.ParseUint(said[0], 10, 64)
	if err != nil || (said[1] != "x11" && said[1] != "wayland") {
		return bus.Report{}, false
	}
	pid, _ := strconv.Atoi(said[4]) // missing if there is no window
	return bus.Report{Serial: serial, Info: window.Info{
		Class: said[2], Title: said[3], Exe: window.Exe(pid), Desktop: "cinnamon", Session: said[1], X11: said[5] == "x11", Source: name,
	}}, true
}
