package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A configuration includes regular files of its own folder: no pipe, on which toshy would wait for ever, no device, and no file
// elsewhere, by whatever way.
func TestReadBelow(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for _, f := range []string{filepath.Join(dir, "a"), filepath.Join(outside, "secret")} {
		if err := os.WriteFile(f, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"inside": "a", "out": filepath.Join(outside, "secret"), "device": "/dev/zero", "itself": "itself"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangs := time.AfterFunc(time.Minute, func() { panic("a file is waited for") })
	defer hangs.Stop()
	for name, want := range map[string]bool{
		"a": true, "inside": true,
		"out": false, "device": false, "itself": false, "pipe": false, ".": false, "": false, "none": false,
		"../" + filepath.Base(dir) + "/../" + filepath.Base(outside) + "/secret": false, filepath.Join(outside, "secret"): false,
	} {
		if b, err := readBelow(dir, name); (err == nil && string(b) == "text") != want {
			t.Errorf("%q: %q, %v", name, b, err)
		}
	}
}
