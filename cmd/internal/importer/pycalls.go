package importer

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/syntax"

	"toshy/remap/key"
)

type translator func(p *python, c *pyCall, when cond) error

// translators are the calls at a configuration's top level. An init function fills it, since a conditional contains other
// calls.
var translators map[string]translator

func init() {
	translators = map[string]translator{
		"modmap": (*python).modmap, "define_modmap": (*python).modmap, "define_conditional_modmap": (*python).modmap,
		"multipurpose_modmap": (*python).multipurpose, "define_multipurpose_modmap": (*python).multipurpose, "define_conditional_multipurpose_modmap": (*python).multipurpose,
		"keymap": (*python).keymap, "define_keymap": (*python).keymap,
		"conditional": (*python).conditional,
		"timeouts":    (*python).timeouts, "define_timeout": (*python).timeouts,
		"throttle_delays":      (*python).throttle,
		"add_modifier":         (*python).addModifier,
		"dump_diagnostics_key": func(p *python, c *pyCall, _ cond) error { return p.option(c, "diagnostic_key") },
		"emergency_eject_key":  func(p *python, c *pyCall, _ cond) error { return p.option(c, "eject_key") },
		"ignore_repeating_keys": func(p *python, c *pyCall, _ cond) error {
			if on, ok := first(c.args).(bool); ok {
				p.doc.single("options").set("ignore_repeats", fmt.Sprint(on), c.line)
				return nil
			}
			return fmt.Errorf("ignore_repeating_keys needs True or False")
		},
		"devices_api": (*python).devices,
		"setup_level3_combos_via_left_alt": func(p *python, c *pyCall, when cond) error {
			s, err := p.begin("keymap", "level 3 through left Alt", c, when, c.kw["when"])
			if s != nil {
				s.set("level3", "true", c.line)
			}
			return err
		},
		"environ_api":                fromItself("toshy finds the desktop and the session by itself"),
		"keyboard_layout_correction": fromItself("toshy follows the layout by itself"),
		"logging_options":            fromItself("the log is set on the command line"),
		"include": func(p *python, c *pyCall, _ cond) error {
			name, _ := first(c.args).(string)
			return fmt.Errorf("the file %q is included: convert it, too, and name the result in include = [...]", name)
		},
		"setup_hyper": func(*python, *pyCall, cond) error {
			return fmt.Errorf("setup_hyper: declare the modifier, Hyper = { carrier = \"F24\", hidden = true } in [modifiers], and write its keymap")
		},
	}
}

func fromItself(why string) translator {
	return func(p *python, c *pyCall, _ cond) error {
		p.doc.note(c.line, "%s is not needed: %s", c.name, why)
		return nil
	}
}

func (p *python) topCall(e *syntax.CallExpr, when cond) {
	v, err := p.eval(e)
	line := lineOf(e)
	if err == nil {
		if c, ok := v.(*pyCall); ok {
			p.register(c, when)
			return
		}
		err = fmt.Errorf("a call that does nothing a configuration knows")
	}
	p.doc.lost(line, "%v", err)
}

func (p *python) register(c *pyCall, when cond) {
	t := translators[c.name]
	if t == nil {
		p.doc.lost(c.line, "toshy has no counterpart for the call of %s", c.name)
		return
	}
	if err := t(p, c, when); err != nil {
		line := c.line
		if m, ok := err.(*mistake); ok && m.line > 0 {
			line = m.line
		}
		p.doc.lost(line, "%v", err)
	}
}

// begin begins a table with its conditions from the file.
func (p *python) begin(kind, title string, c *pyCall, outer cond, when any) (*section, error) {
	inner, err := p.condition(when, c.line)
	if err != nil {
		return nil, fmt.Errorf("the whole of %q: %w", title, err)
	}
	s := p.doc.table(kind, title, c.line)
	s.when(allOf(outer, inner), c.line)
	return s, nil
}

// parts finds the name, the dictionary and the condition in the arguments of a call, wherever the different generations of
// the keymapper expect them.
func parts(c *pyCall, otherwise string) (title string, d *pyDict, when any) {
	title, when = otherwise, c.kw["when"]
	for _, a := range c.args {
		switch a := a.(type) {
		case string:
			title = a
		case *pyDict:
			if d == nil {
				d = a
			}
		case *pyRegex, *pyFunc, *pyCall, *pyName, error:
			when = a
		}
	}
	if s, ok := c.kw["name"].(string); ok {
		title = s
	}
	for _, k := range []string{"mappings", "mapping"} {
		if x, ok := c.kw[k].(*pyDict); ok {
			d = x
		}
	}
	return title, d, when
}

