package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"toshy/cmd/internal/control"
)

func TestDaemon(t *testing.T) {
	ann := []control.AgentStatus{{UID: 1000, Active: true}}
	taken := []control.Keyboard{{Name: "one", Grabbed: true}, {Name: "two"}}
	for what, c := range map[string]struct {
		r     Running
		level Level
		text  string
	}{
		"none":              {Running{Err: fmt.Errorf("%w (x)", control.ErrNoDaemon)}, Note, "none runs"},
		"another user's":    {Running{Err: errors.New("belongs to someone else"), System: true}, Note, "belongs to someone else"},
		"hangs":             {Running{Err: errors.New("i/o timeout")}, Warning, "timeout"},
		"works":             {Running{Status: &control.Status{PID: 7, Keyboards: taken}}, Good, "runs (pid 7) and has one"},
		"works for an user": {Running{Status: &control.Status{PID: 7, Keyboards: taken, Agents: ann}, System: true}, Good, "has one"},
		"no agent":          {Running{Status: &control.Status{PID: 7, Passthrough: true, Reason: "x"}, System: true}, Warning, "no agent"},
		"another's agent":   {Running{Status: &control.Status{PID: 7, Passthrough: true, Reason: "x", Agents: []control.AgentStatus{{UID: 1001}}}, System: true}, Warning, "the user at the machine has no agent"},
		"no keyboard":       {Running{Status: &control.Status{PID: 7}}, Warning, "no keyboard"},
		"broken":            {Running{Status: &control.Status{Keyboards: taken, ConfigError: "c.toml:1:2: no"}}, Warning, "c.toml:1:2: no"},
		"paused":            {Running{Status: &control.Status{Paused: true, Reason: "a chord"}}, Note, "a chord"},
		"locked":            {Running{Status: &control.Status{Passthrough: true, Reason: "the screen is locked"}}, Note, "locked"},
	} {
		check(t, what, c.r.Daemon(), c.level, Other, c.text)
	}
}

// A user of the system's daemon has no right to the devices. This is intended, and doctor gives no advice about it.
func TestRights(t *testing.T) {
	findings := func() []Finding {
		return []Finding{
			{Check: "uinput", Level: Broken, Text: "no permission to write", Fix: setupFix, Kind: Permission},
			{Check: "keyboards", Level: Broken, Text: "no keyboard", Fix: "plug one in", Kind: Device},
			{Check: "udev", Level: Note, Text: "toshy's udev rule is not installed", Fix: setupFix},
			{Check: "service", Level: Note, Text: "toshy.service is installed and inactive", Fix: "systemctl --user enable --now toshy"},
		}
	}
	m := machine(t, nil)
	all := findings()
	m.Rights(context.Background(), Running{}, all)
	check(t, "one process", all[0], Broken, Permission, "no permission")
	if all[0].Fix != setupFix || all[2].Fix != setupFix {
		t.Errorf("without a service: %+v", all)
	}

	m.Rights(context.Background(), Running{System: true}, all)
	check(t, "served", all[0], Good, Other, "the system's daemon runs")
	check(t, "served, without a keyboard", all[1], Broken, Device, "no keyboard")
	check(t, "served, rules of NixOS", all[2], Good, Other, "something other than")
	check(t, "served, the other way's unit", all[3], Good, Other, "does not start")
	for _, f := range all {
		if strings.Contains(f.Fix, "setup") {
			t.Errorf("a machine with a service gets the advice to install the other way: %+v", f)
		}
	}

	m.Unit = func(context.Context, bool, string) (UnitState, error) {
		return UnitState{Load: "loaded", Active: "inactive"}, nil
	}
	none := Running{Err: control.ErrNoDaemon}
	all = append(findings(), none.Daemon())
	m.Rights(context.Background(), none, all)
	check(t, "does not start", all[0], Broken, Permission, "no permission")
	if all[0].Fix != startUnit || all[len(all)-1].Fix != startUnit {
		t.Errorf("a service that is installed and does not run: %+v", all[0])
	}
}
