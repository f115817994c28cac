package seat

import (
	"testing"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/daemon"
	"toshy/cmd/internal/program"
	"toshy/remap/window/logind"
)

func withConsole(o *Options) {
	o.System = func() (*program.Program, error) {
		return program.Parse("system.toml", []byte("extends = \"none\"\n[daemon]\nconsole = true\n"), nil)
	}
}

func tty(s *logind.Session)     { s.Type, s.ID = "tty", "t1" }
func greeter(s *logind.Session) { s.Class, s.ID = "greeter", "g1" }
func nobody(s *logind.Session)  { *s = logind.Session{Seat: "seat0"} }

// With [daemon] console, the system's configuration maps text consoles and login screens. Meanwhile, only root may use commands.
func TestConsole(t *testing.T) {
	b := newBench(t, withConsole)
	mapped := func(what string) { // each has a separate owner, so that its engine is a new one
		t.Helper()
		b.until(what+" is mapped", func() bool {
			return b.setup != nil && b.setup.Owner == consolePrefix+what && b.setup.Name == "system.toml" && b.place == daemon.Here
		})
		b.set(func() {
			if b.setup.User != "" || b.setup.Kept != nil {
				t.Errorf("%s: a user's settings are in use: %+v", what, b.setup)
			}
		})
		for _, uid := range []uint32{ann, bob} {
			for _, command := range []string{"status", "monitor", "type", "press", "pause", "set", "layer"} {
				c, err := b.as(uid)
				if err == nil {
					_, err = c.Do(control.Request{Command: command, Keys: true, Name: "x", Value: "y"})
					c.Close()
				}
				if err == nil {
					t.Errorf("%s: %d may ask for %s", what, uid, command)
				}
			}
		}
		c, err := b.as(root)
		must(t, err)
		defer c.Close()
		if _, err := c.Do(control.Request{Command: "status"}); err != nil {
			t.Errorf("%s: root may not ask: %v", what, err)
		}
	}
	b.sits(0, nobody)
	mapped("nobody is logged in")
	b.sits(121, greeter)
	mapped("session g1")
	b.sits(ann, tty)
	mapped("session t1")

	// In a graphical session, the agent's user decides, as always.
	b.sits(ann)
	b.at(daemon.Elsewhere)
	a := b.attach(ann)
	a.config("ann.toml", `extends = "none"`, 1)
	b.uses("ann.toml")
	b.at(daemon.Here)
	c, err := b.as(ann)
	must(t, err)
	defer c.Close()
	if _, err := c.Do(control.Request{Command: "status"}); err != nil {
		t.Errorf("ann may not ask in her own session: %v", err)
	}

	// If it is not known who is at the seat, nobody is served.
	b.unknown <- "logind is gone"
	b.at(daemon.Elsewhere)
}

// A monitor that started earlier ends when a console is shown.
func TestConsoleEndsMonitors(t *testing.T) {
	b := newBench(t, withConsole)
	b.sits(ann)
	a := b.attach(ann)
	a.config("ann.toml", `extends = "none"`, 1)
	b.at(daemon.Here)
	c, err := b.as(ann)
	must(t, err)
	ended := make(chan error, 1)
	began := make(chan struct{})
	go func() {
		first := true
		ended <- c.Monitor(true, func(control.Event) error {
			if first {
				first = false
				close(began)
			}
			return nil
		})
	}()
	<-began
	b.sits(121, greeter)
	if err := <-ended; err == nil {
		t.Error("the monitor did not end")
	}
}

// Without the setting, they are not mapped.
func TestNoConsole(t *testing.T) {
	b := newBench(t)
	for _, change := range []func(*logind.Session){greeter, tty} {
		b.sits(ann, change)
		b.at(daemon.Elsewhere)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
