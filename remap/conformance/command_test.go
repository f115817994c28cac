package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"toshy/remap"
	"toshy/remap/key"
)

// command translates one command.
func (t *translator) command(raw json.RawMessage) *remap.Action {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
	case raw[0] == '"':
		var word string
		t.decode(raw, &word)
		return t.word(word)
	case raw[0] == '[':
		return &remap.Action{Kind: remap.DoList, List: t.commands(raw)}
	case raw[0] == '{':
		var object map[string]json.RawMessage
		t.decode(raw, &object)
		return t.object(object)
	}
	t.fail(fmt.Errorf("not a command: %s", raw))
	return nil
}

func (t *translator) commands(raw json.RawMessage) []*remap.Action {
	var elements []json.RawMessage
	t.decode(raw, &elements)
	var out []*remap.Action
	for _, e := range elements {
		out = append(out, t.command(e))
	}
	return out
}

var words = map[string]remap.ActionKind{
	"bind":              remap.DoBind,
	"ignore":            remap.DoIgnore,
	"none":              remap.DoNothing,
	"escape_next_key":   remap.DoEscapeKey,
	"escape_next_combo": remap.DoEscapeCombo,
}

func (t *translator) word(word string) *remap.Action {
	if kind, ok := words[word]; ok {
		return &remap.Action{Kind: kind}
	}
	return remap.Send(t.combo(word))
}

// object translates a command with arguments. A function of the recorded engine becomes a DoCall, because its result is tapped and
// never held.
func (t *translator) object(o map[string]json.RawMessage) *remap.Action {
	if raw, ok := o["multitap"]; ok {
		return t.multitap(raw, o)
	}
	if len(o) != 1 {
		t.fail(fmt.Errorf("a command has one member, this one has %d: %v", len(o), o))
		return nil
	}
	for name, raw := range o {
		switch name {
		case "key":
			return &remap.Action{Kind: remap.DoTap, Combo: key.Combo{Key: t.keyOf(raw)}}
		case "keymap":
			return &remap.Action{Kind: remap.DoNested, Nested: t.nested(raw)}
		case "type":
			return &remap.Action{Kind: remap.DoText, Text: t.text(raw)}
		case "unicode_str":
			return &remap.Action{Kind: remap.DoUnicode, Text: t.text(raw)}
		case "unicode":
			var point int64
			t.decode(raw, &point)
			if point < 0 || point > utf8.MaxRune {
				t.fail(fmt.Errorf("%#x is no code point", point))
			}
			return &remap.Action{Kind: remap.DoUnicode, Text: string(rune(point))}
		case "sleep_ms", "delay_ms":
			var ms float64
			t.decode(raw, &ms)
			return &remap.Action{Kind: remap.DoWait, Time: milliseconds(ms)}
		case "usleep_arg":
			var us float64
			t.decode(raw, &us)
			return &remap.Action{Kind: remap.DoWait, Time: milliseconds(us / 1000)}
		case "set_mark":
			return &remap.Action{Kind: remap.DoSetMark, Value: t.truth(raw)}
		case "with_mark":
			return &remap.Action{Kind: remap.DoWithMark, List: []*remap.Action{t.marked(raw)}}
		case "with_or_set_mark":
			return &remap.Action{Kind: remap.DoSetWithMark, List: []*remap.Action{t.marked(raw)}}
		case "call":
			return call(t.command(raw))
		case "cycle":
			return call(&remap.Action{Kind: remap.DoCycle, List: t.commands(raw)})
		case "switch":
			return call(t.choice(raw))
		case "set_flag":
			return t.setFlag(raw)
		case "raise":
			// A command that fails ends, together with its list.
			return &remap.Action{Kind: remap.DoIgnore}
		}
		t.fail(fmt.Errorf("unknown command %q", name))
	}
	return nil
}

func call(a *remap.Action) *remap.Action {
	return &remap.Action{Kind: remap.DoCall, List: []*remap.Action{a}}
}

// marked is a combo to which Shift may be added. A bare key is a combo without modifiers.
func (t *translator) marked(raw json.RawMessage) *remap.Action {
	a := t.command(raw)
	if a != nil && a.Kind == remap.DoTap {
		return remap.Send(a.Combo)
	}
	return a
}

func (t *translator) multitap(raw json.RawMessage, o map[string]json.RawMessage) *remap.Action {
	a := &remap.Action{Kind: remap.DoTaps, List: make([]*remap.Action, 5)}
	var levels map[string]json.RawMessage
	t.decode(raw, &levels)
	for level, command := range levels {
		n, err := strconv.Atoi(level)
		if err != nil || n < 1 || n > len(a.List) {
			t.fail(fmt.Errorf("multitap: %q is no number of taps from 1 to 5", level))
			continue
		}
		a.List[n-1] = t.command(command)
	}
	for name, raw := range o {
		var ms float64
		switch name {
		case "multitap":
		case "tap_interval_ms":
			t.decode(raw, &ms)
			a.Time = milliseconds(ms)
		case "min_tap_delay_ms":
			t.decode(raw, &ms)
			a.Time2 = milliseconds(ms)
		default:
			t.fail(fmt.Errorf("multitap: unknown member %q", name))
		}
	}
	return a
}

