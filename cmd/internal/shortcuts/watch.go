package shortcuts

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"toshy/remap/window/layout"
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
	kicks chan struct{}

	mu     sync.Mutex
	now    *Found // on the layout; nil until the settings are read
	layout layout.Layout
}

// NewFollower makes a Follower; Run makes it work.
func NewFollower(log *zap.Logger, desktop func() string, changed func()) *Follower {
	return &Follower{Log: log, Desktop: desktop, Changed: changed, find: Find, again: lateAgain, kicks: make(chan struct{}, 1)}
}

// Combos are the shortcuts, for config.Options.Actions. Do not change them.
func (f *Follower) Combos() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now != nil {
		return f.now.Combos
	}
	return nil
}

// SetLayout sets the active layout: shortcuts may be on other keys then. Until it is called, the layout is US.
func (f *Follower) SetLayout(l layout.Layout) {
	f.mu.Lock()
	f.layout = l
	f.use(f.now)
}

// use puts shortcuts on the keys of the layout, unlocks, and reports if that changes anything.
func (f *Follower) use(found *Found) {
	if found == nil {
		f.mu.Unlock()
		return
	}
	before, now := f.now, found.On(f.layout)
	f.now = now
	f.mu.Unlock()
	if before == nil && len(now.Combos) > 0 || before != nil && !maps.Equal(before.Combos, now.Combos) {
		f.Log.Debug("shortcuts of the desktop", zap.String("desktop", now.Desktop), zap.Int("known", len(now.Combos)), zap.Strings("none for", now.None()))
		f.Changed()
	}
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
	f.mu.Lock()
	if found.Late && f.now != nil && f.now.Desktop == found.Desktop { // what it said before is more than nothing
		f.mu.Unlock()
		return found.Files, true
	}
	f.use(found)
	return found.Files, found.Late
}
