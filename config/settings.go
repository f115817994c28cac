package config

import (
	"fmt"
	"slices"

	"toshy/remap"
)

var booleans = []string{"false", "true"}

// buildSettings declares the variables of [setting.NAME] and [state.NAME], then sets the values in [settings].
func (b *builder) buildSettings() {
	for _, s := range b.sections("setting") {
		if !b.open(s, settingTable) {
			continue
		}
		set := Setting{Name: s.name}
		if n := s.get("description"); n != nil && b.is(n, kindString, "description") {
			set.Description = n.str()
		}
		v, ok := b.declare(s, "settings.")
		if !ok {
			continue
		}
		set.Values, set.Bool = v.Values, slices.Equal(v.Values, booleans)
		set.Default = v.Values[v.Default]
		set.Value, set.Var = set.Default, len(b.program.Vars)-1
		b.program.Vars[set.Var].Description = set.Description
		b.settings[s.name] = len(b.config.Settings)
		b.config.Settings = append(b.config.Settings, set)
	}
	for _, s := range b.sections("setting") {
		b.settingNeeds(s)
	}
	b.needsDepth()
	for _, s := range b.sections("state") {
		if b.open(s, stateTable) {
			b.declare(s, "state.")
			if _, both := b.vars["settings."+s.name]; both {
				b.ps.error(s.nodes[0].keySpan(), "give it another name", "%q is a setting already", s.name)
			}
		}
	}
	for i := len(b.docs) - 1; i >= 0; i-- {
		t := b.docs[i].root.get("settings")
		if t == nil || !b.is(t, kindTable, "settings") {
			continue
		}
		for _, n := range t.kids {
			j, ok := b.settings[n.key]
			if !ok {
				hint := didYouMean(n.key, b.varNames("settings."))
				if slices.Contains(optionKeys, n.key) {
					hint = fmt.Sprintf("it is an option: [options] %s = %s", n.key, shown(n))
				} else if hint == "" {
					hint = fmt.Sprintf("a setting of your own is declared first: [setting.%s] default = false", n.key)
				}
				b.ps.error(n.keySpan(), hint, "there is no setting %q", n.key)
				continue
			}
			set := &b.config.Settings[j]
			v := &b.program.Vars[set.Var]
			if k, ok := b.varValue(n, v); ok {
				v.Default = k
				set.Value = v.Values[k]
			}
		}
	}
}

// settingNeeds reads which other setting a setting needs.
func (b *builder) settingNeeds(s *section) {
	n := s.get("needs")
	i, declared := b.vars["settings."+s.name]
	if n == nil || !declared || !b.is(n, kindString, "needs") {
		return
	}
	j, ok := b.vars["settings."+n.str()]
	if !ok {
		b.ps.error(n.valueSpan(), didYouMean(n.str(), b.varNames("settings.")), "there is no setting %q", n.str())
		return
	}
	for _, k := range []int{i, j} {
		if v := &b.program.Vars[k]; !slices.Equal(v.Values, booleans) {
			b.ps.error(n.valueSpan(), "", "needs joins settings that are true or false, and %s is not", v.Name)
			return
		}
	}
	steps := 0
	for k, has := j, true; has && steps <= maxNeeds; k, has = b.needs[k] {
		if k == i {
			b.ps.error(n.valueSpan(), "", "settings need each other in a circle")
			return
		}
		steps++
	}
	b.needs[i] = j
	b.program.Vars[i].Needs = n.str()
	b.config.Settings[b.settings[s.name]].Needs = n.str()
}

// needsDepth refuses long chains of settings that need each other, because a condition tests all of them.
func (b *builder) needsDepth() {
	for i := range b.program.Vars {
		steps := 0
		for k, has := b.needs[i]; has && steps <= maxNeeds; k, has = b.needs[k] {
			steps++
		}
		if steps > maxNeeds {
			name := b.program.Vars[i].Name
			b.ps.error(b.declared[name].keySpan(), "", "%s needs a setting that needs another, and so on: more than %d", name, maxNeeds)
			return
		}
	}
}

// isTrue is the condition that a variable, and every setting that it needs, is true.
func (b *builder) isTrue(i int) remap.Cond {
	c := remap.Cond{Op: remap.CondVar, Var: i, Value: 1, Source: b.program.Vars[i].Name}
	j, needs := b.needs[i]
	if !needs {
		return c
	}
	kids := b.whole[i]
	if kids == nil { // made once, however many conditions use it
		parent := b.isTrue(j)
		kids = []*remap.Cond{&parent, &c}
		b.whole[i] = kids
	}
	return remap.Cond{Op: remap.CondAll, Kids: kids}
}

