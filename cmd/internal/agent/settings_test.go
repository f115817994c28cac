package agent

import (
	"slices"
	"testing"

	"toshy/cmd/internal/control"
)

// The agent sends the kept settings with each configuration, and passes on what the daemon tells it about settings.
func TestSettings(t *testing.T) {
	b := start(t, "extends = \"none\"\n")
	l := b.attached()
	if c := b.gets(l, "config").Config; len(c.Settings) != 1 || c.Settings["mode"] != "us" {
		t.Errorf("sent with %v", c.Settings)
	}
	want := []control.KeptSetting{{Name: "mode", Value: "abc"}, {Name: "dark", Default: true}}
	for _, k := range want {
		l.Keep(k)
		b.until("it is kept", func() bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Contains(b.kept, k)
		})
	}
	l.Send(control.DaemonMessage{Kind: "setting"}) // without a name
	b.flush(l)
	if c := b.again(l); c.Settings["mode"] != "us" {
		t.Errorf("sent again with %v", c.Settings)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.kept, want) {
		t.Errorf("kept %+v", b.kept)
	}
}