// table begins the table of a call with a dictionary; otherwise is its name if the call has none.
func (p *python) table(kind, otherwise string, c *pyCall, outer cond) (*section, *pyDict, error) {
	title, d, when := parts(c, otherwise)
	if d == nil {
		return nil, nil, fmt.Errorf("%s has no dictionary that can be read", c.name)
	}
	s, err := p.begin(kind, title, c, outer, when)
	return s, d, err
}

func (p *python) modmap(c *pyCall, outer cond) error {
	s, d, err := p.table("modmap", "keys", c, outer)
	if err != nil {
		return err
	}
	for i, k := range d.keys {
		from, ok := keyOf(k)
		to, ok2 := keyOf(d.values[i])
		if !ok || !ok2 {
			p.doc.lost(d.lines[i], "an entry of a modmap that is not Key.X: Key.Y of keys that are known")
			continue
		}
		s.entry(keyText(from), str(keyText(to)), d.lines[i])
		if len(s.fields) == 0 {
			p.tap[from] = to
		}
	}
	if len(s.fields) == 0 {
		p.doc.sections = slices.DeleteFunc(p.doc.sections, func(x *section) bool { return x == s })
		p.plain = append(p.plain, s)
	}
	return nil
}

func (p *python) multipurpose(c *pyCall, outer cond) error {
	s, d, err := p.table("modmap", "keys with two meanings", c, outer)
	if err != nil {
		return err
	}
	for i, k := range d.keys {
		from, ok := keyOf(k)
		two, _ := d.values[i].([]any)
		if !ok || len(two) != 2 {
			p.doc.lost(d.lines[i], "an entry of a multipurpose modmap that is not Key.X: [Key.TAP, Key.HOLD]")
			continue
		}
		tap, ok := keyOf(two[0])
		hold, ok2 := keyOf(two[1])
		switch {
		case !ok || !ok2:
			p.doc.lost(d.lines[i], "an entry of a multipurpose modmap that is not Key.X: [Key.TAP, Key.HOLD] of keys that are known")
		case tap == hold:
			s.entry(keyText(from), str(keyText(tap)), d.lines[i])
		default:
			s.entry(keyText(from), inline("tap", str(keyText(tap)), "hold", str(keyText(hold))), d.lines[i])
		}
	}
	p.doc.sections = slices.DeleteFunc(p.doc.sections, func(x *section) bool { return x == s })
	i := len(p.tapHolds)
	if len(s.fields) > 0 { // before those without a condition
		i = slices.IndexFunc(p.tapHolds, func(x *section) bool { return len(x.fields) == 0 })
		if i < 0 {
			i = len(p.tapHolds)
		}
	}
	p.tapHolds = slices.Insert(p.tapHolds, i, s)
	return nil
}

// physical maps keys with two meanings to physical keys: in the file, they are looked up after the modmap without a
// condition.
func (p *python) physical() {
	double := map[string]bool{}
	for _, s := range p.tapHolds {
		for _, e := range s.keys {
			double[e.key] = true
		}
	}
	for _, s := range p.doc.sections {
		if s.kind != "modmap" || len(s.fields) == 0 || slices.Contains(p.tapHolds, s) {
			continue
		}
		for _, e := range s.keys {
			to := strings.Trim(e.value, `"`)
			switch {
			case to == e.key:
			case double[e.key]:
				p.doc.note(e.line, "%s has two meanings in another table, which come before this modmap here; add the opposite of this condition there", e.key)
			case double[to]:
				p.doc.note(e.line, "%s becomes %s here, whose two meanings it does not get: add it to their table", e.key, to)
			}
		}
	}
	for _, s := range p.tapHolds {
		old := s.keys
		s.keys = nil
		for _, e := range old {
			code, _ := key.Parse(e.key)
			for _, from := range slices.Sorted(func(yield func(key.Code) bool) {
				for f, to := range p.tap {
					if to == code && f != code && !yield(f) {
						return
					}
				}
			}) {
				s.entry(keyText(from), e.value, e.line)
			}
			if to, changed := p.tap[code]; !changed || to == code {
				s.entry(e.key, e.value, e.line)
			}
		}
	}
}

func (p *python) keymap(c *pyCall, outer cond) error {
	s, d, err := p.table("keymap", "keymap", c, outer)
	if err != nil {
		return err
	}
	for i, k := range d.keys {
		combo, err := p.comboOf(k)
		if err != nil {
			p.doc.lost(d.lines[i], "%v", err)
			continue
		}
		a, err := p.action(d.values[i])
		if err != nil {
			p.doc.lost(d.lines[i], "%s: %v", p.comboText(combo), err)
			continue
		}
		s.entry(p.comboText(combo), a, d.lines[i])
	}
	return nil
}

// conditional is conditional(condition, modmap(...)).
func (p *python) conditional(c *pyCall, outer cond) error {
	if len(c.args) != 2 {
		return fmt.Errorf("conditional needs a condition and a map")
	}
	inner, ok := c.args[1].(*pyCall)
	if !ok {
		return fmt.Errorf("conditional needs a condition and a map")
	}
	w, err := p.condition(c.args[0], c.line)
	if err != nil {
		return err
	}
	p.register(inner, allOf(outer, w))
	return nil
}

