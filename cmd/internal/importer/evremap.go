package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// Evremap converts a configuration of evremap (TOML): keys that are tapped or held, and combos.
func Evremap(name string, source []byte) (*Result, error) {
	top, err := readTOML(name, source)
	if err != nil {
		return nil, err
	}
	d := newDocument(name)
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	b := newBoard(d)
	remaps := evremapRules(d, get(top, "remap"))
	for _, p := range pairs(top) {
		switch p.key {
		case "device_name":
			d.single("devices").set("allow", array([]string{str(p.value.Value)}), p.line)
		case "phys":
			d.single("devices").set("allow", array([]string{inline("phys", str(p.value.Value))}), p.line)
		case "dual_role":
			for _, n := range elements(p.value) {
				if err := evremapDual(b, n, remaps); err != nil {
					d.lost(n.Line, "dual_role: %v", err)
				}
			}
		case "remap":
		default:
			d.lost(p.line, "toshy has no counterpart for %s", p.key)
		}
	}
	for _, x := range remaps {
		if err := evremapCombo(b, x); err != nil {
			d.lost(x.line, "remap: %v", err)
		}
	}
	b.tellChangedModifiers()
	b.emit()
	return d.finish()
}

// An evremapRule replaces keys that are down by others.
type evremapRule struct {
	in, out []key.Code
	line    int
}

// evremapRules reads the rules of a list.
func evremapRules(d *document, list *yaml.Node) []evremapRule {
	if list == nil {
		return nil
	}
	var rules []evremapRule
	for _, n := range elements(list) {
		in, err := evdevKeys(get(n, "input"))
		out, err2 := evdevKeys(get(n, "output"))
		if err = errors.Join(err, err2); err != nil {
			d.lost(n.Line, "remap: %v", err)
			continue
		}
		rules = append(rules, evremapRule{in, out, n.Line})
	}
	return rules
}

// afterRules is what the rules make of the keys that a dual role holds. Rules do not apply to what others put out.
func afterRules(keys []key.Code, rules []evremapRule) []key.Code {
	left := slices.Clone(keys) // to which rules still apply
	for _, r := range rules {
		if slices.ContainsFunc(r.in, func(c key.Code) bool { return !slices.Contains(left, c) }) {
			continue
		}
		used := func(c key.Code) bool { return slices.Contains(r.in, c) }
		keys = slices.Concat(slices.DeleteFunc(slices.Clone(keys), used), r.out)
		left = slices.DeleteFunc(left, func(c key.Code) bool { return !isModifier(c) && (used(c) || slices.Contains(r.out, c)) })
	}
	return keys
}

// first gives a key its meaning. Of two rules for one key, evremap uses the first one, and dual roles come first.
func (b *board) first(c key.Code, m meaning, line int) error {
	for _, x := range b.main.binds {
		if x.key == c {
			return fmt.Errorf("line %d has a rule for %s already, and only that is converted", x.line, keyText(c))
		}
	}
	b.put(b.main, c, m, line)
	return nil
}

// evdevKeys are the keys of a list of the kernel's names.
func evdevKeys(n *yaml.Node) ([]key.Code, error) {
	if n == nil {
		return nil, errors.New("keys are missing")
	}
	var out []key.Code
	for _, name := range values(n) {
		c, ok := key.Parse(strings.TrimSpace(name))
		if !ok {
			return nil, fmt.Errorf("the key %q is not known", name)
		}
		out = append(out, c)
	}
	return out, nil
}

// comboOfKeys is the combo of keys that are down together: modifiers, then the last one.
func comboOfKeys(codes []key.Code) (key.Combo, error) {
	if len(codes) == 0 {
		return key.Combo{}, errors.New("no key")
	}
	c := key.Combo{Key: codes[len(codes)-1]}
	for _, m := range codes[:len(codes)-1] {
		mod, ok := key.ModOf(m)
		if !ok {
			return c, errors.New("more than one key that is not a modifier")
		}
		c.Mods = append(c.Mods, mod)
	}
	return c, nil
}

// meaningOfKeys is the meaning of a key that becomes keys which are down together.
func meaningOfKeys(codes []key.Code) (meaning, error) {
	c, err := comboOfKeys(codes)
	switch {
	case err != nil:
		return meaning{}, err
	case len(c.Mods) == 0:
		return isKey(c.Key), nil
	case isModifier(c.Key):
		return severalModifiers(c)
	}
	return doesAction(str(lispWords(c))), nil
}

// severalModifiers is a key that is several modifiers at once.
func severalModifiers(c key.Combo) (meaning, error) {
	m, _ := key.ModOf(c.Key)
	var words []string
	for _, x := range append(slices.Clone(c.Mods), m) {
		words = append(words, comboWord(x))
	}
	return meaning{mods: strings.Join(words, "-")}, nil
}

func evremapDual(b *board, n *yaml.Node, remaps []evremapRule) error {
	in, err := evdevKeys(get(n, "input"))
	hold, err2 := evdevKeys(get(n, "hold"))
	tap, err3 := evdevKeys(get(n, "tap"))
	if err = errors.Join(err, err2, err3); err != nil {
		return err
	}
	if len(in) != 1 {
		return errors.New("the input is not one key")
	}
	m := meaning{timing: []string{"preset", str("hold_on_press"), "timeout", str("200ms")}}
	t, err := meaningOfKeys(tap)
	if err != nil {
		return err
	}
	h, err := meaningOfKeys(afterRules(hold, remaps))
	if err != nil {
		return err
	}
	m.tap, m.hold = &t, &h
	return b.first(in[0], m, n.Line)
}

func evremapCombo(b *board, x evremapRule) error {
	m, err := meaningOfKeys(x.out)
	if err != nil {
		return err
	}
	if len(x.in) == 1 {
		return b.first(x.in[0], m, x.line)
	}
	c, err := comboOfKeys(x.in)
	if err != nil || isModifier(c.Key) {
		return errors.New("the input is not one key with modifiers")
	}
	if m.do == "" {
		m.do = m.value()
	}
	b.combo("combos", c, m.do, false, cond{}, x.line)
	return nil
}
