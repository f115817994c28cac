package daemon

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
)

// controlLimit is how long a request may wait for the loop.
const controlLimit = 4 * time.Second

// Control answers a request of the control socket (control.Handler).
func (d *daemon) Control(ctx context.Context, r control.Request) control.Response {
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	var a control.Response
	if r.Command == "reload" {
		a.OK = true
		var err error
		if d.options.Refresh != nil {
			err = d.options.Refresh(ctx)
		}
		if err == nil {
			err = d.askReload(ctx)
		}
		if err != nil {
			a.OK, a.Error, a.Hint = false, err.Error(), "the configuration before stays in use"
		}
		return a
	}
	done := make(chan struct{})
	d.post(func() {
		defer close(done)
		a = d.command(r)
	})
	select {
	case <-done:
		return a
	case <-ctx.Done():
		return control.Response{Error: "the daemon is ending or does not answer"}
	}
}

// command carries a request out, on the loop.
func (d *daemon) command(r control.Request) control.Response {
	var err error
	switch r.Command {
	case "status":
		return control.Response{OK: true, Status: d.whom(d.status())}
	case "pause":
		d.pause(true)
	case "resume":
		d.pause(false)
	case "toggle":
		d.pause(!d.paused)
	case "release":
		d.wake = d.engine.ReleaseAll(evdev.Now(), d.out)
	case "set":
		err = d.set(r.Name, r.Value)
	default:
		return control.Response{
			Error: fmt.Sprintf("unknown command %q", r.Command),
			Hint:  "status, pause, resume, toggle, reload, release, set, monitor",
		}
	}
	if err != nil {
		return control.Response{Error: err.Error()}
	}
	return control.Response{OK: true}
}

// set changes a setting of the configuration until the next start.
func (d *daemon) set(name, value string) error {
	vars := d.setup.Program.Program().Vars
	var names []string
	for i := range vars {
		short, isSetting := strings.CutPrefix(vars[i].Name, "settings.")
		if !isSetting {
			continue
		}
		names = append(names, short)
		if name != short && name != vars[i].Name {
			continue
		}
		v := slices.Index(vars[i].Values, value)
		if v < 0 {
			return fmt.Errorf("%s is one of %s, not %q", short, strings.Join(vars[i].Values, ", "), value)
		}
		d.wake = d.engine.SetVar(i, int32(v), evdev.Now(), d.out)
		return nil
	}
	return fmt.Errorf("no setting %q; there are %s", name, strings.Join(names, ", "))
}

func (d *daemon) status() *control.Status {
	state := d.engine.State(d.lastDevice)
	s := &control.Status{
		PID: os.Getpid(), Program: d.options.Version, Since: d.since, Configuration: d.setup.Name, ConfigError: d.configError,
		Paused: d.paused, Passthrough: state.Passthrough, Maps: state.Maps, Layers: state.Layers,
		Settings: map[string]string{}, Keyboards: []control.Keyboard{}, Held: []control.HeldKey{}, Down: []string{},
		Window: control.Window{App: d.window.App, Title: d.window.Title, Exe: d.window.Exe, Desktop: d.window.Desktop, Age: time.Since(d.windowAt)},
		Latency: control.Latency{
			Events: d.reads, P50: d.latency.quantile(0.5), P99: d.latency.quantile(0.99), Max: d.latency.max,
		},
	}
	for _, k := range d.devices {
		if k != nil {
			s.Keyboards = append(s.Keyboards, control.Keyboard{Name: k.info.Name, Path: k.info.Path, ID: k.info.ID(), Type: k.kind, Grabbed: k.grabbed})
		}
	}
	for i, v := range d.setup.Program.Program().Vars {
		s.Settings[v.Name] = state.Vars[i]
	}
	for _, h := range state.Held {
		name := ""
		if k := d.devices[h.Device]; k != nil {
			name = k.info.Name
		}
		s.Held = append(s.Held, control.HeldKey{Keyboard: name, Key: h.Key.String(), Is: h.Is.String(), Undecided: h.Undecided, Withheld: h.Withheld})
	}
	for _, c := range state.Down {
		s.Down = append(s.Down, c.String())
	}
	return s
}

// A monitor is a client that watches keys.
type monitor struct {
	keys   bool
	report func(control.Event)
}

// Monitor lets report see each key in and out and each change of focus (control.Handler).
func (d *daemon) Monitor(keys bool, report func(control.Event)) (stop func()) {
	m := &monitor{keys: keys, report: report}
	d.mu.Lock()
	d.monitors = append(d.monitors, m)
	d.mu.Unlock()
	return func() {
		d.mu.Lock()
		d.monitors = slices.DeleteFunc(d.monitors, func(x *monitor) bool { return x == m })
		d.mu.Unlock()
	}
}

var valueNames = [...]string{"up", "down", "repeat"}

// tell reports a key to the monitors; the caller has seen that there are some.
func (d *daemon) tell(kind string, code key.Code, value int32, device string) {
	if value < remap.Release || value > remap.Repeat {
		return
	}
	for _, m := range d.monitors {
		m.report(control.Event{Kind: kind, Key: shown(code, m.keys), Value: valueNames[value], Device: device})
	}
}

// shown is a key as a monitor may see it: what types characters is hidden unless asked for.
func shown(c key.Code, keys bool) string {
	if keys || !types(c) {
		return c.String()
	}
	return "character"
}

// types says whether a key types characters: the four rows of a keyboard, the keypad, and Space.
func types(c key.Code) bool {
	_, isMod := key.ModOf(c)
	switch {
	case isMod || c == key.Esc || c == key.Backspace || c == key.Tab || c == key.Enter || c == key.CapsLock:
		return false
	case c <= 57, c >= 71 && c <= 83, c >= 86 && c <= 95: // KEY_1 to KEY_SPACE, KEY_KP7 to KEY_KPDOT, KEY_102ND to KEY_KPJPCOMMA
		return c < 87 || c > 88 // F11, F12
	case c == 98 || c == 117 || c == 121 || c == 124: // keypad slash, equal, comma, Yen
		return true
	}
	return false
}
