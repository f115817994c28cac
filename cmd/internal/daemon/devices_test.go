package daemon

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"toshy/evdev"
)

// A keyboard that cannot be opened, as on a machine that has no descriptor left, or whose time to be opened was missed, as
// when the session comes back at the moment it is plugged in, is not left alone for good.
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
