package importer

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// A karabinerVariable is a variable of a profile. If every rule that sets it does so while its key is held, or for the next
// key, it becomes a layer. Otherwise it becomes a state with all values in the file.
type karabinerVariable struct {
	layer  bool
	name   string // of the state
	values []string
}

var (
	karabinerOn  = []string{"1", "true"}
	karabinerOff = []string{"0", "false"}
)

// setting is the variable that an event sets, and the value; "" for none.
func setting(e *yaml.Node) (name, value string) {
	v := get(resolve(e), "set_variable")
	if v == nil {
		return "", ""
	}
	n := get(v, "name")
	if n == nil {
		return "", ""
	}
	if x := get(v, "value"); x != nil && x.Kind == yaml.ScalarNode {
		value = x.Value
	}
	if x := get(v, "type"); x != nil && x.Value == "unset" {
		value = "0"
	}
	return n.Value, value
}

// heldVariable is the variable that a manipulator only turns on while its key is held, "" for none.
func heldVariable(m *yaml.Node) string {
	down, up := elements(orNull(get(m, "to"))), elements(orNull(get(m, "to_after_key_up")))
	if len(down) != 1 || len(up) != 1 || get(orNull(get(m, "from")), "simultaneous") != nil {
		return ""
	}
	name, on := setting(down[0])
	other, off := setting(up[0])
	if name != other || !slices.Contains(karabinerOn, on) || !slices.Contains(karabinerOff, off) {
		return ""
	}
	return name
}

// onceVariable is the variable that a manipulator turns on for the next key: to_delayed_action turns it off when its time
// is over or another key is pressed. rest is everything else that the manipulator sends.
func onceVariable(m *yaml.Node) (name string, rest []*yaml.Node) {
	delayed := orNull(get(m, "to_delayed_action"))
	if len(elements(orNull(get(m, "to_after_key_up"))))+len(elements(orNull(get(m, "to_if_alone"))))+len(elements(orNull(get(m, "to_if_held_down")))) > 0 {
		return "", nil
	}
	for _, e := range elements(orNull(get(m, "to"))) {
		if n, on := setting(e); n != "" && name == "" && slices.Contains(karabinerOn, on) {
			name = n
		} else {
			rest = append(rest, e)
		}
	}
	for _, part := range []string{"to_if_invoked", "to_if_canceled"} {
		list := elements(orNull(get(delayed, part)))
		if len(list) != 1 {
			return "", nil
		}
		if n, off := setting(list[0]); n != name || !slices.Contains(karabinerOff, off) {
			return "", nil
		}
	}
	return name, rest
}

// findVariables finds out what each variable is.
func (k *karabiner) findVariables(list []*yaml.Node) {
	sets, held := map[string]int{}, map[string]int{}
	var names []string
	values := map[string][]string{}
	value := func(name, v string) {
		if _, known := values[name]; !known {
			names, values[name] = append(names, name), []string{"0"}
		}
		if !slices.Contains(values[name], v) {
			values[name] = append(values[name], v)
		}
	}
	for _, m := range list {
		m = resolve(m)
		delayed := orNull(get(m, "to_delayed_action"))
		simultaneous := orNull(get(orNull(get(m, "from")), "simultaneous_options"))
		for _, n := range []*yaml.Node{
			get(m, "to"), get(m, "to_if_alone"), get(m, "to_if_held_down"), get(m, "to_after_key_up"), get(delayed, "to_if_invoked"), get(delayed, "to_if_canceled"), get(simultaneous, "to_after_key_up"),
		} {
			for _, e := range elements(orNull(n)) {
				if name, v := setting(e); name != "" && v != "" {
					sets[name]++
					value(name, v)
				}
			}
		}
		if v := heldVariable(m); v != "" {
			held[v] += 2
		}
		if v, _ := onceVariable(m); v != "" {
			held[v] += 3
		}
		for _, c := range elements(orNull(get(m, "conditions"))) {
			if n, v := get(c, "name"), get(c, "value"); n != nil && v != nil && v.Kind == yaml.ScalarNode {
				value(n.Value, v.Value)
			}
		}
	}
	for _, name := range names {
		v := &karabinerVariable{layer: held[name] > 0 && held[name] == sets[name], values: values[name]}
		for _, x := range v.values {
			v.layer = v.layer && (slices.Contains(karabinerOn, x) || slices.Contains(karabinerOff, x))
		}
		if v.name = typeName(name); !v.layer && sets[name] > 0 {
			for slices.Contains(k.states, v.name) {
				v.name += "_"
			}
			k.states = append(k.states, v.name)
			s := &section{kind: "state", name: v.name}
			k.doc.sections = append(k.doc.sections, s)
			s.set("values", array(strs(v.values)), 0)
			s.set("default", str("0"), 0)
		}
		if sets[name] > 0 {
			k.variables[name] = v
		}
	}
}
