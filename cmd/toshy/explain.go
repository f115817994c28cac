package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/explain"
	"toshy/cmd/internal/program"
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
}

func (x *explainer) run(ctx context.Context, out io.Writer, combo string) error {
	if err := x.load(ctx); err != nil {
		return err
	}
	if err := x.situation(); err != nil {
		return err
	}
	r, err := x.asker().Ask(combo)
	if err != nil {
		return explainFailure(err)
	}
	if x.json {
		return printJSON(out, r)
	}
	_, err = io.WriteString(out, r.Text())
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

// asker asks about the situation.
func (x *explainer) asker() *explain.Asker {
	a := &explain.Asker{Config: x.p.Config, Compiled: x.p.Compiled, At: x.at, Steps: x.steps}
	if x.native != nil {
		a.Origins = x.native.Origins
	}
	return a
}

func explainFailure(err error) error {
	var m *explain.Mistake
	switch {
	case !errors.As(err, &m):
		return fail(exitConfig, err)
	case m.Hint != "":
		return fail(exitUsage, m.Err, m.Hint)
	}
	return fail(exitUsage, m.Err)
}
