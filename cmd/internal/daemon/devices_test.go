package daemon

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"toshy/evdev"
)

// toshy tries again if it cannot open a keyboard: because the machine has no file descriptor left, or because the session came back at
// the moment when the keyboard was plugged in.
func TestKeyboardThatWasNotOpenedIsTriedAgain(t *testing.T) {
	d, _ := told(t)
	var err error
	if d.poller, err = evdev.NewPoller(); err != nil {
		t.Fatal(err)
	}
	d.failures = map[string]int{}
	node := filepath.Join(t.TempDir(), "event1")
	if err := os.WriteFile(node, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	i := &evdev.Info{Identity: evdev.Identity{Path: node}}
	tries := func() int {
		d.lock()
		defer d.unlock()
		d.runPosted()
		return d.failures[node]
	}

	d.at = Elsewhere
	d.change(evdev.Change{Kind: evdev.Appeared, Path: node, Info: i}, nil)
	if n := tries(); n != 0 {
		t.Errorf("in another user's session it is tried again: %d", n)
	}
	d.at = Here
	d.change(evdev.Change{Kind: evdev.Appeared, Path: node, Info: i}, nil)
	for end := time.Now().Add(time.Minute); tries() < 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it is tried again %d times", tries())
		}
	}
	d.lock()
	defer d.unlock()
	d.change(evdev.Change{Kind: evdev.Vanished, Path: node}, nil)
}
