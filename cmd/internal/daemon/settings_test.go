package daemon

import (
	"context"
	"errors"
	"maps"
	"testing"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/key"
)

// remembering returns a daemon with something that keeps settings, and the settings that it has.
func remembering(d *daemon) map[string]string {
	has := map[string]string{}
	d.options.Keep = func(k control.KeptSetting) {
		if k.Default {
			delete(has, k.Name)
		} else {
			has[k.Name] = k.Value
		}
	}
	return has
}

func (d *daemon) setting(name string) control.Setting {
	for _, s := range d.settings().Settings {
		if s.Name == name {
			return s
		}
	}
	return control.Setting{}
}

func compile(t *testing.T, p *remap.Program) *remap.Compiled {
	t.Helper()
	c, err := remap.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSetIsKept(t *testing.T) {
	d, times := told(t)
	has := remembering(d)
	for _, c := range []struct {
		name, value string
		asDefault   bool
		now         string // value of mode
		kept        string // "" if it is not kept
		told        int
	}{
		{"mode", "us", false, "us", "us", 1},
		{"mode", "off", false, "off", "off", 1}, // the same value as in the configuration, but chosen by the user
		{"settings.mode", "us", false, "us", "us", 1},
		{"mode", "", true, "off", "", 1},
		{"mode", "", true, "off", "", 0},
		{"mode", "off", false, "off", "off", 1}, // only "kept" has changed
	} {
		*times = 0
		a := d.command(control.Request{Command: "set", Name: c.name, Value: c.value, Default: c.asDefault})
		d.tellStatus()
		s := d.setting("mode")
		if !a.OK || s.Value != c.now || s.Kept != (c.kept != "") || s.Configured != "off" || has["mode"] != c.kept || *times != c.told {
			t.Errorf("%+v: %+v, %+v, kept %v, reported %d times", c, a, s, has, *times)
		}
	}
	if a := d.command(control.Request{Command: "set", Name: "nothing", Default: true}); a.OK || a.Kind != control.KindRequest {
		t.Errorf("an unknown setting: %+v", a)
	}
}

// A setting that a key changes is kept; a state is not.
func TestKeysAreKept(t *testing.T) {
	const f1, f2 = key.Code(59), key.Code(60) // KEY_F1, KEY_F2
	d, _ := told(t)
	has := remembering(d)
	d.setup.Program = compile(t, &remap.Program{
		Vars: d.setup.Program.Program().Vars,
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
			{Combo: key.Combo{Key: f1}, Action: &remap.Action{Kind: remap.DoNext, Var: 2}},
			{Combo: key.Combo{Key: f2}, Action: &remap.Action{Kind: remap.DoNext, Var: 0}},
		}}},
	})
	d.engine = remap.New(d.setup.Program)
	d.engine.SetDevice(0, remap.Device{}, 0, d.out)
	for _, code := range []key.Code{f1, f2} {
		for value := range int32(2) {
			d.engine.Handle(remap.Event{Type: remap.TypeKey, Code: code, Value: 1 - value}, d.out)
		}
	}
	d.effects()
	if want := map[string]string{"mode": "us"}; !maps.Equal(has, want) || !maps.Equal(d.kept, want) {
		t.Errorf("kept %v and %v", has, d.kept)
	}
}

// A new configuration gets the kept values. All other settings have the configuration's own values.
func TestReloadKeeps(t *testing.T) {
	d, _ := told(t)
	has := remembering(d)
	d.setup.Kept = map[string]string{"mode": "us", "gone": "x"}
	maps.Copy(has, d.setup.Kept)
	d.beginKept()
	if s := d.setting("mode"); s.Value != "us" || !s.Kept {
		t.Fatalf("at the start: %+v", s)
	}
	reload := func(kept map[string]string, vars ...remap.Var) {
		next := *d.setup
		next.Program, next.Kept = compile(t, &remap.Program{Vars: vars}), kept
		d.reload(&next, nil, d.answersOf(next.Program))
	}
	wide := remap.Var{Name: "settings.wide", Values: []string{"false", "true"}} // its default was true
	reload(has, wide, remap.Var{Name: "settings.mode", Values: []string{"us", "off"}, Default: 1})
	if m, w := d.setting("mode"), d.setting("wide"); m.Value != "us" || w.Value != "false" || w.Kept {
		t.Errorf("after a reload: %+v, %+v", m, w)
	}
	reload(has, wide, remap.Var{Name: "settings.mode", Values: []string{"off", "abc"}})
	if m := d.setting("mode"); m.Value != "off" || m.Kept || has["mode"] != "us" {
		t.Errorf("no longer allowed: %+v, kept %v", m, has)
	}
	reload(has, wide, remap.Var{Name: "settings.mode", Values: []string{"off", "us"}})
	if m := d.setting("mode"); m.Value != "us" || !m.Kept {
		t.Errorf("allowed again: %+v", m)
	}

	// What keeps the settings disconnects, and comes back with what it had.
	d.command(control.Request{Command: "set", Name: "wide", Value: "true"})
	d.command(control.Request{Command: "set", Name: "gone", Default: true})
	clear(has)
	maps.Copy(has, map[string]string{"mode": "off", "gone": "x"})
	reload(maps.Clone(has), wide, remap.Var{Name: "settings.mode", Values: []string{"off", "us"}})
	if want := map[string]string{"mode": "us", "wide": "true"}; !maps.Equal(has, want) {
		t.Errorf("it has %v, want %v", has, want)
	}

	// Settings of one owner do not apply to another.
	next := *d.setup
	next.Owner, next.Kept = "1001", nil
	d.at = Elsewhere // as Presence reports
	d.reload(&next, nil, d.answersOf(next.Program))
	if m, w := d.setting("mode"), d.setting("wide"); m.Value != "off" || w.Value != "false" || len(d.kept) != 0 {
		t.Errorf("another owner has %+v, %+v", m, w)
	}
}

func TestClientHearsThatItIsNotKept(t *testing.T) {
	d, _ := told(t)
	d.options.Flush = func(context.Context) error { return errors.New("the disk is full") }
	if a := d.flushed(t.Context(), control.Response{OK: true}); !a.OK || a.Note == "" {
		t.Errorf("%+v", a)
	}
	d.options.Flush = func(context.Context) error { return nil }
	if a := d.flushed(t.Context(), control.Response{OK: true}); a.Note != "" {
		t.Errorf("%+v", a)
	}
}
