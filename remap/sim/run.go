package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// DefaultDevice is the keyboard of a script that names none.
const DefaultDevice = "keyboard"

// Options say how a script starts. The zero value starts without a window, on a keyboard named DefaultDevice without a
// type.
type Options struct {
	Window remap.Window
	Device string // name of the first keyboard; "": DefaultDevice

	// KeyboardType returns the type of a keyboard that the script plugs in, by its name, as the configuration does for a
	// real one; nil: no type.
	KeyboardType func(name string) string
	// Debounce returns the debounce time of such a keyboard; nil: none.
	Debounce func(name string) time.Duration
	// Vars are the program's variables, for set and for changes of variables in the output.
	Vars []remap.Var
	// Layers are the indices of the layers that are on at the start.
	Layers []int
	// Layout is the layout for which the engine types text; nil: US.
	Layout *remap.Layout
	// Types says that the desktop types characters that no key types.
	Types bool
	// Programs and Layouts are what reload and layout can use.
	Programs map[string]*remap.Compiled
	Layouts  map[string]*remap.Layout
}

// A Traced is one output with its cause.
type Traced struct {
	At    time.Duration // since the start of the script
	Input int           // index of the Script.Input step that caused it or waited meanwhile; len(Script.Input) after the last
	Step  Step          // Key, Rel or an effect
}

// A Result is the output of a script.
type Result struct {
	Trace []Traced
	Held  []key.Code    // keys that are down on the output at the end
	Over  time.Duration // when the last timer ended
}

// Steps is the output as a script, with waits where time passed.
func (r *Result) Steps() []Step {
	return steps(r.Trace, 0)
}

// steps is a piece of a trace that begins at a time.
func steps(trace []Traced, from time.Duration) []Step {
	var list []Step
	for _, t := range trace {
		if t.At > from {
			list = append(list, Step{Kind: Wait, Wait: t.At - from})
			from = t.At
		}
		list = append(list, t.Step)
	}
	return list
}

// HeldText is the message about keys that stay down, "" if there are none.
func (r *Result) HeldText() string {
	if len(r.Held) == 0 {
		return ""
	}
	names := make([]string, len(r.Held))
	for i, c := range r.Held {
		names[i] = keyName(c)
	}
	return "still down at the end: " + strings.Join(names, ", ")
}

// maxTicks is how many timers may run in one script. A wait has few; an engine that asks to be woken for ever is broken.
const maxTicks = 1_000_000

// ErrRestless says that an engine keeps asking to be woken.
var ErrRestless = errors.New("the engine keeps asking to be woken")

// Run runs a script on a new engine. Events without a wait between them are one read, after which the timers that are due
// run. After the script, all timers run. An error is an *Error for a statement that cannot run, or ErrRestless.
func Run(c *remap.Compiled, s *Script, o Options) (*Result, error) {
	r := &runner{
		engine: remap.New(c), out: remap.NewOutput(), script: s, options: o,
		wake: remap.Never, window: o.Window, result: &Result{}, down: make(map[key.Code]bool), current: -1,
	}
	if o.Layout != nil {
		r.engine.SetLayout(o.Layout)
	}
	if o.Types {
		r.after(r.engine.SetTypes(true, 0, r.out))
	}
	r.after(r.engine.SetWindow(r.window, 0, r.out))
	for _, l := range o.Layers {
		r.after(r.engine.SetLayer(l, true, 0, r.out))
	}
	for i := range s.Input {
		r.input = i
		if err := r.step(&s.Input[i]); err != nil {
			return nil, err
		}
	}
	r.focus()
	r.input = len(s.Input)
	if err := r.tick(remap.Never); err != nil {
		return nil, err
	}
	r.result.Over = r.now
	r.result.Held = slices.Sorted(maps.Keys(r.down))
	return r.result, nil
}

type keyboard struct {
	remap.Device
	typed   bool // by a statement, not by Options.KeyboardType
	present bool
}

type runner struct {
	engine  *remap.Engine
	out     *remap.Output
	script  *Script
	options Options
	result  *Result
	input   int

	now, wake time.Duration
	ticks     int

	window    remap.Window
	unfocused bool // the engine does not know yet that window has changed

	keyboards         []keyboard // the index is the device's number
	current           int        // -1: none yet
	capsLock, numLock bool

	down map[key.Code]bool // on the output
}