// choice returns the first command whose condition is true.
func (t *translator) choice(raw json.RawMessage) *remap.Action {
	var pairs [][]json.RawMessage
	t.decode(raw, &pairs)
	first := &remap.Action{Kind: remap.DoNothing}
	for i := len(pairs) - 1; i >= 0; i-- {
		if len(pairs[i]) != 2 {
			t.fail(fmt.Errorf("switch: want [condition, command], not %s", pairs[i]))
			continue
		}
		var c condition
		t.decode(pairs[i][0], &c)
		first = &remap.Action{Kind: remap.DoIf, Cond: t.condition(c), List: []*remap.Action{t.command(pairs[i][1]), first}}
	}
	return first
}

func (t *translator) setFlag(raw json.RawMessage) *remap.Action {
	var pair []json.RawMessage
	t.decode(raw, &pair)
	if len(pair) != 2 {
		t.fail(fmt.Errorf("set_flag: want [name, bool], not %s", raw))
		return nil
	}
	var name string
	t.decode(pair[0], &name)
	return &remap.Action{Kind: remap.DoSet, Var: t.flag(name), Value: t.truth(pair[1])}
}

func (t *translator) nested(raw json.RawMessage) *remap.Nested {
	n := &remap.Nested{Otherwise: remap.Swallow}
	var pairs [][]json.RawMessage
	t.decode(raw, &pairs)
	for _, p := range pairs {
		var trigger string
		if len(p) == 2 && json.Unmarshal(p[0], &trigger) == nil && trigger == "IMMEDIATELY" {
			n.Immediate = t.command(p[1])
		}
	}
	n.Entries = t.entries(pairs)
	return n
}

// entries translates the lines of a keymap. The recorded engine never looks up a trigger that is a modifier or a button. This one
// gives buttons a meaning and refuses the rest.
func (t *translator) entries(pairs [][]json.RawMessage) []remap.Entry {
	var out []remap.Entry
	for _, p := range pairs {
		var trigger string
		if len(p) != 2 {
			t.fail(fmt.Errorf("keymap: want [combo, command], not %s", p))
			continue
		}
		t.decode(p[0], &trigger)
		if trigger == "IMMEDIATELY" {
			continue
		}
		c := t.combo(trigger)
		action := t.command(p[1])
		if !c.Key.IsButton() && !t.isModifier(c.Key) {
			out = append(out, remap.Entry{Combo: c, Action: action})
		}
	}
	return out
}

// combo reads "CTRL+SHIFT+KEY_A". A modifier may be written twice.
func (t *translator) combo(s string) key.Combo {
	parts := strings.Split(s, "+")
	var c key.Combo
	for _, name := range parts[:len(parts)-1] {
		m, ok := t.modifiers[name]
		if !ok {
			m, ok = key.ParseMod(name)
		}
		if !ok {
			t.fail(fmt.Errorf("combo %q: unknown modifier %q", s, name))
		}
		c.Mods = appendNew(c.Mods, m)
	}
	c.Key = t.key(parts[len(parts)-1])
	return c
}

func (t *translator) isModifier(c key.Code) bool {
	if _, ok := key.ModOf(c); ok {
		return true
	}
	for _, m := range t.program.Modifiers {
		if m.Carrier == c {
			return true
		}
	}
	return false
}

// hyperCode is the carrier of the Hyper modifier. Vectors call it V_HYPER.
const hyperCode key.Code = 759

// keyCode reads the name of a key in a vector.
func keyCode(name string) (key.Code, error) {
	if name == "V_HYPER" {
		return hyperCode, nil
	}
	if strings.HasPrefix(name, "KEY_") || strings.HasPrefix(name, "BTN_") || strings.HasPrefix(name, "CODE_") {
		if c, ok := key.Parse(name); ok {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown key %q", name)
}

func (t *translator) key(name string) key.Code {
	c, err := keyCode(name)
	t.fail(err)
	return c
}

func (t *translator) keyOf(raw json.RawMessage) key.Code {
	return t.key(t.text(raw))
}

func (t *translator) text(raw json.RawMessage) string {
	var s string
	t.decode(raw, &s)
	return s
}

func (t *translator) truth(raw json.RawMessage) int32 {
	var b bool
	t.decode(raw, &b)
	if b {
		return 1
	}
	return 0
}