// declare adds a variable with its values and default.
func (b *builder) declare(s *section, prefix string) (remap.Var, bool) {
	at := s.nodes[0]
	if !identifier(s.name) {
		b.ps.error(at.keySpan(), "use letters, digits and _", "%q is not allowed in a condition", s.name)
		return remap.Var{}, false
	}
	v := remap.Var{Name: prefix + s.name, Values: booleans}
	if n := s.get("values"); n != nil {
		v.Values = nil
		for i, e := range b.strings(n) {
			if i == maxValues {
				b.ps.error(e.valueSpan(), "", "more than %d values", maxValues)
				return v, false
			}
			if slices.Contains(v.Values, e.str()) {
				b.ps.error(e.valueSpan(), "", "%q is there twice", e.str())
			}
			v.Values = append(v.Values, e.str())
		}
		if len(v.Values) == 0 {
			b.ps.error(n.valueSpan(), `values = ["off", "on"]`, "values needs at least one value")
			return v, false
		}
	}
	if n := s.get("default"); n != nil {
		v.Default, _ = b.varValue(n, &v)
	} else {
		b.ps.error(at.keySpan(), "write default = "+exampleValue(v.Values), "%s needs a default", s.title())
	}
	b.vars[v.Name] = len(b.program.Vars)
	b.declared[v.Name] = at
	b.program.Vars = append(b.program.Vars, v)
	return v, true
}

func exampleValue(values []string) string {
	if slices.Equal(values, booleans) {
		return "false"
	}
	return fmt.Sprintf("%q", values[0])
}

// varValue reads a value of a variable: a boolean, or one of its strings.
func (b *builder) varValue(n *node, v *remap.Var) (int, bool) {
	isBool := slices.Equal(v.Values, booleans)
	if on, ok := n.value.(bool); ok && isBool {
		if on {
			return 1, true
		}
		return 0, true
	}
	if n.kind == kindString && !isBool {
		if i := slices.Index(v.Values, n.str()); i >= 0 {
			return i, true
		}
	}
	hint := "one of " + quoted(v.Values)
	if isBool {
		hint = "true or false, without quotes"
	} else if near := nearest(n.str(), v.Values); near != "" {
		hint = fmt.Sprintf("did you mean %q? It is one of %s", near, quoted(v.Values))
	}
	b.ps.error(n.valueSpan(), hint, "%s cannot be %s", v.Name, shown(n))
	return 0, false
}

// buildResets compiles the conditions that reset states. They need the groups.
func (b *builder) buildResets() {
	for _, s := range b.sections("state") {
		i, ok := b.vars["state."+s.name]
		if n := s.get("reset"); ok && n != nil {
			if c := b.when(n); c != nil {
				// The file has the condition that resets; the engine needs the one that keeps.
				b.program.Vars[i].ResetOnFocus = negate(c)
			}
		}
		if n := s.get("reset_by_app"); ok && n != nil {
			b.program.Vars[i].ResetByApp = b.boolean(n)
		}
	}
}

// buildNotices compiles which desktop actions set a state, whatever sends their shortcuts.
func (b *builder) buildNotices() {
	for _, s := range b.sections("state") {
		i, ok := b.vars["state."+s.name]
		n := s.get("set_by")
		if !ok || n == nil || !b.is(n, kindTable, "set_by") {
			continue
		}
		v := &b.program.Vars[i]
		for _, k := range n.kids {
			a := b.actions[k.key]
			if a == nil {
				b.ps.error(k.keySpan(), didYouMean(k.key, b.actionNames), "there is no action %q", k.key)
				continue
			}
			value, ok := b.varValue(k, v)
			if !ok {
				continue
			}
			n := &noticeUse{Name: k.key, Var: i, Value: int32(value)}
			b.machine.Notices = append(b.machine.Notices, n)
			n.decide(v, a)
		}
	}
}

// varNames returns the names of the variables with a prefix, without it.
func (b *builder) varNames(prefix string) []string {
	var names []string
	for _, v := range b.program.Vars {
		if len(v.Name) > len(prefix) && v.Name[:len(prefix)] == prefix {
			names = append(names, v.Name[len(prefix):])
		}
	}
	return names
}
