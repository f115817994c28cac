package main

import (
	"errors"
	"fmt"
	"strings"

	"toshy/cmd/internal/program"
	"toshy/remap/key"
)

// This file is about words in scripts that mean something else in configurations: a script names keys of the keyboard, and a
// configuration calls modifiers by names that keys have, too.

// withCombos adds to a mistake what to write for lines that are combos: "Ctrl-C" is no row of events.
func withCombos(err error, lines []string) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	for _, l := range lines {
		l = strings.TrimSpace(l)
		c, err := key.ParseCombo(strings.TrimLeft(l, "+"), nil)
		if err != nil || len(c.Mods) == 0 {
			continue
		}
		if said := strings.TrimLeft(l, "+"); labelled().MatchString(said) {
			f.hints = append(f.hints, fmt.Sprintf("a script has keys that go down and up; \"toshy explain %s\" says which keys that combo is, and what it does", said))
			break
		}
		var down, up string
		for _, m := range c.Mods {
			if m.IsGeneric() {
				m = m.Left()
			}
			down, up = down+"+"+m.Code().String()+" ", " -"+m.Code().String()+up
		}
		f.hints = append(f.hints, fmt.Sprintf("a script has keys that go down and up: '%s+%s -%[2]s%s'; \"toshy explain %s\" says what a combo does", down, c.Key, up, strings.TrimLeft(l, "+")))
		break
	}
	return err
}

// labelled finds the modifiers that a configuration may have moved to another key than the one of that name.
var labelled = pattern(`(?i)\b(?:cmd|command|opt|option)\b`)

var modifierWord = pattern(`(?im)^[ \t]*(?:[-+~]?\S+[ \t]+)*?[-+~]?(cmd|command|opt)(?:[ \t]|$)`)

// aboutModifiers says so if a script has a word for a key that the configuration also calls a modifier: they need not be the same
// key. "": it has none.
func aboutModifiers(p *program.Program, text string) string {
	for line := range strings.Lines(text) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToLower(first) {
		case "app", "title", "exe", "device", "#":
			continue
		}
		m := modifierWord().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if _, named := p.Modifier(m[1]); named {
			k, _ := key.Parse(m[1])
			return fmt.Sprintf("%q in a script is the key %s; \"toshy explain %[1]s-C\" says which key is the modifier of that name", m[1], k)
		}
	}
	return ""
}
