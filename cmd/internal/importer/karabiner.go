package importer

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// karabiner translates Karabiner-Elements' karabiner.json, or a file of complex modifications.
type karabiner struct {
	doc       *document
	board     *board
	variables map[string]*karabinerVariable
	states    []string // names of states
	keyboards map[string]string
	defaults  *yaml.Node        // parameters of the profile
	simple    map[key.Code]bool // keys that simple modifications are about
}

// Karabiner converts a configuration of Karabiner-Elements.
func Karabiner(name string, source []byte) (*Result, error) {
	top, err := readJSON(name, source)
	if err != nil {
		return nil, err
	}
	d := newDocument(name)
	k := &karabiner{doc: d, board: newBoard(d), variables: map[string]*karabinerVariable{}, keyboards: map[string]string{}, simple: map[key.Code]bool{}}
	if top == nil || get(top, "profiles") == nil && get(top, "rules") == nil {
		return nil, fmt.Errorf("%s: a configuration of Karabiner-Elements has \"profiles\" or \"rules\"; this file has neither. Is it for another remapper?", name)
	}
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	if karabinerCommand().Match(source) {
		d.note(0, "Command is the Super key here, as it is on Linux: what programs know as Command-C is Ctrl-C there; extends = \"mac\" makes it so")
	}
	profile := top
	for _, p := range elements(orNull(get(top, "profiles"))) {
		if s := get(p, "selected"); s != nil && s.Value == "true" || profile == top && get(p, "complex_modifications") != nil {
			profile = p
		}
	}
	k.profile(profile)
	k.inOrder()
	k.board.emit()
	return d.finish()
}

var karabinerCommand = pattern(`"(?:left_|right_)?(?:command|gui)"`)

// orNull is a node, or an empty list for none.
func orNull(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{Kind: yaml.SequenceNode}
	}
	return n
}

func (k *karabiner) profile(p *yaml.Node) {
	rules := orNull(get(p, "rules"))
	if c := get(p, "complex_modifications"); c != nil {
		k.defaults = get(c, "parameters")
		rules = orNull(get(c, "rules"))
	}
	var list []*yaml.Node
	for _, r := range elements(rules) {
		if e := get(r, "enabled"); e != nil && e.Value == "false" {
			continue
		}
		list = append(list, elements(orNull(get(r, "manipulators")))...)
	}
	k.findVariables(list)
	// Of two manipulators for one key, the first one is used.
	slices.Reverse(list)
	for _, part := range []string{"fn_function_keys", "simple_modifications"} {
		if part == "fn_function_keys" {
			continue // what the function keys of a Mac's keyboard do; Linux has that in its own driver
		}
		for _, m := range elements(orNull(get(p, part))) {
			k.swapped(resolve(m))
			k.try(m, true)
		}
	}
	for _, dev := range elements(orNull(get(p, "devices"))) {
		k.device(dev)
	}
	for _, m := range list {
		k.try(m, false)
	}
}

// inOrder puts rules with a condition first, in the order of the file, before the others.
func (k *karabiner) inOrder() {
	b := k.board
	slices.Reverse(b.planes)
	slices.Reverse(b.combos)
	seen := map[string]bool{}
	b.combos = slices.DeleteFunc(b.combos, func(c boardCombo) bool {
		name := c.title + " " + comboWords(c.combo)
		if !c.exact {
			name += " passing"
		}
		before := seen[name]
		seen[name] = true
		return before
	})
	slices.SortStableFunc(b.combos, func(x, y boardCombo) int { return rank(x.when.text == "") - rank(y.when.text == "") })
}

// swapped notes which keys a simple modification changes: Karabiner applies it before all other rules.
func (k *karabiner) swapped(m *yaml.Node) {
	for _, e := range append(elements(orNull(get(m, "to"))), orNull(get(m, "from"))) {
		if c, ok := karabinerKey(e); ok {
			k.simple[c] = true
		}
	}
}

// device translates the keys of one keyboard.
func (k *karabiner) device(dev *yaml.Node) {
	list := elements(orNull(get(dev, "simple_modifications")))
	if len(list) == 0 {
		return
	}
	c, err := k.identifiers(get(dev, "identifiers"))
	if err != nil {
		k.doc.lost(dev.Line, "keys of one keyboard: %v", err)
		return
	}
	for _, m := range list {
		k.swapped(resolve(m))
		if err := k.manipulator(m, &c, true); err != nil {
			k.doc.lost(m.Line, "%v", err)
		}
	}
}

func (k *karabiner) try(m *yaml.Node, simple bool) {
	m = resolve(m)
	if err := k.manipulator(m, nil, simple); err != nil {
		k.doc.lost(m.Line, "%v", err)
	}
}

