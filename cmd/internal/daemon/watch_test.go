package daemon

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap"
)

// told returns a daemon with one keyboard and no device, and how often it has reported to its watchers.
func told(t *testing.T) (d *daemon, times *int) {
	t.Helper()
	compiled, err := remap.Compile(&remap.Program{
		Vars: []remap.Var{
			{Name: "state.x", Values: []string{"false", "true"}},
			{Name: "settings.wide", Values: []string{"false", "true"}, Default: 1, Description: "is wide"},
			{Name: "settings.mode", Values: []string{"off", "us"}, Needs: "wide"},
		},
		Layers: []string{"nav", "num"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d = &daemon{
		log: zap.NewNop(), engine: remap.New(compiled), out: remap.NewOutput(), wake: remap.Never, kinds: map[string]string{},
		setup: &Setup{
			Judge:   func(*evdev.Info) evdev.Verdict { return evdev.Verdict{Grab: true} },
			Program: compiled, KeyboardTypes: []string{"apple", "windows"}, Name: "test",
			KeyboardType: func(*evdev.Info) string { return "windows" },
		},
	}
	i := &evdev.Info{Identity: evdev.Identity{Path: "/dev/input/event0", Vendor: 1, Product: 2}}
	d.nodes = map[string]*evdev.Info{i.Path: i}
	d.devices[0] = &device{info: i, kind: d.kind(i), grabbed: true}
	times = new(int)
	d.Watch(func(e control.Event) {
		if e.Kind != "status" || e.Window != nil || e.Key != "" {
			t.Errorf("a watcher of the status got %+v", e)
		}
		*times++
	})
	return d, times
}

func TestSettingsListing(t *testing.T) {
	d, _ := told(t)
	d.command(control.Request{Command: "set", Name: "mode", Value: "us"})
	got := d.command(control.Request{Command: "settings"}).Settings
	if len(got) != 2 || got[0].Name != "wide" || got[0].Value != "true" || got[0].Description != "is wide" ||
		got[1].Value != "us" || got[1].Parent != "wide" || !slices.Equal(got[1].Values, []string{"off", "us"}) {
		t.Errorf("%+v", got)
	}
}

// Each request that changes what is shown is reported once. Refused requests, and those that change nothing, are not.
func TestWatchersAreToldOfChanges(t *testing.T) {
	d, times := told(t)
	id := d.devices[0].info.ID()
	for _, c := range []struct {
		command, name, value string
		told                 int
		refused              string
	}{
		{"status", "", "", 0, ""},
		{"set", "mode", "us", 1, ""},
		{"set", "mode", "us", 0, ""},
		{"set", "mode", "abc", 0, "is one of"},
		{"layer", "nav", "on", 1, ""},
		{"layer", "nav", "toggle", 1, ""},
		{"layer", "num", "toggle", 1, ""},
		{"layer", "num", "off", 1, ""},
		{"layer", "nvm", "on", 0, "nav, num"},
		{"layer", "nav", "of", 0, "on, off or"},
		{"keyboard-type", id, "apple", 1, ""},
		{"keyboard-type", id, "amiga", 0, "apple, windows"},
		{"keyboard-type", "no", "apple", 0, "no keyboard"},
	} {
		*times = 0
		a := d.command(control.Request{Command: c.command, Name: c.name, Value: c.value})
		d.tellStatus()
		if *times != c.told || a.OK != (c.refused == "") || !strings.Contains(a.Error, c.refused) {
			t.Errorf("%s %s %s: reported %d times, %+v", c.command, c.name, c.value, *times, a)
		}
	}
}

func TestChosenKeyboardType(t *testing.T) {
	d, _ := told(t)
	id := d.devices[0].info.ID()
	for _, c := range []struct {
		choose, is string
		chosen     bool
	}{{"apple", "apple", true}, {"", "windows", false}} {
		d.command(control.Request{Command: "keyboard-type", Name: id, Value: c.choose})
		k := d.status(false).Keyboards[0]
		if k.Type != c.is || k.Chosen != c.chosen {
			t.Errorf("after choosing %q: %+v", c.choose, k)
		}
	}
}
