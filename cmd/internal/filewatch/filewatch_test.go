package filewatch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

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
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: no change is told", what)
	}
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

// A change of another file in the folder is none: the next that is told is that of the file itself.
func TestOthersAreNone(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "config.toml")
	write(t, main)
	if concerns(filepath.Join(dir, "notes.txt"), located([]string{main})) {
		t.Error("notes.txt concerns config.toml")
	}
	if !concerns(main, located([]string{main})) {
		t.Error("config.toml does not concern itself")
	}
}
