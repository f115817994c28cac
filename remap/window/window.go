// Package window says which window has the focus.
//
// A [Source] follows one desktop interface (X11, sway, KWin, ...) and reports each change; nothing
// in the program asks a desktop in the middle of a key press. The packages below this one implement
// Source, one interface each. This package imports none of them and starts no goroutine.
package window

import (
	"context"
	"errors"
	"time"
)

// Limits on what a source reports. A desktop can be made to say anything by any program that may
// set a title, so longer values are cut (on a rune boundary) and invalid UTF-8 is replaced.
const (
	MaxClass = 256  // bytes of Info.Class, Info.Exe
	MaxTitle = 1024 // bytes of Info.Title
)

// Info describes the window that has the focus. The zero value means that no window has it, which
// is a fact that a source reports (an empty workspace), not an error.
type Info struct {
	Class   string // application class: WM_CLASS's class part, Wayland app_id; as reported, case kept
	Title   string // window title
	Exe     string // path of the executable, "" where it cannot be had
	Desktop string // desktop or compositor in lower case: "kde", "gnome", "sway", ...; "" when unknown
	Session string // "x11" or "wayland"
	Source  string // name of the source that said so, as Source.Name
}

// ErrUnavailable is wrapped by Run when the desktop that a source speaks to is not there at all (no
// socket, no bus name, protocol not offered), as opposed to lost on the way.
var ErrUnavailable = errors.New("desktop interface not available")

// A Source follows the focus on one desktop interface.
type Source interface {
	// Name is a short constant name such as "x11" or "kwin", shown to the user.
	Name() string

	// Run connects, calls report with the current window and then with each change, in the order
	// of the desktop and from one goroutine at a time, until ctx ends or the connection is lost.
	// It does not reconnect: it returns an error that says what was lost (wrapping ErrUnavailable
	// when there was nothing to connect to), and the caller decides when to try again. After ctx
	// has ended it returns ctx.Err() and report is not called again. Values given to report are
	// within the limits above.
	Run(ctx context.Context, report func(Info)) error
}

// State says how much the last report is worth.
type State uint8

const (
	Unknown State = iota // nothing is known: rules that ask for an application do not match
	Known                // reported by a source that is connected
	Stale                // the source was lost less than StaleAfter ago; the last report still counts
)

// StaleAfter is how long the last report of a lost source still counts. A compositor that restarts
// in place comes back well within it; after it the state becomes Unknown.
const StaleAfter = 3 * time.Second
