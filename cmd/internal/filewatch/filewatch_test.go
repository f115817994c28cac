package filewatch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"
)

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(path), 0o644); err != nil {
		t.Fatal(err)
	}
}

func changes(t *testing.T, w *Watcher, what string) {
	t.Helper()
	select {
	case <-w.Changed:
	case <-time.After(time.Minute):
		t.Fatalf("%s: no change is reported", what)
	}
}

// A file that is created later, in a folder that is created later.
func TestWatchWhatIsNotThereYet(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "config.toml")
	w := New(zap.NewNop(), "the configuration", SettleTime)
	defer w.Close()
	for _, folder := range []string{"a", "a/b"} {
		w.Watch([]string{path})
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		changes(t, w, folder)
	}
	w.Watch([]string{path})
	write(t, path)
	changes(t, w, "the file")
}

func TestWatch(t *testing.T) {
	dir := t.TempDir()
	main, kept := filepath.Join(dir, "config.toml"), filepath.Join(t.TempDir(), "kept.toml")
	write(t, main)
	write(t, kept)
	w := New(zap.NewNop(), "the configuration", SettleTime)
	defer w.Close()
	w.Watch([]string{main, filepath.Join(dir, "*.inc")})

	write(t, main)
	changes(t, w, "written")
	write(t, main+"~")
	if err := os.Rename(main+"~", main); err != nil {
		t.Fatal(err)
	}
	changes(t, w, "replaced")
	write(t, filepath.Join(dir, "more.inc"))
	changes(t, w, "a new file of a pattern")
	if err := os.Remove(main); err != nil {
		t.Fatal(err)
	}
	changes(t, w, "removed")
	if err := os.Symlink(kept, main); err != nil {
		t.Fatal(err)
	}
	changes(t, w, "a link")
	w.Watch([]string{main})
	write(t, kept)
	changes(t, w, "what a link leads to")
}

// A change of another file in the folder is not reported: the next report is about the file itself.
func TestOthersAreNone(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "config.toml")
	write(t, main)
	if concerns(filepath.Join(dir, "notes.txt"), located([]string{main})) {
		t.Error("a change of notes.txt concerns config.toml")
	}
	if !concerns(main, located([]string{main})) {
		t.Error("a change of config.toml does not concern config.toml")
	}
}

// If more files change at once than the kernel can queue, the dropped events may include ours (inotify(7)).
func TestOverflow(t *testing.T) {
	w := New(zap.NewNop(), "the configuration", SettleTime)
	defer w.Close()
	w.Watch([]string{filepath.Join(t.TempDir(), "config.toml")})
	w.notify.Errors <- fsnotify.ErrEventOverflow
	changes(t, w, "overflow")
}
