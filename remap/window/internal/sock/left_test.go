package sock

import (
	"net"
	"path/filepath"
	"slices"
	"testing"
)

// TestChooseAfterCrash: the environment names a socket that a crash has left. The source tries it first, then the others.
func TestChooseAfterCrash(t *testing.T) {
	dir := t.TempDir()
	dead, live := filepath.Join(dir, "desk.1"), filepath.Join(dir, "desk.2")
	for _, path := range []string{dead, live} {
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		if path == dead {
			l.Close()
		}
	}
	t.Setenv("DESK_SOCKET", dead)
	paths := Choose("", []string{"DESK_SOCKET"}, filepath.Join(dir, "desk.*"))
	if !slices.Equal(paths, []string{dead, live}) {
		t.Errorf("chose %v", paths)
	}
	c, done, err := Dial(t.Context(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if got := c.RemoteAddr().String(); got != live {
		t.Errorf("connected to %s", got)
	}
	t.Setenv("DESK_SOCKET", filepath.Join(dir, "gone"))
	if paths := Choose("", []string{"DESK_SOCKET"}, filepath.Join(dir, "desk.2")); !slices.Equal(paths, []string{live}) {
		t.Errorf("with one that is gone in the environment: %v", paths)
	}
}
