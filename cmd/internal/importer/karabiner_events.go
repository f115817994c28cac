package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// result translates the output: to, and to_if_alone.
func (k *karabiner) result(m *yaml.Node, layer string) (meaning, error) {
	alone := elements(orNull(get(m, "to_if_alone")))
	held := elements(orNull(get(m, "to_if_held_down")))
	delayed := get(m, "to_delayed_action")
	if name, rest := onceVariable(m); name != "" && k.variables[name] != nil && k.variables[name].layer {
		return k.forNextKey(name, rest, m)
	}
	if len(held) > 0 && layer == "" && len(alone) > 0 {
		return k.heldDown(m, alone, held, delayed)
	}
	if len(held) > 0 && layer == "" && delayed == nil && len(elements(orNull(get(m, "to")))) == 0 {
		return k.onlyHeld(m, held)
	}
	for _, part := range []string{"to_if_held_down", "to_delayed_action"} {
		if n := get(m, part); n != nil && len(n.Content) > 0 {
			if len(elements(orNull(get(m, "to")))) == 0 {
				return meaning{}, fmt.Errorf("toshy has no counterpart for %s", part)
			}
			k.doc.lost(n.Line, "toshy has no counterpart for %s", part)
		}
	}
	after := append(elements(orNull(get(m, "to_after_key_up"))), elements(orNull(get(orNull(get(orNull(get(m, "from")), "simultaneous_options")), "to_after_key_up")))...)
	timing := []string{"preset", str("hold_on_press"), "timeout", str(k.parameter(m, "basic.to_if_alone_timeout_milliseconds", 1000))}
	var hold meaning
	if layer != "" {
		hold = *holdsLayer(layer)
		k.board.plane(layer, m.Line)
	} else {
		var err error
		if hold, err = k.events(elements(orNull(get(m, "to")))); err == nil && len(after) > 0 {
			hold, err = k.untilUp(hold, after, m)
		}
		if err != nil {
			return hold, err
		}
	}
	if len(alone) == 0 {
		if layer != "" {
			return doesAction(inline("layer", str(layer))), nil
		}
		return hold, nil
	}
	tap, err := k.events(alone)
	if err != nil {
		return tap, fmt.Errorf("to_if_alone: %w", err)
	}
	return meaning{tap: &tap, hold: &hold, timing: timing}, nil
}

// parameter is a time of a manipulator, or of its profile.
func (k *karabiner) parameter(m *yaml.Node, name string, ms float64) string {
	for _, n := range []*yaml.Node{k.defaults, get(m, "parameters")} {
		if t := get(orNull(n), name); t != nil {
			if f, err := strconv.ParseFloat(t.Value, 64); err == nil {
				ms = f
			}
		}
	}
	return asTime(min(max(ms, 1), 60_000) / 1000)
}

// heldDown translates a key that has one meaning alone and another after it was held for a time: a letter that becomes a
// modifier. With to_if_canceled, another key during this time makes it the letter at once.
func (k *karabiner) heldDown(m *yaml.Node, alone, held []*yaml.Node, delayed *yaml.Node) (meaning, error) {
	tap, err := k.events(alone)
	if err != nil {
		return tap, fmt.Errorf("to_if_alone: %w", err)
	}
	late, err := k.events(held)
	if err != nil {
		return late, fmt.Errorf("to_if_held_down: %w", err)
	}
	timing := []string{"timeout", str(k.parameter(m, "basic.to_if_held_down_threshold_milliseconds", 500))}
	to := elements(orNull(get(m, "to")))
	switch {
	case len(to) > 0 && delayed == nil: // while it is held, at once
		hold, err := k.events(to)
		if err == nil && hold.value() != late.value() {
			timing = append(timing, "on_timeout", late.value())
		}
		return meaning{tap: &tap, hold: &hold, timing: append(timing, "preset", str("hold_on_press"))}, err
	case len(to) > 0:
		return meaning{}, errors.New("toshy has no counterpart for this use of to_delayed_action")
	case delayed == nil:
		k.doc.note(m.Line, "another key that is pressed meanwhile waits until this one is decided")
		return meaning{tap: &tap, hold: &late, timing: append(timing, "preset", str("tap_preferred"))}, nil
	}
	canceled, err := k.events(elements(orNull(get(delayed, "to_if_canceled"))))
	if err != nil {
		return canceled, fmt.Errorf("to_if_canceled: %w", err)
	}
	if canceled.value() != tap.value() || len(elements(orNull(get(delayed, "to_if_invoked")))) > 0 {
		return meaning{}, errors.New("to_delayed_action that sends something else than to_if_alone")
	}
	if tap.plain() { // which may not be the same as the hold
		tap = doesAction(inline("tap", str(keyText(tap.key))))
	}
	return meaning{tap: &tap, hold: &canceled, timing: append(timing, "preset", str("hold_on_press"), "on_timeout", late.value())}, nil
}

