package daemon

import (
	"fmt"
	"strings"
	"time"

	"toshy/remap"
)

// A Supervisor is the service manager that started the daemon (systemd). It gets reports about the daemon's state. Its
// methods must not block.
type Supervisor interface {
	// Reloading is called before the configuration is read again, Reloaded after that, whatever the result.
	Reloading()
	Reloaded()
	// Status shows one line to people. It contains no keys.
	Status(line string)
	// Interval is the time between calls of Alive; 0: never.
	Interval() time.Duration
	// Alive is called from the loop, which shows that it runs and gets the lock.
	Alive()
}

// state is the content of a status line.
type state struct {
	grabbed, waiting int
	paused, broken   bool
	at               Place
	why, user        string
}

func (s state) String() string {
	var parts []string
	add := func(format string, a ...any) { parts = append(parts, fmt.Sprintf(format, a...)) }
	switch {
	case s.at == Elsewhere:
		add("the keyboards are given back")
	case s.paused:
		add("paused, %s given back", keyboards(s.grabbed+s.waiting))
	case s.grabbed+s.waiting == 0:
		add("no keyboard")
	default:
		add("%s", keyboards(s.grabbed))
	}
	if !s.paused && s.waiting > 0 {
		add("%d waited for", s.waiting)
	}
	switch {
	case s.at == NotMapped:
		add("keys pass through")
	case s.at == Here && s.user != "":
		add("serves %s", s.user)
	}
	if s.why != "" {
		add("%s", s.why)
	}
	if s.broken {
		add("the changed configuration is broken (toshy check), the previous one is in use")
	}
	return strings.Join(parts, "; ")
}

func keyboards(n int) string {
	if n == 1 {
		return "1 keyboard"
	}
	return fmt.Sprintf("%d keyboards", n)
}

// tellSupervisor reports changes, and that the loop runs.
func (d *daemon) tellSupervisor(now time.Duration) {
	s := d.options.Supervisor
	if s == nil {
		return
	}
	if d.scanned {
		n := state{grabbed: d.grabbed(), paused: d.paused, broken: d.configError != "", at: d.at, user: d.setup.User}
		if d.at != Here {
			n.why = d.why
		}
		n.waiting = d.keyboards() - n.grabbed
		if n != d.told {
			d.told = n
			s.Status(n.String())
		}
	}
	if now >= d.aliveAt {
		s.Alive()
		d.aliveAt = now + s.Interval()
	}
}

// broken sets the mistake in the newest configuration, "" for none. The user gets one notification.
func (d *daemon) broken(problem string) {
	if d.options.Supervisor != nil {
		d.options.Supervisor.Reloaded()
	}
	d.changes++
	was := d.configError
	if d.configError = problem; problem == was || d.options.Do == nil {
		return
	}
	text := "The configuration is in order again and in use."
	if problem != "" {
		text = "The configuration is broken; the previous one stays in use.\n" + problem
	}
	d.options.Do(&remap.Effect{Kind: remap.EffectNotify, Text: text})
}
