package daemon

import (
	"testing"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/key"
)

// No command reveals what is typed at a locked screen. A status that is asked for often enough would tell as much as a monitor.
func TestStatusHidesWhatIsTypedAtALockedScreen(t *testing.T) {
	d, _ := told(t)
	a, _ := key.Parse("a")
	press := func(now Place) *control.Status {
		d.at = now
		d.engine.SetPassthrough(now != Here, 0, d.out)
		d.engine.Handle(remap.Event{Type: remap.TypeKey, Code: a, Value: remap.Press}, d.out)
		defer d.engine.ReleaseAll(0, d.out)
		return d.status(true)
	}
	if s := press(Here); len(s.Held) != 1 || s.Held[0].Key != "a" || s.Down[0].Key != "a" || s.Down[0].By[0].Key != "a" {
		t.Errorf("in the session: held %v, down %v", s.Held, s.Down)
	}
	if s := press(NotMapped); len(s.Held) != 1 || s.Held[0].Key != "character" || s.Held[0].Is != "character" || s.Down[0].Key != "character" || s.Down[0].By[0].Key != "character" {
		t.Errorf("at a locked screen: held %v, down %v", s.Held, s.Down)
	}
}
