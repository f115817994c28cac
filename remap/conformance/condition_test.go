package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"toshy/remap"
)

// A condition as recorded: an object whose members must all be true. nil: none.
type condition map[string]json.RawMessage

// condition translates one; nil stays nil. An object may have members of all kinds. They are combined in a fixed order.
func (t *translator) condition(c condition) *remap.Cond {
	if c == nil {
		return nil
	}
	fold := true
	if raw, ok := c["cse"]; ok {
		var sensitive bool
		t.decode(raw, &sensitive)
		fold = !sensitive
	}
	var all []*remap.Cond
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if name != "cse" {
			all = append(all, t.property(name, c[name], fold))
		}
	}
	switch len(all) {
	case 0:
		t.fail(fmt.Errorf("a condition without a property"))
		return nil
	case 1:
		return all[0]
	}
	return &remap.Cond{Op: remap.CondAll, Kids: all}
}

func (t *translator) property(name string, raw json.RawMessage, fold bool) *remap.Cond {
	switch name {
	case "clas":
		return t.match(remap.FieldApp, raw, fold)
	case "name":
		return t.match(remap.FieldTitle, raw, fold)
	case "devn":
		return t.match(remap.FieldDevice, raw, fold)
	case "not_clas":
		return not(t.match(remap.FieldApp, raw, fold))
	case "not_name":
		return not(t.match(remap.FieldTitle, raw, fold))
	case "not_devn":
		return not(t.match(remap.FieldDevice, raw, fold))
	case "wm_class_match", "old_api_class_re":
		return t.match(remap.FieldApp, raw, false)
	case "not_wm_class_match":
		return not(t.match(remap.FieldApp, raw, false))
	case "numlk":
		return t.lock(remap.FieldNumLock, raw)
	case "capslk":
		return t.lock(remap.FieldCapsLock, raw)
	case "any", "lst":
		return &remap.Cond{Op: remap.CondAny, Kids: t.conditions(raw)}
	case "not_lst":
		return not(&remap.Cond{Op: remap.CondAny, Kids: t.conditions(raw)})
	case "all":
		return &remap.Cond{Op: remap.CondAll, Kids: t.conditions(raw)}
	case "not":
		var c condition
		t.decode(raw, &c)
		if c == nil {
			t.fail(fmt.Errorf("not: a condition is missing"))
			return nil
		}
		return not(t.condition(c))
	case "const":
		var b bool
		t.decode(raw, &b)
		return constant(b)
	case "flag":
		var flag string
		t.decode(raw, &flag)
		return &remap.Cond{Op: remap.CondVar, Var: t.flag(flag), Value: 1}
	}
	t.fail(fmt.Errorf("unknown condition %q", name))
	return nil
}

func (t *translator) conditions(raw json.RawMessage) []*remap.Cond {
	var list []condition
	t.decode(raw, &list)
	var out []*remap.Cond
	for _, c := range list {
		if c == nil {
			t.fail(fmt.Errorf("a condition is missing in a list"))
			continue
		}
		out = append(out, t.condition(c))
	}
	return out
}

// match is a regular expression that may match anywhere in the text.
func (t *translator) match(f remap.Field, raw json.RawMessage, fold bool) *remap.Cond {
	var pattern string
	t.decode(raw, &pattern)
	source := pattern
	if fold {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		t.fail(err)
	}
	return &remap.Cond{Op: remap.CondMatch, Field: f, Regexp: re, Source: source}
}

func (t *translator) lock(f remap.Field, raw json.RawMessage) *remap.Cond {
	var on bool
	t.decode(raw, &on)
	c := &remap.Cond{Op: remap.CondLock, Field: f}
	if on {
		return c
	}
	return not(c)
}

func not(c *remap.Cond) *remap.Cond { return &remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{c}} }

func constant(b bool) *remap.Cond {
	c := &remap.Cond{Op: remap.CondConst}
	if b {
		c.Value = 1
	}
	return c
}

// flag returns the number of the variable for a flag.
func (t *translator) flag(name string) int {
	i, ok := t.flags[name]
	if !ok {
		i = len(t.program.Vars)
		t.flags[name] = i
		t.program.Vars = append(t.program.Vars, remap.Var{Name: "state." + name, Values: []string{"false", "true"}})
	}
	return i
}
