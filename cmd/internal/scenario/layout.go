package scenario

import (
	"fmt"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// Layout reads a keyboard layout in the form of scenarios, one line per key or character:
//
//	# French
//	key q a           the key that is Q on a US keyboard types what A does there
//	text é 2          one keystroke types it, in the names of the keys of a US keyboard
//	text E shift-e
//	text ê leftbrace e
//	spare 😀 leftshift setup macro   one keystroke with the keys before it held, which need be no modifiers
//	uncorrected       combos stay where they are on a US keyboard
//
// Without text lines text is typed on US positions.
func Layout(s string) (*remap.Layout, error) {
	l := &remap.Layout{Map: make(map[key.Code]key.Code), Correct: true}
	n := 0
	for line := range strings.Lines(s) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if err := layoutLine(l, words); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return l, nil
}

func layoutLine(l *remap.Layout, words []string) error {
	switch {
	case words[0] == "key" && len(words) == 3:
		from, ok := key.Parse(words[1])
		to, known := key.Parse(words[2])
		if !ok || !known {
			return fmt.Errorf("unknown key in %q", strings.Join(words, " "))
		}
		l.Map[from] = to
	case words[0] == "text" && len(words) > 2:
		var steps []remap.Step
		for _, w := range words[2:] {
			c, err := key.ParseCombo(w, nil)
			if err != nil {
				return err
			}
			step := remap.Step{Key: c.Key}
			for _, m := range c.Mods {
				step.Mods = append(step.Mods, m.Code())
			}
			steps = append(steps, step)
		}
		if l.Symbols == nil {
			l.Symbols = make(map[string][]remap.Step)
		}
		l.Symbols[words[1]] = steps
	case words[0] == "spare" && len(words) > 2:
		var step remap.Step
		for i, w := range words[2:] {
			c, ok := key.Parse(w)
			if !ok {
				return fmt.Errorf("unknown key %q", w)
			}
			if i < len(words)-3 {
				step.Mods = append(step.Mods, c)
			} else {
				step.Key = c
			}
		}
		if l.Symbols == nil {
			l.Symbols = make(map[string][]remap.Step)
		}
		l.Symbols[words[1]] = []remap.Step{step}
	case words[0] == "uncorrected" && len(words) == 1:
		l.Correct = false
	default:
		return fmt.Errorf("%q is neither a key, nor a text or spare with its keystrokes, nor uncorrected", strings.Join(words, " "))
	}
	return nil
}
