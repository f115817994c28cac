package daemon

import (
	"cmp"
	"os"
	"slices"
	"time"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

// status is what people may know. keys says that they may know which characters are held, unless these are typed at a
// locked screen.
func (d *daemon) status(keys bool) *control.Status {
	keys = keys && d.at == Here
	state := d.engine.State(d.lastDevice)
	s := &control.Status{
		PID: os.Getpid(), Program: d.options.Version, Since: d.since, Configuration: d.setup.Name, ConfigError: d.configError,
		Paused: d.paused, Passthrough: state.Passthrough, Reason: d.whyPassing(state.Passthrough),
		Maps: state.Maps, Layers: state.Layers, Recording: state.Recording, AllLayers: d.setup.Program.Program().Layers, KeyboardTypes: d.setup.KeyboardTypes, Queued: state.Queued,
		Settings: map[string]string{}, Choices: map[string][]string{}, Keyboards: []control.Keyboard{}, OtherDevices: []control.Keyboard{},
		Held: []control.HeldKey{}, Down: []control.DownKey{},
		Window: control.Window{App: d.window.App, Title: d.window.Title, Exe: d.window.Exe, Desktop: d.window.Desktop, Categories: remap.CategoryNames(d.window.Categories), Age: time.Since(d.windowAt)},
		Latency: control.Latency{
			Events: d.reads, P50: d.latency.quantile(0.5), P99: d.latency.quantile(0.99), Max: d.latency.max,
		},
		Layout: d.layoutName, Types: d.types, Mode: "single", Counters: d.counters,
	}
	d.statusDevices(s)
	for i, v := range d.setup.Program.Program().Vars {
		s.Settings[v.Name] = state.Vars[i]
		s.Choices[v.Name] = v.Values
	}
	name := func(id uint8) string {
		if k := d.devices[id]; k != nil {
			return k.info.Name
		}
		return ""
	}
	for _, h := range state.Held {
		held := control.HeldKey{Keyboard: name(h.Device), Key: shown(h.Key, keys), Is: shown(h.Is, keys), Undecided: h.Undecided, Withheld: h.Withheld}
		s.Held = append(s.Held, held)
	}
	for _, c := range state.Down {
		down := control.DownKey{Key: shown(c.Key, keys)}
		for _, h := range c.By {
			by := control.Holder{For: h.For.String()}
			if h.Key != 0 {
				by.Keyboard, by.Key = name(h.Device), shown(h.Key, keys)
			}
			down.By = append(down.By, by)
		}
		s.Down = append(s.Down, down)
		clear(c.By)
	}
	clear(state.Held) // nothing that was typed stays in memory
	clear(state.Down)
	if d.options.Describe != nil {
		d.options.Describe(s)
	}
	return s
}

// whyPassing is the reason why keys are not mapped, "" if they are.
func (d *daemon) whyPassing(passing bool) string {
	switch {
	case d.paused:
		return "paused by a panic chord or toshy pause"
	case d.at != Here:
		return d.why
	case passing:
		return "switched off by a key of the configuration"
	}
	return ""
}

// statusDevices lists all devices, and why each of them is taken or not.
func (d *daemon) statusDevices(s *control.Status) {
	for _, i := range d.nodes {
		v := d.setup.Judge(i)
		k := control.Keyboard{Name: i.Name, Path: i.Path, ID: i.ID(), Why: v.Text}
		taken := d.byPath(i.Path)
		if taken == nil {
			if v.Grab {
				k.Why = "it could not be opened, or there are too many; the log says more"
				if d.at == Elsewhere {
					k.Why = "closed: " + d.why
				}
			}
			s.OtherDevices = append(s.OtherDevices, k)
			continue
		}
		k.Type, k.Grabbed, k.Chosen = taken.kind, taken.grabbed, d.kinds[i.ID()] != ""
		switch {
		case taken.grabbed:
		case d.paused:
			k.Why = "given back: toshy is paused"
		case taken.tries > 0:
			k.Why = "another program has it; toshy tries again"
		default:
			k.Why = "one of its keys is down; toshy takes it when all are up"
		}
		s.Keyboards = append(s.Keyboards, k)
	}
	for _, list := range [][]control.Keyboard{s.Keyboards, s.OtherDevices} {
		slices.SortFunc(list, func(a, b control.Keyboard) int { return cmp.Or(len(a.Path)-len(b.Path), cmp.Compare(a.Path, b.Path)) })
	}
}
