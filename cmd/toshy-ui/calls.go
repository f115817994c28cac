package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/page"
	"toshy/config"
)

// A call answers one kind of request from the page.
type call func(context.Context, json.RawMessage) (any, error)

// of is a call whose request has its own type.
func of[T any](do func(context.Context, *T) (any, error)) call {
	return func(ctx context.Context, body json.RawMessage) (any, error) {
		var r T
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, fmt.Errorf("the request has another form: %w", err)
		}
		return do(ctx, &r)
	}
}

type nothing struct{}

type combo struct {
	page.Situation
	Combo string `json:"combo"`
}

type text struct {
	Text string `json:"text"`
	Hash string `json:"hash"`
}

type plan struct {
	Text      string         `json:"text"`
	Rule      page.Rule      `json:"rule"`
	Situation page.Situation `json:"situation"`
}

type entry struct {
	Text   string `json:"text"`
	Keymap string `json:"keymap"`
	Combo  string `json:"combo"`
}

type preset struct {
	Text string `json:"text"`
	Name string `json:"name"`
}

type change struct {
	Text  string   `json:"text"`
	Lines []string `json:"lines"`
	Nix   []string `json:"nix"` // the same in a configuration of Nix
}

func (s *server) calls() map[string]call {
	m := s.machine
	return map[string]call{
		"start": of(func(context.Context, *nothing) (any, error) {
			// Everything that a page needs at first, in one answer: every further request would be another round trip before
			// you can use it.
			return map[string]any{"app": s.app, "front": s.front.Swap(nil), "state": m.state(nil), "file": m.file()}, nil
		}),
		"names": of(func(ctx context.Context, _ *nothing) (any, error) { return m.program(ctx).Names(), nil }),
		"file":  of(func(context.Context, *nothing) (any, error) { m.forget(); return m.file(), nil }),
		"shortcuts": of(func(ctx context.Context, r *page.Situation) (any, error) {
			return m.program(ctx).Shortcuts(r), nil
		}),
		"explain": of(func(ctx context.Context, r *combo) (any, error) {
			return m.program(ctx).Explain(&r.Situation, r.Combo)
		}),
		"check": of(func(_ context.Context, r *text) (any, error) {
			p, err := m.read(r.Text)
			if err == nil {
				return append([]config.Problem{}, p.Config.Warnings...), nil
			}
			if list := config.Problems(err); list != nil {
				return list, nil
			}
			return nil, err
		}),
		"plan": of(func(ctx context.Context, r *plan) (any, error) {
			return m.program(ctx).Plan(r.Text, &r.Rule, &r.Situation, m.read)
		}),
		"remove": of(func(_ context.Context, r *entry) (any, error) {
			return changed(r.Text)(config.RemoveValue(r.Text, []string{"keymap", r.Keymap, "keys", r.Combo}))
		}),
		"preset": of(func(_ context.Context, r *preset) (any, error) {
			if !slices.Contains(config.BuiltinNames(), r.Name) {
				return nil, fmt.Errorf("there is no preset %q", r.Name)
			}
			return changed(r.Text)(config.SetValue(r.Text, []string{"extends"}, config.Quote(r.Name)))
		}),
		"save": of(func(_ context.Context, r *text) (any, error) {
			if err := m.save(r.Text, r.Hash); err != nil {
				return nil, err
			}
			return map[string]any{"file": m.file(), "taken": taken()}, nil
		}),
		"keycheck": of(func(ctx context.Context, r *page.KeycheckRequest) (any, error) {
			return m.program(ctx).Keycheck(r, func(name string) config.Identity { return identify(ctx, name) })
		}),
		"do":        of(do),
		"report":    of(func(ctx context.Context, r *struct{ Name string }) (any, error) { return report(ctx, r.Name) }),
		"autostart": of(func(ctx context.Context, r *struct{ On *bool }) (any, error) { return autostart(ctx, r.On) }),
	}
}

// identify returns what is known about a keyboard, by its name. The page opens no devices itself; toshy devices does.
func identify(ctx context.Context, name string) config.Identity {
	out, _ := report(ctx, "devices") // if it fails, there is still the name
	text, _ := out.(json.RawMessage)
	return named(text, name)
}

