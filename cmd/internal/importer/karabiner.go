package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// karabiner translates Karabiner-Elements' karabiner.json, or a file of complex modifications.
type karabiner struct {
	doc       *document
	board     *board
	layers    map[string]bool // variables that a held key sets: layers
	keyboards map[string]string
	defaults  *yaml.Node        // parameters of the profile
	simple    map[key.Code]bool // keys that simple modifications are about
}

// Karabiner converts a configuration of Karabiner-Elements.
func Karabiner(name string, source []byte) (*Result, error) {
	top, err := readJSON(name, source)
	if err != nil {
		return nil, err
	}
	d := newDocument(name)
	k := &karabiner{doc: d, board: newBoard(d), layers: map[string]bool{}, keyboards: map[string]string{}, simple: map[key.Code]bool{}}
	if top == nil || get(top, "profiles") == nil && get(top, "rules") == nil {
		return nil, fmt.Errorf("%s: a configuration of Karabiner-Elements has \"profiles\" or \"rules\"; this file has neither: is it of another kind?", name)
	}
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	if karabinerCommand().Match(source) {
		d.note(0, "Command is the Super key here, as it is on Linux: what programs know as Command-C is Ctrl-C there; extends = \"mac\" makes it so")
	}
	profile := top
	for _, p := range elements(orNull(get(top, "profiles"))) {
		if s := get(p, "selected"); s != nil && s.Value == "true" || profile == top && get(p, "complex_modifications") != nil {
			profile = p
		}
	}
	k.profile(profile)
	k.board.emit()
	return d.finish()
}

var karabinerCommand = pattern(`"(?:left_|right_)?(?:command|gui)"`)

// orNull is a node, or an empty list for none.
func orNull(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{Kind: yaml.SequenceNode}
	}
	return n
}

func (k *karabiner) profile(p *yaml.Node) {
	rules := orNull(get(p, "rules"))
	if c := get(p, "complex_modifications"); c != nil {
		k.defaults = get(c, "parameters")
		rules = orNull(get(c, "rules"))
	}
	var list []*yaml.Node
	for _, r := range elements(rules) {
		if e := get(r, "enabled"); e != nil && e.Value == "false" {
			continue
		}
		list = append(list, elements(orNull(get(r, "manipulators")))...)
	}
	for _, m := range list {
		if v := heldVariable(m); v != "" {
			k.layers[v] = true
		}
	}
	// Of two manipulators for one key the first counts.
	slices.Reverse(list)
	for _, part := range []string{"fn_function_keys", "simple_modifications"} {
		if part == "fn_function_keys" {
			continue // what the function keys of a Mac's keyboard do; Linux has that in its own driver
		}
		for _, m := range elements(orNull(get(p, part))) {
			k.swapped(resolve(m))
			k.try(m, true)
		}
	}
	for _, dev := range elements(orNull(get(p, "devices"))) {
		k.device(dev)
	}
	for _, m := range list {
		k.try(m, false)
	}
}

// swapped notes which keys a simple modification is about: Karabiner applies it before all other rules.
func (k *karabiner) swapped(m *yaml.Node) {
	for _, e := range append(elements(orNull(get(m, "to"))), orNull(get(m, "from"))) {
		if c, ok := karabinerKey(e); ok {
			k.simple[c] = true
		}
	}
}

// device translates the keys of one keyboard.
func (k *karabiner) device(dev *yaml.Node) {
	list := elements(orNull(get(dev, "simple_modifications")))
	if len(list) == 0 {
		return
	}
	c, err := k.identifiers(get(dev, "identifiers"))
	if err != nil {
		k.doc.lost(dev.Line, "keys of one keyboard: %v", err)
		return
	}
	for _, m := range list {
		k.swapped(resolve(m))
		if err := k.manipulator(m, &c, true); err != nil {
			k.doc.lost(m.Line, "%v", err)
		}
	}
}

func (k *karabiner) try(m *yaml.Node, simple bool) {
	m = resolve(m)
	if err := k.manipulator(m, nil, simple); err != nil {
		k.doc.lost(m.Line, "%v", err)
	}
}

// heldVariable is the variable that a manipulator sets while its key is held, "" for none.
func heldVariable(m *yaml.Node) string {
	name := setVariable(m, "to")
	if name == "" || name != setVariable(m, "to_after_key_up") {
		return ""
	}
	return name
}

func setVariable(m *yaml.Node, part string) string {
	for _, e := range elements(orNull(get(m, part))) {
		if v := get(e, "set_variable"); v != nil {
			if n := get(v, "name"); n != nil {
				return n.Value
			}
		}
	}
	return ""
}

