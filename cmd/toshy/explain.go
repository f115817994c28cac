package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/scenario"
	"toshy/cmd/internal/shortcuts"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

func newExplain() *cobra.Command {
	var x explainer
	c := &cobra.Command{
		Use:   "explain COMBO",
		Short: "Say which rule a combo triggers, and why the others do not",
		Long: `Say what happens when COMBO is pressed: what the keys become, which entry wins and where it is
written, what goes out, and why each other keymap that has the combo loses. COMBO names keys of the
keyboard (LeftAlt-C), or modifiers in the words of the configuration (Cmd-C); then it is said which
keys these are. Example:

    toshy explain Cmd-C --app konsole --keyboard apple`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return x.run(c.Context(), c.OutOrStdout(), args[0]) },
	}
	addConfigFlag(c, &x.config)
	x.addFlags(c)
	f := c.Flags()
	f.StringArrayVar(&x.sets, "set", nil, "`name=value` of a setting or state (may be repeated)")
	f.StringArrayVar(&x.layers, "layer", nil, "`name` of a layer that is on (may be repeated)")
	f.BoolVar(&x.capsLock, "capslock", false, "Caps Lock is on")
	f.BoolVar(&x.numLock, "numlock", false, "Num Lock is on")
	f.BoolVar(&x.json, "json", false, "print the explanation as JSON")
	for flag, complete := range map[string]completion{"layer": completeLayer, "set": completeAssignment} {
		_ = c.RegisterFlagCompletionFunc(flag, complete) // fails only for a flag that is not there
	}
	return c
}

type explainer struct {
	assumed
	config            string
	sets, layers      []string
	capsLock, numLock bool
	json              bool

	p      *program.Program
	native *shortcuts.Found // nil: the question is about another desktop
	at     remap.Situation
	steps  []sim.Step // of sets
	notes  []string
}

func (x *explainer) run(ctx context.Context, out io.Writer, combo string) error {
	if err := x.load(ctx); err != nil {
		return err
	}
	if err := x.situation(); err != nil {
		return err
	}
	held, pressed, err := x.keys(combo)
	if err != nil {
		return err
	}
	e := x.p.Compiled.Explain(held, pressed, &x.at)
	typed, err := x.simulate(e)
	if err != nil {
		return fail(exitConfig, err)
	}
	r := x.report(combo, e, typed)
	if x.json {
		return printJSON(out, r)
	}
	_, err = io.WriteString(out, r.text())
	return output(err)
}

// load reads the configuration. What the running desktop has for its actions counts unless the question is
// about another one.
func (x *explainer) load(ctx context.Context) (err error) {
	path := program.Find(x.config)
	here := desktop.Surroundings().Desktop
	if x.window.Desktop == "" || x.window.Desktop == here {
		x.window.Desktop = here
		x.p, x.native, err = loadHere(ctx, program.Toshy, path)
	} else {
		x.p, err = program.Load(path)
	}
	if err != nil {
		return configFailure(path, err)
	}
	return nil
}

// unknown is a mistake on the command line with the names that were probably meant.
func unknown(what, word string, names []string) error {
	hints := []string{}
	if near := key.Nearest(word, slices.Values(names)); near != "" {
		hints = append(hints, fmt.Sprintf("did you mean %q?", near))
	} else if len(names) > 0 && len(names) <= 40 {
		hints = append(hints, "known are "+strings.Join(names, ", "))
	}
	return fail(exitUsage, fmt.Errorf("there is no %s %q", what, word), hints...)
}

