package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// xremap translates one configuration of xremap.
type xremap struct {
	doc     *document
	virtual map[string]string // virtual modifiers: the key's name to the name of the modifier
	modes   []string
}

// Xremap converts a YAML configuration of xremap.
func Xremap(name string, source []byte) (*Result, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(source, &root); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	x := &xremap{doc: newDocument(name), virtual: map[string]string{}}
	if len(root.Content) == 0 {
		return x.doc.finish()
	}
	top := root.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: a configuration of xremap is a mapping", name, top.Line)
	}
	x.findModes(top)
	for _, p := range pairs(top) {
		switch p.key {
		case "virtual_modifiers":
			x.virtualModifiers(p.value)
		case "default_mode", "shared":
		case "keypress_delay_ms":
			var ms float64
			if p.value.Decode(&ms) == nil {
				x.doc.single("pacing").set("post", str(asTime(min(ms, 150)/1000)), p.line)
			}
		case "modmap", "keymap":
		default:
			x.doc.lost(p.line, "%s is not translated", p.key)
		}
	}
	for _, p := range pairs(top) {
		switch p.key {
		case "modmap":
			x.each(p.value, x.modmap)
		case "keymap":
			x.each(p.value, x.keymap)
		}
	}
	return x.doc.finish()
}

type pair struct {
	key   string
	value *yaml.Node
	line  int
}