func (p *python) timeouts(c *pyCall, outer cond) error {
	if c.name == "define_timeout" && len(c.args) == 1 {
		c.kw["multipurpose"], c.kws = c.args[0], append(c.kws, "multipurpose")
	}
	w, err := p.condition(c.kw["when"], c.line)
	if err != nil {
		return err
	}
	w = allOf(outer, w)
	s := p.doc.single("timing")
	if w.text != "" {
		s = p.doc.element("timing.rule", c.line)
		s.when(w, c.line)
	}
	names := map[string]string{"multipurpose": "tap_hold", "suspend": "suspend", "tap_interval": "tap_interval", "min_tap_delay": "min_tap_delay"}
	for _, k := range c.kws {
		n, ok := c.kw[k].(float64)
		switch to := names[k]; {
		case k == "when":
		case to == "" || !ok:
			p.doc.lost(c.line, "timeouts(%s=...) is not known", k)
		case n < 0:
			p.doc.lost(c.line, "timeouts(%s=%v): a time is not negative", k, n)
		case w.text == "" && isStock(k, n):
		default:
			s.set(to, str(asTime(n)), c.line)
			p.wish(c.line, to, asTime(n))
		}
	}
	return nil
}

func (p *python) throttle(c *pyCall, outer cond) error {
	s := p.doc.single("pacing")
	if outer.text != "" {
		s = p.doc.element("pacing.rule", c.line)
		s.when(outer, c.line)
	}
	names := map[string]string{"key_pre_delay_ms": "pre", "key_post_delay_ms": "post"}
	for _, k := range c.kws {
		n, ok := c.kw[k].(float64)
		if names[k] == "" || !ok {
			p.doc.lost(c.line, "throttle_delays(%s=...) is not known", k)
			continue
		}
		if isStock(k, n) {
			continue
		}
		value := asTime(min(n, 150) / 1000)
		s.set(names[k], str(value), c.line)
		p.wish(c.line, names[k], value)
	}
	return nil
}

func (p *python) addModifier(c *pyCall, _ cond) error {
	name, ok := first(c.args).(string)
	if !ok {
		name, ok = c.kw["name"].(string)
	}
	k, isKey := keyOf(c.kw["key"])
	if !ok || !isKey {
		return fmt.Errorf("add_modifier with a name and one key carries over, with more keys it does not")
	}
	aliases, _ := texts(c.kw["aliases"])
	if len(p.custom) == key.MaxCustom {
		return fmt.Errorf("more than %d modifiers of one's own", key.MaxCustom)
	}
	if m, is := key.ModOf(k); is {
		for _, a := range append(aliases, name) {
			p.modifiers[strings.ToLower(a)] = m
		}
		return nil
	}
	title := strings.ToUpper(name[:1]) + strings.ToLower(name[1:])
	p.doc.single("modifiers").set(title, inline("carrier", str(keyText(k))), c.line)
	for _, a := range append(aliases, name) {
		p.modifiers[strings.ToLower(a)] = key.Custom0 + key.Mod(len(p.custom))
	}
	p.custom = append(p.custom, title)
	return nil
}

func (p *python) option(c *pyCall, name string) error {
	if _, none := first(c.args).(pyNone); none {
		p.doc.single("options").set(name, str("none"), c.line)
		return nil
	}
	k, ok := keyOf(first(c.args))
	if !ok {
		return fmt.Errorf("%s needs a key", c.name)
	}
	if p.extends == "mac" && (k == key.F16 && name == "eject_key" || k == key.F15 && name == "diagnostic_key") {
		return nil // as in what is extended
	}
	p.doc.single("options").set(name, str(keyText(k)), c.line)
	return nil
}

func (p *python) devices(c *pyCall, _ cond) error {
	for _, k := range c.kws {
		to := map[string]string{"only_devices": "allow", "ignore_devices": "ignore"}[k]
		l, ok := texts(c.kw[k])
		if err, bad := c.kw[k].(error); bad {
			return err
		}
		switch {
		case to == "":
			p.doc.lost(c.line, "devices_api(%s=...) is not known", k)
		case !ok:
			p.doc.lost(c.line, "devices_api(%s=...) is not a list of names", k)
		case len(l) > 0:
			var names []string
			for _, n := range l {
				if strings.HasPrefix(n, "/dev/") {
					p.doc.lost(c.line, "the device %s: toshy names devices by name or number, see toshy devices", n)
					continue
				}
				names = append(names, n)
			}
			if len(names) > 0 {
				p.doc.single("devices").set(to, array(strs(names)), c.line)
			}
		}
	}
	return nil
}