func (r *runner) fail(s *Step, hint, format string, args ...any) error {
	e := &Error{File: r.script.File, Line: s.Line, Column: s.Column, Message: fmt.Sprintf(format, args...), Hint: hint}
	if s.Line > 0 && s.Line <= len(r.script.Lines) {
		e.Source = r.script.Lines[s.Line-1]
	}
	return e
}

// after handles the output of a call of the engine, and the time at which it wants to be woken.
func (r *runner) after(wake time.Duration) {
	r.wake = wake
	for _, e := range r.out.Events {
		switch e.Type {
		case remap.TypeKey:
			r.put(Step{Kind: Key, Code: e.Code, Value: e.Value})
			if e.Value == remap.Release {
				delete(r.down, e.Code)
			} else {
				r.down[e.Code] = true
			}
		case remap.TypeRel:
			r.put(Step{Kind: Rel, Code: e.Code, Value: e.Value})
		}
	}
	for _, e := range r.out.Effects {
		r.put(r.effect(e))
	}
	q := r.out.Typing
	r.out.Reset()
	if q != nil { // the desktop of a script types at once
		r.put(Step{Kind: Typed, Text: q.Text})
		r.after(r.engine.Typed(q.Serial, remap.TypingDone, r.now, r.out))
	}
}

func (r *runner) put(s Step) {
	r.result.Trace = append(r.result.Trace, Traced{r.now, r.input, s})
}

func (r *runner) effect(e *remap.Effect) Step {
	switch e.Kind {
	case remap.EffectRun:
		return Step{Kind: Command, Args: e.Args}
	case remap.EffectNotify:
		return Step{Kind: Notify, Text: e.Text}
	case remap.EffectDesktop:
		return Step{Kind: Action, Text: e.Text}
	case remap.EffectVar:
		s := Step{Kind: Set, Name: fmt.Sprintf("variable_%d", e.Var), Text: fmt.Sprint(e.Value)}
		if e.Var < len(r.options.Vars) {
			v := &r.options.Vars[e.Var]
			s.Name = v.Name
			if int(e.Value) < len(v.Values) {
				s.Text = v.Values[e.Value]
			}
		}
		return s
	case remap.EffectEject:
		return Step{Kind: Eject}
	case remap.EffectDump:
		return Step{Kind: Dump}
	}
	return Step{Kind: Refused, Text: e.Text}
}

// tick runs the timers that are due before a time; remap.Never means all.
func (r *runner) tick(before time.Duration) error {
	for r.wake < before {
		if r.ticks++; r.ticks > maxTicks {
			return fmt.Errorf("%s: %w at %v", r.script.File, ErrRestless, r.now)
		}
		r.now = max(r.now, r.wake)
		r.after(r.engine.Tick(r.now, r.out))
	}
	return nil
}

// keyboard returns the current keyboard. If the script has named none, it plugs one in.
func (r *runner) keyboard(s *Step) (*keyboard, error) {
	if r.current < 0 {
		name := r.options.Device
		if name == "" {
			name = DefaultDevice
		}
		if err := r.plug(s, name); err != nil {
			return nil, err
		}
	}
	k := &r.keyboards[r.current]
	if !k.present {
		return nil, r.fail(s, "", "the keyboard %q is unplugged; expected a device statement before its next event", k.Name)
	}
	return k, nil
}

func (r *runner) plug(s *Step, name string) error {
	i := slices.IndexFunc(r.keyboards, func(k keyboard) bool { return k.Name == name })
	if i >= 0 && r.keyboards[i].present {
		r.current = i
		return nil
	}
	if i < 0 {
		if i = len(r.keyboards); i == remap.MaxDevices {
			return r.fail(s, "", "too many keyboards; expected at most %d", remap.MaxDevices)
		}
		r.keyboards = append(r.keyboards, keyboard{Device: remap.Device{Name: name}})
	}
	k := &r.keyboards[i]
	k.present = true
	k.CapsLock, k.NumLock = r.capsLock, r.numLock
	if !k.typed && r.options.KeyboardType != nil {
		k.Keyboard = r.options.KeyboardType(name)
	}
	if r.options.Debounce != nil {
		k.Debounce = r.options.Debounce(name)
	}
	r.current = i
	r.tell(i)
	return nil
}

// tell tells the engine the current facts about a keyboard.
func (r *runner) tell(i int) {
	r.after(r.engine.SetDevice(uint8(i), r.keyboards[i].Device, r.now, r.out))
}

