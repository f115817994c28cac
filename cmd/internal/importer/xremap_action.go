package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// xremapSides are xremap's names for keys that are modifiers.
var xremapSides = map[string]string{
	"shift": "shift", "s": "shift", "control": "ctrl", "ctrl": "ctrl", "c": "ctrl", "alt": "alt", "a": "alt", "m": "alt",
	"super": "meta", "windows": "meta", "win": "meta", "w": "meta",
}

func xremapKey(name string) (key.Code, bool) {
	low := strings.ToLower(strings.TrimSpace(name))
	if base, left := strings.CutSuffix(low, "_l"); left && xremapSides[base] != "" {
		return key.Parse("left" + xremapSides[base])
	}
	if base, right := strings.CutSuffix(low, "_r"); right && xremapSides[base] != "" {
		return key.Parse("right" + xremapSides[base])
	}
	wheel := map[string]key.Code{"xupscroll": key.WheelUp, "xdownscroll": key.WheelDown, "xleftscroll": key.WheelLeft, "xrightscroll": key.WheelRight}
	if c, ok := wheel[low]; ok {
		return c, true
	}
	if low == "reserved" || low == "key_reserved" {
		return key.Reserved, true
	}
	if xremapSides[low] != "" && len(low) > 1 {
		return 0, false // a modifier without a side is no key
	}
	return keyNamed(low)
}

// xremapMods are xremap's names for modifiers of either side.
var xremapMods = map[string]key.Mod{"shift": key.Shift, "ctrl": key.Ctrl, "alt": key.Alt, "meta": key.Meta}

// parts parses a combo of xremap.
func (x *xremap) parts(s string) (mods []string, k key.Code, err error) {
	words := strings.Split(s, "-")
	if strings.HasSuffix(s, "-") && len(words) >= 2 {
		words = append(words[:len(words)-2], "minus")
	}
	for _, w := range words[:len(words)-1] {
		low := strings.ToLower(strings.TrimSpace(w))
		if base := xremapSides[low]; base != "" {
			mods = append(mods, comboWord(xremapMods[base]))
			continue
		}
		c, ok := xremapKey(low)
		m, isMod := key.ModOf(c)
		switch {
		case ok && x.virtual[c] != "":
			mods = append(mods, x.virtual[c])
		case ok && isMod:
			mods = append(mods, comboWord(m))
		default:
			return nil, 0, fmt.Errorf("the modifier %q is not known", w)
		}
	}
	last := strings.TrimSpace(words[len(words)-1])
	if strings.EqualFold(last, "any") {
		return nil, 0, errors.New("it means every other key: write any = \"block\", or what these keys do, into the keymap")
	}
	k, ok := xremapKey(last)
	if !ok || k == key.Reserved {
		return nil, 0, fmt.Errorf("the key %q is not known", last)
	}
	return mods, k, nil
}

// combo writes a combo that is pressed in toshy's language.
func (x *xremap) combo(s string) (string, error) {
	mods, k, err := x.parts(s)
	return strings.Join(append(mods, keyText(k)), "-"), err
}

// sent writes a combo to send: a wheel is turned, and a modifier alone is tapped.
func (x *xremap) sent(s string) (string, error) {
	mods, k, err := x.parts(s)
	if err != nil {
		return "", err
	}
	if k.IsWheel() && len(mods) == 0 {
		return wheelAction(k), nil
	}
	words := str(strings.Join(append(mods, keyText(k)), "-"))
	if isModifier(k) {
		return inline("tap", words), nil
	}
	return words, nil
}

func (x *xremap) action(n *yaml.Node) (string, error) {
	n = resolve(n)
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" || strings.EqualFold(n.Value, "reserved") {
			return str("block"), nil
		}
		return x.sent(n.Value)
	case yaml.SequenceNode:
		var list []string
		for _, e := range n.Content {
			a, err := x.action(e)
			if err != nil {
				return "", err
			}
			list = append(list, a)
		}
		switch len(list) {
		case 0:
			return str("block"), nil
		case 1:
			return list[0], nil
		}
		return array(list), nil
	case yaml.MappingNode:
		return x.special(n)
	}
	return "", errors.New("an unknown action")
}

func (x *xremap) special(n *yaml.Node) (string, error) {
	if get(n, "remap") != nil {
		q, err := x.strokes(n)
		if err != nil {
			return "", err
		}
		x.unknownStroke(q)
		return q.toml(), nil
	}
	list := pairs(n)
	if len(list) != 1 {
		return "", errors.New("an unknown action")
	}
	p := list[0]
	switch p.key {
	case "launch":
		if args := values(p.value); len(args) > 0 && args[0] != "" {
			return inline("run", array(strs(args))), nil
		}
	case "set_mode":
		if len(x.modes) > 1 {
			return inline("set", inline("mode", str(p.value.Value))), nil
		}
		return str("nothing"), nil
	case "set_mark":
		if p.value.Value == "true" || p.value.Value == "false" {
			return inline("mark", p.value.Value), nil
		}
	case "with_mark":
		c, err := x.combo(p.value.Value)
		return inline("with_mark", str(c)), err
	case "escape_next_key":
		return inline("escape", str("key")), nil
	case "sleep":
		var ms float64
		if p.value.Decode(&ms) == nil && ms >= 0 {
			return inline("wait", str(asTime(ms/1000))), nil
		}
	case "action":
		if p.value.Value == "pop_window_info" {
			return inline("inspect", "true"), nil
		}
		return "", fmt.Errorf("the action %s: toshy reads a changed configuration by itself, and toshy windows shows windows", p.value.Value)
	}
	return "", fmt.Errorf("toshy has no counterpart for the action %s", p.key)
}

