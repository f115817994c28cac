package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// conditions find the plane of a manipulator.
func (k *karabiner) conditions(list *yaml.Node) (*plane, error) {
	var all []cond
	layer := ""
	for _, c := range elements(orNull(list)) {
		kind := ""
		if t := get(c, "type"); t != nil {
			kind = t.Value
		}
		positive := strings.HasSuffix(kind, "_if")
		switch {
		case kind == "variable_if" || kind == "variable_unless":
			n, v := get(c, "name"), get(c, "value")
			if n == nil || v == nil || v.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("a %s without a name or a value", kind)
			}
			variable := k.variables[n.Value]
			switch {
			case variable == nil && slices.Contains(karabinerOff, v.Value) == positive:
				continue // nothing sets it: it is 0
			case variable == nil:
				return nil, fmt.Errorf("no rule sets the variable %s: this rule never applies", n.Value)
			case !variable.layer:
				one := equal("state."+variable.name, v.Value)
				if !positive {
					one = not(one)
				}
				all = append(all, one)
				continue
			}
			on := slices.Contains(karabinerOn, v.Value) == positive
			if on && layer == "" {
				layer = n.Value
				continue
			}
			one := equal("layer", n.Value)
			if !on {
				one = not(one)
			}
			all = append(all, one)
		case kind == "frontmost_application_if":
			return nil, fmt.Errorf("%s is a macOS application: write when = 'app == ...' with its name on Linux, see toshy windows", strings.Join(append(values(orNull(get(c, "bundle_identifiers"))), values(orNull(get(c, "file_paths")))...), ", "))
		case kind == "frontmost_application_unless":
			k.doc.note(c.Line, "this rule applies in every application, because the ones that it leaves out are macOS applications")
		case kind == "device_if" || kind == "device_unless":
			one, err := k.identifiers(get(c, "identifiers"))
			if err != nil {
				return nil, err
			}
			if !positive {
				one = not(one)
			}
			all = append(all, one)
		default:
			return nil, fmt.Errorf("toshy has no counterpart for the condition %s", kind)
		}
	}
	if layer == "" && len(all) == 0 {
		return k.board.main, nil
	}
	when := allOf(all...)
	if layer != "" && len(all) == 0 {
		return k.board.plane(layer, 0), nil
	}
	if layer != "" {
		when = allOf(append([]cond{equal("layer", layer)}, all...)...)
	}
	line := 0
	if list != nil {
		line = list.Line
	}
	p := k.board.plane("when "+when.text, line)
	p.layer, p.when = false, when
	return p, nil
}

// identifiers translates a keyboard's numbers into a type that a condition can test.
func (k *karabiner) identifiers(list *yaml.Node) (cond, error) {
	var any []cond
	for _, n := range elements(orNull(list)) {
		var match []string
		for _, f := range []string{"vendor_id", "product_id"} {
			if v := get(n, f); v != nil {
				number, err := strconv.ParseUint(v.Value, 10, 16)
				if err != nil {
					return cond{}, fmt.Errorf("%s is not a number", f)
				}
				match = append(match, strings.TrimSuffix(f, "_id"), fmt.Sprintf("0x%04x", number))
			}
		}
		if match == nil {
			return cond{}, errors.New("a keyboard without vendor_id and product_id: write [[keyboard]] with match = { name = \"NAME\" }, see toshy devices")
		}
		text := strings.Join(match, "-")
		kind, known := k.keyboards[text]
		if !known {
			kind = typeName(text)
			k.keyboards[text] = kind
			s := k.doc.element("keyboard", n.Line)
			s.set("match", inline(match...), n.Line)
			s.set("type", str(kind), n.Line)
		}
		any = append(any, equal("keyboard", kind))
	}
	if any == nil {
		return cond{}, errors.New("a keyboard without vendor_id and product_id: write [[keyboard]] with match = { name = \"NAME\" }, see toshy devices")
	}
	return anyOf(any...), nil
}
