package importer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// command translates a call.
func (p *python) command(c *pyCall) (string, error) {
	number := func() (float64, error) {
		n, ok := first(c.args).(float64)
		if !ok || n < 0 {
			return 0, fmt.Errorf("%s needs a number", c.name)
		}
		return n, nil
	}
	wait := func(ms float64) string {
		return inline("wait", str(asTime(ms/1000)))
	}
	for _, a := range c.args {
		if err, bad := a.(error); bad {
			return "", fmt.Errorf("%s(...): %w", c.name, err)
		}
	}
	short := c.name
	if i := strings.LastIndexByte(short, '.'); i >= 0 {
		short = short[i+1:]
	}
	switch short {
	case "sleep":
		n, err := number()
		return wait(1000 * n), err
	case "insert_delay", "usleep": // usleep counts milliseconds there
		n, err := number()
		if len(c.args) == 0 {
			n, err = 100, nil
		}
		return wait(n), err
	case "to_US_keystrokes", "to_keystrokes", "type_text", "str_to_keystrokes", "ST":
		if s, ok := first(c.args).(string); ok {
			return inline("text", str(s)), nil
		}
		return "", fmt.Errorf("a text that is put together while the file runs")
	case "unicode_keystrokes", "unicode_addr_to_keystrokes", "unicode_str_to_keystrokes", "UC", "UCS":
		if n, ok := first(c.args).(float64); ok && n > 0 && n <= 0x10ffff {
			return inline("unicode", str(unicodeText(rune(n)))), nil
		}
		if s, ok := first(c.args).(string); ok {
			return inline("unicode", str(s)), nil
		}
		return "", fmt.Errorf("a character that is put together while the file runs")
	case "set_mark":
		on, ok := first(c.args).(bool)
		if ok {
			return inline("mark", fmt.Sprint(on)), nil
		}
	case "with_mark", "with_or_set_mark":
		combo, err := p.comboOf(first(c.args))
		if err != nil {
			return "", err
		}
		if short == "with_mark" {
			return inline("with_mark", str(p.comboText(combo))), nil
		}
		return inline("with_mark", str(p.comboText(combo)), "mark", "true"), nil
	case "keymap", "define_keymap":
		for _, a := range c.args {
			if d, ok := a.(*pyDict); ok {
				return p.sequence(d)
			}
		}
	case "launch", "run", "Popen", "call", "check_call", "launch_detached":
		if l, ok := first(c.args).([]any); ok {
			if args, ok := texts(l); ok && len(args) > 0 {
				return inline("run", array(strs(args))), nil
			}
		}
		if s, ok := first(c.args).(string); ok {
			return runText(s)
		}
	case "system":
		if s, ok := first(c.args).(string); ok {
			return runText(s)
		}
	case "iEF2NT", "is_Enter_F2_NT":
		if p.extends != "none" {
			set := inline("set", inline("rename", "true"))
			if len(c.args) == 0 {
				return set, nil
			}
			a, err := p.action(first(c.args))
			return array([]string{set, a}), err
		}
	case "MultiTap", "multi_tap", "multitap":
		return p.taps(c)
	}
	return "", fmt.Errorf("toshy has no counterpart for the command %s(...)", c.name)
}

// unicodeText is a character, or its number if it is invisible.
func unicodeText(r rune) string {
	if strconv.IsPrint(r) && r != ' ' && !unicode.IsMark(r) {
		return string(r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// runText splits a command line that a shell would not change.
func runText(s string) (string, error) {
	if strings.ContainsAny(s, `|&;<>()$`+"`"+`\"'*?[]#~=%!{}`) {
		return "", fmt.Errorf("the command %q needs a shell: { run = [\"sh\", \"-c\", ...] }", s)
	}
	if len(strings.Fields(s)) == 0 {
		return "", fmt.Errorf("an empty command")
	}
	return inline("run", array(strs(strings.Fields(s)))), nil
}

// taps translates a multi-tap: a dictionary, arguments in order, or tap_1=, tap_2=.
func (p *python) taps(c *pyCall) (string, error) {
	var levels [5]any
	put := func(i int, v any) error {
		if i < 1 || i > len(levels) {
			return fmt.Errorf("%d taps: at most %d are counted", i, len(levels))
		}
		levels[i-1] = v
		return nil
	}
	for i, a := range c.args {
		if d, ok := a.(*pyDict); ok && i == 0 {
			for j, k := range d.keys {
				n, ok := k.(float64)
				if !ok {
					return "", fmt.Errorf("a multi-tap whose numbers are put together while the file runs")
				}
				if err := put(int(n), d.values[j]); err != nil {
					return "", err
				}
			}
			continue
		}
		if err := put(i+1, a); err != nil {
			return "", err
		}
	}
	var rest []string
	for _, k := range c.kws {
		digits := strings.Trim(k, "abcdefghijklmnopqrstuvwxyz_") // tap_1, tap_1_action
		if n, err := strconv.Atoi(digits); err == nil {
			if err := put(n, c.kw[k]); err != nil {
				return "", err
			}
			continue
		}
		seconds, ok := c.kw[k].(float64)
		switch {
		case ok && k == "tap_interval":
			rest = append(rest, "interval", str(asTime(seconds)))
		case ok && k == "min_tap_delay":
			rest = append(rest, "min_delay", str(asTime(seconds)))
		default:
			return "", fmt.Errorf("%s of a multi-tap is not known", k)
		}
	}
	last := -1
	for i, v := range levels {
		if v != nil {
			last = i
		}
	}
	if last < 0 {
		return "", fmt.Errorf("a multi-tap without actions")
	}
	var out []string
	for _, v := range levels[:last+1] {
		if v == nil {
			out = append(out, str("nothing"))
			continue
		}
		a, err := p.action(v)
		if err != nil {
			return "", err
		}
		out = append(out, a)
	}
	return inline(slices.Concat([]string{"taps", array(out)}, rest)...), nil
}

// asTime is a number of seconds as a time.
func asTime(s float64) string {
	return duration(time.Duration(math.Round(s*1e6)) * time.Microsecond)
}

// duration is a time as it is written.
func duration(d time.Duration) string {
	s := d.String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	return s
}
