package importer

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"toshy/remap/key"
)

// xremap translates one configuration of xremap.
type xremap struct {
	doc       *document
	virtual   map[key.Code]string // virtual modifiers: the key to the name of the modifier
	modes     []string
	keyboards map[string]string // ids of devices to a type of keyboard
	sequences []xremapSequence
	anyKeys   []xremapAny
}

// An xremapAny is what every other key does. xremap uses it if no keymap has the key.
type xremapAny struct {
	table *section
	do    string
	line  int
}

// Xremap converts a configuration of xremap in YAML or TOML.
func Xremap(name string, source []byte) (*Result, error) {
	read := readYAML
	if strings.EqualFold(filepath.Ext(name), ".toml") {
		read = readTOML
	}
	top, err := read(name, source)
	if err != nil {
		return nil, err
	}
	x := &xremap{doc: newDocument(name), virtual: map[key.Code]string{}, keyboards: map[string]string{}}
	if top == nil {
		return x.doc.finish()
	}
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: a configuration of xremap is a mapping", name, top.Line)
	}
	if get(top, "modmap") == nil && get(top, "keymap") == nil && get(top, "virtual_modifiers") == nil && len(top.Content) > 0 {
		return nil, fmt.Errorf("%s: a configuration of xremap has modmap or keymap; this file has neither. Is it for another remapper?", name)
	}
	x.doc.single("options").set("layout", str("us"), 0) // xremap goes by the places of keys
	x.findModes(top)
	for _, p := range pairs(top) {
		x.setting(p)
	}
	for _, p := range pairs(top) {
		switch p.key {
		case "modmap":
			x.each(p.value, x.modmap)
		case "keymap":
			x.each(p.value, x.keymap)
		}
	}
	x.emitAny()
	return x.doc.finish()
}

// emitAny writes the keymaps for all other keys after the others.
func (x *xremap) emitAny() {
	for _, a := range x.anyKeys {
		s := x.doc.table("keymap", a.table.comment+" (other keys)", a.line)
		for _, f := range a.table.fields {
			s.set(f.key, f.value, f.line)
		}
		s.entry("any", a.do, a.line)
	}
}

// setting translates a top-level key.
func (x *xremap) setting(p pair) {
	switch p.key {
	case "virtual_modifiers":
		x.virtualModifiers(p.value)
	case "keypress_delay_ms":
		var ms float64
		if p.value.Decode(&ms) != nil || ms < 0 {
			x.doc.lost(p.line, "keypress_delay_ms is not a number of milliseconds")
		} else if ms > 0 {
			value := asTime(min(ms, 150) / 1000)
			x.doc.single("pacing").set("post", str(value), p.line)
			x.doc.note(p.line, "post = %s is kept; toshy sends keys without a pause: leave it out where no program loses keys", value)
		}
	case "modmap", "keymap", "default_mode", "shared", "config_watch_debounce_ms", "notifications", "enable_wheel":
	default:
		x.doc.lost(p.line, "toshy has no counterpart for %s", p.key)
	}
}

func (x *xremap) each(list *yaml.Node, f func(n *yaml.Node) error) {
	for _, n := range elements(list) {
		n = resolve(n)
		if err := f(n); err != nil {
			x.doc.lost(n.Line, "%v", err)
		}
	}
}

// findModes declares the modes as a state.
func (x *xremap) findModes(top *yaml.Node) {
	first := "default"
	if n := get(top, "default_mode"); n != nil {
		first = n.Value
	}
	add := func(m string) {
		if !slices.Contains(x.modes, m) {
			x.modes = append(x.modes, m)
		}
	}
	add(first)
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, p := range pairs(n) {
			if p.key == "mode" || p.key == "set_mode" {
				for _, m := range elements(p.value) {
					add(m.Value)
				}
			}
			walk(p.value)
		}
		if n.Kind == yaml.SequenceNode {
			for _, e := range n.Content {
				walk(resolve(e))
			}
		}
	}
	walk(top)
	if len(x.modes) > 1 {
		s := x.doc.table("state", "mode", top.Line)
		s.set("values", array(strs(x.modes)), top.Line)
		s.set("default", str(first), top.Line)
	}
}

