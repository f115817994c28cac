package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
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
		Use:   "explain [COMBO]",
		Short: "Say which rule wins for a combo, and why the others lose",
		Long: `Say what happens if you press COMBO: what the keys become, which entry wins and where it is written, what is
sent, and why each other keymap with the combo loses. COMBO uses keys of the keyboard (LeftAlt-C) or the
configuration's modifiers (Cmd-C); for these, the command says which keys they are.

With --press, you press the combo instead, in the window that you want to know about. The keys still do what they
always do. With --focused, the command uses the focused window and the current settings of the running daemon.`,
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, noFiles
			}
			return completeCombo(c, args, begun)
		},
		Args: func(c *cobra.Command, args []string) error {
			if x.press {
				return cobra.NoArgs(c, args)
			}
			return cobra.ExactArgs(1)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if x.press {
				return x.runPressed(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
			}
			return x.run(c.Context(), c.OutOrStdout(), args[0])
		},
	}
	addConfigFlag(c, &x.config)
	x.addFlags(c)
	f := c.Flags()
	f.StringArrayVar(&x.sets, "set", nil, "`name=value` of a setting or state (may be repeated)")
	f.StringArrayVar(&x.layers, "layer", nil, "`name` of a layer that is on (may be repeated)")
	f.BoolVar(&x.capsLock, "capslock", false, "Caps Lock is on")
	f.BoolVar(&x.numLock, "numlock", false, "Num Lock is on")
	f.BoolVar(&x.json, "json", false, "print the explanation as JSON")
	f.BoolVar(&x.press, "press", false, "press the combo instead of naming it")
	f.BoolVar(&x.focused, "focused", false, "ask about the window that has the focus")
	for flag, complete := range map[string]completion{"layer": completeLayer, "set": completeAssignment} {
		_ = c.RegisterFlagCompletionFunc(flag, complete) // only fails if the flag does not exist
	}
	return c
}

type explainer struct {
	assumed
	config            string
	sets, layers      []string
	capsLock, numLock bool
	json              bool
	press, focused    bool

	p      *program.Program
	native *shortcuts.Found // nil: the question is about another desktop
	at     remap.Situation
	steps  []sim.Step // the steps for sets
}

func (x *explainer) run(ctx context.Context, out io.Writer, combo string) error {
	var now *control.Status
	if x.focused || x.press {
		if now = x.here(); now == nil && x.focused {
			return fail(exitNoDaemon, errors.New("no daemon is running, so it is not known which window has the focus"), "name it with --app; toshy windows shows it")
		}
	}
	if err := x.load(ctx); err != nil {
		return err
	}
	if now != nil {
		x.sets = append(x.current(now), x.sets...) // a given flag comes later and wins
		x.layers = append(x.layers, now.Layers...)
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

// runPressed explains the combo that the user presses, for the window that has the focus then.
func (x *explainer) runPressed(ctx context.Context, out, errs io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, pressTime)
	defer cancel()
	keys, err := followKeys(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(errs, "Press the combo, in the window where you use it.")
	combo, device, err := pressedCombo(ctx, keys)
	if err != nil {
		return err
	}
	if x.device == "" {
		x.device = device
	}
	return x.run(ctx, out, combo)
}

// here asks a running daemon about the window and the keyboard, unless flags say it. Without a daemon, the answer is for no
// particular application.
func (x *explainer) here() *control.Status {
	c, err := control.Open()
	if err != nil {
		return nil
	}
	defer c.Close()
	a, err := c.Do(control.Request{Command: "status"})
	if err != nil {
		return nil
	}
	if w := &a.Status.Window; x.window.App == "" {
		x.window.App, x.window.Title, x.window.Exe, x.window.Categories = w.App, w.Title, w.Exe, remap.CategoryList(w.Categories)
		if x.window.Desktop == "" {
			x.window.Desktop = w.Desktop
		}
	}
	for _, k := range a.Status.Keyboards {
		if x.keyboard == "" && k.Grabbed && (x.device == "" || x.device == k.Name) {
			x.device, x.keyboard = k.Name, k.Type
		}
	}
	return a.Status
}

// load reads the configuration. It uses the running desktop's shortcuts for actions, unless the question is about another
// desktop.
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

// unknown is a mistake on the command line, with the names that were probably meant.
func unknown(what, word string, names []string) error {
	hints := []string{}
	if near := key.Nearest(word, slices.Values(names)); near != "" {
		hints = append(hints, fmt.Sprintf("did you mean %q?", near))
	} else if len(names) > 0 && len(names) <= 40 {
		hints = append(hints, "valid: "+strings.Join(names, ", "))
	}
	return fail(exitUsage, fmt.Errorf("there is no %s %q", what, word), hints...)
}

// situation checks the flags and makes a situation from them.
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

// set handles one name=value.
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
		a.Layout, a.Types = currentLayout, currentTypes
	}
	return a
}

// currentLayout is the keyboard layout of the running desktop, nil for a US layout. If the desktop does not report it, it
// is not known.
func currentLayout() (found *remap.Layout, known bool) {
	ctx, cancel := context.WithTimeout(context.Background(), desktop.LayoutTime)
	defer cancel()
	l := desktop.Layout{Log: zap.NewNop(), Follower: desktop.NewLayouts()}
	_ = l.Run(ctx, func(_ string, l *remap.Layout) { // ended by ctx
		found, known = l, true
		cancel()
	})
	return found, known
}

// currentTypes says whether the running desktop types what no key types.
func currentTypes() bool {
	ctx, cancel := context.WithTimeout(context.Background(), desktop.LayoutTime)
	defer cancel()
	return desktop.NewTypist(zap.NewNop()).There(ctx)
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
