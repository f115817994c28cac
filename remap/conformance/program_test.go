package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// A config is a recorded configuration.
type config struct {
	Timeouts      []timeouts                 `json:"timeouts"`
	Throttle      *throttle                  `json:"throttle"`
	IgnoreRepeats bool                       `json:"ignore_repeating_keys"`
	DiagKey       string                     `json:"diag_key"`
	EjectKey      string                     `json:"eject_key"`
	Modifiers     []modifier                 `json:"modifiers"`
	Modmaps       []modmap                   `json:"modmaps"`
	MultiModmaps  []multiModmap              `json:"multi_modmaps"`
	Keymaps       []keymap                   `json:"keymaps"`
	Hyper         *hyper                     `json:"hyper"`
	Layout        json.RawMessage            `json:"layout"`
	LayoutOptions map[string]json.RawMessage `json:"layout_options"`
}

type timeouts struct {
	Suspend      *float64  `json:"suspend_ms"`
	Multipurpose *float64  `json:"multipurpose_ms"`
	TapInterval  *float64  `json:"tap_interval_ms"`
	MinTapDelay  *float64  `json:"min_tap_delay_ms"`
	When         condition `json:"when"`
}

type throttle struct {
	Pre  float64 `json:"pre_ms"`
	Post float64 `json:"post_ms"`
}

type modifier struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Key     string   `json:"key"`
}

type modmap struct {
	Name string            `json:"name"`
	Map  map[string]string `json:"map"`
	When condition         `json:"when"`
}

type multiModmap struct {
	Name string               `json:"name"`
	Map  map[string][2]string `json:"map"`
	When condition            `json:"when"`
}

type keymap struct {
	Name   string              `json:"name"`
	Map    [][]json.RawMessage `json:"map"`
	Level3 bool                `json:"level3"`
	When   condition           `json:"when"`
}

type hyper struct {
	Trigger        string    `json:"trigger"`
	Tap            string    `json:"tap"`
	UnshiftedLayer bool      `json:"unshifted_layer"`
	When           condition `json:"when"`
}

// A plan is a translated configuration.
type plan struct {
	program *remap.Program
	layout  *remap.Layout  // the layout at the start; may be nil
	correct bool           // later layouts are used, too
	flags   map[string]int // variables by the name of the flag
	hyper   bool
}

// A variant says how to translate a configuration.
type variant struct {
	busy        bool // pacing takes time
	hiddenHyper bool // Hyper's carrier does not reach the output
}

// translator collects a program and everything that is wrong with its configuration.
type translator struct {
	plan
	modifiers map[string]key.Mod // custom ones, by name and alias
	errs      []error
}

func (t *translator) fail(err error) {
	if err != nil {
		t.errs = append(t.errs, err)
	}
}

func (t *translator) decode(raw json.RawMessage, to any) {
	if err := strict(raw, to); err != nil {
		t.fail(fmt.Errorf("%s: %w", raw, err))
	}
}

// translate turns a configuration into a program. An error means that the recorded engine would have refused it, too, or that the
// translator does not understand it.
func translate(raw json.RawMessage, v variant) (*plan, error) {
	t := &translator{
		plan:      plan{program: &remap.Program{}, flags: map[string]int{}, correct: true},
		modifiers: map[string]key.Mod{},
	}
	var c config
	t.decode(raw, &c)
	t.options(&c)
	t.customModifiers(&c, v)
	t.modmaps(&c)
	t.tapHolds(&c)
	t.keymaps(&c)
	t.timings(c.Timeouts)
	if v.busy {
		t.pacing(c.Throttle)
	}
	t.layout = t.layoutOf(c.Layout)
	return &t.plan, errors.Join(t.errs...)
}

func (t *translator) options(c *config) {
	o := &t.program.Options
	o.Reference, o.TextLimit = true, 100
	o.IgnoreRepeats = c.IgnoreRepeats
	o.EjectKey, o.DiagnosticKey = key.F16, key.F15
	if c.EjectKey != "" {
		o.EjectKey = t.key(c.EjectKey)
	}
	if c.DiagKey != "" {
		o.DiagnosticKey = t.key(c.DiagKey)
	}
	o.Unreachable, o.Folded, o.Placeholder = remap.UnreachableRefuse, remap.UnreachableRefuse, "?"
	policies := map[string]remap.Unreachable{
		"refuse": remap.UnreachableRefuse, "placeholder": remap.UnreachablePlaceholder, "fold": remap.UnreachableFold,
	}
	for name, raw := range c.LayoutOptions {
		switch name {
		case "correction_enabled":
			t.correct = t.truth(raw) != 0
		case "symbol_placeholder":
			o.Placeholder = t.text(raw)
		case "symbol_miss_policy", "folded_miss_policy":
			policy, ok := policies[t.text(raw)]
			if !ok {
				t.fail(fmt.Errorf("%s: unknown policy %s", name, raw))
			}
			if name == "symbol_miss_policy" {
				o.Unreachable = policy
			} else {
				o.Folded = policy
			}
		}
		// Further options say how the layout is found.
	}
}

