package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// dump writes a configuration in a form that a person can check.
func dump(c *Config) string {
	var b strings.Builder
	d := dumper{&b, c.Program}
	for _, w := range c.Warnings {
		w.WriteTo(&b)
	}
	p := c.Program
	for i, m := range p.Modifiers {
		fmt.Fprintf(&b, "modifier %s = Custom%d carrier %s hidden %v\n", m.Name, i, m.Carrier, m.Hidden)
	}
	for _, v := range p.Vars {
		fmt.Fprintf(&b, "var %s = %s of %v", v.Name, v.Values[v.Default], v.Values)
		if v.ResetOnFocus != nil {
			fmt.Fprintf(&b, " kept while %s", d.cond(v.ResetOnFocus))
		}
		if v.ResetByApp {
			fmt.Fprintf(&b, " kept in one application")
		}
		for _, s := range v.SetBy {
			fmt.Fprintf(&b, " set to %d by %s when %s", s.Value, s.Combo, d.cond(s.When))
		}
		b.WriteByte('\n')
	}
	for _, g := range p.Groups {
		fmt.Fprintf(&b, "group %s: %s\n", g.Name, d.cond(g.Cond))
	}
	for _, k := range c.Keyboards {
		fmt.Fprintf(&b, "keyboard %s: %+v\n", k.Type, k.Match)
	}
	if len(c.Devices.Allow)+len(c.Devices.Also)+len(c.Devices.Ignore) > 0 {
		fmt.Fprintf(&b, "devices allow %+v also %+v ignore %+v\n", c.Devices.Allow, c.Devices.Also, c.Devices.Ignore)
	}
	for _, t := range p.Timings {
		fmt.Fprintf(&b, "timing when %s:", d.cond(t.When))
		if t.Suspend != nil {
			fmt.Fprintf(&b, " suspend %v", *t.Suspend)
		}
		if t.TapHold != nil {
			fmt.Fprintf(&b, " tap_hold %v", *t.TapHold)
		}
		if t.TapInterval != nil {
			fmt.Fprintf(&b, " tap_interval %v", *t.TapInterval)
		}
		if t.MinTapDelay != nil {
			fmt.Fprintf(&b, " min_tap_delay %v", *t.MinTapDelay)
		}
		b.WriteByte('\n')
	}
	for _, t := range p.Pacings {
		fmt.Fprintf(&b, "pacing when %s: %v before, %v after\n", d.cond(t.When), t.Pre, t.Post)
	}
	for _, u := range p.Unicodes {
		fmt.Fprintf(&b, "unicode when %s: method %d, end %v\n", d.cond(u.When), u.Method, u.End)
	}
	b.WriteString("options")
	for o, i := reflect.ValueOf(p.Options), 0; i < o.NumField(); i++ {
		if !o.Field(i).IsZero() {
			fmt.Fprintf(&b, " %s=%v", o.Type().Field(i).Name, o.Field(i))
		}
	}
	b.WriteByte('\n')
	for _, chord := range c.PanicChords {
		fmt.Fprintf(&b, "panic %v\n", chord)
	}
	for _, m := range p.Modmaps {
		fmt.Fprintf(&b, "modmap %s (%s:%d) when %s\n", m.Name, m.Origin.File, m.Origin.Line, d.cond(m.When))
		for _, k := range slices.Sorted(maps.Keys(m.Keys)) {
			fmt.Fprintf(&b, "  %s -> %s\n", k, m.Keys[k])
		}
	}
	for _, m := range p.TapHolds {
		fmt.Fprintf(&b, "tap-hold %s when %s\n", m.Name, d.cond(m.When))
		for _, k := range slices.Sorted(maps.Keys(m.Keys)) {
			fmt.Fprintf(&b, "  %s -> %+v\n", k, m.Keys[k])
		}
	}
	for _, m := range p.Chords {
		fmt.Fprintf(&b, "chord %s within %v when %s\n", m.Name, m.Window, d.cond(m.When))
		for _, c := range m.Chords {
			fmt.Fprintf(&b, "  %v -> %s\n", c.Keys, d.action(c.Action))
		}
	}
	for _, m := range p.Keymaps {
		fmt.Fprintf(&b, "keymap %s (%s:%d) when %s\n", m.Name, m.Origin.File, m.Origin.Line, d.cond(m.When))
		if m.Level3 {
			b.WriteString("  level 3 by left Alt\n")
		}
		d.entries(m.Entries, "  ")
	}
	return b.String()
}