// forNextKey translates a rule that turns a layer on for the next key.
func (k *karabiner) forNextKey(name string, rest []*yaml.Node, m *yaml.Node) (meaning, error) {
	k.board.plane(name, m.Line)
	k.doc.note(m.Line, "the layer %q waits for the next key here, without an end of time", name)
	once := inline("layer", str(name), "once", "true")
	if len(rest) == 0 {
		return doesAction(once), nil
	}
	is, err := k.events(rest)
	switch {
	case err != nil:
		return is, err
	case is.mods != "" || is.plain() && isModifier(is.key):
		return is, errors.New("a modifier that is pressed twice: write { tap = { one_shot = ... } } or { taps = [...] }")
	}
	return doesAction(array([]string{is.value(), once})), nil
}

// untilUp translates a rule that sends something else when its key is released.
func (k *karabiner) untilUp(down meaning, after []*yaml.Node, m *yaml.Node) (meaning, error) {
	up, err := k.events(after)
	switch {
	case err != nil:
		return up, fmt.Errorf("to_after_key_up: %w", err)
	case down.mods != "" || down.plain() && isModifier(down.key) || up.mods != "" || up.plain() && isModifier(up.key):
		return down, errors.New("to_after_key_up beside a modifier: write a rule with press and release")
	case len(elements(orNull(get(m, "to")))) == 0:
		return doesAction(inline("release", up.value())), nil
	case down.plain() || strings.HasPrefix(down.do, `"`):
		k.doc.note(m.Line, "to is tapped here when the key goes down, and not held")
	}
	return doesAction(inline("press", down.value(), "release", up.value())), nil
}

// onlyHeld translates a key that does nothing unless it is held for a time.
func (k *karabiner) onlyHeld(m *yaml.Node, held []*yaml.Node) (meaning, error) {
	late, err := k.events(held)
	if err != nil {
		return late, fmt.Errorf("to_if_held_down: %w", err)
	}
	tap := doesAction(array([]string{str("nothing")})) // a word alone would be a key
	k.doc.note(m.Line, "another key that is pressed meanwhile waits until this one is decided")
	return meaning{tap: &tap, hold: &late, timing: []string{"preset", str("tap_preferred"), "timeout", str(k.parameter(m, "basic.to_if_held_down_threshold_milliseconds", 500))}}, nil
}

// events translates a list of events to send.
func (k *karabiner) events(list []*yaml.Node) (meaning, error) {
	var out []string
	for _, e := range list {
		m, err := k.event(e)
		if err != nil {
			return m, err
		}
		if len(list) == 1 {
			return m, nil
		}
		if m.do == "" {
			m.do = m.value()
		}
		out = append(out, m.do)
	}
	if len(out) == 0 {
		return doesAction(str("block")), nil
	}
	return doesAction(array(out)), nil
}

// openPage is the command of macOS that opens a web page.
var openPage = pattern(`^\s*open\s+(?:'(https?://[^']+)'|"(https?://[^"$\x60\\]+)"|(https?://[^\s'"$\x60\\;&|<>(){}*?]+))\s*$`)

