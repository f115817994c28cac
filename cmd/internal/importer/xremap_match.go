package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// when translates application, window, device and mode.
func (x *xremap) when(n *yaml.Node) (cond, error) {
	var all []cond
	for _, p := range pairs(n) {
		field := map[string]string{"application": "app", "window": "title", "device": "device"}[p.key]
		switch {
		case field != "":
			c, err := x.onlyOrNot(field, p)
			if err != nil {
				return cond{}, err
			}
			all = append(all, c)
		case p.key == "mode":
			for _, m := range values(p.value) {
				if m == "" {
					return cond{}, fmt.Errorf("a mode without a name")
				}
			}
			if len(x.modes) > 1 {
				all = append(all, equal("state.mode", values(p.value)...))
			} else if values(p.value)[0] != x.modes[0] {
				all = append(all, cond{text: never})
			}
		}
	}
	return allOf(all...), nil
}

// onlyOrNot translates { only: [...] } or { not: [...] }; if both exist, only is used.
func (x *xremap) onlyOrNot(field string, p pair) (cond, error) {
	for _, q := range pairs(p.value) {
		if q.key != "only" && q.key != "not" {
			return cond{}, fmt.Errorf("%s.%s is not known", p.key, q.key)
		}
	}
	list, negative := get(p.value, "only"), false
	if list == nil {
		list, negative = get(p.value, "not"), true
	}
	if list == nil {
		return cond{}, fmt.Errorf("%s has neither only nor not", p.key)
	}
	var any []cond
	var names []string
	for _, e := range elements(list) {
		e = resolve(e)
		if e.Kind != yaml.ScalarNode || e.Value == "" {
			return cond{}, fmt.Errorf("%s: expected a name", field)
		}
		if field != "device" && !strings.HasPrefix(e.Value, "/") {
			names = append(names, e.Value)
			continue
		}
		c, err := x.matches(field, e.Value)
		if err != nil {
			return cond{}, err
		}
		any = append(any, c)
	}
	if names != nil {
		any = append([]cond{xremapNames(field, names)}, any...)
	}
	c := anyOf(any...)
	if negative {
		c = not(c)
	}
	return c, nil
}

// xremapNames is true for names as xremap compares them: case-sensitive; a name without a dot matches the part after the
// last dot.
func xremapNames(field string, names []string) cond {
	var short, whole []string
	for _, n := range names {
		if strings.Contains(n, ".") {
			whole = append(whole, regexp.QuoteMeta(n))
		} else {
			short = append(short, regexp.QuoteMeta(n))
		}
	}
	group := func(list []string) string {
		if len(list) == 1 {
			return list[0]
		}
		return "(" + strings.Join(list, "|") + ")"
	}
	var any []cond
	if short != nil {
		any = append(any, atom("%s matches %s", field, quoteCond("(?-i)(^|[.])"+group(short)+"$")))
	}
	if whole != nil {
		any = append(any, atom("%s matches %s", field, quoteCond("(?-i)^"+group(whole)+"$")))
	}
	return anyOf(any...)
}

// matches translates a regular expression, and xremap's forms for a device: a path, a part of a name, ids.
func (x *xremap) matches(field, text string) (cond, error) {
	if field != "device" {
		rest, closed := strings.CutSuffix(text[1:], "/")
		if !closed {
			return cond{}, fmt.Errorf("the regular expression %s does not end with /", text)
		}
		return matching(field, strings.ReplaceAll(rest, `\/`, "/"), false)
	}
	switch {
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "event") && strings.Trim(text[5:], "0123456789") == "":
		return cond{}, fmt.Errorf("toshy does not know the path of a device (%s): write when = 'device == \"NAME\"', see toshy devices", text)
	case strings.HasPrefix(text, "props:"):
		return cond{}, fmt.Errorf("toshy does not know the udev properties of a device (%s): write when = 'device == \"NAME\"', see toshy devices", text)
	case strings.HasPrefix(text, "ids:"):
		return x.ids(text)
	}
	return atom("device contains %s", quoteCond(text)), nil
}

// ids translates ids:0xVENDOR:0xPRODUCT into a type of keyboard that a condition can test.
func (x *xremap) ids(text string) (cond, error) {
	if kind, ok := x.keyboards[text]; ok {
		return equal("keyboard", kind), nil
	}
	words := strings.Split(text, ":")
	var match []string
	for i, field := range []string{"", "vendor", "product"} {
		if i == 0 {
			continue
		}
		if len(words) != 3 {
			return cond{}, fmt.Errorf("the device %s: expected ids:VENDOR:PRODUCT", text)
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(words[i], "0x"), 16, 16)
		if err != nil {
			return cond{}, fmt.Errorf("the device %s: %s is not a number", text, words[i])
		}
		if n != 0 {
			match = append(match, field, fmt.Sprintf("0x%04x", n))
		}
	}
	if match == nil {
		return cond{}, fmt.Errorf("the device %s: one of the two numbers must not be 0", text)
	}
	kind := typeName(text)
	x.keyboards[text] = kind
	s := x.doc.element("keyboard", 0)
	s.set("match", inline(match...), 0)
	s.set("type", str(kind), 0)
	return equal("keyboard", kind), nil
}
