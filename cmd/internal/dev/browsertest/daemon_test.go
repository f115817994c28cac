package browsertest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"toshy/cmd/internal/control"
)

// A daemon replaces the real one behind the control socket: the real protocol, with a state that tests change. A real one needs
// keyboards; cmd/internal/dev/e2e has it.
type daemon struct {
	mu       sync.Mutex
	status   control.Status
	settings []control.Setting
	watchers map[int]func(control.Event)
	monitors map[int]func(control.Event) // of the focus
	keys     map[int]func(control.Event) // of keys
	next     int
	asked    []control.Request
	stop     func()
}

func newDaemon() *daemon {
	choice := func(name, value, description string, values ...string) control.Setting {
		return control.Setting{Name: name, Value: value, Values: values, Description: description, Configured: value}
	}
	return &daemon{
		watchers: map[int]func(control.Event){}, monitors: map[int]func(control.Event){}, keys: map[int]func(control.Event){},
		status: control.Status{
			PID: 1, Program: "0.2.0", Since: time.Date(2026, 11, 29, 8, 12, 0, 0, time.UTC), Configuration: "~/.config/toshy/config.toml", Mode: "system",
			Keyboards: []control.Keyboard{
				{Name: "AT Translated Set 2 keyboard", Path: "/dev/input/event3", ID: "a", Type: "windows", Grabbed: true, Why: "has the keys of a keyboard"},
				{Name: "Keychron K3", Path: "/dev/input/event9", ID: "b", Type: "apple", Grabbed: true, Why: "has the keys of a keyboard"},
			},
			OtherDevices: []control.Keyboard{{Name: "Yubico YubiKey", Path: "/dev/input/event5", ID: "c", Why: "the configuration ignores it"}},
			Window:       control.Window{App: "firefox", Title: "toshy", Desktop: "gnome", Source: "gnome", State: "known"},
			Layout:       "us", Maps: []string{"modmap windows", "keymap firefox", "keymap browsers", "keymap general"},
			KeyboardTypes: []string{"apple", "windows", "chromebook", "ibm"}, AllLayers: []string{"numbers"}, Settings: map[string]string{}, Choices: map[string][]string{},
			Held: []control.HeldKey{}, Down: []control.DownKey{},
		},
		settings: []control.Setting{
			choice("option_special_characters", "false", "what Option types: special characters of a US or ABC keyboard of a Mac, or nothing", "false", "us", "abc"),
			choice("capslock_mode", "caps", "what Caps Lock is: itself, Command, Escape when tapped", "caps", "cmd", "esc_and_cmd"),
			choice("forced_numpad", "true", "the keypad types digits, whatever Num Lock says", "false", "true"),
			choice("media_arrows_fix", "false", "arrows that a keyboard sends as media keys are arrows", "false", "true"),
		},
	}
}

func (d *daemon) serve(t testing.TB, ctx context.Context, socket string) {
	t.Helper()
	s := &control.Server{Path: socket}
	if err := s.Listen(d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.Serve(ctx) }()
	d.stop = func() { cancel(); <-ended }
}

func (d *daemon) Control(_ context.Context, r control.Request) control.Response {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, r)
	switch r.Command {
	case "status":
		s := d.status
		s.Keyboards = slices.Clone(s.Keyboards)
		s.Settings = maps.Clone(s.Settings)
		return control.Response{OK: true, Status: &s}
	case "settings":
		return control.Response{OK: true, Settings: slices.Clone(d.settings)}
	case "set":
		i := slices.IndexFunc(d.settings, func(s control.Setting) bool { return s.Name == r.Name })
		d.settings[i].Value, d.settings[i].Kept = r.Value, true
		if r.Default {
			d.settings[i].Value, d.settings[i].Kept = d.settings[i].Configured, false
		}
	case "toggle":
		d.status.Paused = !d.status.Paused
	case "keyboard-type":
		d.status.Keyboards[0].Type, d.status.Keyboards[0].Chosen = r.Value, true
	case "reload", "release":
	default:
		return control.Response{Error: "unknown command"}
	}
	d.tell(control.Event{Kind: "status"})
	return control.Response{OK: true}
}

func (d *daemon) tell(e control.Event) {
	for _, w := range d.watchers {
		w(e)
	}
}

// key tells everyone who monitors keys about a key.
func (d *daemon) key(events ...control.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range events {
		for _, m := range d.keys {
			m(e)
		}
	}
}

// focus moves the focus.
func (d *daemon) focus(app, title string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Window.App, d.status.Window.Title = app, title
	w := d.status.Window
	for _, m := range d.monitors {
		m(control.Event{Kind: "focus", Window: &w})
	}
}

// change changes the status.
func (d *daemon) change(do func(*control.Status)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	do(&d.status)
	d.tell(control.Event{Kind: "status"})
}

// setting returns the value of a setting.
func (d *daemon) setting(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.settings, func(s control.Setting) bool { return s.Name == name })
	return d.settings[i].Value
}

// monitored returns how many clients get keys.
func (d *daemon) monitored() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.keys)
}

// followers returns how many clients get events.
func (d *daemon) followers() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.keys) + len(d.monitors) + len(d.watchers)
}

func (d *daemon) add(to map[int]func(control.Event), report func(control.Event)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.next
	d.next++
	to[id] = report
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(to, id)
	}
}

func (d *daemon) Monitor(keys bool, report func(control.Event)) func() {
	if keys {
		return d.add(d.keys, report)
	}
	return d.add(d.monitors, report)
}

func (d *daemon) Watch(report func(control.Event)) func() { return d.add(d.watchers, report) }
