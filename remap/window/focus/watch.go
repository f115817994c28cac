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

// SocketFolders lists where desktops make their sockets, for a session whose XDG_RUNTIME_DIR is given.
func SocketFolders(runtime string) []string {
	folders := []string{"/tmp/.X11-unix"}
	if runtime != "" {
		folders = append(folders, runtime, filepath.Join(runtime, "hypr"), filepath.Join(runtime, "i3"))
	}
	return folders
}

// sockets are the beginnings of the names that desktops give to their sockets, or the folders of these.
var sockets = []string{"wayland-", "sway-ipc.", "niri.", "ipc-socket.", "bus", "X"}

// gather is how long one change is waited for after another: a desktop makes several at once.
const gather = 50 * time.Millisecond

// A watch tells when something that may be a desktop's socket appears in, or goes from, a folder.
type watch struct {
	w       *fsnotify.Watcher
	folders []string
}

// newWatch fails when not all of the folders can be watched.
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

// add watches the folders, and of one that does not exist the nearest that does, for as long as that is so.
func (v *watch) add() (failed error) {
	var wanted []string
	for _, dir := range v.folders {
		for {
			err := v.w.Add(dir) // harmless when it is watched already
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
			_ = v.w.Remove(dir) // gone, or no longer of use
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
			_ = v.add() // it could at the start
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
