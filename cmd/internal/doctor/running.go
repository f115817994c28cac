package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"toshy/cmd/internal/control"
)

// A Running is the daemon that answers on the control socket.
type Running struct {
	Status *control.Status // nil: none answers, or it refuses this user
	Err    error           // why
	System bool            // the system's daemon, with a service's rights and not the user's
}

const (
	daemonUnit = "toshy-daemon.service"
	startUnit  = "sudo systemctl enable --now toshy-daemon"
)

// Daemon reports whether a daemon runs, and what keeps it from mapping keys.
func (r Running) Daemon() Finding {
	const name = "daemon"
	s := r.Status
	switch {
	case s == nil && r.System:
		return Finding{name, Note, "the system's daemon runs but does not answer this user: " + r.Err.Error(), "", Other}
	case s == nil && errors.Is(r.Err, control.ErrNoDaemon):
		return Finding{name, Note, "none runs", "toshy run, or the service as docs/USAGE.md installs it", Other}
	case s == nil:
		return Finding{name, Warning, "does not answer: " + r.Err.Error(), "toshy log", Other}
	case s.ConfigError != "":
		return Finding{name, Warning, "the changed configuration is not in use, because it contains a mistake: " + s.ConfigError, "toshy check", Other}
	case r.System && !slices.ContainsFunc(s.Agents, func(a control.AgentStatus) bool { return a.Active }):
		return Finding{name, Warning, fmt.Sprintf("runs (pid %d), but the user at the machine has no agent", s.PID), "systemctl --user enable --now toshy-agent", Other}
	case s.Paused:
		return Finding{name, Note, fmt.Sprintf("runs (pid %d), and has given the keyboards back: %s", s.PID, s.Reason), "toshy resume", Other}
	case s.Passthrough:
		return Finding{name, Note, fmt.Sprintf("runs (pid %d), but keys are not mapped: %s", s.PID, s.Reason), "", Other}
	}
	var taken []string
	for _, k := range s.Keyboards {
		if k.Grabbed {
			taken = append(taken, k.Name)
		}
	}
	if len(taken) == 0 {
		return Finding{name, Warning, fmt.Sprintf("runs (pid %d), but has no keyboard", s.PID), "toshy status says why for each", Other}
	}
	return Finding{Check: name, Text: fmt.Sprintf("runs (pid %d) and has %s", s.PID, strings.Join(taken, ", "))}
}

// Rights adjusts findings about this user's rights on a machine where a service has these rights. If the service runs, the
// user needs none; if it does not, the fix is to start it.
func (m *Machine) Rights(ctx context.Context, r Running, all []Finding) {
	installed := r.System || m.installed(ctx)
	for i := range all {
		f := &all[i]
		denied := f.Level == Broken && f.Kind == Permission
		switch {
		case denied && r.System:
			*f = Finding{Check: f.Check, Text: f.Text + ", and the system's daemon runs, which has it"}
		case denied && installed, installed && f.Check == "daemon" && errors.Is(r.Err, control.ErrNoDaemon):
			f.Fix = startUnit
		case r.System && f.Level == Note && strings.HasPrefix(f.Text, "toshy.service "): // systemd may not have reported the daemon's
			*f = Finding{Check: f.Check, Text: "toshy.service does not start, because the system's daemon runs"}
		case r.System && f.Check == "udev" && f.Level == Note:
			*f = Finding{Check: f.Check, Text: "the system's daemon gets its permissions from something other than toshy's rule"}
		}
	}
}

// installed says whether the service manager knows the daemon.
func (m *Machine) installed(ctx context.Context) bool {
	return m.ask(ctx).states[daemonUnit].Load == "loaded"
}
