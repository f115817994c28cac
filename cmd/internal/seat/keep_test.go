package seat

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	toshyconfig "toshy/config"
	"toshy/remap/window/logind"
)

// kept waits until the daemon gets these kept values with a user's configuration.
func (b *bench) kept(name string, want map[string]string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%s comes with %v", name, want), func() bool {
		return b.setup != nil && b.setup.Name == name && maps.Equal(b.setup.Kept, want)
	})
}

func (a *testAgent) configKept(name string, kept map[string]string) {
	a.t.Helper()
	a.send(control.AgentMessage{Kind: "config", Config: &control.AgentConfig{
		Main: name, Files: toshyconfig.Texts{name: []byte(good)}, Settings: kept,
	}})
}

// The values come with the configuration, changes go to the agent of their user, and a user who comes back gets their own values.
func TestKeptSettings(t *testing.T) {
	b := newBench(t)
	b.sits(ann)
	a := b.attach(ann)
	a.configKept("ann.toml", map[string]string{"mode": "us", "old": "x"})
	b.uses("ann.toml")
	b.kept("ann.toml", map[string]string{"mode": "us", "old": "x"})
	for i := range 10_000 { // far more than can wait for an agent: the newest of each is never lost
		b.seat.Keep(control.KeptSetting{Name: "n", Value: fmt.Sprint(i)})
	}
	b.seat.Keep(control.KeptSetting{Name: "old", Default: true})
	last := map[string]control.KeptSetting{}
	for last["n"].Value != "9999" || !last["old"].Default {
		m := a.gets("setting")
		last[m.Setting.Name] = *m.Setting
	}

	other := b.attach(bob)
	other.configKept("bob.toml", map[string]string{"mode": "abc"})
	b.sits(bob)
	b.uses("bob.toml")
	b.kept("bob.toml", map[string]string{"mode": "abc"})
	b.seat.Keep(control.KeptSetting{Name: "mode", Value: "off"})
	if m := other.gets("setting"); m.Setting.Value != "off" {
		t.Errorf("bob's agent got %+v", m.Setting)
	}
	b.sits(ann) // her agent has sent nothing again
	b.uses("ann.toml")
	b.kept("ann.toml", map[string]string{"mode": "us", "n": "9999"})
	b.seat.Keep(control.KeptSetting{Name: "mode", Value: "off"})
	if m := a.gets("setting"); m.Setting.Name != "mode" || m.Setting.Value != "off" {
		t.Errorf("ann's agent got %+v", m.Setting)
	}
}

// While no agent is connected, nothing is lost: the next configuration also gets the values that the daemon has.
func TestKeptWithoutAgent(t *testing.T) {
	b, a := working(t)
	a.Close()
	b.until("the agent is gone", func() bool { return strings.Contains(b.why, "is gone") })
	b.seat.Keep(control.KeptSetting{Name: "mode", Value: "us"})
	if setup, err := b.seat.Load(); err != nil || setup.Kept["mode"] != "us" {
		t.Errorf("%v, %v", setup.Kept, err)
	}
	b.sits(ann, func(s *logind.Session) { s.ID = "" })
	b.at(daemon.Elsewhere)
	b.seat.Keep(control.KeptSetting{Name: "mode", Value: "abc"}) // for no owner
	if setup, err := b.seat.Load(); err != nil || setup.Kept != nil {
		t.Errorf("%v, %v", setup.Kept, err)
	}
}

func TestTooManyKeptSettings(t *testing.T) {
	b, a := working(t)
	a.configKept("ann.toml", map[string]string{"x": strings.Repeat("x", toshyconfig.MaxKept)})
	for {
		if _, err := a.Receive(); err != nil {
			break
		}
	}
	b.until("the agent is gone", func() bool { return strings.Contains(b.why, "is gone") })
}