type dumper struct {
	b *strings.Builder
	p *remap.Program
}

func (d dumper) entries(list []remap.Entry, indent string) {
	for _, e := range list {
		fmt.Fprintf(d.b, "%s%s -> %s", indent, e.Combo, d.action(e.Action))
		fmt.Fprintf(d.b, "  (line %d)\n", e.Origin.Line)
	}
}

func (d dumper) cond(c *remap.Cond) string {
	if c == nil {
		return "always"
	}
	var kids []string
	for _, k := range c.Kids {
		kids = append(kids, d.cond(k))
	}
	switch c.Op {
	case remap.CondConst:
		return fmt.Sprint(c.Value != 0)
	case remap.CondAll:
		return "(" + strings.Join(kids, " and ") + ")"
	case remap.CondAny:
		return "(" + strings.Join(kids, " or ") + ")"
	case remap.CondNot:
		return "not " + kids[0]
	case remap.CondGroup:
		return "@" + d.p.Groups[c.Var].Name
	case remap.CondVar:
		return d.p.Vars[c.Var].Name + "=" + d.p.Vars[c.Var].Values[c.Value]
	case remap.CondLayer:
		return "layer=" + d.p.Layers[c.Value]
	case remap.CondHeld:
		return "held=" + key.Code(c.Value).String()
	case remap.CondLast:
		return "last=" + key.Code(c.Value).String()
	case remap.CondLock:
		return c.Field.String()
	case remap.CondMatch:
		return fmt.Sprintf("%s~/%s/", c.Field, c.Regexp)
	}
	op := map[remap.CondOp]string{remap.CondEqual: "=", remap.CondPrefix: "^=", remap.CondSuffix: "$=", remap.CondWithin: "*="}[c.Op]
	return fmt.Sprintf("%s%s%q", c.Field, op, c.Strings)
}

var kindNames = map[remap.ActionKind]string{
	remap.DoNothing: "nothing", remap.DoIgnore: "ignore", remap.DoCombo: "combo", remap.DoTap: "tap", remap.DoBind: "bind", remap.DoList: "list",
	remap.DoCall: "call", remap.DoCycle: "cycle", remap.DoIf: "if", remap.DoNested: "nested", remap.DoEscapeKey: "escape-key",
	remap.DoEscapeCombo: "escape-combo", remap.DoWait: "wait", remap.DoText: "text", remap.DoUnicode: "unicode", remap.DoTaps: "taps",
	remap.DoSetMark: "set-mark", remap.DoWithMark: "with-mark", remap.DoSetWithMark: "set-with-mark", remap.DoSet: "set", remap.DoNext: "next",
	remap.DoLayerOn: "layer-on", remap.DoLayerOff: "layer-off", remap.DoLayerToggle: "layer-toggle", remap.DoLayerOnce: "layer-once",
	remap.DoLayerHold: "layer-hold", remap.DoLayerOnly: "layer-only", remap.DoLayerSwap: "layer-swap", remap.DoOneShot: "one-shot", remap.DoLock: "lock", remap.DoThrough: "through", remap.DoPress: "press", remap.DoWithout: "without", remap.DoPointer: "pointer", remap.DoTurbo: "turbo", remap.DoGlide: "glide", remap.DoCapsWord: "caps-word",
	remap.DoRepeat: "repeat", remap.DoPassthrough: "passthrough", remap.DoCancel: "cancel", remap.DoDesktop: "desktop", remap.DoInspect: "inspect", remap.DoRecord: "record", remap.DoPlay: "play", remap.DoEffect: "effect",
}