func (t *translator) customModifiers(c *config, v variant) {
	add := func(m remap.Modifier, names ...string) {
		for _, n := range names {
			t.modifiers[n] = key.Custom0 + key.Mod(len(t.program.Modifiers))
		}
		t.program.Modifiers = append(t.program.Modifiers, m)
	}
	for _, m := range c.Modifiers {
		add(remap.Modifier{Name: m.Name, Carrier: t.key(m.Key)}, append(m.Aliases, m.Name)...)
	}
	if c.Hyper != nil {
		t.hyper = true
		add(remap.Modifier{Name: "HYPER", Carrier: hyperCode, Hidden: v.hiddenHyper}, "HYPER", "Hyper")
	}
}

// orAlways gives a generated map a condition, so that it comes before the one map without a condition.
func (t *translator) orAlways(c condition) *remap.Cond {
	if c == nil {
		return constant(true)
	}
	return t.condition(c)
}

func (t *translator) modmaps(c *config) {
	if h := c.Hyper; h != nil && h.Tap == "" {
		t.program.Modmaps = append(t.program.Modmaps, remap.Modmap{
			Name: "hyper", When: t.orAlways(h.When), Keys: map[key.Code]key.Code{t.key(h.Trigger): hyperCode},
		})
	}
	var last []remap.Modmap
	for _, m := range c.Modmaps {
		x := remap.Modmap{Name: m.Name, When: t.condition(m.When), Keys: map[key.Code]key.Code{}}
		for from, to := range m.Map {
			x.Keys[t.key(from)] = t.key(to)
		}
		if m.When == nil {
			last = append(last, x)
		} else {
			t.program.Modmaps = append(t.program.Modmaps, x)
		}
	}
	if len(last) > 1 {
		t.fail(errors.New("two modmaps without a condition"))
	}
	t.program.Modmaps = append(t.program.Modmaps, last...)
}

func (t *translator) tapHolds(c *config) {
	if h := c.Hyper; h != nil && h.Tap != "" {
		t.program.TapHolds = append(t.program.TapHolds, remap.TapHoldMap{
			Name: "hyper", When: t.orAlways(h.When), Keys: map[key.Code]remap.TapHold{t.key(h.Trigger): {Tap: t.key(h.Tap), Hold: hyperCode}},
		})
	}
	var last []remap.TapHoldMap
	for _, m := range c.MultiModmaps {
		x := remap.TapHoldMap{Name: m.Name, When: t.condition(m.When), Keys: map[key.Code]remap.TapHold{}, ByPhysicalKey: m.When != nil}
		for from, to := range m.Map {
			x.Keys[t.key(from)] = remap.TapHold{Tap: t.key(to[0]), Hold: t.key(to[1]), Preset: remap.HoldDefault}
		}
		if m.When == nil {
			last = append(last, x)
		} else {
			t.program.TapHolds = append(t.program.TapHolds, x)
		}
	}
	if len(last) > 1 {
		t.fail(errors.New("two multipurpose modmaps without a condition"))
	}
	t.program.TapHolds = append(t.program.TapHolds, last...)
}

func (t *translator) keymaps(c *config) {
	for _, m := range c.Keymaps {
		t.program.Keymaps = append(t.program.Keymaps, remap.Keymap{
			Name: m.Name, When: t.condition(m.When), Level3: m.Level3, Entries: t.entries(m.Map),
		})
	}
	if c.Hyper != nil {
		t.program.Keymaps = append(t.program.Keymaps, remap.Keymap{
			Name: "hyper", When: t.condition(c.Hyper.When), Entries: t.hyperEntries(c.Hyper.UnshiftedLayer),
		})
	}
}

