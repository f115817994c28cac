package config

import (
	"fmt"
	"strings"

	"toshy/remap"
)

// A macro is a macro that actions record and play.
type macro struct {
	index            int
	recorded, played *node
}

// macroAction reads { record = "NAME" } and { play = "NAME" }.
func macroAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		if !b.is(v, kindString, v.key) {
			return nil
		}
		name := v.str()
		if strings.TrimSpace(name) == "" {
			b.ps.error(v.valueSpan(), fmt.Sprintf("{ %s = \"a\" }", v.key), "a macro needs a name")
			return nil
		}
		m := b.macros[name]
		if m == nil {
			if len(b.program.Macros) == remap.MaxMacros {
				b.ps.error(v.valueSpan(), "record another macro under a name that you have", "a configuration has at most %d macros", remap.MaxMacros)
				return nil
			}
			m = &macro{index: len(b.program.Macros)}
			b.macros[name] = m
			b.program.Macros = append(b.program.Macros, name)
		}
		if k == remap.DoRecord {
			m.recorded = v
		} else {
			m.played = v
		}
		return &remap.Action{Kind: k, Value: int32(m.index)}
	}
}

// checkMacros refuses macros that are played but never recorded.
func (b *builder) checkMacros() {
	var recorded []string
	for _, name := range b.program.Macros {
		if b.macros[name].recorded != nil {
			recorded = append(recorded, name)
		}
	}
	for _, name := range b.program.Macros {
		m := b.macros[name]
		switch {
		case m.recorded == nil:
			hint := didYouMean(name, recorded)
			if hint == "" || len(recorded) == 0 {
				hint = fmt.Sprintf("record it with another key: { record = %q }", name)
			}
			b.ps.error(m.played.valueSpan(), hint, "nothing records the macro %q", name)
		case m.played == nil && b.own(m.recorded):
			b.ps.warn(m.recorded.valueSpan(), fmt.Sprintf("play it with another key: { play = %q }", name), "nothing plays the macro %q", name)
		}
	}
}
