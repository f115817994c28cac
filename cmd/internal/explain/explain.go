// Package explain says what happens to a combo in a situation, and why: which rule wins, where it is written, and why the
// others lose. It only needs a configuration.
package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/sim"
)

// An Asker asks about a configuration in one situation.
type Asker struct {
	Config   *config.Config
	Compiled *remap.Compiled
	At       remap.Situation
	// Steps are statements that bring an engine into the situation, where At does not.
	Steps []sim.Step
	// Origins say where the running desktop's settings define an action; nil: the question is about another desktop.
	Origins map[string]string
	// Layout asks the running desktop for its keyboard layout (nil: US), and says whether it is known. It is called only for
	// combos that type characters. If Layout is nil, the question is about no particular layout.
	Layout func() (l *remap.Layout, known bool)
	// Types asks the running desktop whether it types characters that no key types. It is called as Layout is.
	Types func() bool

	notes []string
}

// A Mistake is a question that cannot be answered, and what to do.
type Mistake struct {
	Err  error
	Hint string // may be ""
}

func (m *Mistake) Error() string { return m.Err.Error() }
func (m *Mistake) Unwrap() error { return m.Err }

func mistake(err error, hint ...string) error { return &Mistake{err, strings.Join(hint, "; ")} }

// Ask says what happens if you press a combo. The combo names physical keys (LeftAlt-C), or modifiers in the
// configuration's words (Cmd-C).
func (x *Asker) Ask(combo string) (*Explanation, error) {
	x.notes = nil
	held, pressed, err := x.keys(combo)
	if err != nil {
		return nil, err
	}
	e := x.Compiled.Explain(held, pressed, &x.At)
	x.askTypes(e)
	typed, err := x.simulate(e)
	if err != nil {
		return nil, err
	}
	return x.report(combo, e, typed), nil
}

// askTypes asks the desktop whether it types what no key types, if that matters.
func (x *Asker) askTypes(e *remap.Explanation) {
	a := e.Acts
	if a == nil && e.Winner >= 0 && e.Winner < len(e.Candidates) {
		a = e.Candidates[e.Winner].Action
	}
	if x.Types != nil && len(a.Characters()) > 0 {
		x.At.Types = x.Types()
	}
}

// keys finds the physical keys of a combo: the held ones, and the pressed one.
func (x *Asker) keys(text string) (held []key.Code, pressed key.Code, err error) {
	if m, ok := x.Config.Modifier(strings.TrimSpace(text)); ok {
		pressed, err = x.physical(text, m)
		return nil, pressed, err
	}
	logical := make([]bool, 0, 8) // which of its modifiers are the configuration's words
	c, err := key.ParseCombo(text, func(word string) (key.Mod, bool) {
		m, ok := x.Config.Modifier(word)
		if _, known := key.ParseMod(word); ok || known {
			logical = append(logical, ok)
		}
		return m, ok
	})
	if err != nil {
		return nil, 0, x.comboFailure(text, err)
	}
	for i, m := range c.Mods {
		k := m.Code()
		if cmd, ok := x.Config.Modifier("Cmd"); ok && !logical[i] && (m == key.LMeta || m == key.RMeta) && cmd.Sides()&m.Sides() == 0 && strings.Contains(strings.ToLower(text), "cmd") {
			x.notes = append(x.notes, fmt.Sprintf("this is the key %s; the modifier Cmd of this configuration is written without a side", k))
		}
		if logical[i] {
			if k, err = x.physical(x.word(m), m); err != nil {
				return nil, 0, err
			}
		}
		if slices.Contains(held, k) {
			return nil, 0, mistake(fmt.Errorf("%s names the key %s twice", text, k))
		}
		held = append(held, k)
	}
	pressed = c.Key
	if slices.Contains(logical, true) {
		keys := x.Compiled.KeysFor(c.Key, false, &x.At)
		if len(keys) == 0 {
			return nil, 0, mistake(fmt.Errorf("this keyboard has no key for %s", c.Key), "name the key that you press; toshy keys lists the names")
		}
		pressed = keys[0]
	}
	return held, pressed, nil
}

