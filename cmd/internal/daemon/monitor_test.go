package daemon

import (
	"slices"
	"testing"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/key"
)

// Root's monitor continues when another user comes. The new engine reports which rules match, too.
func TestMonitorSeesMatchesOfTheNextUser(t *testing.T) {
	d, _ := told(t)
	a, _ := key.Parse("a")
	next := *d.setup
	next.Owner = "1001"
	next.Program = compile(t, &remap.Program{Modmaps: []remap.Modmap{{Name: "swap", Keys: map[key.Code]key.Code{a: key.Esc}}}})
	var seen []string
	stop := d.Monitor(false, func(e control.Event) { seen = append(seen, e.Kind+" "+e.Map) })
	d.at = Elsewhere // Presence reports this first when the session changes
	d.reload(&next, nil, d.answersOf(next.Program))
	d.at = Here
	d.engine.SetPassthrough(false, 0, d.out)
	d.engine.Handle(remap.Event{Type: remap.TypeKey, Code: a, Value: remap.Press}, d.out)
	if !slices.Contains(seen, "match modmap swap") {
		t.Errorf("it sees %q", seen)
	}
	stop()
}
