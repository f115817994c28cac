package agent

import (
	"testing"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

// If a configuration cannot be read because its network file system does not answer, the agent still does everything else. It
// answers requests that come meanwhile as soon as it can read the configuration.
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
	l.Send(ask("first")) // the files of the previous configuration
	b.flush(l)
	b.ran("first")
	close(hangs)
	b.config(l, func(c *control.AgentConfig) bool { return c.Serial == 7 })
}

// Ending the agent does not wait for it, either.
func TestEndWhileTheConfigurationIsRead(t *testing.T) {
	b := start(t, running("first"))
	l := b.attached()
	hangs := b.hang()
	defer close(hangs)
	b.reload <- struct{}{}
	b.flush(l)
	b.end()
}