func (k *karabiner) event(e *yaml.Node) (meaning, error) {
	if s := get(e, "shell_command"); s != nil {
		if m := openPage().FindStringSubmatch(s.Value); m != nil {
			return doesAction(inline("run", array(strs([]string{"xdg-open", m[1] + m[2] + m[3]})))), nil
		}
		if strings.HasPrefix(s.Value, "open ") || strings.Contains(s.Value, "osascript") {
			return meaning{}, fmt.Errorf("%s is a command of macOS", s.Value)
		}
		k.doc.note(s.Line, "the command runs unchanged: check that the program exists")
		return doesAction(inline("run", array(strs([]string{"sh", "-c", s.Value})))), nil
	}
	if get(e, "set_variable") != nil {
		name, value := setting(e)
		if v := k.variables[name]; v != nil && !v.layer && value != "" {
			return doesAction(inline("set", inline(v.name, str(value)))), nil
		}
		return meaning{}, fmt.Errorf("the variable %q and its value", name)
	}
	if s := get(e, "sticky_modifier"); s != nil {
		return stickyModifier(s)
	}
	if n := get(e, "mouse_key"); n != nil {
		return k.mouseKey(n)
	}
	if n := karabinerName(e); n == "vk_none" {
		return doesAction(str("block")), nil
	}
	c, ok := k.key(e)
	if !ok {
		return meaning{}, fmt.Errorf("toshy has no counterpart for %s", karabinerName(e))
	}
	var codes []key.Code
	for _, w := range values(orNull(get(e, "modifiers"))) {
		m, ok := karabinerMods[w]
		if !ok {
			return meaning{}, fmt.Errorf("the modifier %s is not known", w)
		}
		codes = append(codes, m.Code())
	}
	return meaningOfKeys(append(codes, c))
}

// stickyModifier translates a modifier that applies to the next key.
func stickyModifier(n *yaml.Node) (meaning, error) {
	list := pairs(n)
	if len(list) != 1 {
		return meaning{}, errors.New("sticky_modifier of several modifiers")
	}
	m, ok := karabinerMods[list[0].key]
	switch {
	case !ok:
		return meaning{}, fmt.Errorf("the modifier %s is not known", list[0].key)
	case list[0].value.Value == "toggle":
		return doesAction(inline("one_shot", str(comboWord(m)), "again", str("cancel"))), nil
	case list[0].value.Value == "on":
		return doesAction(inline("one_shot", str(comboWord(m)))), nil
	}
	return doesAction(inline("cancel", "true")), nil
}

// mouseKey translates a movement in one direction that continues while the key is held.
func (k *karabiner) mouseKey(n *yaml.Node) (meaning, error) {
	what, direction, speed := "", "", 0.0
	for _, p := range pairs(n) {
		names := map[string][3]string{"x": {"pointer", "left", "right"}, "y": {"pointer", "up", "down"}, "vertical_wheel": {"scroll", "up", "down"}, "horizontal_wheel": {"scroll", "right", "left"}}[p.key]
		f, err := strconv.ParseFloat(p.value.Value, 64)
		switch {
		case err != nil || names[0] == "" || f != 0 && what != "":
			return meaning{}, fmt.Errorf("mouse_key with %s: write { pointer = \"left\", speed = 1000 } or { scroll = \"up\", speed = 20 }", p.key)
		case f < 0:
			what, direction, speed = names[0], names[1], -f
		case f > 0:
			what, direction, speed = names[0], names[2], f
		}
	}
	if what == "" {
		return meaning{}, errors.New("mouse_key without a movement")
	}
	most := 10_000.0
	if what == "scroll" {
		most = 200
	}
	k.doc.note(n.Line, "the speed of the pointer and of the wheel is not Karabiner's: try it and change speed")
	return doesAction(inline(what, str(direction), "speed", strconv.Itoa(int(min(max(speed, 1), most))))), nil
}