func (x *xremap) virtualModifiers(list *yaml.Node) {
	for _, n := range elements(list) {
		k, ok := xremapKey(n.Value)
		if !ok || isModifier(k) {
			x.doc.lost(n.Line, "the virtual modifier %s", n.Value)
			continue
		}
		name := "V" + keyText(k)
		x.virtual[k] = name
		x.doc.single("modifiers").set(name, inline("carrier", str(keyText(k)), "hidden", "true"), n.Line)
	}
}

// begin begins a table.
func (x *xremap) begin(kind string, n *yaml.Node, known ...string) (*section, *yaml.Node, error) {
	title := kind
	if name := get(n, "name"); name != nil && name.Value != "" {
		title = name.Value
	}
	for _, p := range pairs(n) {
		if !slices.Contains(known, p.key) && !slices.Contains([]string{"name", "remap", "application", "window", "device", "mode"}, p.key) {
			x.doc.lost(p.line, "toshy has no counterpart for %s in %s", p.key, title)
		}
	}
	remap := get(n, "remap")
	if remap == nil || remap.Kind != yaml.MappingNode {
		return nil, nil, fmt.Errorf("%s has no remap", title)
	}
	w, err := x.when(n)
	if err != nil {
		return nil, nil, fmt.Errorf("the whole of %q: %w", title, err)
	}
	s := x.doc.table(kind, title, n.Line)
	s.when(w, n.Line)
	return s, remap, nil
}

func (x *xremap) modmap(n *yaml.Node) error {
	s, remap, err := x.begin("modmap", n)
	if err != nil {
		return err
	}
	for _, p := range pairs(remap) {
		from, ok := xremapKey(p.key)
		if !ok {
			x.doc.lost(p.line, "the key %q is not known", p.key)
			continue
		}
		if err := x.modmapEntry(s, from, p); err != nil {
			x.doc.lost(p.line, "%s: %v", p.key, err)
		}
	}
	return nil
}

func (x *xremap) modmapEntry(s *section, from key.Code, p pair) error {
	switch {
	case p.value.Kind == yaml.ScalarNode && p.value.Tag != "!!null":
		return x.modmapKeys(s, from, []string{p.value.Value}, p.line)
	case p.value.Kind == yaml.SequenceNode:
		return x.modmapKeys(s, from, values(p.value), p.line)
	case p.value.Kind != yaml.MappingNode:
		return errors.New("what the key becomes is missing")
	case get(p.value, "press") != nil || get(p.value, "release") != nil || get(p.value, "repeat") != nil || get(p.value, "skip_key_event") != nil:
		return x.pressRelease(s, from, p)
	}
	return x.multiPurpose(s, from, p)
}

// modmapKeys translates a key that becomes another one, none, or several at once.
func (x *xremap) modmapKeys(s *section, from key.Code, names []string, line int) error {
	var codes []key.Code
	for _, n := range names {
		c, ok := xremapKey(n)
		if !ok {
			return fmt.Errorf("the key %q is not known", n)
		}
		if c != key.Reserved { // Reserved is not a key
			codes = append(codes, c)
		}
	}
	switch {
	case len(codes) == 1:
		s.entry(keyText(from), str(keyText(codes[0])), line)
		return nil
	case len(codes) == 0:
		return x.besideModmap(s, from, str("block"), line)
	}
	mods, last := codes[:len(codes)-1], codes[len(codes)-1]
	c := key.Combo{Key: last}
	for _, m := range mods {
		mod, isMod := key.ModOf(m)
		if !isMod {
			return errors.New("a key that is several keys at once")
		}
		c.Mods = append(c.Mods, mod)
	}
	return x.besideModmap(s, from, str(comboWords(c)), line)
}

// keysAtOnce is a key, several modifiers, or modifiers and a key.
func (x *xremap) keysAtOnce(names []string) (string, error) {
	var codes []key.Code
	for _, n := range names {
		c, ok := xremapKey(n)
		if !ok || c == key.Reserved {
			return "", fmt.Errorf("the key %q is not known", n)
		}
		codes = append(codes, c)
	}
	if len(codes) == 1 {
		return keyText(codes[0]), nil
	}
	m, err := meaningOfKeys(codes)
	if err != nil {
		return "", err
	}
	text, err := strconv.Unquote(m.value())
	return text, err
}