// pairs are the keys and values of a mapping; << takes in those of another one.
func pairs(n *yaml.Node) []pair {
	n = resolve(n)
	var list []pair
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		if k.Value == "<<" {
			for _, from := range elements(v) {
				list = append(pairs(from), list...)
			}
			continue
		}
		list = append(list, pair{k.Value, v, k.Line})
	}
	return list
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// elements are those of a list; a single value counts as one.
func elements(n *yaml.Node) []*yaml.Node {
	n = resolve(n)
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func get(n *yaml.Node, key string) *yaml.Node {
	for _, p := range pairs(n) {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

func (x *xremap) each(list *yaml.Node, f func(n *yaml.Node) error) {
	for _, n := range elements(list) {
		n = resolve(n)
		if err := f(n); err != nil {
			x.doc.lost(n.Line, "%v", err)
		}
	}
}

// findModes declares the modes as a state.
func (x *xremap) findModes(top *yaml.Node) {
	first := "default"
	if n := get(top, "default_mode"); n != nil {
		first = n.Value
	}
	add := func(m string) {
		if !slices.Contains(x.modes, m) {
			x.modes = append(x.modes, m)
		}
	}
	add(first)
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		if depth > 100 {
			return
		}
		for _, p := range pairs(n) {
			if p.key == "mode" || p.key == "set_mode" {
				for _, m := range elements(p.value) {
					add(m.Value)
				}
			}
			walk(p.value, depth+1)
		}
		if n.Kind == yaml.SequenceNode {
			for _, e := range n.Content {
				walk(resolve(e), depth+1)
			}
		}
	}
	walk(top, 0)
	if len(x.modes) > 1 {
		s := x.doc.table("state", "mode", top.Line)
		s.set("values", array(strs(x.modes)), top.Line)
		s.set("default", str(first), top.Line)
	}
}

func (x *xremap) virtualModifiers(list *yaml.Node) {
	for _, n := range elements(list) {
		k, ok := keyNamed(n.Value)
		if _, is := key.ModOf(k); !ok || is {
			x.doc.lost(n.Line, "the virtual modifier %s", n.Value)
			continue
		}
		name := "V" + keyText(k)
		x.virtual[strings.ToLower(n.Value)] = name
		x.doc.single("modifiers").set(name, inline("carrier", str(keyText(k)), "hidden", "true"), n.Line)
	}
}

// when translates application, window, device and mode.
func (x *xremap) when(n *yaml.Node) (cond, error) {
	var all []cond
	for _, p := range pairs(n) {
		field := map[string]string{"application": "app", "window": "title", "device": "device"}[p.key]
		switch {
		case field != "":
			for _, q := range pairs(p.value) {
				if q.key != "only" && q.key != "not" {
					return cond{}, fmt.Errorf("%s.%s is not known", p.key, q.key)
				}
				var any []cond
				for _, e := range elements(q.value) {
					c, err := x.matches(field, resolve(e))
					if err != nil {
						return cond{}, err
					}
					any = append(any, c)
				}
				c := anyOf(any...)
				if texts := scalars(q.value); texts != nil {
					c = equal(field, texts...)
				}
				if q.key == "not" {
					c = not(c)
				}
				all = append(all, c)
			}
		case p.key == "mode":
			all = append(all, equal("state.mode", values(p.value)...))
		}
	}
	return allOf(all...), nil
}

// scalars is a list of plain names, nil when a regular expression is among them.
func scalars(n *yaml.Node) []string {
	list := values(n)
	for _, s := range list {
		if strings.HasPrefix(s, "/") || s == "" {
			return nil
		}
	}
	return list
}

func values(n *yaml.Node) []string {
	var list []string
	for _, e := range elements(n) {
		list = append(list, resolve(e).Value)
	}
	return list
}

func (x *xremap) matches(field string, n *yaml.Node) (cond, error) {
	if n.Kind != yaml.ScalarNode {
		return cond{}, fmt.Errorf("a %s that is told by more than its name", field)
	}
	if expr, ok := strings.CutPrefix(n.Value, "/"); ok {
		if rest, closed := strings.CutSuffix(expr, "/"); closed {
			return matching(field, rest, false)
		}
		if field == "device" {
			return cond{}, fmt.Errorf("the device %s is named by its path: toshy asks for its name, see toshy devices", n.Value)
		}
	}
	return equal(field, n.Value), nil
}

// begin begins a table.
func (x *xremap) begin(kind string, n *yaml.Node, known ...string) (*section, *yaml.Node, error) {
	title := kind
	if name := get(n, "name"); name != nil && name.Value != "" {
		title = name.Value
	}
	for _, p := range pairs(n) {
		if !slices.Contains(known, p.key) && !slices.Contains([]string{"name", "remap", "application", "window", "device", "mode"}, p.key) {
			x.doc.lost(p.line, "%s in %s is not translated", p.key, title)
		}
	}
	remap := get(n, "remap")
	if remap == nil || remap.Kind != yaml.MappingNode {
		return nil, nil, fmt.Errorf("%s has no remap", title)
	}
	w, err := x.when(n)
	if err != nil {
		return nil, nil, fmt.Errorf("the whole of %q: %w", title, err)
	}
	s := x.doc.table(kind, title, n.Line)
	s.when(w, n.Line)
	return s, remap, nil
}

func (x *xremap) modmap(n *yaml.Node) error {
	s, remap, err := x.begin("modmap", n)
	if err != nil {
		return err
	}
	for _, p := range pairs(remap) {
		from, ok := xremapKey(p.key)
		if !ok {
			x.doc.lost(p.line, "the key %q is not known", p.key)
			continue
		}
		if err := x.modmapEntry(s, from, p); err != nil {
			x.doc.lost(p.line, "%s: %v", p.key, err)
		}
	}
	return nil
}

func (x *xremap) modmapEntry(s *section, from key.Code, p pair) error {
	if p.value.Kind == yaml.ScalarNode {
		to, ok := xremapKey(p.value.Value)
		if !ok {
			return fmt.Errorf("the key %q is not known", p.value.Value)
		}
		s.entry(keyText(from), str(keyText(to)), p.line)
		return nil
	}
	if p.value.Kind != yaml.MappingNode {
		return errors.New("a modmap to several keys: write a keymap")
	}
	var tap, hold string
	var more []string
	for _, q := range pairs(p.value) {
		switch q.key {
		case "alone", "held":
			k, ok := xremapKey(q.value.Value)
			if q.value.Kind == yaml.SequenceNode && len(q.value.Content) == 1 {
				k, ok = xremapKey(q.value.Content[0].Value)
			}
			if !ok {
				return fmt.Errorf("%s is not one key that is known", q.key)
			}
			if q.key == "alone" {
				tap = keyText(k)
			} else {
				hold = keyText(k)
			}
		case "alone_timeout_millis", "alone_timeout":
			var ms float64
			if q.value.Decode(&ms) != nil || ms < 1 {
				return fmt.Errorf("%s is no number", q.key)
			}
			more = append(more, "timeout", str(asTime(ms/1000)))
		case "free_hold":
			x.doc.lost(q.line, "free_hold is not translated")
		default:
			return fmt.Errorf("%s is not translated", q.key)
		}
	}
	if tap == "" {
		tap = keyText(from)
	}
	if hold == "" {
		hold = keyText(from)
	}
	if tap == hold {
		s.entry(keyText(from), str(tap), p.line)
		return nil
	}
	s.entry(keyText(from), inline(slices.Concat([]string{"tap", str(tap), "hold", str(hold)}, more)...), p.line)
	return nil
}

func xremapKey(name string) (key.Code, bool) {
	low := strings.ToLower(name)
	if side, ok := map[string]string{"_l": "left", "_r": "right"}[low[max(0, len(low)-2):]]; ok {
		if c, ok := key.Parse(side + low[:len(low)-2]); ok { // Ctrl_L, Super_R
			return c, true
		}
	}
	return keyNamed(name)
}

func (x *xremap) keymap(n *yaml.Node) error {
	s, remap, err := x.begin("keymap", n, "exact_match")
	if err != nil {
		return err
	}
	if e := get(n, "exact_match"); e == nil || e.Value != "true" {
		x.doc.note(0, "xremap lets combos match while more modifiers are held, toshy does not: write such combos out")
	}
	for _, p := range pairs(remap) {
		c, err := x.combo(p.key)
		if err == nil {
			var a string
			if a, err = x.action(p.value); err == nil {
				s.entry(c, a, p.line)
			}
		}
		if err != nil {
			x.doc.lost(p.line, "%s: %v", p.key, err)
		}
	}
	return nil
}