func (d dumper) action(a *remap.Action) string {
	if a == nil {
		return "-"
	}
	var b strings.Builder
	b.WriteString(kindNames[a.Kind])
	if a.Combo.Key != 0 {
		fmt.Fprintf(&b, " %s", a.Combo)
	} else if len(a.Combo.Mods) > 0 {
		fmt.Fprintf(&b, " %v", a.Combo.Mods)
	}
	if a.Cond != nil {
		fmt.Fprintf(&b, " %s", d.cond(a.Cond))
	}
	if a.Text != "" {
		fmt.Fprintf(&b, " %q", a.Text)
	}
	if a.Kind == remap.DoOneShot && a.Value != 0 {
		fmt.Fprintf(&b, " bits %b", a.Value)
	}
	if a.Time != 0 {
		fmt.Fprintf(&b, " %v", a.Time)
	}
	if a.Time2 != 0 {
		fmt.Fprintf(&b, " %v", a.Time2)
	}
	switch a.Kind {
	case remap.DoSet:
		fmt.Fprintf(&b, " %s=%s", d.p.Vars[a.Var].Name, d.p.Vars[a.Var].Values[a.Value])
	case remap.DoNext:
		fmt.Fprintf(&b, " %s", d.p.Vars[a.Var].Name)
	case remap.DoLayerOnce:
		fmt.Fprintf(&b, " %s", d.p.Layers[a.Value])
		if a.Var != 0 {
			fmt.Fprintf(&b, " bits %b", a.Var)
		}
	case remap.DoLayerOn, remap.DoLayerOff, remap.DoLayerToggle, remap.DoLayerHold, remap.DoLayerOnly, remap.DoLayerSwap:
		fmt.Fprintf(&b, " %s", d.p.Layers[a.Value])
	case remap.DoRecord, remap.DoPlay:
		fmt.Fprintf(&b, " %s", d.p.Macros[a.Value])
	case remap.DoPointer, remap.DoGlide:
		fmt.Fprintf(&b, " axis %d by %d", a.Axis, a.Value)
	case remap.DoPassthrough, remap.DoSetMark:
		fmt.Fprintf(&b, " %d", a.Value)
	}
	if a.Effect != nil {
		fmt.Fprintf(&b, " %+v", *a.Effect)
	}
	if n := a.Nested; n != nil {
		fmt.Fprintf(&b, " %s: immediately %s, timeout %v %s, otherwise %d, miss %s {", n.Name, d.action(n.Immediate), n.Timeout, d.action(n.OnTimeout), n.Otherwise, d.action(n.OnMiss))
		for _, e := range n.Entries {
			fmt.Fprintf(&b, " %s -> %s;", e.Combo, d.action(e.Action))
		}
		b.WriteString(" }")
	}
	if len(a.List) > 0 {
		b.WriteString(" [")
		for i, k := range a.List {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(d.action(k))
		}
		b.WriteString("]")
	}
	return b.String()
}

// kindsOf collects the kinds of action that a program uses.
func kindsOf(p *remap.Program) map[remap.ActionKind]bool {
	kinds := map[remap.ActionKind]bool{}
	var walk func(*remap.Action)
	walk = func(a *remap.Action) {
		if a == nil {
			return
		}
		kinds[a.Kind] = true
		for _, k := range a.List {
			walk(k)
		}
		if a.Nested != nil {
			walk(a.Nested.Immediate)
			walk(a.Nested.OnTimeout)
			walk(a.Nested.OnMiss)
			for _, e := range a.Nested.Entries {
				walk(e.Action)
			}
		}
	}
	for _, m := range p.Keymaps {
		for _, e := range m.Entries {
			walk(e.Action)
		}
	}
	return kinds
}
