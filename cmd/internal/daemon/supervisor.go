package daemon

import (
	"fmt"
	"strings"
	"time"

	"toshy/remap"
)

// A Supervisor started the daemon and gets reports about its state: systemd. Its methods must not block.
type Supervisor interface {
	// Reloading is called when the configuration is about to be read again, Reloaded when that is over,
	// whatever came of it.
	Reloading()
	Reloaded()
	// Status takes one line for people. It shows no keys.
	Status(line string)
	// Interval is how often Alive wants to be called; 0: never.
	Interval() time.Duration
	// Alive is called from the loop: it turns, and has had the lock.
	Alive()
}

// state is what a status line is made of.
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

// tellSupervisor tells what has changed, and that the loop turns.
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

// broken takes over what is wrong with the newest configuration, "" for nothing. The user gets one notification.
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
