// Package keycheck finds out the type of a keyboard from the keys next to its space bar, because its name and numbers may
// be misleading.
package keycheck

import (
	"errors"
	"fmt"
	"strings"

	"toshy/config"
	"toshy/remap/key"
)

// A Press is a key that went down.
type Press struct {
	Keyboard string // an identifier that distinguishes keyboards
	Key      key.Code
}

// A Check asks for keys, one after the other, and treats each press as the answer.
type Check struct {
	keyboard string
	pressed  []key.Code
}

// The questions, in this order. The last one is asked only if the others do not decide.
const (
	beside = iota
	second
	capsLock
)

var questions = [...]string{
	beside:   "Hold down the key to the left of the space bar, press Shift, and release both.",
	second:   "Now the same with the key to the left of that one. Skip the Fn key.",
	capsLock: "Now the same with the key to the left of A.",
}

// Question is what the user must do next, "" once the type is known.
func (c *Check) Question() string {
	if n := len(c.pressed); n < len(questions) && (n < capsLock || c.ambiguous()) {
		return questions[n]
	}
	return ""
}

// ambiguous says whether only the key to the left of A can decide.
func (c *Check) ambiguous() bool {
	return len(c.pressed) == capsLock && c.pressed[beside] == key.LeftAlt && c.pressed[second] == key.LeftCtrl
}

// ErrOther says that a press came from another keyboard than the previous one.
var ErrOther = errors.New("that was another keyboard")

// Answer handles a press. It returns false for keys that are not an answer, and ignores them.
func (c *Check) Answer(p Press) (bool, error) {
	_, isMod := key.ModOf(p.Key)
	if !isMod && p.Key != key.CapsLock || p.Key == key.Fn || p.Key == key.LeftShift || p.Key == key.RightShift {
		return false, nil
	}
	if len(c.pressed) > 0 && p.Keyboard != c.keyboard {
		return false, ErrOther
	}
	c.keyboard, c.pressed = p.Keyboard, append(c.pressed, p.Key)
	return true, nil
}

// Keyboard is the keyboard that was checked.
func (c *Check) Keyboard() string { return c.keyboard }

// Seen says which keys were pressed, for a comment.
func (c *Check) Seen() string {
	names := make([]string, len(c.pressed))
	for i, k := range c.pressed {
		names[i] = k.String()
	}
	return strings.Join(names, ", then ")
}

// Type is the type of the keyboard, after the last question; "" if no type has its keys in this order.
func (c *Check) Type() string {
	if len(c.pressed) < capsLock {
		return ""
	}
	switch a, b := c.pressed[beside], c.pressed[second]; {
	case a == key.LeftMeta && b == key.LeftAlt:
		return "apple"
	case a == key.LeftAlt && b == key.LeftMeta:
		return "windows"
	case len(c.pressed) > capsLock && a == key.LeftAlt && b == key.LeftCtrl && c.pressed[capsLock] == key.LeftMeta:
		return "chromebook"
	case len(c.pressed) > capsLock && a == key.LeftAlt && b == key.LeftCtrl && c.pressed[capsLock] == key.CapsLock:
		return "ibm"
	}
	return ""
}

// Rule is the rule that gives the keyboard its type in a configuration.
func Rule(id config.Identity, typ, seen string) string {
	var match []string
	if id.Vendor != 0 || id.Product != 0 {
		match = append(match, fmt.Sprintf("vendor = %#04x, product = %#04x", id.Vendor, id.Product))
	}
	if id.Name != "" {
		match = append(match, "name = "+config.Quote(id.Name))
	}
	return fmt.Sprintf("# From the space bar to the left: %s (toshy keycheck).\n[[keyboard]]\nmatch = { %s }\ntype = %q\n", seen, strings.Join(match, ", "), typ)
}

// Add adds a rule to the end of a configuration.
func Add(text, rule string) string {
	if strings.TrimSpace(text) == "" {
		return rule
	}
	return strings.TrimRight(text, "\n") + "\n\n" + rule
}
