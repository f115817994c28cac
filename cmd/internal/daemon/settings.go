package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"toshy/cmd/internal/control"
	"toshy/evdev"
	"toshy/remap"
)

// flushLimit is how long a client waits for the report that a setting is kept.
const flushLimit = time.Second

// settingOf is the name of a setting, without "settings.", if the variable is one.
func settingOf(v *remap.Var) (name string, ok bool) { return strings.CutPrefix(v.Name, "settings.") }

// settings are the current settings of the configuration, and why some kept values are not used.
func (d *daemon) settings() control.Response {
	a := control.Response{OK: true, Settings: []control.Setting{}}
	if d.setup.Unused != nil {
		a.Unused = d.setup.Unused(d.kept)
	}
	vars := d.setup.Program.Program().Vars
	for i := range vars {
		v := &vars[i]
		if name, ok := settingOf(v); ok {
			now := v.Values[d.engine.Var(i)]
			a.Settings = append(a.Settings, control.Setting{
				Name: name, Value: now, Values: v.Values, Description: v.Description, Parent: v.Needs,
				Configured: v.Values[v.Default], Kept: d.has(name, now),
			})
		}
	}
	return a
}

// has says whether a setting has this kept value.
func (d *daemon) has(name, value string) bool {
	kept, ok := d.kept[name]
	return ok && kept == value
}

// set changes a setting, or restores the configuration's value.
func (d *daemon) set(r control.Request) error {
	vars := d.setup.Program.Program().Vars
	var names []string
	for i := range vars {
		v := &vars[i]
		short, ok := settingOf(v)
		if !ok {
			continue
		}
		names = append(names, short)
		if r.Name != short && r.Name != v.Name {
			continue
		}
		if r.Default {
			d.wake = d.engine.SetVar(i, int32(v.Default), evdev.Now(), d.out)
			d.keep(control.KeptSetting{Name: short, Default: true})
			return nil
		}
		n := slices.Index(v.Values, r.Value)
		if n < 0 {
			return fmt.Errorf("%s is one of %s, not %q", short, strings.Join(v.Values, ", "), r.Value)
		}
		d.wake = d.engine.SetVar(i, int32(n), evdev.Now(), d.out)
		d.keep(control.KeptSetting{Name: short, Value: r.Value})
		return nil
	}
	if _, kept := d.kept[r.Name]; kept && r.Default { // from an earlier configuration
		d.keep(control.KeptSetting{Name: r.Name, Default: true})
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("no setting %q: the configuration has none", r.Name)
	}
	return fmt.Errorf("no setting %q; there are %s", r.Name, strings.Join(names, ", "))
}

// keep remembers a changed setting for the next configuration and the next start.
func (d *daemon) keep(k control.KeptSetting) {
	_, had := d.kept[k.Name]
	switch {
	case k.Default:
		delete(d.kept, k.Name)
	case d.kept == nil:
		d.kept = map[string]string{k.Name: k.Value}
	default:
		d.kept[k.Name] = k.Value
	}
	if had == k.Default {
		d.changes++ // status displays also show whether it is kept
	}
	if d.options.Keep != nil {
		d.options.Keep(k)
	}
}

// keepChanged keeps a setting that a key has changed, by its name and with its current value: the effect may come from the
// previous program, and another change may have followed.
func (d *daemon) keepChanged(x *remap.Effect) {
	vars := d.engine.Program().Vars
	for i := range vars {
		if name, ok := settingOf(&vars[i]); ok && vars[i].Name == x.Text {
			d.keep(control.KeptSetting{Name: name, Value: vars[i].Values[d.engine.Var(i)]})
		}
	}
}

// beginKept takes over the owner's kept settings.
func (d *daemon) beginKept() {
	d.kept = maps.Clone(d.setup.Kept)
	d.useKept()
}

// useKept gives each setting its kept value. If there is none, or the configuration does not allow it, the setting gets the
// configuration's value.
func (d *daemon) useKept() {
	vars := d.setup.Program.Program().Vars
	now := evdev.Now()
	for i := range vars {
		v := &vars[i]
		name, ok := settingOf(v)
		if !ok {
			continue
		}
		n := v.Default
		if kept, ok := d.kept[name]; ok {
			if at := slices.Index(v.Values, kept); at >= 0 {
				n = at
			}
		}
		d.wake = d.engine.SetVar(i, int32(n), now, d.out)
	}
}

// tellKept reports settings that changed while nobody listened: our values are newer.
func (d *daemon) tellKept() {
	theirs := d.setup.Kept
	if d.options.Keep == nil || maps.Equal(theirs, d.kept) {
		return
	}
	for name, value := range d.kept {
		if was, ok := theirs[name]; !ok || was != value {
			d.options.Keep(control.KeptSetting{Name: name, Value: value})
		}
	}
	for name := range theirs {
		if _, ok := d.kept[name]; !ok {
			d.options.Keep(control.KeptSetting{Name: name, Default: true})
		}
	}
}

// flushed adds to the answer for a changed setting why it is not kept.
func (d *daemon) flushed(ctx context.Context, a control.Response) control.Response {
	if !a.OK || d.options.Flush == nil {
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	if err := d.options.Flush(ctx); err != nil {
		a.Note = "it applies now, but is not kept for the next start: " + err.Error()
	}
	return a
}
