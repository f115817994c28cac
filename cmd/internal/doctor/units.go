package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window/sessionbus"
)

// A UnitState is systemd's state of a unit (org.freedesktop.systemd1(5)).
type UnitState struct {
	Load   string // "loaded", "not-found", ...
	Active string // "active", "failed", "inactive", ...
	Result string // of a service: "success", "exit-code", "watchdog", ...
	Sub    string // "running", "auto-restart", ...
}

// unitLimit is how long the service managers may take for all answers. While a session starts on a slow machine, they take seconds.
const unitLimit = 10 * time.Second

// units are toshy's units.
var units = []struct {
	name   string
	system bool
}{{"toshy.service", false}, {"toshy-agent.service", false}, {"toshy-daemon.service", true}}

// answers is what the service managers have said about toshy's units and sessionTarget.
type answers struct {
	states map[string]UnitState // of those that exist
	silent bool                 // they did not say everything in time, so what is missing in states may exist
}

// ask asks the service managers, once.
func (m *Machine) ask(ctx context.Context) *answers {
	if m.Unit == nil {
		return &answers{}
	}
	if m.answers != nil {
		return m.answers
	}
	m.answers = &answers{states: map[string]UnitState{}}
	ctx, cancel := context.WithTimeout(ctx, unitLimit)
	defer cancel()
	about := func(system bool, unit string) {
		s, err := m.Unit(ctx, system, unit)
		switch {
		case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
			m.answers.silent = true
		case err == nil && s.Load != "not-found":
			m.answers.states[unit] = s
		}
	}
	about(false, sessionTarget)
	for _, u := range units {
		about(u.system, u.name)
	}
	return m.answers
}

// Units checks whether one of toshy's services has failed, and whether two of them conflict.
func (m *Machine) Units(ctx context.Context) []Finding {
	const name = "service"
	var all []Finding
	said := m.ask(ctx)
	states := said.states
	for _, u := range units {
		s, ok := states[u.name]
		if !ok {
			continue
		}
		systemctl, masked := "systemctl --user", s.Load == "masked"
		if u.system {
			systemctl = "sudo systemctl"
		}
		switch {
		case masked:
			all = append(all, Finding{name, Warning, u.name + " is masked, so nothing can start it", systemctl + " unmask " + u.name, Other})
		case s.Active == "failed":
			all = append(all, Finding{
				name, Broken, fmt.Sprintf("%s has failed (%s); toshy log says why", u.name, s.Result),
				fmt.Sprintf("%s reset-failed %s && %s start %s", systemctl, u.name, systemctl, u.name), Other,
			})
		case s.Sub == "auto-restart" || s.Sub == "auto-restart-queued":
			all = append(all, Finding{
				name, Broken, fmt.Sprintf("%s ends right after it starts (%s), and systemd restarts it again and again; toshy log says why", u.name, s.Result), m.loopFix(u.name, systemctl, states), Other,
			})
		case s.Active == "active":
			all = append(all, Finding{Check: name, Text: u.name + " runs"})
		case said.silent || otherWay(u.name, states): // whether it should run depends on the others
		default:
			all = append(all, Finding{name, Note, u.name + " is installed and " + s.Active, systemctl + " enable --now " + strings.TrimSuffix(u.name, ".service"), Other})
		}
	}
	if said.silent {
		all = append(all, Finding{
			name, Note, fmt.Sprintf("systemd did not say within %v which of toshy's services are installed and run", unitLimit),
			"toshy doctor, when the machine is less busy", Other,
		})
	}
	if states["toshy.service"].Active == "active" && states[daemonUnit].Active == "active" {
		all = append(all, Finding{
			name, Warning, "toshy runs for the user and for the machine, and each wants the keyboards",
			"systemctl --user disable --now toshy", Other,
		})
	}
	return all
}

// loopFix is what to do about a unit that keeps failing: the user's own unit cannot run together with the system's daemon.
func (m *Machine) loopFix(unit, systemctl string, states map[string]UnitState) string {
	if _, daemon := states[daemonUnit]; daemon && unit == "toshy.service" {
		return "systemctl --user disable --now toshy && systemctl --user enable --now toshy-agent"
	}
	return fmt.Sprintf("toshy log, then %s restart %s", systemctl, unit)
}

// otherWay says that a stopped unit should stay stopped. Packages install the units of both ways, and a machine runs only
// one of them: the running one, else the system's service if there is one.
func otherWay(unit string, states map[string]UnitState) bool {
	single := states["toshy.service"].Active == "active"
	if unit != "toshy.service" {
		return single
	}
	return states[daemonUnit].Load == "loaded"
}

// systemdUnit asks the user's service manager or the system's, over D-Bus.
func systemdUnit(ctx context.Context, system bool, unit string) (s UnitState, err error) {
	connect := sessionbus.Connect
	if system {
		connect = sessionbus.ConnectSystem
	}
	conn, err := connect(ctx)
	if err != nil {
		return s, err
	}
	defer conn.Close()
	const bus = "org.freedesktop.systemd1"
	var path dbus.ObjectPath
	// GetUnit only knows loaded units; LoadUnit reads the file without starting anything.
	if err := conn.Object(bus, "/org/freedesktop/systemd1").CallWithContext(ctx, bus+".Manager.LoadUnit", 0, unit).Store(&path); err != nil {
		return s, err
	}
	get := func(property string, into *string) {
		var v dbus.Variant
		call := conn.Object(bus, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, bus+property[:strings.LastIndex(property, ".")], property[strings.LastIndex(property, ".")+1:])
		if e := call.Store(&v); e != nil {
			err = e
			return
		}
		*into, _ = v.Value().(string)
	}
	get(".Unit.LoadState", &s.Load)
	get(".Unit.ActiveState", &s.Active)
	get(".Unit.SubState", &s.Sub)
	get(".Service.Result", &s.Result)
	return s, err
}
