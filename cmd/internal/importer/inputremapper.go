package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// InputRemapper converts a preset of input-remapper (JSON), old or new.
func InputRemapper(name string, source []byte) (*Result, error) {
	top, err := readJSON(name, source)
	if err != nil {
		return nil, err
	}
	d := newDocument(name)
	b := newBoard(d)
	r := &inputRemapper{b}
	switch {
	case top != nil && top.Kind == yaml.SequenceNode:
		for _, n := range top.Content {
			if err := r.mapping(n); err != nil {
				d.lost(n.Line, "%v", err)
			}
		}
	case top != nil && get(top, "mapping") != nil:
		for _, p := range pairs(get(top, "mapping")) {
			if err := r.oldMapping(p); err != nil {
				d.lost(p.line, "%s: %v", p.key, err)
			}
		}
	default:
		return nil, fmt.Errorf("%s: a preset of input-remapper is a list of mappings, or has \"mapping\"; this file is neither. Is it for another remapper?", name)
	}
	b.physicalModifiers()
	b.emit()
	return d.finish()
}

// readJSON reads a text in JSON as a tree. The YAML parser reads JSON, except for tabs.
func readJSON(name string, source []byte) (*yaml.Node, error) {
	n, err := readYAML(name, []byte(strings.ReplaceAll(string(source), "\t", " ")))
	var any json.RawMessage
	var syntax *json.SyntaxError
	if err != nil && errors.As(json.Unmarshal(source, &any), &syntax) {
		return nil, fmt.Errorf("%s:%d: not valid JSON: %w", name, 1+bytes.Count(source[:min(int(syntax.Offset), len(source))], []byte("\n")), syntax)
	}
	return n, err
}

type inputRemapper struct{ board *board }

// mapping translates one mapping of the new format: keys by number, and what they become.
func (r *inputRemapper) mapping(n *yaml.Node) error {
	var codes []key.Code
	combination := get(n, "input_combination")
	if combination == nil {
		return errors.New("a mapping without keys")
	}
	for _, e := range elements(combination) {
		t, c := get(e, "type"), get(e, "code")
		if t == nil || c == nil {
			return errors.New("a key without a number")
		}
		code, err := strconv.Atoi(c.Value)
		if t.Value != "1" || err != nil || code <= 0 || code >= 0x300 {
			return errors.New("toshy has no counterpart for a movement or an axis as input")
		}
		codes = append(codes, key.Code(code))
	}
	out := get(n, "output_symbol")
	if out == nil || out.Value == "" || out.Tag == "!!null" {
		return errors.New("toshy has no counterpart for an axis or a movement as output")
	}
	return r.put(codes, out.Value, n.Line)
}

// oldMapping translates one of the old format: "1,58,1+1,30,1": ["a", "keyboard"].
func (r *inputRemapper) oldMapping(p pair) error {
	var codes []key.Code
	for _, w := range strings.Split(p.key, "+") {
		f := strings.Split(w, ",")
		if len(f) < 2 || f[0] != "1" {
			return errors.New("toshy has no counterpart for a movement or an axis as input")
		}
		c, err := strconv.Atoi(f[1])
		if err != nil || c <= 0 || c >= 0x300 {
			return errors.New("a key without a number")
		}
		codes = append(codes, key.Code(c))
	}
	return r.put(codes, values(p.value)[0], p.line)
}

func (r *inputRemapper) put(codes []key.Code, out string, line int) error {
	m, err := r.meaning(out)
	if err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	if len(codes) == 1 {
		r.board.put(r.board.main, codes[0], m, line)
		return nil
	}
	if m.tap != nil {
		return errors.New("several keys that are tapped or held together")
	}
	if m.do == "" {
		m.do = m.value()
	}
	if c, err := comboOfKeys(codes); err == nil && !isModifier(c.Key) {
		r.board.combo("combinations", c, m.do, false, cond{}, line)
		return nil
	}
	var words []string
	for _, c := range codes {
		words = append(words, keyText(c))
	}
	r.board.doc.note(line, "%s: the keys are pressed within 50 ms of each other here", strings.Join(words, "+"))
	r.board.chord(boardChord{plane: r.board.main, keys: codes, do: m.do, line: line})
	return nil
}