// An xremapSequence is a nested remap: what the second stroke does.
type xremapSequence struct {
	table    *section
	combo    string
	strokes  []entry // combo and action
	settings []string
	// timeoutKey is sent when the time is over, or before an unknown stroke. The default is the combo's key.
	timeoutKey  string
	timeoutLine int
	timed       bool
	inside      bool // its first stroke is the second one of another sequence
}

// nested is the mapping of an action that is a nested remap, alone or as the only element of a list; else nil.
func nested(n *yaml.Node) *yaml.Node {
	n = resolve(n)
	if n.Kind == yaml.SequenceNode && len(n.Content) == 1 {
		n = resolve(n.Content[0])
	}
	if n.Kind == yaml.MappingNode && get(n, "remap") != nil {
		return n
	}
	return nil
}

// strokes translates a nested remap. An unknown stroke is looked up as if nothing had been pressed before.
func (x *xremap) strokes(n *yaml.Node) (*xremapSequence, error) {
	q := &xremapSequence{}
	for _, p := range pairs(n) {
		switch p.key {
		case "remap":
		case "timeout_millis":
			var ms float64
			if p.value.Decode(&ms) != nil || ms < 1 {
				return nil, errors.New("timeout_millis is not a number of milliseconds")
			}
			q.settings = append(q.settings, "timeout", str(duration(time.Duration(ms)*time.Millisecond)))
			q.timed, q.timeoutLine = true, p.line
		case "timeout_key":
			a, err := x.action(p.value)
			if err != nil {
				return nil, fmt.Errorf("timeout_key: %w", err)
			}
			q.timeoutKey = a
		default:
			return nil, fmt.Errorf("toshy has no counterpart for %s in a nested remap", p.key)
		}
	}
	remap := get(n, "remap")
	if remap.Kind != yaml.MappingNode {
		return nil, errors.New("a nested remap that is not a mapping")
	}
	for _, p := range pairs(remap) {
		c, err := x.combo(p.key)
		if err != nil {
			return nil, err
		}
		a, err := x.stroke(c, p.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.key, err)
		}
		q.strokes = append(q.strokes, entry{c, a, p.line})
	}
	return q, nil
}

// stroke is the action of a stroke of a nested remap, which may wait for another stroke.
func (x *xremap) stroke(combo string, n *yaml.Node) (string, error) {
	more := nested(n)
	if more == nil {
		return x.action(n)
	}
	q, err := x.strokes(more)
	if err != nil {
		return "", err
	}
	q.combo, q.inside = combo, true
	x.unknownStroke(q)
	return q.toml(), nil
}

// unknownStroke says what happens to an unknown stroke. If timeout_key is the first stroke, it gives that back. It only
// applies with a time; the default is the key of the first stroke.
func (x *xremap) unknownStroke(q *xremapSequence) {
	switch at := strings.LastIndex(q.combo, "-") + 1; {
	case !q.timed:
		q.timeoutKey = ""
	case q.timeoutKey == "" && q.combo != "":
		q.timeoutKey = str(q.combo[at:])
	}
	switch {
	case q.timeoutKey != "" && q.timeoutKey == str(q.combo) && !q.inside:
		q.settings = append(q.settings, "otherwise", str("give_back"))
		return
	case q.timeoutKey != "":
		q.settings = append(q.settings, "on_timeout", q.timeoutKey)
		x.doc.note(q.timeoutLine, "timeout_key is sent when the time is over, but not before an unknown second stroke")
	}
	q.settings = append(q.settings, "otherwise", str("again"))
}

func (q *xremapSequence) toml() string {
	var out []string
	for _, e := range q.strokes {
		out = append(out, e.key, e.value)
	}
	return inline(append(out, q.settings...)...)
}

// sequence translates a nested remap of a keymap. xremap combines those of all active keymaps.
func (x *xremap) sequence(s *section, combo string, n *yaml.Node, line int) error {
	q, err := x.strokes(n)
	if err != nil {
		return err
	}
	q.table, q.combo = s, combo
	x.unknownStroke(q)
	for i := range x.sequences {
		before := &x.sequences[i]
		if before.combo != combo {
			continue
		}
		if when := condition(s); when != "" && when != condition(before.table) {
			x.doc.note(line, "%s begins a sequence of another keymap, too, which comes first while both count", combo)
			continue
		}
		for _, e := range q.strokes {
			if !slices.ContainsFunc(before.strokes, func(o entry) bool { return o.key == e.key }) {
				before.strokes = append(before.strokes, e)
			}
		}
		before.table.replace(combo, before.toml())
	}
	x.sequences = append(x.sequences, *q)
	s.entry(combo, q.toml(), line)
	return nil
}

// condition is the condition of a table.
func condition(s *section) string {
	for _, f := range s.fields {
		if f.key == "when" {
			return f.value
		}
	}
	return ""
}

// replace gives an entry another value in place.
func (s *section) replace(key, value string) {
	for i := range s.keys {
		if s.keys[i].key == key {
			s.keys[i].value = value
		}
	}
}
