package desktop

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"toshy/remap"
	"toshy/remap/window"
	"toshy/remap/window/cinnamon"
	"toshy/remap/window/focus"
	"toshy/remap/window/gala"
	"toshy/remap/window/gnome"
	"toshy/remap/window/kwin"
	"toshy/remap/window/sessionbus"
)

// busNames are the names whose appearance or disappearance means that a source may have become available.
var busNames = []string{kwin.BusName, gnome.BusName, cinnamon.BusName, gala.BusName}

// grace is how long a desktop may take to start before toshy treats its source as missing: GNOME Shell takes up to three seconds
// until its extensions run, and is asked twice.
const grace = 10 * time.Second

// Focus follows the focus for the daemon.
type Focus struct {
	Log *zap.Logger
	// Changed receives a value when the session has changed (according to logind), because a new desktop may have started.
	// It may be nil.
	Changed <-chan struct{}
	// Found is called when a desktop has started, or another one. It must not block, and may be nil.
	Found func()
	// Kicked is called when a new desktop may have started. It must not block, and may be nil.
	Kicked func()
	// Seen is called with everything that is known, after each change. It must not block, and may be nil.
	Seen func(focus.Snapshot)
	// Categories are the categories of a window's application, in the form of remap.CategoryList. It must not block, and may
	// be nil.
	Categories func(app, exe string) string
	// Installed receives a value when Categories may have changed. It may be nil.
	Installed <-chan struct{}

	grace time.Duration // instead of grace
}

// Run follows the focus until ctx ends and calls tell after each change.
func (f Focus) Run(ctx context.Context, tell func(remap.Window)) error {
	changed := func(w remap.Window) { tell(f.judged(w)) }
	wake, look := make(chan struct{}, 1), make(chan struct{}, 1)
	follower := New(func() { nudge(wake) }, func() {
		nudge(look)
		if f.Kicked != nil {
			f.Kicked()
		}
	})
	around := Surroundings()
	changed(Window(follower.Current(), around)) // the desktop according to the environment, before any window is known
	done := make(chan error, 1)
	go func() { done <- follower.Run(ctx) }()
	appeared := make(chan struct{}, 1)
	go WatchBus(ctx, look, func() {
		follower.Kick()
		nudge(appeared)
	})
	limit := f.grace
	if limit == 0 {
		limit = grace
	}
	due := time.After(limit)
	said, found := "", ""
	for {
		select {
		case <-wake:
			now := follower.Current()
			if f.Seen != nil {
				f.Seen(now)
			}
			changed(Window(now, around))
			if now.State != window.Known {
				found = ""
			} else if now.Info.Source != found && f.Found != nil {
				found = now.Info.Source
				f.Found()
			}
		case <-f.Installed:
			changed(Window(follower.Current(), around))
		case <-appeared:
			due = time.After(limit)
		case <-f.Changed:
			follower.Kick()
			due = time.After(limit)
		case <-due:
			if p := Missing(follower.Sources(), around); p != nil && p.Text != said {
				said = p.Text
				f.Log.Warn("applications are not told apart: "+p.Text, zap.String("to do", p.Fix))
			}
		case err := <-done:
			return err
		}
	}
}

// judged is a window with the categories of its application.
func (f *Focus) judged(w remap.Window) remap.Window {
	if f.Categories != nil && w.App+w.Exe != "" {
		w.Categories = f.Categories(w.App, w.Exe)
	}
	return w
}

// nudge leaves a notice for the reader of c. One waiting notice is enough, because only the newest state matters.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// looks is how often something missing is looked for, less and less often for about a minute, before only a kick makes toshy
// look again. Each look wakes an idle computer and brings a megabyte of the program's file back into memory.
const looks = 7

func newBackOff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 2, RandomizationFactor: 0.2, MaxInterval: 10 * time.Minute}
}

// WatchBus calls changed when a desktop appears on the session bus or leaves it, until ctx ends. It tries a missing bus
// again when look receives a value (see New), and otherwise less and less often. If the environment does not name the bus, it
// appears in a folder that New watches: after some tries, WatchBus only waits for look.
func WatchBus(ctx context.Context, look <-chan struct{}, changed func()) {
	watchBus(ctx, look, func() (appeared bool, err error) {
		err = sessionbus.Watch(ctx, "", busNames, func(string, bool) {
			appeared = true
			changed()
		})
		return appeared, err
	})
}

// watchBus is WatchBus with a function that follows the bus until that is lost.
func watchBus(ctx context.Context, look <-chan struct{}, follow func() (appeared bool, err error)) {
	wait := newBackOff()
	for tries := 1; ctx.Err() == nil; tries++ {
		appeared, err := follow()
		kicked := look
		if !errors.Is(err, window.ErrUnavailable) { // it existed
			appeared, kicked = true, nil // the values of look were about its earlier reports
		}
		if appeared {
			wait.Reset()
			tries = 0
		}
		var again <-chan time.Time
		if tries < looks || !errors.Is(err, sessionbus.ErrNone) {
			again = time.After(wait.NextBackOff())
		}
		select {
		case <-ctx.Done():
		case <-kicked:
		case <-again:
		}
	}
}

// Name is the desktop's name, also if the environment does not say it: Openbox tells its programs nothing, but X11 knows its window
// manager.
func (a Ambient) Name(s focus.Snapshot) string {
	if a.Desktop != "" {
		return a.Desktop
	}
	return s.Info.Desktop
}

// Window is what conditions can read about the current state. Desktop and session type are set even if no window has the
// focus. While no source runs, they come from the environment.
func Window(s focus.Snapshot, a Ambient) remap.Window {
	if s.State == window.Unknown {
		return remap.Window{Desktop: a.Desktop, Session: a.Session}
	}
	i := s.Info
	w := remap.Window{App: i.Class, Title: i.Title, Exe: i.Exe, Desktop: i.Desktop, Session: i.Session}
	if w.Desktop == "" {
		w.Desktop = a.Desktop
	}
	if w.Session == "" {
		w.Session = a.Session
	}
	return w
}