// focus tells the engine which window the script has named.
func (r *runner) focus() {
	if r.unfocused {
		r.unfocused = false
		r.after(r.engine.SetWindow(r.window, r.now, r.out))
	}
}

func (r *runner) step(s *Step) error {
	switch s.Kind {
	case Comment:
		return nil
	case App, Title, Exe, Desktop, Session:
		field := map[Kind]*string{App: &r.window.App, Title: &r.window.Title, Exe: &r.window.Exe, Desktop: &r.window.Desktop, Session: &r.window.Session}[s.Kind]
		*field = s.Text
		r.unfocused = true
		return nil
	}
	if s.Kind == Categories {
		r.window.Categories = remap.CategoryList(strings.FieldsFunc(s.Text, func(c rune) bool { return c == ' ' || c == ';' }))
		r.unfocused = true
		return nil
	}
	r.focus()
	switch s.Kind {
	case Wait:
		// At the end of a read, the timers that are due run. Those due at the end of a wait wait for the next read.
		end := r.now + s.Wait
		if err := r.tick(r.now + 1); err != nil {
			return err
		}
		if err := r.tick(end); err != nil {
			return err
		}
		r.now = end
	case Key, Rel:
		if _, err := r.keyboard(s); err != nil {
			return err
		}
		typ := remap.TypeKey
		if s.Kind == Rel {
			typ = remap.TypeRel
		}
		r.after(r.engine.Handle(remap.Event{At: r.now, Type: typ, Code: s.Code, Value: s.Value, Device: uint8(r.current)}, r.out))
	case Device:
		return r.plug(s, s.Text)
	case Keyboard:
		k, err := r.keyboard(s)
		if err != nil {
			return err
		}
		k.Keyboard, k.typed = s.Text, true
		r.tell(r.current)
	case Unplug:
		k, err := r.keyboard(s)
		if err != nil {
			return err
		}
		k.present = false
		r.after(r.engine.RemoveDevice(uint8(r.current), r.now, r.out))
	case CapsLock, NumLock:
		lock := &r.capsLock
		if s.Kind == NumLock {
			lock = &r.numLock
		}
		*lock = s.On
		for i := range r.keyboards {
			k := &r.keyboards[i]
			k.CapsLock, k.NumLock = r.capsLock, r.numLock
			if k.present {
				r.tell(i)
			}
		}
	case Set:
		return r.set(s)
	case Pointer:
		r.after(r.engine.PointerActivity(r.now, r.out))
	case Types:
		r.after(r.engine.SetTypes(s.On, r.now, r.out))
	case Passthrough:
		r.after(r.engine.SetPassthrough(s.On, r.now, r.out))
	case ReleaseAll:
		r.after(r.engine.ReleaseAll(r.now, r.out))
	case Reload:
		c, ok := r.options.Programs[s.Text]
		if !ok {
			return r.fail(s, key.Nearest(s.Text, maps.Keys(r.options.Programs)), "unknown configuration %q", s.Text)
		}
		r.after(r.engine.Swap(c, r.now, r.out))
	case Host, Distro, DesktopVersion, Shortcut:
		// The configuration was read for them: see Script.Machine.
	case Layout:
		l, ok := r.options.Layouts[s.Text]
		if !ok && s.Text != "us" {
			return r.fail(s, key.Nearest(s.Text, maps.Keys(r.options.Layouts)), "unknown layout %q", s.Text)
		}
		r.engine.SetLayout(l)
	default:
		return r.fail(s, "", "%s is only allowed in the expected output", byKind[s.Kind].word)
	}
	return nil
}

func (r *runner) set(s *Step) error {
	names := func(yield func(string) bool) {
		for i := range r.options.Vars {
			if !yield(r.options.Vars[i].Name) {
				return
			}
		}
	}
	i := slices.IndexFunc(r.options.Vars, func(v remap.Var) bool { return v.Name == s.Name })
	if i < 0 {
		return r.fail(s, key.Nearest(s.Name, names), "unknown setting %q", s.Name)
	}
	values := r.options.Vars[i].Values
	v := slices.Index(values, s.Text)
	if v < 0 {
		return r.fail(s, key.Nearest(s.Text, slices.Values(values)), "%s cannot be %q; expected %s", s.Name, s.Text, strings.Join(values, ", "))
	}
	r.after(r.engine.SetVar(i, int32(v), r.now, r.out))
	return nil
}
