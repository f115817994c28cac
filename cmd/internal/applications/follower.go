package applications

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/filewatch"
)

// settle is how long the folders must be unchanged before they are read again: an installation writes many files.
const settle = 2 * time.Second

// A Follower keeps an Index of the installed applications. Until Run has made one, no application has a category: keyboards
// do not wait for it.
type Follower struct {
	// Changed receives a value when the index has changed.
	Changed <-chan struct{}

	log     *zap.Logger
	folders []string
	settle  time.Duration
	now     atomic.Pointer[Index]
	changed chan struct{}
}

// NewFollower makes a Follower for the entries below folders; Run makes it work.
func NewFollower(log *zap.Logger, folders []string) *Follower {
	f := &Follower{log: log, folders: folders, settle: settle, changed: make(chan struct{}, 1)}
	f.Changed = f.changed
	return f
}

// Categories are an application's categories according to the newest index; see Index.
func (f *Follower) Categories(app, exe string) string { return f.now.Load().Categories(app, exe) }

// Run reads the entries, and again after each change, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	watcher := filewatch.New(f.log, "the installed applications", f.settle)
	defer watcher.Close()
	watched := func(folders []string) {
		patterns := make([]string, len(folders))
		for i, folder := range folders {
			patterns[i] = filepath.Join(folder, "*")
		}
		watcher.Watch(patterns)
	}
	watched(f.folders) // before they are read: changes in the meantime arrive as changes
	for {
		x := Read(f.folders)
		watched(x.folders)
		f.now.Store(x)
		select {
		case f.changed <- struct{}{}:
		default:
		}
		select {
		case <-ctx.Done():
			return
		case <-watcher.Changed:
		}
	}
}
