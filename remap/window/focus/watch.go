package focus

import (
	"context"
	"os"
	"path/filepath"
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
var sockets = []string{"wayland-", "sway-ipc.", "niri.", "hypr", "i3", "ipc-socket.", "bus", "X", ".X11-unix"}

// gather is how long one change is waited for after another: a desktop makes several at once.
const gather = 50 * time.Millisecond

// A watch tells when something that may be a desktop's socket appears in, or goes from, a folder.
type watch struct {
	w       *fsnotify.Watcher
	folders []string
}

func newWatch(folders []string) (*watch, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	v := &watch{w, folders}
	v.add()
	return v, nil
}

// add watches the folders that exist. One that does not is added when it appears in one that does.
func (v *watch) add() {
	for _, dir := range v.folders {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			_ = v.w.Add(dir) // harmless when it is watched already; one that refuses is left to the back-off
		}
	}
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
			if due == nil && e.Op.Has(fsnotify.Create|fsnotify.Remove) && interesting(e.Name) {
				due = time.After(gather)
			}
		case <-v.w.Errors: // its queue overflowed: look again
			if due == nil {
				due = time.After(gather)
			}
		case <-due:
			due = nil
			v.add()
			changed()
		}
	}
}

func interesting(path string) bool {
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
