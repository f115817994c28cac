// Package window says which window has the focus.
//
// A [Source] follows one desktop interface (X11, sway, KWin, ...) and reports each change; nothing in the program asks a
// desktop while a key press is handled. The packages below this one implement Source, one interface each. This package
// imports none of them and starts no goroutine.
package window

import (
	"context"
	"errors"
	"os"
	"time"
)

// Limits on what a source reports. Any program that may set a title can make a desktop report anything. So longer values
// are cut (between runes), and invalid UTF-8 is replaced.
const (
	MaxClass = 256  // bytes of Info.Class, Info.Exe
	MaxTitle = 1024 // bytes of Info.Title
)

// Info describes the focused window. The zero value means that no window has the focus. A source reports that as a fact (an
// empty workspace), not as an error.
type Info struct {
	Class   string // application class: WM_CLASS's class part, Wayland app_id; as reported, with its case
	Title   string // window title
	Exe     string // path of the executable, "" if not available
	Desktop string // desktop or compositor in lower case: "kde", "gnome", "sway", ...; "" if unknown
	Session string // "x11" or "wayland"
	X11     bool   // it belongs to an X11 program on a Wayland desktop; false if the desktop does not say it
	Source  string // name of the source that reported it, see Source.Name
}

// ErrUnavailable is wrapped by Run if the source's desktop does not exist at all (no socket, no bus name, protocol not
// offered), as opposed to a lost connection.
var ErrUnavailable = errors.New("desktop interface not available")

// A TimeoutError says that a desktop has not answered in time. errors.Is takes it for os.ErrDeadlineExceeded.
type TimeoutError string

func (e TimeoutError) Error() string { return string(e) }

// Is compares e with other errors, for errors.Is.
func (TimeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// A Source follows the focus on one desktop interface.
type Source interface {
	// Name is a short constant name such as "x11" or "kwin", which users see.
	Name() string

	// Run connects, then calls report with the current window and with each change, in the order of the desktop and from one
	// goroutine at a time, until ctx ends or the connection is lost. It does not reconnect: it returns an error that says
	// what was lost (wrapping ErrUnavailable if there was nothing to connect to), and the caller decides when to try again.
	// After ctx has ended, it returns ctx.Err() and does not call report again. Reported values are within the limits above.
	Run(ctx context.Context, report func(Info)) error
}

// State says how reliable the last report is.
type State uint8

const (
	Unknown State = iota // nothing is known: rules that test for an application do not match
	Known                // a connected source reported it
	Stale                // the source was lost less than StaleAfter ago; the last report is still used
)

// StaleAfter is how long the last report of a lost source is still used. A compositor that restarts in place is back well
// before that. After it, the state becomes Unknown.
const StaleAfter = 3 * time.Second
