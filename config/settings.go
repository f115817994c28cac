package config

import (
	"fmt"
	"slices"

	"toshy/remap"
)

var booleans = []string{"false", "true"}

// buildSettings declares the variables: [setting.NAME] and [state.NAME], then gives settings the
// values of [settings].
func (b *builder) buildSettings() {
	var needs []*node
	for _, s := range b.sections("setting") {
		if !b.open(s, settingTable) {
			continue
		}
		set := Setting{Name: s.name}
		if n := s.get("description"); n != nil && b.is(n, kindString, "description") {
			set.Description = n.str()
		}
		if n := s.get("needs"); n != nil && b.is(n, kindString, "needs") {
			set.Needs = n.str()
			needs = append(needs, n)
		}
		v, ok := b.declare(s, "settings.")
		if !ok {
			continue
		}
		set.Values, set.Bool = v.Values, slices.Equal(v.Values, booleans)
		set.Default = v.Values[v.Default]
		set.Value, set.Var = set.Default, len(b.program.Vars)-1
		b.program.Vars[set.Var].Description, b.program.Vars[set.Var].Needs = set.Description, set.Needs
		b.config.Settings = append(b.config.Settings, set)
	}
	for _, s := range b.sections("state") {
		if b.open(s, stateTable) {
			b.declare(s, "state.")
			if _, both := b.vars["settings."+s.name]; both {
				b.ps.error(s.nodes[0].keySpan(), "give it another name", "%q is a setting already", s.name)
			}
		}
	}
	var names []string
	for _, s := range b.config.Settings {
		names = append(names, s.Name)
	}
	for _, n := range needs {
		b.checkNeeds(n)
	}
	for i := len(b.docs) - 1; i >= 0; i-- {
		t := b.docs[i].root.get("settings")
		if t == nil || !b.is(t, kindTable, "settings") {
			continue
		}
		for _, n := range t.kids {
			j := slices.Index(names, n.key)
			if j < 0 {
				hint := didYouMean(n.key, names)
				if hint == "" {
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

// checkNeeds checks that a setting needs another one that is there, can be off, and does not lead back.
func (b *builder) checkNeeds(n *node) {
	of := map[string]Setting{}
	var booleans []string
	for _, s := range b.config.Settings {
		of[s.Name] = s
		if s.Bool {
			booleans = append(booleans, s.Name)
		}
	}
	if !of[n.str()].Bool {
		b.ps.error(n.valueSpan(), didYouMean(n.str(), booleans), "there is no setting %q that is true or false", n.str())
		return
	}
	for at, steps := n.str(), 0; at != ""; at = of[at].Needs {
		if steps++; steps > len(of) {
			b.ps.error(n.valueSpan(), "leave out one needs", "settings need each other in a circle")
			return
		}
	}
}

// declare adds a variable with its values and default.
func (b *builder) declare(s *section, prefix string) (remap.Var, bool) {
	at := s.nodes[0]
	if !identifier(s.name) {
		b.ps.error(at.keySpan(), "use letters, digits and _", "%q cannot stand in a condition", s.name)
		return remap.Var{}, false
	}
	v := remap.Var{Name: prefix + s.name, Values: booleans}
	if n := s.get("values"); n != nil {
		v.Values = nil
		for _, e := range b.strings(n) {
			if slices.Contains(v.Values, e.str()) {
				b.ps.error(e.valueSpan(), "", "%q stands twice", e.str())
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

// buildResets compiles what puts a state back; it needs the groups.
func (b *builder) buildResets() {
	for _, s := range b.sections("state") {
		i, ok := b.vars["state."+s.name]
		if n := s.get("reset"); ok && n != nil {
			if c := b.when(n); c != nil {
				// Written as the condition that resets; the engine wants the one that keeps.
				b.program.Vars[i].ResetOnFocus = negate(c)
			}
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