// named finds a keyboard in the list of toshy devices.
func named(list []byte, name string) config.Identity {
	var all []struct {
		Name, Vendor, Product string
		Grab                  bool
	}
	id := config.Identity{Name: name}
	if json.Unmarshal(list, &all) != nil {
		return id
	}
	for _, d := range all {
		if d.Name != name || !d.Grab { // the mouse of a receiver may have the same name
			continue
		}
		vendor, err := strconv.ParseUint(d.Vendor, 16, 16)
		product, err2 := strconv.ParseUint(d.Product, 16, 16)
		if errors.Join(err, err2) == nil {
			id.Vendor, id.Product = uint16(vendor), uint16(product)
			return id
		}
	}
	return id
}

// changed is an edit that the page shows before it is saved.
func changed(before string) func(string, error) (any, error) {
	return func(after string, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return &change{after, page.Difference(before, after), page.Nix(before, after)}, nil
	}
}

// taken says whether the daemon uses a saved configuration.
func taken() string {
	a, err := ask(control.Request{Command: "reload"})
	switch {
	case errors.Is(err, control.ErrNoDaemon):
		return "saved; toshy is not running"
	case err != nil:
		return "saved, but toshy does not use it: " + err.Error()
	case a.Pending:
		return "saved; toshy is still reading it"
	}
	return "saved, and in use"
}

// requests are what the page may request from the daemon. Typing texts and keys is not included.
var requests = []string{"pause", "resume", "toggle", "release", "reload", "set", "layer", "keyboard-type"}

func do(_ context.Context, r *control.Request) (any, error) {
	if !slices.Contains(requests, r.Command) {
		return nil, fmt.Errorf("the page does not ask the daemon for %q", r.Command)
	}
	a, err := ask(*r)
	if err != nil {
		return nil, err
	}
	return map[string]string{"note": a.Note}, nil
}

// reportLimit is how long a command whose output is shown may take.
const reportLimit = 30 * time.Second

// reports are commands whose output the page shows.
var reports = map[string][]string{
	"doctor": {"doctor", "--json"}, "log": {"log", "--lines=200"}, "dump": {"dump"}, "devices": {"devices", "--json"},
}

func report(ctx context.Context, name string) (any, error) {
	args, ok := reports[name]
	if !ok {
		return nil, fmt.Errorf("there is no report %q", name)
	}
	ctx, cancel := context.WithTimeout(ctx, reportLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, beside("toshy"), args...).Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) && len(out) == 0 {
		return nil, errors.New(strings.TrimSpace(strings.TrimPrefix(string(ended.Stderr), "toshy: ")))
	}
	if err != nil && ended == nil {
		return nil, fmt.Errorf("toshy %s: %w", name, err)
	}
	if strings.HasSuffix(args[len(args)-1], "json") {
		return json.RawMessage(out), nil
	}
	return map[string]string{"text": string(out)}, nil
}

// units are the user's services that can start at login. The first one that exists is used.
var units = []string{"toshy.service", "toshy-agent.service"}

// autostart says which unit starts at login, and changes that if on is given.
func autostart(ctx context.Context, on *bool) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, reportLimit)
	defer cancel()
	systemctl := func(args ...string) string {
		out, _ := exec.CommandContext(ctx, "systemctl", append([]string{"--user"}, args...)...).Output() // its output is the answer
		return strings.TrimSpace(string(out))
	}
	states := map[string]string{}
	unit := ""
	for _, u := range units {
		state := systemctl("is-enabled", u)
		if state == "" || state == "not-found" {
			continue
		}
		states[u] = state
		if unit == "" || state == "enabled" {
			unit = u
		}
	}
	if unit == "" {
		return map[string]any{"unit": "", "enabled": false}, nil
	}
	if on != nil {
		verb := "disable"
		if *on {
			verb = "enable"
		}
		systemctl(verb, unit)
		states[unit] = systemctl("is-enabled", unit)
	}
	return map[string]any{"unit": unit, "enabled": states[unit] == "enabled", "fixed": states[unit] != "enabled" && states[unit] != "disabled"}, nil
}