// manipulator translates one rule. A simple one counts whatever modifiers are down.
func (k *karabiner) manipulator(m *yaml.Node, device *cond, simple bool) error {
	from := get(m, "from")
	if t := get(m, "type"); t != nil && t.Value != "basic" || from == nil || from.Kind != yaml.MappingNode {
		return errors.New("a manipulator that is not basic")
	}
	layer := heldVariable(m)
	if layer == "" && len(elements(orNull(get(m, "to_after_key_up")))) > 0 {
		return errors.New("to_after_key_up: what happens when the key goes up")
	}
	p, err := k.conditions(get(m, "conditions"))
	if err != nil {
		return err
	}
	if device != nil {
		name := "when " + device.text
		p = k.board.plane(name, m.Line)
		p.layer, p.when = false, *device
	}
	is, err := k.result(m, layer)
	if err != nil {
		return err
	}
	if s := get(from, "simultaneous"); s != nil {
		return k.simultaneous(p, s, is, m)
	}
	c, ok := karabinerKey(from)
	if !ok {
		return fmt.Errorf("the key %s is not known", karabinerName(from))
	}
	mods, any, err := k.mandatory(from)
	if err != nil {
		return err
	}
	if len(mods) == 0 {
		if !simple && k.simple[c] {
			return fmt.Errorf("simple_modifications change %s before this rule: write it for the key that becomes %s", karabinerName(from), karabinerName(from))
		}
		if !any && !simple && !isModifier(c) && is.plain() && !isModifier(is.key) && p == k.board.main {
			is = doesAction(is.value())
		}
		is.exact = !any && !simple
		k.board.put(p, c, is, m.Line)
		return nil
	}
	if is.tap != nil || isModifier(c) {
		return errors.New("a key that is tapped or held, or a modifier, together with modifiers")
	}
	if is.do == "" {
		is.do = is.value()
	}
	title := "combos"
	if p != k.board.main {
		title = p.name + " combos"
	}
	k.board.combo(title, key.Combo{Mods: mods, Key: c}, is.do, !any, p.when, m.Line)
	return nil
}

