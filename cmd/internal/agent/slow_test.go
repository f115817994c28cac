package agent

import (
	"testing"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

// A configuration that cannot be read, since its network does not answer, does not keep the agent from anything else; and
// what is asked meanwhile is answered as soon as it can be read.
func TestConfigurationThatIsNotRead(t *testing.T) {
	b := start(t, running("first"))
	l := b.attached()
	b.config(l, func(*control.AgentConfig) bool { return true })
	hangs := b.hang()
	b.reload <- struct{}{}
	l.Send(control.DaemonMessage{Kind: "reload", Serial: 7})
	for _, app := range []string{"one", "two"} {
		b.flush(l)
		b.window <- remap.Window{App: app}
		if m := b.gets(l, "window"); m.Window.App != app {
			t.Errorf("the window is %+v", m.Window)
		}
	}
	l.Send(ask("first")) // those of the configuration before
	b.flush(l)
	b.ran("first")
	close(hangs)
	b.config(l, func(c *control.AgentConfig) bool { return c.Serial == 7 })
}

// Nor does whoever ends the agent wait for it.
func TestEndWhileTheConfigurationIsRead(t *testing.T) {
	b := start(t, running("first"))
	l := b.attached()
	hangs := b.hang()
	defer close(hangs)
	b.reload <- struct{}{}
	b.flush(l)
	b.end()
}
