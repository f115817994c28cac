package daemon

import (
	"testing"

	"toshy/evdev"
)

// Who goes and comes back at once finds the configuration of the one between for a moment: none of his keys is for that.
func TestNextUserIsNotHereYet(t *testing.T) {
	d, _ := told(t)
	clear(d.devices[:])
	poller, err := evdev.NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer poller.Close()
	d.poller = poller
	d.setup.Owner = "1000"
	taken := false
	next := *d.setup
	next.Owner = "1001"
	next.Taken = func() { taken = true }
	d.reload(&next, nil, d.answersOf(next.Program))
	if d.at != Elsewhere || !d.engine.State(0).Passthrough || !taken {
		t.Errorf("with the next user's configuration: place %v, keys pass %v, taken %v", d.at, d.engine.State(0).Passthrough, taken)
	}
	d.place(Here, "he is")
	d.readers.Wait()
	if d.at != Here || d.engine.State(0).Passthrough {
		t.Error("his keys are not mapped when his session is the active one")
	}
}