// result translates what comes out: to, and to_if_alone.
func (k *karabiner) result(m *yaml.Node, layer string) (meaning, error) {
	alone := elements(orNull(get(m, "to_if_alone")))
	held := elements(orNull(get(m, "to_if_held_down")))
	delayed := get(m, "to_delayed_action")
	if len(held) > 0 && layer == "" && len(alone) > 0 {
		return k.heldDown(m, alone, held, delayed)
	}
	for _, part := range []string{"to_if_held_down", "to_delayed_action"} {
		if n := get(m, part); n != nil && len(n.Content) > 0 {
			if len(elements(orNull(get(m, "to")))) == 0 {
				return meaning{}, fmt.Errorf("%s is not translated", part)
			}
			k.doc.lost(n.Line, "%s is not translated", part)
		}
	}
	timing := []string{"preset", str("hold_on_press"), "timeout", str(k.parameter(m, "basic.to_if_alone_timeout_milliseconds", 1000))}
	var hold meaning
	if layer != "" {
		hold = *holdsLayer(layer)
		k.board.plane(layer, m.Line)
	} else {
		var err error
		if hold, err = k.events(elements(orNull(get(m, "to")))); err != nil {
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

// heldDown translates a key that is one thing alone and another when it has been held for a time: a letter that becomes a
// modifier. With to_if_canceled another key in this time makes it the letter at once.
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
		return meaning{}, errors.New("to_delayed_action is not translated")
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

// events translates a list of what is sent.
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

func (k *karabiner) event(e *yaml.Node) (meaning, error) {
	if s := get(e, "shell_command"); s != nil {
		if strings.HasPrefix(s.Value, "open ") || strings.Contains(s.Value, "osascript") {
			return meaning{}, fmt.Errorf("%s is a command of macOS", s.Value)
		}
		k.doc.note(s.Line, "the command runs as it is: see that there is such a program")
		return doesAction(inline("run", array(strs([]string{"sh", "-c", s.Value})))), nil
	}
	if n := karabinerName(e); n == "vk_none" {
		return doesAction(str("block")), nil
	}
	c, ok := karabinerKey(e)
	if !ok {
		return meaning{}, fmt.Errorf("%s is not translated", karabinerName(e))
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

// mandatory are the modifiers of what is pressed, and whether any others may be down.
func (k *karabiner) mandatory(from *yaml.Node) (mods []key.Mod, any bool, err error) {
	all := get(from, "modifiers")
	if all == nil {
		return nil, false, nil
	}
	for _, w := range values(orNull(get(all, "optional"))) {
		switch w {
		case "caps_lock": // is on or off, and no modifier that is held
		case "any":
			any = true
		default:
			any = true
			k.doc.note(all.Line, "in Karabiner only the modifiers in \"optional\" may be held with this key; here any may")
		}
	}
	for _, w := range values(orNull(get(all, "mandatory"))) {
		m, ok := karabinerMods[w]
		if !ok {
			return nil, any, fmt.Errorf("the modifier %s is not known", w)
		}
		mods = append(mods, m)
	}
	return mods, any, nil
}

func (k *karabiner) simultaneous(p *plane, s *yaml.Node, is meaning, m *yaml.Node) error {
	var codes []key.Code
	for _, e := range elements(s) {
		c, ok := karabinerKey(e)
		if !ok {
			return fmt.Errorf("the key %s is not known", karabinerName(e))
		}
		codes = append(codes, c)
	}
	if is.tap != nil || len(codes) < 2 {
		return errors.New("keys together that are tapped or held")
	}
	if is.do == "" {
		is.do = is.value()
	}
	window := k.parameter(m, "basic.simultaneous_threshold_milliseconds", 50)
	q := *p
	if window == "50ms" {
		window = ""
	} else {
		q.name += " " + window
	}
	k.board.chord(boardChord{plane: &q, window: window, keys: codes, do: is.do, line: m.Line})
	return nil
}

var karabinerMods = map[string]key.Mod{
	"command": key.Meta, "left_command": key.LMeta, "right_command": key.RMeta, "left_gui": key.LMeta, "right_gui": key.RMeta,
	"control": key.Ctrl, "left_control": key.LCtrl, "right_control": key.RCtrl, "shift": key.Shift, "left_shift": key.LShift, "right_shift": key.RShift,
	"option": key.Alt, "left_option": key.LAlt, "right_option": key.RAlt, "left_alt": key.LAlt, "right_alt": key.RAlt, "fn": key.ModFn,
}

// karabinerKeys are names of keys that differ from the kernel's.
var karabinerKeys = map[string]string{
	"return_or_enter": "enter", "return": "enter", "escape": "esc", "delete_or_backspace": "backspace", "delete_forward": "delete", "spacebar": "space",
	"hyphen": "minus", "equal_sign": "equal", "open_bracket": "leftbrace", "close_bracket": "rightbrace", "non_us_pound": "backslash", "quote": "apostrophe",
	"grave_accent_and_tilde": "grave", "period": "dot", "caps_lock": "capslock", "print_screen": "sysrq", "scroll_lock": "scrolllock",
	"page_up": "pageup", "page_down": "pagedown", "right_arrow": "right", "left_arrow": "left", "down_arrow": "down", "up_arrow": "up",
	"keypad_num_lock": "numlock", "keypad_slash": "kpslash", "keypad_asterisk": "kpasterisk", "keypad_hyphen": "kpminus", "keypad_plus": "kpplus",
	"keypad_enter": "kpenter", "keypad_period": "kpdot", "keypad_equal_sign": "kpequal", "non_us_backslash": "102nd", "application": "compose",
	"left_control": "leftctrl", "left_shift": "leftshift", "left_option": "leftalt", "left_alt": "leftalt", "left_command": "leftmeta", "left_gui": "leftmeta",
	"right_control": "rightctrl", "right_shift": "rightshift", "right_option": "rightalt", "right_alt": "rightalt", "right_command": "rightmeta", "right_gui": "rightmeta",
	"volume_increment": "volumeup", "volume_decrement": "volumedown", "play_or_pause": "playpause", "fast_forward": "nextsong", "fastforward": "nextsong", "scan_next_track": "nextsong",
	"rewind": "previoussong", "scan_previous_track": "previoussong", "display_brightness_increment": "brightnessup", "display_brightness_decrement": "brightnessdown",
	"illumination_increment": "kbdillumup", "illumination_decrement": "kbdillumdown", "mission_control": "scale", "launchpad": "dashboard",
	"japanese_eisuu": "muhenkan", "japanese_kana": "henkan", "lang1": "hangeul", "lang2": "hanja", "button1": "btn_left", "button2": "btn_right", "button3": "btn_middle",
	"button4": "btn_side", "button5": "btn_extra", "power": "power", "mute": "mute", "fn": "fn", "keyboard_fn": "fn",
}

// karabinerName is the name of the key in an event.
func karabinerName(e *yaml.Node) string {
	for _, f := range []string{"key_code", "consumer_key_code", "pointing_button", "apple_vendor_top_case_key_code", "apple_vendor_keyboard_key_code"} {
		if n := get(e, f); n != nil {
			return n.Value
		}
	}
	for _, p := range pairs(e) {
		return p.key
	}
	return "what is missing"
}

func karabinerKey(e *yaml.Node) (key.Code, bool) {
	name := karabinerName(e)
	if to, ok := karabinerKeys[name]; ok {
		return key.Parse(to)
	}
	if digit, ok := strings.CutPrefix(name, "keypad_"); ok && len(digit) == 1 {
		return key.Parse("kp" + digit)
	}
	if get(e, "any") != nil {
		return 0, false
	}
	return key.Parse(name)
}
