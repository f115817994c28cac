package config

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// This file warns about configurations that do something other than most people who write them expect.

// builtinTypes are the keyboard types of the built-in configurations, with other names for each.
var builtinTypes = []string{"apple", "chromebook", "ibm", "windows"}

// doubtful warns about keyboard types that no rule tests, and about actions that do not do what they seem to say.
func (b *builder) doubtful() {
	for _, r := range b.config.Keyboards {
		if r.layer == 0 {
			b.doubtfulType(r)
		}
	}
	for _, kind := range []string{"keymap", "layer", "chord"} {
		for _, s := range b.sections(kind) {
			for _, n := range s.nodes {
				if b.own(n) {
					for _, part := range keymapParts {
						b.doubtfulActions(n.get(part))
					}
				}
			}
		}
	}
}

// doubtfulType warns about a type that no rule tests but that is similar to one that rules test.
func (b *builder) doubtfulType(r KeyboardRule) {
	if r.Type == "" || slices.Contains(builtinTypes, r.Type) || b.typeAsked(r.Type) {
		return
	}
	near := nearest(r.Type, builtinTypes)
	if near == "" {
		near = map[string]string{"mac": "apple", "macbook": "apple", "magic": "apple", "pc": "windows", "win": "windows", "chrome": "chromebook", "thinkpad": "ibm", "ansi": "windows", "iso": "windows"}[r.Type]
	}
	hint := "the built-in rules know " + quoted(builtinTypes)
	if near != "" {
		hint = fmt.Sprintf("did you mean %q? ", near) + hint
	}
	for _, d := range b.docs {
		if d.layer != 0 {
			continue
		}
		for _, n := range b.tables(d.root, "keyboard", "keyboard") {
			if t := n.get("type"); t != nil && origin(n.keySpan()) == r.Origin {
				b.ps.warn(t.valueSpan(), hint, "no rule asks for keyboards of type %q", t.str())
			}
		}
	}
}

// typeAsked says whether a condition of the program tests for a type.
func (b *builder) typeAsked(name string) bool {
	return b.asksAll || slices.ContainsFunc(b.asked, func(s string) bool { return strings.EqualFold(s, name) })
}

// asks notes that a condition tests for keyboard types; without a list, for any type.
func (b *builder) asks(f remap.Field, types []string) {
	if f == remap.FieldKeyboard {
		b.asked = append(b.asked, types...)
		b.asksAll = b.asksAll || types == nil
	}
}

// doubtfulActions warns about actions in a table of entries.
func (b *builder) doubtfulActions(n *node) {
	if n == nil || n.kind != kindTable && n.kind != kindArray {
		return
	}
	for _, k := range n.kids {
		switch {
		case k.key == "run" && k.kind == kindArray && len(k.kids) > 0:
			b.doubtfulRun(k)
		case k.key == "text" && k.kind == kindString && strings.ContainsAny(k.str(), "-+") && !strings.Contains(k.str(), " "):
			if c, err := key.ParseCombo(k.str(), b.lookupMod); err == nil && len(c.Mods) > 0 && k.str()[:1] == strings.ToUpper(k.str()[:1]) {
				b.ps.warn(k.valueSpan(), fmt.Sprintf("to press it, write %q without text", k.str()), "this types the letters %q", k.str())
			}
		default:
			b.doubtfulActions(k)
		}
	}
}

// doubtfulRun warns about commands that need a shell, because toshy uses none.
func (b *builder) doubtfulRun(n *node) {
	program := n.kids[0].str()
	if slices.Contains([]string{"sh", "bash", "zsh", "fish", "dash"}, program[strings.LastIndexByte(program, '/')+1:]) {
		return
	}
	if strings.ContainsAny(program, " \t") && !strings.HasPrefix(program, "/") {
		b.ps.warn(n.kids[0].valueSpan(), "write each argument as a separate text: run = ["+quoted(append(strings.Fields(program), rest(n)...))+"]", "no program is likely to be called %q", program)
		return
	}
	for _, k := range n.kids {
		s := k.str()
		switch {
		case strings.HasPrefix(s, "~/") || strings.HasPrefix(s, "$HOME/") || strings.HasPrefix(s, "${"):
			b.ps.warn(k.valueSpan(), `write the whole path, or have a shell do it: run = ["sh", "-c", "..."]`, "no shell reads this, so %q is not expanded", s)
		case s == "&&" || s == "||" || s == "|" || s == ";" || s == ">" || s == ">>" || s == "&" || s == "2>&1":
			b.ps.warn(k.valueSpan(), `have a shell do it: run = ["sh", "-c", "..."]`, "no shell reads this: %q is an argument of %s", s, program)
		}
	}
}

func rest(n *node) (list []string) {
	for _, k := range n.kids[1:] {
		list = append(list, k.str())
	}
	return list
}