// manipulator translates one rule. A simple one applies with any modifiers.
func (k *karabiner) manipulator(m *yaml.Node, device *cond, simple bool) error {
	from := get(m, "from")
	if t := get(m, "type"); t != nil && t.Value != "basic" {
		return fmt.Errorf("a rule of the type %s", t.Value)
	}
	if from == nil || from.Kind != yaml.MappingNode {
		return errors.New("a rule without \"from\"")
	}
	layer := heldVariable(m)
	if v := k.variables[layer]; v == nil || !v.layer {
		layer = ""
	}
	p, err := k.conditions(get(m, "conditions"))
	if err != nil {
		return err
	}
	if device != nil {
		name := "when " + device.text
		p = k.board.plane(name, m.Line)
		p.layer, p.when = false, *device
	}
	is, err := k.result(m, layer)
	if err != nil {
		return err
	}
	if s := get(from, "simultaneous"); s != nil {
		k.simultaneousOptions(get(from, "simultaneous_options"))
		return k.simultaneous(p, s, is, m)
	}
	c, ok := k.key(from)
	if !ok {
		return fmt.Errorf("the key %s is not known", karabinerName(from))
	}
	mods, any, err := k.mandatory(from)
	if err != nil {
		return err
	}
	if len(mods) == 0 {
		if !simple && k.simple[c] {
			return fmt.Errorf("simple_modifications change %s before this rule: write it for the key that becomes %s", karabinerName(from), karabinerName(from))
		}
		if !any && !simple && !isModifier(c) && is.plain() && !isModifier(is.key) && p == k.board.main {
			is = doesAction(is.value())
		}
		is.exact = !any && !simple
		k.board.put(p, c, is, m.Line)
		return nil
	}
	if is.tap != nil || isModifier(c) {
		return errors.New("a key that is tapped or held, or a modifier, together with modifiers")
	}
	if is.do == "" {
		is.do = is.value()
	}
	title := "combos"
	if p != k.board.main {
		title = p.name + " combos"
	}
	k.board.combo(title, key.Combo{Mods: mods, Key: c}, is.do, !any, p.when, m.Line)
	return nil
}

// mandatory are the modifiers of what is pressed, and whether others may be down.
func (k *karabiner) mandatory(from *yaml.Node) (mods []key.Mod, any bool, err error) {
	all := get(from, "modifiers")
	if all == nil {
		return nil, false, nil
	}
	for _, w := range values(orNull(get(all, "optional"))) {
		switch w {
		case "caps_lock": // is on or off, and no modifier that is held
		case "any":
			any = true
		default:
			any = true
			k.doc.note(all.Line, "in Karabiner only the modifiers in \"optional\" may be held with this key; here any may")
		}
	}
	for _, w := range values(orNull(get(all, "mandatory"))) {
		m, ok := karabinerMods[w]
		if !ok {
			return nil, any, fmt.Errorf("the modifier %s is not known", w)
		}
		mods = append(mods, m)
	}
	return mods, any, nil
}

// simultaneousOptions names the options of keys together that chords do not have.
func (k *karabiner) simultaneousOptions(n *yaml.Node) {
	for _, o := range pairs(orNull(n)) {
		switch {
		case o.key == "to_after_key_up", o.key == "detect_key_down_uninterruptedly", o.value.Value == "insensitive":
		case o.key == "key_down_order":
			k.doc.note(o.line, "the keys may go down in any order here")
		case o.key == "key_up_order", o.key == "key_up_when":
			k.doc.note(o.line, "%s: what comes out is held here until the first of the keys goes up", o.key)
		default:
			k.doc.lost(o.line, "toshy has no counterpart for %s", o.key)
		}
	}
}

func (k *karabiner) simultaneous(p *plane, s *yaml.Node, is meaning, m *yaml.Node) error {
	var codes []key.Code
	for _, e := range elements(s) {
		c, ok := k.key(e)
		if !ok {
			return fmt.Errorf("the key %s is not known", karabinerName(e))
		}
		codes = append(codes, c)
	}
	if is.tap != nil || len(codes) < 2 {
		return errors.New("keys pressed together, with two meanings (tapped or held)")
	}
	if is.do == "" {
		is.do = is.value()
	}
	window := k.parameter(m, "basic.simultaneous_threshold_milliseconds", 50)
	q := *p
	if window == "50ms" {
		window = ""
	} else {
		q.name += " " + window
	}
	k.board.chord(boardChord{plane: &q, window: window, keys: codes, do: is.do, line: m.Line})
	return nil
}
