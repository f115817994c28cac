package focus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// SocketFolders lists where desktops create their sockets, for a session with the given XDG_RUNTIME_DIR.
func SocketFolders(runtime string) []string {
	folders := []string{"/tmp/.X11-unix"}
	if runtime != "" {
		folders = append(folders, runtime, filepath.Join(runtime, "hypr"), filepath.Join(runtime, "i3"))
	}
	// logind mounts a file system for each user. When that goes, inotify ends the watch of it, and fsnotify tells nobody: only its
	// parent says that there is a new one.
	if parent := filepath.Dir(runtime); parent == "/run/user" {
		folders = append(folders, parent)
	}
	return folders
}

// sockets are the prefixes of the names of desktops' sockets, or of the folders that contain these.
var sockets = []string{"wayland-", "sway-ipc.", "niri.", "ipc-socket.", "bus", "X"}

// gather is how long to wait for more changes after one: a desktop makes several at once.
const gather = 50 * time.Millisecond

// A watch reports that something that may be a desktop's socket appears in a folder or disappears from it.
type watch struct {
	w       *fsnotify.Watcher
	folders []string
}

// newWatch fails if it cannot watch all of the folders.
func newWatch(folders []string) (*watch, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	v := &watch{w, folders}
	if err := v.add(); err != nil {
		_ = w.Close()
		return nil, err
	}
	return v, nil
}

// add watches the folders, or the nearest existing parent of a folder while that does not exist.
func (v *watch) add() (failed error) {
	var wanted []string
	for _, dir := range v.folders {
		for {
			err := v.w.Add(dir) // harmless if it is watched already
			parent := filepath.Dir(dir)
			if err != nil && errors.Is(err, os.ErrNotExist) && parent != dir {
				dir = parent
				continue
			}
			if err != nil {
				failed = err
			}
			wanted = append(wanted, dir)
			break
		}
	}
	for _, dir := range v.w.WatchList() {
		if !slices.Contains(wanted, dir) {
			_ = v.w.Remove(dir) // deleted, or no longer needed
		}
	}
	return failed
}

// run calls changed until ctx ends.
func (v *watch) run(ctx context.Context, changed func()) {
	defer v.w.Close()
	var due <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-v.w.Events:
			if due == nil && e.Op.Has(fsnotify.Create|fsnotify.Remove) && v.interesting(e.Name) {
				due = time.After(gather)
			}
		case <-v.w.Errors: // its queue overflowed: look again
			if due == nil {
				due = time.After(gather)
			}
		case <-due:
			due = nil
			_ = v.add() // it worked at the start
			changed()
		}
	}
}

func (v *watch) interesting(path string) bool {
	for _, dir := range v.folders {
		if dir == path || strings.HasPrefix(dir, path+"/") {
			return true
		}
	}
	name := filepath.Base(path)
	if filepath.Base(filepath.Dir(path)) == "hypr" {
		return true // named after the instance
	}
	for _, s := range sockets {
		if strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}
