package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/cmd/internal/scenario"
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
		RunE: func(c *cobra.Command, args []string) error { return x.run(c.OutOrStdout(), args[0]) },
	}
	addConfigFlag(c, &x.config)
	f := c.Flags()
	f.StringVar(&x.window.App, "app", "", "application `class` of the focused window")
	f.StringVar(&x.window.Title, "title", "", "its `title`")
	f.StringVar(&x.window.Exe, "exe", "", "`path` of its program")
	f.StringVar(&x.window.Desktop, "desktop", "", "`name` of the desktop, such as kde")
	f.StringVar(&x.window.Session, "session", "", "`type` of the session: x11 or wayland")
	f.StringVar(&x.device, "device", "", "`name` of the keyboard")
	f.StringVar(&x.keyboard, "keyboard", "", "`type` of the keyboard, whatever the configuration says of it")
	f.StringArrayVar(&x.sets, "set", nil, "`name=value` of a setting or state (may be repeated)")
	f.StringArrayVar(&x.layers, "layer", nil, "`name` of a layer that is on (may be repeated)")
	f.BoolVar(&x.capsLock, "capslock", false, "Caps Lock is on")
	f.BoolVar(&x.numLock, "numlock", false, "Num Lock is on")
	f.BoolVar(&x.json, "json", false, "print the explanation as JSON")
	_ = c.RegisterFlagCompletionFunc("session", cobra.FixedCompletions(sessionTypes, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
	return c
}

var sessionTypes = []string{"x11", "wayland"}

type explainer struct {
	config            string
	window            remap.Window
	device, keyboard  string
	sets, layers      []string
	capsLock, numLock bool
	json              bool

	p     *program.Program
	at    remap.Situation
	steps []sim.Step // of sets
	notes []string
}

func (x *explainer) run(out io.Writer, combo string) error {
	var err error
	if x.p, err = loadConfig(x.config); err != nil {
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
	x.at = remap.Situation{Window: x.window, Device: remap.Device{Name: x.device, Keyboard: x.keyboard, CapsLock: x.capsLock, NumLock: x.numLock}}
	if x.window.Session != "" && !slices.Contains(sessionTypes, x.window.Session) {
		return unknown("type of session", x.window.Session, sessionTypes)
	}
	if x.device == "" {
		x.at.Device.Name = sim.DefaultDevice
	}
	if x.keyboard == "" {
		x.at.Device.Keyboard = x.p.TypeByName(x.at.Device.Name)
	} else {
		var types []string
		for _, k := range x.p.Keyboards {
			if !slices.Contains(types, k.Type) {
				types = append(types, k.Type)
			}
		}
		if !slices.Contains(types, x.keyboard) && len(types) > 0 {
			return unknown("type of keyboard", x.keyboard, types)
		}
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

// named is the modifier that a word means in the configuration.
func (x *explainer) named(word string) (key.Mod, bool) {
	for _, n := range x.p.Modifiers {
		if strings.EqualFold(n.Name, word) {
			return n.Mod, true
		}
	}
	return 0, false
}

// keys finds the physical keys of a combo: those that are held, and the one that is pressed.
func (x *explainer) keys(text string) (held []key.Code, pressed key.Code, err error) {
	if m, ok := x.named(strings.TrimSpace(text)); ok {
		pressed, err = x.physical(text, m)
		return nil, pressed, err
	}
	logical := make([]bool, 0, 8) // which of its modifiers are words of the configuration
	c, err := key.ParseCombo(text, func(word string) (key.Mod, bool) {
		m, ok := x.named(word)
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

// The explanation as it is printed, and as JSON.
type explanation struct {
	Combo    string       `json:"combo"` // as it was asked for
	Keyboard string       `json:"keyboard,omitempty"`
	Keys     []keyPath    `json:"keys"`             // the last one is pressed, the others are held
	Seen     string       `json:"seen"`             // what keymaps look up, in the configuration's words
	Result   string       `json:"result"`           // matched, passes, modifier, eject or diagnostic
	Winner   *ruleText    `json:"winner,omitempty"` // of a match
	Action   string       `json:"action,omitempty"`
	Output   []string     `json:"output"` // as toshy simulate prints it, in rows
	Lost     []lostKeymap `json:"lost"`
	Chords   []ruleText   `json:"chords,omitempty"`
	Notes    []string     `json:"notes,omitempty"`
}

type keyPath struct {
	Key     string    `json:"key"`
	Becomes string    `json:"becomes"`
	Modmap  *ruleText `json:"modmap,omitempty"`
	Tap     string    `json:"tap,omitempty"`
	Hold    string    `json:"hold,omitempty"`
	TapHold *ruleText `json:"tap_hold,omitempty"`
}

type ruleText struct {
	Rule   string `json:"rule"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Entry  string `json:"entry,omitempty"`
}

func (r *ruleText) place() string {
	if r.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

type lostKeymap struct {
	ruleText
	Shadowed bool       `json:"shadowed"`
	Why      []partText `json:"why,omitempty"`
}

type partText struct {
	Part   string `json:"part"`
	Column int    `json:"column"`
	Value  bool   `json:"value"`
	Group  string `json:"group,omitempty"`
	Have   string `json:"have,omitempty"`
}

func newRule(kind string, r *remap.Rule) *ruleText {
	if r == nil {
		return nil
	}
	name := r.Name
	if layer, ok := strings.CutPrefix(name, "layer "); ok && kind == "keymap" {
		kind, name = "layer", layer
	}
	return &ruleText{Rule: fmt.Sprintf("[%s.%s]", kind, name), File: r.Origin.File, Line: r.Origin.Line, Column: r.Origin.Column}
}

func (x *explainer) report(asked string, e *remap.Explanation, typed []sim.Step) *explanation {
	r := &explanation{Combo: asked, Keyboard: x.at.Device.Keyboard, Seen: x.combo(e.Combo), Result: "passes", Output: []string{}, Lost: []lostKeymap{}, Notes: x.notes}
	for _, p := range append(slices.Clone(e.Held), e.Pressed) {
		k := keyPath{Key: p.Key.String(), Becomes: p.Becomes.String(), Modmap: newRule("modmap", p.Modmap), TapHold: newRule("modmap", p.TapRule)}
		if t := p.TapHold; t != nil {
			k.Tap, k.Hold = t.Tap.String(), t.Hold.String()
			if t.HoldLayer > 0 {
				k.Hold = "layer " + x.p.Program.Layers[t.HoldLayer-1]
			}
		}
		r.Keys = append(r.Keys, k)
	}
	for _, k := range e.NoModifier {
		r.Notes = append(r.Notes, fmt.Sprintf("%s is no modifier here, so it does not count in a combo", k))
	}
	for i := range e.Chords {
		r.Chords = append(r.Chords, *newRule("chord", &e.Chords[i]))
	}
	switch {
	case e.Reserved != "":
		r.Result = e.Reserved
	case e.Modifier:
		r.Result = "modifier"
	}
	var text strings.Builder
	text.WriteString(sim.Compact(typed))
	if text.Len() > 0 {
		r.Output = strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	}
	for i := range e.Candidates {
		c := &e.Candidates[i]
		rule := newRule("keymap", &c.Rule)
		rule.Entry = x.combo(c.Combo)
		if i == e.Winner {
			if e.Reserved == "" {
				r.Result = "matched"
			}
			r.Winner, r.Action = rule, x.action(c.Action)
			continue
		}
		l := lostKeymap{ruleText: *rule, Shadowed: c.Shadowed}
		for _, p := range c.Why {
			l.Why = append(l.Why, partText{p.Source, p.Column, p.Value, p.Group, p.Have})
		}
		r.Lost = append(r.Lost, l)
	}
	return r
}

// action says in a word or two what an action is, where the output alone does not.
func (x *explainer) action(a *remap.Action) string {
	switch a.Kind {
	case remap.DoIgnore, remap.DoNothing:
		return "swallows the key"
	case remap.DoNested:
		var strokes []string
		for _, n := range a.Nested.Entries {
			strokes = append(strokes, x.combo(n.Combo))
		}
		const most = 12
		if len(strokes) > most {
			strokes = append(strokes[:most], "...")
		}
		return "waits for a second stroke: " + strings.Join(strokes, ", ")
	case remap.DoTaps:
		return fmt.Sprintf("counts taps, up to %d", len(a.List))
	case remap.DoEscapeKey, remap.DoEscapeCombo:
		return "lets the next key through as it is"
	case remap.DoOneShot:
		return "holds modifiers for the next key"
	case remap.DoLayerHold, remap.DoLayerOn, remap.DoLayerOff, remap.DoLayerOnce, remap.DoLayerToggle:
		return "changes the layer " + x.p.Program.Layers[a.Value]
	}
	return ""
}

func (r *explanation) text() string {
	var b strings.Builder
	keys := make([]string, len(r.Keys))
	width := 0
	for i := range r.Keys {
		keys[i] = r.Keys[i].Key
		width = max(width, len(keys[i]))
	}
	on := ""
	if r.Keyboard != "" {
		on = " on a keyboard of type " + r.Keyboard
	}
	fmt.Fprintf(&b, "%s: %s%s\n", r.Combo, strings.Join(keys, " + "), on)
	place := func(rule *ruleText) string {
		if p := rule.place(); p != "" {
			return rule.Rule + " " + p
		}
		return rule.Rule
	}
	for i, k := range r.Keys {
		fmt.Fprintf(&b, "  %-*s  ", width, k.Key)
		switch {
		case k.Modmap != nil:
			fmt.Fprintf(&b, "becomes %s: %s", k.Becomes, place(k.Modmap))
		case k.Tap == "":
			b.WriteString("stays itself")
		}
		if k.Tap != "" {
			if k.Modmap != nil {
				b.WriteString("; then ")
			}
			used := "held"
			if i == len(r.Keys)-1 {
				used = "tapped"
			}
			fmt.Fprintf(&b, "is %s when tapped, %s when held: %s; here it is %s", k.Tap, k.Hold, place(k.TapHold), used)
		}
		b.WriteByte('\n')
	}
	for _, n := range r.Notes {
		b.WriteString("  " + n + "\n")
	}
	for i := range r.Chords {
		fmt.Fprintf(&b, "  waits for the rest of a chord first: %s\n", place(&r.Chords[i]))
	}
	b.WriteByte('\n')
	switch r.Result {
	case "matched":
		fmt.Fprintf(&b, "%s wins: %s in %s\n", r.Seen, r.Winner.Entry, place(r.Winner))
		if r.Action != "" {
			fmt.Fprintf(&b, "  it %s\n", r.Action)
		}
	case "modifier":
		b.WriteString("a modifier alone: keymaps see it only together with another key\n")
	case "passes":
		fmt.Fprintf(&b, "%s is in no active keymap: it goes through\n", r.Seen)
	case "eject":
		b.WriteString("the eject key: it gives the keyboards back and ends the program, before all rules\n")
	case "diagnostic":
		b.WriteString("the diagnostic key: it shows the engine's state, before all rules\n")
	}
	b.WriteString("goes out:\n")
	if len(r.Output) == 0 {
		b.WriteString("  nothing\n")
	}
	for _, line := range r.Output {
		b.WriteString("  " + line + "\n")
	}
	if len(r.Lost) > 0 {
		b.WriteString("\nalso have it:\n")
	}
	for i := range r.Lost {
		l := &r.Lost[i]
		fmt.Fprintf(&b, "  %s in %s\n", l.Entry, place(&l.ruleText))
		if l.Shadowed {
			fmt.Fprintf(&b, "    active, but %s comes before it\n", r.Winner.Rule)
			continue
		}
		for j, p := range l.Why {
			value := "false"
			if p.Value {
				value = "true"
			}
			fmt.Fprintf(&b, "    %s%s is %s", strings.Repeat("  ", j), shorten(p.Part), value)
			if p.Have != "" {
				b.WriteString(": " + p.Have)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// shorten cuts a long part of a condition, such as a list of all terminals.
func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}
