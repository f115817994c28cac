package config

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"toshy/remap"
)

// Actions that send something: combos, texts, commands, pointer movements.

func (b *builder) holdAction(_, v *node) *remap.Action {
	a := b.sendAction(v, remap.DoCombo)
	if a == nil {
		return nil
	}
	if len(a.Combo.Mods) == 0 {
		b.ps.error(v.valueSpan(), `{ hold = "Alt-Tab" } keeps Alt down`, "hold keeps the first modifier of a combo down, but this combo has no modifier")
		return nil
	}
	return remap.Hold(a.Combo)
}

func comboAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action { return b.sendAction(v, k) }
}

func textAction(k remap.ActionKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		s, ok := b.textValue(v)
		if !ok {
			return nil
		}
		if k == remap.DoUnicode {
			s = codePoint(s)
		}
		return &remap.Action{Kind: k, Text: s}
	}
}

// codePoint reads "U+221E"; any other text stays the same.
func codePoint(s string) string {
	var r rune
	if hex, ok := strings.CutPrefix(s, "U+"); ok && len(hex) >= 4 && len(hex) <= 6 {
		var rest string
		if n, _ := fmt.Sscanf(hex+" ", "%x%s", &r, &rest); n == 1 && utf8.ValidRune(r) {
			return string(r)
		}
	}
	return s
}

func (b *builder) textValue(v *node) (string, bool) {
	if !b.is(v, kindString, name(v.key, "a text")) {
		return "", false
	}
	if n := utf8.RuneCountInString(v.str()); n == 0 || n > remap.MaxText {
		b.ps.error(v.valueSpan(), "", "%s has 1 to %d characters, not %d", name(v.key, "this text"), remap.MaxText, n)
		return "", false
	}
	return v.str(), true
}

func effectAction(k remap.EffectKind) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		s, ok := b.textValue(v)
		if !ok {
			return nil
		}
		return &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: k, Text: s}}
	}
}

func plainAction(a remap.Action) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		if on, ok := v.value.(bool); !ok || !on {
			b.ps.error(v.valueSpan(), fmt.Sprintf("{ %s = true }", v.key), "%s is true, not %s", v.key, shown(v))
			return nil
		}
		c := a
		return &c
	}
}

func (b *builder) runAction(_, v *node) *remap.Action {
	if v.kind != kindArray {
		hint := `run = ["kitty", "--single-instance"]`
		if v.kind == kindString {
			hint = "no shell reads it: run = [" + quoted(strings.Fields(v.str())) + "]"
		}
		b.ps.error(v.valueSpan(), hint, "run is a list: the program, then its arguments")
		return nil
	}
	var args []string
	for _, e := range b.strings(v) {
		args = append(args, e.str())
	}
	if len(args) == 0 || args[0] == "" {
		b.ps.error(v.valueSpan(), `run = ["kitty"]`, "run needs a program")
		return nil
	}
	return &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectRun, Args: args}}
}

// Relative axes of linux/input-event-codes.h.
const (
	relX      = 0x00
	relY      = 0x01
	relHWheel = 0x06
	relWheel  = 0x08
)

func (b *builder) steps(v *node) int32 {
	i, ok := v.value.(int64)
	if !ok || i < -maxSteps || i > maxSteps {
		b.ps.error(v.valueSpan(), "wheel = 1 turns up, -1 down; hwheel = 1 turns right; move = [10, 0] moves right", "this is a whole number from -%d to %d", maxSteps, maxSteps)
		return 0
	}
	return int32(i)
}

func (b *builder) moveAction(_, v *node) *remap.Action {
	if v.kind != kindArray || len(v.kids) != 2 {
		b.ps.error(v.valueSpan(), "move = [10, 0] moves to the right", "move is a list of two numbers: right and down")
		return nil
	}
	var list []*remap.Action
	for i, axis := range []uint16{relX, relY} {
		if n := b.steps(v.kids[i]); n != 0 {
			list = append(list, &remap.Action{Kind: remap.DoPointer, Axis: axis, Value: n})
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return remap.List(list...)
}

func wheelAction(axis uint16) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, _, v *node) *remap.Action {
		return &remap.Action{Kind: remap.DoPointer, Axis: axis, Value: b.steps(v)}
	}
}

// turboAction reads { turbo = ACTION, every = TIME }.
func (b *builder) turboAction(n, v *node) *remap.Action {
	a := b.action(v)
	if a == nil {
		return nil
	}
	if !a.Steady() {
		b.ps.error(v.valueSpan(), `{ turbo = "Space", every = "50ms" }; what starts or switches something, holds or waits cannot be repeated like this`, "turbo repeats combos, texts and movements, and lists of these")
		return nil
	}
	turbo := &remap.Action{Kind: remap.DoTurbo, List: []*remap.Action{a}, Time: 50 * time.Millisecond}
	if t := n.get("every"); t != nil {
		turbo.Time = b.duration(t, remap.ShortestTurbo, maxTurbo)
	}
	return turbo
}

// glideAction reads { pointer = "left" } and { scroll = "up" }. The vertical axis of a pointer points down, that of a wheel
// up.
func glideAction(usual int32, horizontal, vertical uint16) func(*builder, *node, *node) *remap.Action {
	return func(b *builder, n, v *node) *remap.Action {
		if _, is := v.value.(int64); is {
			b.ps.error(v.valueSpan(), "move = [10, 0] and wheel = 1 move once", "%s needs a direction: %s", v.key, quoted(directions))
			return nil
		}
		direction := directions[b.choice(v, directions...)]
		a := &remap.Action{Kind: remap.DoGlide, Axis: vertical, Value: usual, Time: 500 * time.Millisecond}
		if direction == "left" || direction == "right" {
			a.Axis = horizontal
		}
		if s := n.get("speed"); s != nil {
			most := int64(remap.MaxSpeed)
			if vertical == relWheel {
				most = maxScroll
			}
			speed, ok := s.value.(int64)
			if !ok || speed < 1 || speed > most {
				b.ps.error(s.valueSpan(), "a pointer's usual speed is 1000 points per second, that of a wheel 20 steps", "a speed here is a whole number from 1 to %d", most)
				return nil
			}
			a.Value = int32(speed)
		}
		if t := n.get("acceleration"); t != nil {
			a.Time = b.duration(t, 0, maxAcceleration)
		}
		if direction == "left" || direction == "up" && a.Axis == relY || direction == "down" && a.Axis == relWheel {
			a.Value = -a.Value
		}
		return a
	}
}