// situation checks the flags and makes a situation of them.
func (x *explainer) situation() error {
	if err := x.check(x.p); err != nil {
		return err
	}
	x.at = remap.Situation{Window: x.window, Device: remap.Device{Name: x.device, Keyboard: x.keyboard, CapsLock: x.capsLock, NumLock: x.numLock}}
	if x.device == "" {
		x.at.Device.Name = sim.DefaultDevice
	}
	if x.keyboard == "" {
		x.at.Device.Keyboard = x.p.TypeByName(x.at.Device.Name)
	}
	for _, name := range x.layers {
		i := slices.Index(x.p.Program.Layers, name)
		if i < 0 {
			return unknown("layer", name, x.p.Program.Layers)
		}
		x.at.Layers = append(x.at.Layers, i)
	}
	for i := range x.p.Program.Vars {
		x.at.Vars = append(x.at.Vars, int32(x.p.Program.Vars[i].Default))
	}
	for _, s := range x.sets {
		if err := x.set(s); err != nil {
			return err
		}
	}
	return nil
}

// set takes one name=value.
func (x *explainer) set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return fail(exitUsage, fmt.Errorf("--set %s has no value", s), "--set "+s+"=VALUE")
	}
	var names []string
	for i, v := range x.p.Program.Vars {
		_, short, _ := strings.Cut(v.Name, ".")
		names = append(names, short)
		if name != short && name != v.Name {
			continue
		}
		j := slices.Index(v.Values, value)
		if j < 0 {
			return unknown("value of "+v.Name, value, v.Values)
		}
		x.at.Vars[i] = int32(j)
		x.steps = append(x.steps, sim.Step{Kind: sim.Set, Name: v.Name, Text: value})
		return nil
	}
	return unknown("setting or state", strings.TrimPrefix(strings.TrimPrefix(name, "settings."), "state."), names)
}

// keys finds the physical keys of a combo: those that are held, and the one that is pressed.
func (x *explainer) keys(text string) (held []key.Code, pressed key.Code, err error) {
	if m, ok := x.p.Modifier(strings.TrimSpace(text)); ok {
		pressed, err = x.physical(text, m)
		return nil, pressed, err
	}
	logical := make([]bool, 0, 8) // which of its modifiers are words of the configuration
	c, err := key.ParseCombo(text, func(word string) (key.Mod, bool) {
		m, ok := x.p.Modifier(word)
		if _, known := key.ParseMod(word); ok || known {
			logical = append(logical, ok)
		}
		return m, ok
	})
	if err != nil {
		return nil, 0, x.comboFailure(err)
	}
	for i, m := range c.Mods {
		k := m.Code()
		if logical[i] {
			if k, err = x.physical(x.word(m), m); err != nil {
				return nil, 0, err
			}
		}
		if slices.Contains(held, k) {
			return nil, 0, fail(exitUsage, fmt.Errorf("%s names the key %s twice", text, k))
		}
		held = append(held, k)
	}
	pressed = c.Key
	if slices.Contains(logical, true) {
		keys := x.p.Compiled.KeysFor(c.Key, false, &x.at)
		if len(keys) == 0 {
			return nil, 0, fail(exitUsage, fmt.Errorf("no key of this keyboard is %s here", c.Key), "name the key that is pressed, as toshy keys has it")
		}
		pressed = keys[0]
	}
	return held, pressed, nil
}

// physical is the key that is a modifier of the configuration on this keyboard.
func (x *explainer) physical(word string, m key.Mod) (key.Code, error) {
	for _, side := range []int{0, 1} {
		code := m.Code()
		if m.IsGeneric() {
			code = (m.Left() + key.Mod(side)).Code()
		} else if m >= key.Custom0 {
			code = x.p.Program.Modifiers[m-key.Custom0].Carrier
		}
		if keys := x.p.Compiled.KeysFor(code, true, &x.at); len(keys) > 0 {
			for _, k := range keys[1:] {
				x.notes = append(x.notes, fmt.Sprintf("%s is also the key %s", word, k))
			}
			return keys[0], nil
		}
	}
	return 0, fail(exitUsage, fmt.Errorf("no key of this keyboard is %s here", word),
		"--keyboard names the type of the keyboard, --app the application; or name the key that is pressed: LeftAlt, LeftCtrl, ...")
}