// symbols are X's names of keys that differ from the kernel's.
var xSymbols = map[string]string{
	"control_l": "leftctrl", "control_r": "rightctrl", "shift_l": "leftshift", "shift_r": "rightshift", "alt_l": "leftalt", "alt_r": "rightalt",
	"super_l": "leftmeta", "super_r": "rightmeta", "meta_l": "leftmeta", "iso_level3_shift": "rightalt", "mode_switch": "rightalt", "return": "enter",
	"prior": "pageup", "next": "pagedown", "kp_enter": "kpenter", "print": "sysrq", "menu": "compose", "period": "dot", "grave": "grave",
	"bracketleft": "leftbrace", "bracketright": "rightbrace", "xf86audiomute": "mute", "xf86audioraisevolume": "volumeup",
	"xf86audiolowervolume": "volumedown", "xf86audioplay": "playpause", "xf86audionext": "nextsong", "xf86audioprev": "previoussong",
	"xf86monbrightnessup": "brightnessup", "xf86monbrightnessdown": "brightnessdown", "caps_lock": "capslock", "num_lock": "numlock", "scroll_lock": "scrolllock",
}

func xSymbol(s string) (key.Code, bool) {
	s = strings.Trim(strings.TrimSpace(s), `'"`)
	low := strings.ToLower(s)
	if to, ok := xSymbols[low]; ok {
		return key.Parse(to)
	}
	if len(s) == 1 && low != s {
		return 0, false
	}
	return keyNamed(low)
}

// meaning translates a symbol, symbols with +, or a macro.
func (r *inputRemapper) meaning(out string) (meaning, error) {
	out = strings.TrimSpace(out)
	if out == "disable" || out == "<disable>" {
		return doesAction(str("block")), nil
	}
	if c, ok := xSymbol(out); ok {
		return isKey(c), nil
	}
	if strings.Contains(out, "+") && !strings.Contains(out, "(") {
		codes, err := r.symbols(strings.Split(out, "+"))
		if err != nil {
			return meaning{}, err
		}
		return meaningOfKeys(codes)
	}
	if m := keydCall().FindStringSubmatch(out); m != nil {
		switch m[1] {
		case "mod_tap":
			return r.modTap(arguments(m[2]))
		case "if_tap", "if_single":
			return r.tapOrNot(m[1], arguments(m[2]))
		case "mouse", "wheel":
			return r.glide(m[1], arguments(m[2]))
		}
	}
	list, err := r.macro(out, 0)
	switch {
	case err != nil:
		return meaning{}, err
	case len(list) == 1:
		return doesAction(list[0]), nil
	case len(list) == 0:
		return doesAction(str("nothing")), nil
	}
	return doesAction(array(list)), nil
}

func (r *inputRemapper) symbols(words []string) ([]key.Code, error) {
	var codes []key.Code
	for _, w := range words {
		c, ok := xSymbol(w)
		if !ok {
			return nil, fmt.Errorf("the key %s is not known", strings.TrimSpace(w))
		}
		codes = append(codes, c)
	}
	return codes, nil
}

// modTap translates mod_tap(tap, hold, tapping_term=ms).
func (r *inputRemapper) modTap(args []string) (meaning, error) {
	timeout := "200"
	var names []string
	for i, a := range args {
		if k, v, ok := strings.Cut(a, "="); ok && strings.Contains(k, "tapping_term") {
			timeout = strings.TrimSpace(v)
		} else if i < 2 {
			names = append(names, a)
		} else if i == 2 {
			timeout = a
		}
	}
	codes, err := r.symbols(names)
	ms, err2 := strconv.ParseFloat(timeout, 64)
	if err = errors.Join(err, err2); err != nil || len(codes) != 2 {
		return meaning{}, fmt.Errorf("mod_tap needs two keys that are known, and a time: %w", err)
	}
	tap, hold := isKey(codes[0]), isKey(codes[1])
	return meaning{tap: &tap, hold: &hold, timing: []string{"preset", str("tap_preferred"), "timeout", str(asTime(min(max(ms, 1), 60_000) / 1000))}}, nil
}