// besideModmap puts what a modmap cannot express into a keymap with the modmap's condition.
func (x *xremap) besideModmap(s *section, from key.Code, do string, line int) error {
	if isModifier(from) {
		return errors.New("toshy has no counterpart for a modifier that becomes nothing, or several keys")
	}
	title := s.comment + " (keys)"
	for _, k := range x.doc.sections {
		if k.kind == "keymap" && k.comment == title && k.line == s.line {
			k.entry(keyText(from), do, line)
			return nil
		}
	}
	k := x.doc.table("keymap", title, s.line)
	for _, f := range s.fields {
		if f.key == "when" {
			k.fields = append(k.fields, f)
		}
	}
	k.set("pass_modifiers", "true", s.line)
	k.entry(keyText(from), do, line)
	return nil
}

// pressRelease translates a key with actions for its press and its release. If the key does not also send itself, it is an
// entry of a keymap.
func (x *xremap) pressRelease(s *section, from key.Code, p pair) error {
	empty := func(n *yaml.Node) bool {
		return n == nil || n.Tag == "!!null" || n.Kind == yaml.SequenceNode && len(n.Content) == 0
	}
	press, release := get(p.value, "press"), get(p.value, "release")
	if !empty(get(p.value, "repeat")) {
		return errors.New("repeat: write { turbo = ... } for an action that repeats while you hold the key")
	}
	skip := get(p.value, "skip_key_event")
	itself := skip == nil || skip.Value != "true"
	if held := heldKeys(press, release); held != nil && !itself {
		return x.modmapKeys(s, from, held, p.line)
	}
	var pairs []string
	for _, part := range []struct {
		name string
		node *yaml.Node
	}{{"press", press}, {"release", release}} {
		if empty(part.node) {
			continue
		}
		a, err := x.action(part.node)
		if err != nil {
			return err
		}
		pairs = append(pairs, part.name, a)
	}
	if itself && isModifier(from) {
		return errors.New("toshy has no counterpart for an action beside a modifier")
	}
	if itself && len(pairs) > 0 {
		pairs = x.withItself(pairs, from, p)
	}
	switch {
	case len(pairs) == 0 && itself:
		s.entry(keyText(from), str(keyText(from)), p.line)
		return nil
	case len(pairs) == 0:
		return x.besideModmap(s, from, str("block"), p.line)
	case len(pairs) == 2 && pairs[0] == "press":
		return x.besideModmap(s, from, pairs[1], p.line)
	}
	return x.besideModmap(s, from, inline(pairs...), p.line)
}

// withItself adds the key itself after the action of its press.
func (x *xremap) withItself(pairs []string, from key.Code, p pair) []string {
	self := str(keyText(from))
	x.doc.note(p.line, "%s: the key is tapped after the action here, and does not stay down", p.key)
	if pairs[0] == "release" {
		return append([]string{"press", self}, pairs...)
	}
	pairs[1] = array([]string{pairs[1], self})
	return pairs
}

// heldKeys are the keys that the actions of a press send down, and those of a release send up in reverse order; nil if the
// actions do anything else.
func heldKeys(press, release *yaml.Node) []string {
	if press == nil || release == nil {
		return nil
	}
	down, up := keyEvents(press, "press"), keyEvents(release, "release")
	slices.Reverse(up)
	if !slices.Equal(down, up) {
		return nil
	}
	return down
}

// keyEvents are the keys in a list of { press: KEY } or { release: KEY }, nil if it contains anything else.
func keyEvents(list *yaml.Node, what string) []string {
	var keys []string
	for _, e := range elements(list) {
		p := pairs(resolve(e))
		if len(p) != 1 || p[0].key != what {
			return nil
		}
		keys = append(keys, p[0].value.Value)
	}
	return keys
}