// comboFailure says what is wrong with a combo.
func (x *explainer) comboFailure(err error) error {
	var w *key.WordError
	if !errors.As(err, &w) {
		return fail(exitUsage, err)
	}
	var names []string
	switch {
	case errors.Is(err, key.ErrUnknownMod):
		for n := range key.ModNames {
			names = append(names, n)
		}
		for _, n := range x.p.Modifiers {
			names = append(names, n.Name)
		}
	case errors.Is(err, key.ErrUnknownKey):
		for n := range key.Names {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	hint := "toshy keys lists the names of keys"
	if near := key.Nearest(w.Word, slices.Values(names)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fail(exitUsage, err, hint)
}

// word is a modifier in the configuration's words.
func (x *explainer) word(m key.Mod) string {
	for i := len(x.p.Modifiers) - 1; i >= 0; i-- {
		if x.p.Modifiers[i].Mod == m {
			return x.p.Modifiers[i].Name
		}
	}
	return m.String()
}

// combo is a combo in the configuration's words.
func (x *explainer) combo(c key.Combo) string {
	words := make([]string, 0, 8)
	for _, m := range c.Mods {
		words = append(words, x.word(m))
	}
	return strings.Join(append(words, keyTitle(c.Key)), "-")
}

// keyTitle is a key's name as people write it in combos.
func keyTitle(k key.Code) string {
	s := k.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

// simulate runs the engine: the keys go down in order and up again, in no time, so that each wait in
// the output is one of the engine's.
func (x *explainer) simulate(e *remap.Explanation) ([]sim.Step, error) {
	w := &x.window
	in := []sim.Step{
		{Kind: sim.App, Text: w.App},
		{Kind: sim.Title, Text: w.Title},
		{Kind: sim.Exe, Text: w.Exe},
		{Kind: sim.Desktop, Text: w.Desktop},
		{Kind: sim.Session, Text: w.Session},
		{Kind: sim.Device, Text: x.at.Device.Name},
		{Kind: sim.Keyboard, Text: x.at.Device.Keyboard},
		{Kind: sim.CapsLock, On: x.capsLock},
		{Kind: sim.NumLock, On: x.numLock},
	}
	in = append(in, x.steps...)
	before := len(in)
	for i := range e.Held {
		p := &e.Held[i]
		in = append(in, sim.Step{Kind: sim.Key, Code: p.Key, Value: remap.Press}, sim.Step{Kind: sim.Wait, Wait: x.decided(p)})
	}
	in = append(in, sim.Step{Kind: sim.Key, Code: e.Pressed.Key, Value: remap.Press}, sim.Step{Kind: sim.Wait},
		sim.Step{Kind: sim.Key, Code: e.Pressed.Key, Value: remap.Release}, sim.Step{Kind: sim.Wait})
	for i := len(e.Held) - 1; i >= 0; i-- {
		in = append(in, sim.Step{Kind: sim.Key, Code: e.Held[i].Key, Value: remap.Release})
	}
	o := scenario.Options(x.p)
	o.Window, o.Layers = *w, x.at.Layers
	r, err := sim.Run(x.p.Compiled, &sim.Script{File: "explain", Input: in}, o)
	if err != nil {
		return nil, err
	}
	var steps []sim.Step
	var at time.Duration
	for _, t := range r.Trace {
		if t.Input < before {
			continue
		}
		if t.At > at {
			steps = append(steps, sim.Step{Kind: sim.Wait, Wait: t.At - at})
			at = t.At
		}
		steps = append(steps, t.Step)
	}
	return steps, nil
}

// decided is how long a key is held before the next one: until a key that becomes held by time
// alone is.
func (x *explainer) decided(p *remap.KeyPath) time.Duration {
	if p.TapHold == nil || p.TapHold.Preset != remap.TapPreferred {
		return 0
	}
	const longest = time.Minute // of a tap-hold time
	if t := p.TapHold.Timeout; t > 0 {
		return t
	}
	return longest
}
