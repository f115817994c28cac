package shortcuts

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"
)

// settle is how long a desktop's settings must be unchanged before they are read again.
const settle = 500 * time.Millisecond

// lateAgain is the time until a desktop is asked again that did not answer in time.
const lateAgain = 10 * time.Second

// A Follower has the shortcuts of the running desktop. Until Run has read them there are none, and the configuration's
// defaults apply: keyboards do not wait for a desktop.
type Follower struct {
	Log     *zap.Logger
	Desktop func() string // the running desktop, "" while not known
	Changed func()        // called when the shortcuts have changed

	find  func(ctx context.Context, desktop string) *Found // replaces Find
	again time.Duration                                    // lateAgain
	now   atomic.Pointer[Found]
	kicks chan struct{}
}

// NewFollower makes a Follower; Run makes it work.
func NewFollower(log *zap.Logger, desktop func() string, changed func()) *Follower {
	return &Follower{Log: log, Desktop: desktop, Changed: changed, find: Find, again: lateAgain, kicks: make(chan struct{}, 1)}
}

// Combos are the shortcuts, for config.Options.Actions. Do not change them.
func (f *Follower) Combos() map[string]string {
	if found := f.now.Load(); found != nil {
		return found.Combos
	}
	return nil
}

// Kick reads the settings again: another desktop may run. It never waits.
func (f *Follower) Kick() {
	select {
	case f.kicks <- struct{}{}:
	default:
	}
}

// Run reads the settings, and again after each change of their files, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	var changes chan fsnotify.Event
	var errs chan error
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		f.Log.Debug("the desktop's settings are not watched", zap.Error(err))
	} else {
		defer watcher.Close()
		changes, errs = watcher.Events, watcher.Errors
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	var names []string
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.kicks:
			timer.Reset(0)
		case err := <-errs:
			f.Log.Debug("watching the desktop's settings", zap.Error(err))
		case ev := <-changes:
			if slices.Contains(names, ev.Name) {
				timer.Reset(settle)
			}
		case <-timer.C:
			var late bool
			if names, late = f.read(ctx, watcher); late {
				timer.Reset(f.again)
			}
		}
	}
}

// read reads the settings and returns the files to watch, and whether to read them again.
func (f *Follower) read(ctx context.Context, watcher *fsnotify.Watcher) (names []string, late bool) {
	found := f.find(ctx, f.Desktop())
	if ctx.Err() != nil {
		return nil, false
	}
	if watcher != nil {
		for _, name := range found.Files { // before the comparison: later changes arrive as events
			if err := watcher.Add(filepath.Dir(name)); err != nil {
				f.Log.Debug("watching the desktop's settings", zap.Error(err))
			}
		}
	}
	before := f.now.Load()
	if found.Late && before != nil && before.Desktop == found.Desktop { // what it said before is more than nothing
		return found.Files, true
	}
	f.now.Store(found)
	if before == nil && len(found.Combos) > 0 || before != nil && !maps.Equal(before.Combos, found.Combos) {
		f.Log.Debug("shortcuts of the desktop", zap.String("desktop", found.Desktop), zap.Int("known", len(found.Combos)), zap.Strings("none for", found.None()))
		f.Changed()
	}
	return found.Files, found.Late
}