// physical is the key that is a modifier of the configuration on this keyboard.
func (x *Asker) physical(word string, m key.Mod) (key.Code, error) {
	for _, side := range []int{0, 1} {
		code := m.Code()
		if m.IsGeneric() {
			code = (m.Left() + key.Mod(side)).Code()
		} else if m >= key.Custom0 {
			code = x.Config.Program.Modifiers[m-key.Custom0].Carrier
		}
		if keys := x.Compiled.KeysFor(code, true, &x.At); len(keys) > 0 {
			for _, k := range keys[1:] {
				x.notes = append(x.notes, fmt.Sprintf("%s is also the key %s", word, k))
			}
			return keys[0], nil
		}
	}
	return 0, mistake(fmt.Errorf("this keyboard has no key for %s", word),
		"--keyboard names the type of the keyboard, --app the application; or name the key that you press: LeftAlt, LeftCtrl, ...")
}

// comboFailure explains what is wrong with a combo.
func (x *Asker) comboFailure(text string, err error) error {
	var w *key.WordError
	if !errors.As(err, &w) {
		return mistake(err)
	}
	var names []string
	switch {
	case errors.Is(err, key.ErrUnknownMod):
		for n := range key.ModNames {
			names = append(names, n)
		}
		for _, n := range x.Config.Modifiers {
			names = append(names, n.Name)
		}
	case errors.Is(err, key.ErrUnknownKey):
		for n := range key.Names {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	hint := "toshy keys lists the names of keys"
	if _, isKey := key.Parse(w.Word); isKey && errors.Is(err, key.ErrUnknownMod) {
		hint = fmt.Sprintf("explain holds only modifiers: if your rules make %s one, name that modifier, as in Ctrl-C; for a layer use --layer NAME", w.Word)
	} else if h := config.ComboHint(text, w.Word); h != "" {
		hint = h
	} else if near := key.Nearest(w.Word, slices.Values(names)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return mistake(err, hint)
}

// word is a modifier in the configuration's words, preferring words for this side of the keyboard to those for both.
func (x *Asker) word(m key.Mod) string {
	both := ""
	for i := len(x.Config.Modifiers) - 1; i >= 0; i-- {
		switch n := x.Config.Modifiers[i]; {
		case n.Mod == m:
			return n.Name
		case n.Mod.IsGeneric() && n.Mod.Sides()&m.Sides() != 0 && both == "":
			both = n.Name
		}
	}
	if both != "" {
		return both
	}
	return m.String()
}

// combo is a combo in the configuration's words.
func (x *Asker) combo(c key.Combo) string {
	words := make([]string, 0, 8)
	if c.Any {
		words = append(words, "*")
	}
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

// simulate runs the engine: the keys go down in order and up again, in no time, so that each wait in the output comes from
// the engine.
func (x *Asker) simulate(e *remap.Explanation) ([]sim.Step, error) {
	w := &x.At.Window
	in := []sim.Step{
		{Kind: sim.App, Text: w.App},
		{Kind: sim.Title, Text: w.Title},
		{Kind: sim.Exe, Text: w.Exe},
		{Kind: sim.Desktop, Text: w.Desktop},
		{Kind: sim.Session, Text: w.Session},
		{Kind: sim.Categories, Text: w.Categories},
		{Kind: sim.Device, Text: x.At.Device.Name},
		{Kind: sim.Keyboard, Text: x.At.Device.Keyboard},
		{Kind: sim.CapsLock, On: x.At.Device.CapsLock},
		{Kind: sim.NumLock, On: x.At.Device.NumLock},
	}
	in = append(in, x.Steps...)
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
	o := sim.Options{Vars: x.Config.Program.Vars, KeyboardType: func(string) string { return x.At.Device.Keyboard }}
	o.Window, o.Layers, o.Types = *w, x.At.Layers, x.At.Types
	r, err := sim.Run(x.Compiled, &sim.Script{File: "explain", Input: in}, o)
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

// decided is how long to hold a key before the next one: until a key that becomes held only by time is held.
func (x *Asker) decided(p *remap.KeyPath) time.Duration {
	if p.TapHold == nil || p.TapHold.Preset != remap.TapPreferred {
		return 0
	}
	const longest = time.Minute // of a tap-hold time
	if t := p.TapHold.Timeout; t > 0 {
		return t
	}
	return longest
}
