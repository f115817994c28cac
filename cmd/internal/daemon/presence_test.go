package daemon

import (
	"testing"

	"toshy/evdev"
)

// If a user leaves and comes back at once, the daemon may still have the configuration of the user in between. It maps none of the
// first user's keys with that.
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
		t.Error("the user's keys are not mapped although their session is active")
	}
}