// hyperEntries sends every key that is pressed with Hyper to all four modifiers. With an unshifted layer, it does so only together
// with Shift, and sends the other three without it.
func (t *translator) hyperEntries(unshifted bool) []remap.Entry {
	hyper := t.modifiers["HYPER"]
	three := []key.Mod{key.Ctrl, key.Alt, key.Meta}
	four := append([]key.Mod{key.Shift}, three...)
	var out []remap.Entry
	for c := key.Code(1); c < hyperCode; c++ {
		if c.IsButton() || t.isModifier(c) || !strings.HasPrefix(c.KernelName(), "KEY_") {
			continue
		}
		if !unshifted {
			out = append(out, entry([]key.Mod{hyper}, four, c))
			continue
		}
		out = append(out, entry([]key.Mod{hyper}, three, c), entry([]key.Mod{key.Shift, hyper}, four, c))
	}
	return out
}

func entry(from, to []key.Mod, c key.Code) remap.Entry {
	return remap.Entry{Combo: key.Combo{Mods: from, Key: c}, Action: remap.Send(key.Combo{Mods: to, Key: c})}
}

// The recorded engine's times if a configuration says nothing, and the ranges of those that have one.
const (
	defaultSuspend      = time.Second
	defaultMultipurpose = time.Second
	defaultTapInterval  = 250 * time.Millisecond
	defaultMinTapDelay  = 70 * time.Millisecond

	minTapInterval, maxTapInterval = 150 * time.Millisecond, 1500 * time.Millisecond
	minMinTapDelay, maxMinTapDelay = 50 * time.Millisecond, 500 * time.Millisecond
)

// timings keeps the rules in order and merges the rest into one last rule. A call with a negative value does nothing, and a global
// value outside its range leaves the previous one.
func (t *translator) timings(calls []timeouts) {
	suspend, multipurpose, interval, delay := defaultSuspend, defaultMultipurpose, defaultTapInterval, defaultMinTapDelay
	for _, c := range calls {
		values := []*time.Duration{duration(c.Suspend), duration(c.Multipurpose), duration(c.TapInterval), duration(c.MinTapDelay)}
		if slices.ContainsFunc(values, func(d *time.Duration) bool { return d != nil && *d < 0 }) {
			continue
		}
		if c.When != nil {
			t.program.Timings = append(t.program.Timings, remap.Timing{
				When: t.condition(c.When), Suspend: values[0], TapHold: values[1], TapInterval: values[2], MinTapDelay: values[3],
			})
			continue
		}
		if values[0] != nil {
			suspend = *values[0]
		}
		if values[1] != nil {
			multipurpose = *values[1]
		}
		if d := values[2]; d != nil && *d >= minTapInterval && *d <= maxTapInterval {
			interval = *d
		}
		if d := values[3]; d != nil && *d >= minMinTapDelay && *d <= maxMinTapDelay {
			delay = *d
		}
	}
	t.program.Timings = append(t.program.Timings, remap.Timing{
		Suspend: &suspend, TapHold: &multipurpose, TapInterval: &interval, MinTapDelay: &delay,
	})
}

func duration(ms *float64) *time.Duration {
	if ms == nil {
		return nil
	}
	d := milliseconds(*ms)
	return &d
}

// maxThrottle is the longest delay that a configuration can ask for. The recorded engine adds one millisecond of its own.
const (
	maxThrottle = 150
	basePacing  = time.Millisecond
)

func (t *translator) pacing(th *throttle) {
	p := remap.Pacing{Pre: basePacing, Post: basePacing, FastPre: basePacing, FastPost: basePacing}
	if th != nil {
		p.Pre += milliseconds(min(max(th.Pre, 0), maxThrottle))
		p.Post += milliseconds(min(max(th.Post, 0), maxThrottle))
	}
	t.program.Pacings = []remap.Pacing{p}
}

// layoutOf reads a keyboard layout; nil if there is none.
func (t *translator) layoutOf(raw json.RawMessage) *remap.Layout {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var recorded struct {
		Map     map[string]string               `json:"map"`
		Symbols map[string][][2]json.RawMessage `json:"symbols"`
	}
	t.decode(raw, &recorded)
	l := &remap.Layout{Correct: t.correct}
	if recorded.Map != nil {
		l.Map = map[key.Code]key.Code{}
	}
	for physical, us := range recorded.Map {
		l.Map[t.key(physical)] = t.key(us)
	}
	if recorded.Symbols != nil {
		l.Symbols = map[string][]remap.Step{}
	}
	for text, steps := range recorded.Symbols {
		for _, s := range steps {
			step := remap.Step{Key: t.keyOf(s[0])}
			var mods []string
			t.decode(s[1], &mods)
			for _, m := range mods {
				step.Mods = append(step.Mods, t.key(m))
			}
			l.Symbols[text] = append(l.Symbols[text], step)
		}
	}
	return l
}

func appendNew[E comparable](list []E, e E) []E {
	if slices.Contains(list, e) {
		return list
	}
	return append(list, e)
}
