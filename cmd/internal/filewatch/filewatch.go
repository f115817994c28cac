// Package filewatch says when files have changed on the disk: a configuration, or the socket of a daemon.
package filewatch

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// SettleTime is how long a configuration must be unchanged before it counts as changed: editors write a file in several
// steps.
const SettleTime = 100 * time.Millisecond

// A Watcher watches files.
type Watcher struct {
	// Changed receives a value when the files have changed and were then left alone for a moment.
	Changed <-chan struct{}

	log     *zap.Logger
	what    string
	settle  time.Duration
	notify  *fsnotify.Watcher        // nil if the kernel gave us no watcher
	files   atomic.Pointer[[]string] // where the files are
	changed chan struct{}
	ended   chan struct{}

	mu      sync.Mutex
	given   []string      // by Watch
	looking chan struct{} // closed when the look that is under way has ended; nil if none is
	stale   bool          // and another has to follow
}

// lookTime is how long Watch and Again wait until the places of the files are known. Files may be on a network that does not
// answer; then they are watched later.
const lookTime = time.Second

// New makes a Watcher, which watches nothing yet. settle is how long files must be unchanged. If files cannot be watched,
// it says so in the log; of names them.
func New(log *zap.Logger, what string, settle time.Duration) *Watcher {
	w := &Watcher{log: log, what: what, settle: settle, changed: make(chan struct{}, 1), ended: make(chan struct{})}
	w.Changed = w.changed
	w.files.Store(&[]string{})
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn(what+" is not watched", zap.Error(err))
		close(w.ended)
		return w
	}
	w.notify = notify
	go w.run()
	return w
}

// Close ends it.
func (w *Watcher) Close() {
	if w.notify != nil {
		_ = w.notify.Close()
	}
	<-w.ended
}

// Watch replaces the files and patterns that are watched.
func (w *Watcher) Watch(files []string) {
	w.mu.Lock()
	w.given = files
	w.mu.Unlock()
	w.Again()
}

// Again resolves the places of the files again: links may have changed, or a folder may be new.
func (w *Watcher) Again() {
	if w.notify == nil {
		return
	}
	w.mu.Lock()
	done := w.looking
	if w.stale = done != nil; !w.stale {
		done = make(chan struct{})
		w.looking = done
		go w.look()
	}
	w.mu.Unlock()
	select {
	case <-done:
	case <-time.After(lookTime):
	}
}

// look looks for the files until they are those that were given last.
func (w *Watcher) look() {
	for {
		w.mu.Lock()
		files := w.given
		w.stale = false
		w.mu.Unlock()
		w.find(files)
		w.mu.Lock()
		if !w.stale {
			close(w.looking)
			w.looking = nil
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

func (w *Watcher) find(given []string) {
	files := located(given)
	w.files.Store(&files)
	for _, f := range files { // their folders, because editors replace a file instead of writing to it
		// If the folder does not exist yet, the folder above it reports it.
		if err := w.notify.Add(filepath.Dir(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.log.Debug("watching "+w.what, zap.Error(err))
		}
	}
}

// ChangedSince says whether anything watched has changed since a time, according to the stamps of the files, their folders
// and the links to them. Use it for files that were read before they were watched. The stamps' clock may be behind by a
// tick of the kernel, some milliseconds.
func (w *Watcher) ChangedSince(t time.Time) bool {
	for _, f := range *w.files.Load() {
		var st unix.Stat_t
		if unix.Lstat(f, &st) == nil && time.Unix(st.Ctim.Unix()).After(t) {
			return true
		}
	}
	return false
}

func (w *Watcher) run() {
	defer close(w.ended)
	settle := time.NewTimer(w.settle)
	settle.Stop()
	defer settle.Stop()
	for {
		select {
		case err, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			w.log.Debug("watching "+w.what, zap.Error(err))
			if errors.Is(err, fsnotify.ErrEventOverflow) { // the lost events may include a change
				settle.Reset(w.settle)
			}
		case ev, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if concerns(ev.Name, *w.files.Load()) {
				settle.Reset(w.settle)
			}
		case <-settle.C:
			select {
			case w.changed <- struct{}{}:
			default: // one waiting value is enough
			}
		}
	}
}

// concerns says whether a change in a watched folder concerns one of the files or patterns.
func concerns(name string, files []string) bool {
	for _, f := range files {
		if ok, err := filepath.Match(f, name); name == f || ok && err == nil {
			return true
		}
	}
	return false
}