// multiPurpose translates a key with a tap and a hold.
func (x *xremap) multiPurpose(s *section, from key.Code, p pair) error {
	var tap, hold string
	var more []string
	timeout, threshold, free := 1000.0, 0.0, false
	for _, q := range pairs(p.value) {
		switch q.key {
		case "alone", "tap", "held", "hold":
			is, err := x.keysAtOnce(values(q.value))
			if err != nil {
				return fmt.Errorf("%s: %w", q.key, err)
			}
			if q.key == "alone" || q.key == "tap" {
				tap = is
			} else {
				hold = is
			}
		case "alone_timeout_millis", "tap_timeout_millis", "alone_timeout", "tap_timeout":
			if q.value.Decode(&timeout) != nil || timeout < 1 {
				return fmt.Errorf("%s is not a number", q.key)
			}
			more = append(more, "timeout", str(asTime(min(timeout, 60_000)/1000)))
		case "hold_threshold_millis", "held_threshold_millis", "hold_threshold":
			if q.value.Decode(&threshold) != nil || threshold < 0 {
				return fmt.Errorf("%s is not a number", q.key)
			}
		case "free_hold":
			free = q.value.Value == "true"
		case "interruptable":
			x.doc.lost(q.line, "interruptable: any other key decides here; write ignore_keys for those that must not")
		default:
			return fmt.Errorf("%q is not an option of a key that is tapped or held", q.key)
		}
	}
	switch {
	case threshold > 0:
		more = []string{"preset", str("tap_preferred"), "timeout", str(asTime(min(threshold, timeout, 60_000) / 1000))}
		x.doc.note(p.line, "%s: another key before the time is over waits here until the key goes up or the time is over; in xremap it makes the key a tap at once", p.key)
		if free || threshold < timeout {
			x.doc.note(p.line, "%s: alone it is held when hold_threshold_millis are over; in xremap it can still be tapped after that", p.key)
		}
	case free: // however long it is held, alone it is tapped
		more = []string{"timeout", str("1m")}
	}
	if tap == "" || hold == "" {
		return errors.New("a key that is tapped or held needs both")
	}
	if tap == hold {
		s.entry(keyText(from), str(tap), p.line)
		return nil
	}
	s.entry(keyText(from), inline(slices.Concat([]string{"tap", str(tap), "hold", str(hold)}, more)...), p.line)
	return nil
}

func (x *xremap) keymap(n *yaml.Node) error {
	s, remap, err := x.begin("keymap", n, "exact_match")
	if err != nil {
		return err
	}
	if e := get(n, "exact_match"); e == nil || e.Value != "true" {
		s.set("pass_modifiers", "true", n.Line)
	}
	for _, p := range pairs(remap) {
		if err := x.keymapEntry(s, p); err != nil {
			x.doc.lost(p.line, "%s: %v", p.key, err)
		}
	}
	return nil
}

func (x *xremap) keymapEntry(s *section, p pair) error {
	if strings.EqualFold(strings.TrimSpace(p.key), "any") {
		a, err := x.action(p.value)
		if err == nil {
			x.anyKeys = append(x.anyKeys, xremapAny{s, a, p.line})
		}
		if err == nil && a != str("block") {
			x.doc.note(p.line, "ANY: modifiers and the wheel do not run this action here")
		}
		return err
	}
	c, err := x.combo(p.key)
	if err != nil {
		return err
	}
	if strokes := nested(p.value); strokes != nil {
		return x.sequence(s, c, strokes, p.line)
	}
	a, err := x.action(p.value)
	if err == nil {
		s.entry(c, a, p.line)
		x.loneModifier(p)
	}
	return err
}

// loneModifier reports a combo before whose keys xremap releases Alt or Super, so that programs see it tapped alone.
func (x *xremap) loneModifier(p pair) {
	mods, _, err := x.parts(p.key)
	sent := resolve(p.value)
	if marked := get(sent, "with_mark"); marked != nil {
		sent = marked
	}
	if err != nil || len(mods) != 1 || sent.Kind == yaml.MappingNode || sent.Tag == "!!null" {
		return
	}
	word := strings.Replace(mods[0], "Meta", "Super", 1)
	if !strings.HasSuffix(word, "Alt") && !strings.HasSuffix(word, "Super") {
		return
	}
	for _, v := range values(sent) {
		if kept, _, err := x.parts(v); err == nil && slices.Contains(kept, mods[0]) {
			return
		}
	}
	x.doc.note(p.line, "xremap lets programs see %s tapped alone before what this combo sends, which can open a menu; toshy hides it", word)
}