// tapOrNot translates if_tap(a, b, 300) (a if the key goes up in this time, else b) and if_single(a, b) (b if another key
// goes down first).
func (r *inputRemapper) tapOrNot(name string, args []string) (meaning, error) {
	preset, timeout := "tap_preferred", 300.0
	if name == "if_single" {
		preset, timeout = "hold_on_press", 60_000
	}
	var two [2]meaning
	for i, a := range args {
		k, v, named := strings.Cut(a, "=")
		if !named || strings.Contains(k, "(") {
			k, v = "", a
		}
		switch k = strings.TrimSpace(k); {
		case k == "timeout" || k == "" && i == 2:
			ms, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil || ms < 1 {
				return meaning{}, fmt.Errorf("%s: the time %s", name, v)
			}
			timeout = min(ms, 60_000)
		case i > 1 || k != "" && k != "then" && k != "else" && k != "else_":
			return meaning{}, fmt.Errorf("%s: the argument %s", name, a)
		default:
			if k == "else" || k == "else_" {
				i = 1
			}
			m, err := r.meaning(v)
			if strings.TrimSpace(v) == "None" || strings.TrimSpace(v) == "" {
				m, err = doesAction(array([]string{str("nothing")})), nil
			}
			if err == nil && m.tap != nil {
				err = errors.New("a key with two meanings inside another")
			}
			if err != nil {
				return m, fmt.Errorf("%s: %w", name, err)
			}
			two[i] = m
		}
	}
	for i := range two {
		if two[i].value() == str(keyText(0)) {
			two[i] = doesAction(array([]string{str("nothing")}))
		}
	}
	return meaning{tap: &two[0], hold: &two[1], timing: []string{"preset", str(preset), "timeout", str(asTime(timeout / 1000))}}, nil
}

// glide translates mouse(up, 4) and wheel(down, 10), which continue while the key is held: the speed is in points for each
// of 60 steps per second, or in 120ths of a step of the wheel.
func (r *inputRemapper) glide(name string, args []string) (meaning, error) {
	direction := strings.Trim(args[0], `"' `)
	speed, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimPrefix(arg(args, 1), "speed=")), 64)
	if !slices.Contains([]string{"up", "down", "left", "right"}, direction) || err != nil || speed <= 0 || len(args) != 2 {
		return meaning{}, fmt.Errorf("%s needs a direction and a speed", name)
	}
	if name == "wheel" {
		return doesAction(inline("scroll", str(direction), "speed", strconv.Itoa(int(min(max(speed*60/120, 1), 200))))), nil
	}
	return doesAction(inline("pointer", str(direction), "speed", strconv.Itoa(int(min(max(speed*60, 1), 10_000))))), nil
}

// macro translates key(a).wait(10).modify(Shift_L, key(b)) and similar macros.
func (r *inputRemapper) macro(s string, depth int) ([]string, error) {
	if depth > 20 {
		return nil, errors.New("macros inside macros without end")
	}
	var list []string
	for _, part := range chained(s) {
		m := keydCall().FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, fmt.Errorf("the macro %s is not known", part)
		}
		args := arguments(m[2])
		switch m[1] {
		case "key", "k":
			c, ok := xSymbol(args[0])
			if !ok {
				return nil, fmt.Errorf("the key %s is not known", args[0])
			}
			list = append(list, str(keyText(c)))
		case "wait", "w":
			ms, err := strconv.ParseFloat(args[0], 64)
			if err != nil || ms < 0 || len(args) > 1 {
				return nil, fmt.Errorf("a wait of %s", m[2])
			}
			list = append(list, inline("wait", str(asTime(min(ms, 10_000)/1000))))
		case "repeat", "r":
			n, err := strconv.Atoi(args[0])
			inner, err2 := r.macro(arg(args, 1), depth+1)
			if err = errors.Join(err, err2); err != nil || n < 0 || n*len(inner) > 200 {
				return nil, fmt.Errorf("a macro that is repeated: %s", m[2])
			}
			for range n {
				list = append(list, inner...)
			}
		case "modify", "m":
			mod, ok := xSymbol(args[0])
			inner, ok2 := keyOfMacro(arg(args, 1))
			if !ok || !ok2 || !isModifier(mod) {
				return nil, fmt.Errorf("modify(%s) is not a modifier with one key", m[2])
			}
			a, err := meaningOfKeys([]key.Code{mod, inner})
			if err != nil {
				return nil, err
			}
			list = append(list, a.do)
		case "hold", "h", "hold_keys":
			inner, ok := keyOfMacro(args[0])
			if !ok || len(args) != 1 {
				return nil, fmt.Errorf("%s(%s) is not one key", m[1], m[2])
			}
			list = append(list, str(keyText(inner)))
		default:
			return nil, fmt.Errorf("toshy has no counterpart for the macro %s(...)", m[1])
		}
	}
	return list, nil
}

// keyOfMacro is the key of key(a), or of a.
func keyOfMacro(s string) (key.Code, bool) {
	if m := keydCall().FindStringSubmatch(strings.TrimSpace(s)); m != nil && (m[1] == "key" || m[1] == "k") {
		s = m[2]
	}
	return xSymbol(s)
}

// chained splits a(b).c(d) at the dots between calls.
func chained(s string) []string {
	var list []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '.':
			if depth == 0 {
				list = append(list, s[from:i])
				from = i + 1
			}
		}
	}
	return append(list, s[from:])
}
