package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"toshy/config"
	"toshy/remap/key"
)

// keymapper translates keymapper.conf.
type keymapper struct {
	doc     *document
	board   *board
	aliases map[string]string
	plane   *plane // of the context that counts; nil: one that cannot be translated
	pending bool   // the line before was a context, too
	uses    []keymapperUse
	defs    []keymapperUse
	taps    []keymapperTap
	held    map[key.Code]string // keys that are held for others: their layers
	line    int
}

// A keymapperUse is a mapping to a command's name, or what a command does in a context.
type keymapperUse struct {
	name  string
	in    string // of a use: what is pressed
	out   string // of a definition
	plane *plane
	line  int
}

// A keymapperTap is what a key is when it is tapped: A{!200ms} >> B.
type keymapperTap struct {
	plane   *plane
	key     key.Code
	is      meaning
	timeout string
}

// Keymapper converts a configuration of keymapper.
func Keymapper(name string, source []byte) (*Result, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	if !strings.Contains(string(source), ">>") {
		return nil, fmt.Errorf("%s: a configuration of keymapper has mappings (A >> B); this file has none: is it of another kind?", name)
	}
	d := newDocument(name)
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	k := &keymapper{doc: d, board: newBoard(d), aliases: map[string]string{}, held: map[key.Code]string{}}
	k.plane = k.board.main
	n, long := 0, ""
	first := 0
	for text := range strings.Lines(string(source)) {
		n++
		text = strings.TrimSpace(text)
		if long == "" {
			first = n
		}
		if rest, more := strings.CutSuffix(text, `\`); more && len(long)+len(rest) < config.MaxFileSize {
			long += rest + " "
			continue
		}
		k.statement(long+text, first)
		long = ""
	}
	k.commands()
	k.tapped()
	k.heldKeys()
	k.board.emit()
	return d.finish()
}

// statement translates a line.
func (k *keymapper) statement(text string, line int) {
	k.line = line
	text = uncommented(text)
	in, out, mapping := strings.Cut(text, ">>")
	name, value, alias := strings.Cut(text, "=")
	switch {
	case text == "":
		return
	case strings.HasPrefix(text, "["):
		k.context(text)
		return
	case strings.HasPrefix(text, "@"):
		k.directive(text)
	case mapping:
		if k.plane != nil {
			if err := k.mapping(strings.TrimSpace(in), strings.TrimSpace(out)); err != nil {
				k.doc.lost(line, "%v", err)
			}
		}
	case alias && wordOnly().MatchString(strings.TrimSpace(name)):
		if strings.Contains(value, "$0") || strings.Contains(value, "$1") {
			k.doc.lost(line, "the macro %s", strings.TrimSpace(name))
		} else {
			k.aliases[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	default:
		k.doc.lost(line, "%s is not translated", text)
	}
	k.pending = false
}

var wordOnly = pattern(`^[A-Za-z_][A-Za-z0-9_]*$`)

// uncommented takes away what stands after a # outside of quotes.
func uncommented(s string) string {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return strings.TrimSpace(s[:i])
		}
	}
	return strings.TrimSpace(s)
}

func (k *keymapper) directive(text string) {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "@forward-modifiers", "@toggle-active", "@grab-device":
		if word == "@toggle-active" {
			k.doc.lost(k.line, "%s: a key with { passthrough = \"toggle\" } does that", word)
		}
	case "@skip-device", "@grab-device-id", "@skip-device-id":
		k.doc.lost(k.line, "%s %s: [devices] ignore names keyboards, see toshy devices", word, rest)
	case "@allow-unmapped-sequence-repetition", "@done", "@linux-highres-wheel", "@macos-toggle-fn", "@macos-iso-keyboard", "@server-port":
	default:
		k.doc.lost(k.line, "%s is not translated", word)
	}
}

var contextTerm = pattern(`([a-z-]+)\s*(!?=)\s*("[^"]*"|'[^']*'|/(?:[^/\\]|\\.)*/i?)`)

// context translates [class = "x" title = /y/]; headings after each other share their mappings.
func (k *keymapper) context(text string) {
	inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if inner == "default" {
		k.plane, k.pending = k.board.main, false
		return
	}
	c, err := k.contextCond(inner)
	if err != nil {
		k.doc.lost(k.line, "the mappings of [%s]: %v", inner, err)
		if !k.pending {
			k.plane = nil
		}
		k.pending = true
		return
	}
	if c.text == never {
		if !k.pending {
			k.plane = nil
		}
		k.pending = true
		return
	}
	if k.pending && k.plane != nil && k.plane != k.board.main {
		c = anyOf(k.plane.when, c)
	}
	k.pending = true
	if c.text == "" {
		k.plane = k.board.main
		return
	}
	k.plane = k.board.plane("when "+c.text, k.line)
	k.plane.layer, k.plane.when = false, c
}

func (k *keymapper) contextCond(inner string) (cond, error) {
	if inner == "stage" {
		return cond{}, errors.New("a second stage, which maps what the first one sends")
	}
	terms := contextTerm().FindAllStringSubmatch(inner, -1)
	if rest := strings.Trim(contextTerm().ReplaceAllString(inner, ""), " ,"); len(terms) == 0 || rest != "" {
		return cond{}, fmt.Errorf("%s is not known", inner)
	}
	var all []cond
	for _, m := range terms {
		c, err := contextOne(m[1], m[3])
		if err != nil {
			return c, err
		}
		if m[2] == "!=" {
			c = not(c)
		}
		all = append(all, c)
	}
	for _, c := range all {
		if c.text == never {
			return c, nil
		}
	}
	return allOf(all...), nil
}

func contextOne(what, value string) (cond, error) {
	text := strings.Trim(value, `"'`)
	field := map[string]string{"title": "title", "class": "app", "path": "exe", "device": "device"}[what]
	switch {
	case what == "system":
		if strings.EqualFold(text, "Linux") {
			return cond{}, nil
		}
		return cond{text: never}, nil
	case field == "":
		return cond{}, fmt.Errorf("%s of a context is not translated", what)
	case strings.HasPrefix(value, "/"):
		ignoreCase := strings.HasSuffix(value, "/i")
		return matching(field, strings.TrimSuffix(strings.TrimSuffix(value[1:], "i"), "/"), ignoreCase)
	case what == "title" || what == "path":
		return atom("%s contains %s", field, quoteCond(text)), nil
	}
	return equal(field, text), nil
}

// mapping translates A >> B.
func (k *keymapper) mapping(in, out string) error {
	in = k.expand(in)
	if wordOnly().MatchString(in) && in[0] >= 'a' && in[0] <= 'z' {
		k.defs = append(k.defs, keymapperUse{name: in, out: out, plane: k.plane, line: k.line})
		return nil
	}
	if wordOnly().MatchString(out) && out[0] >= 'a' && out[0] <= 'z' && k.aliases[out] == "" {
		k.uses = append(k.uses, keymapperUse{name: out, in: in, plane: k.plane, line: k.line})
		return nil
	}
	return k.bind(k.plane, in, out, k.line)
}

// commands puts what commands do in each context where they are used.
func (k *keymapper) commands() {
	for _, u := range k.uses {
		found := false
		for _, d := range k.defs {
			if d.name != u.name {
				continue
			}
			found = true
			p := d.plane
			if p == k.board.main {
				p = u.plane
			}
			if err := k.bind(p, u.in, d.out, d.line); err != nil {
				k.doc.lost(d.line, "%v", err)
			}
		}
		if !found {
			k.doc.lost(u.line, "the command %s is not there", u.name)
		}
	}
}

// expand puts the values of aliases in their places.
func (k *keymapper) expand(s string) string {
	for range 10 {
		changed := false
		s = aliasWord().ReplaceAllStringFunc(s, func(w string) string {
			if v, ok := k.aliases[w]; ok && v != w && len(s) < 1<<14 {
				changed = true
				return v
			}
			return w
		})
		if !changed {
			break
		}
	}
	return s
}

var aliasWord = pattern(`[A-Za-z_][A-Za-z0-9_]*`)

// bind gives an input its output.
func (k *keymapper) bind(p *plane, in, out string, line int) error {
	i, err := parseKeymapper(in)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	p, mods, rest, err := k.input(p, i, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	m, err := k.output(out)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if len(rest) == 1 && len(mods) == 0 && rest[0].hold != nil { // A{!200ms}
		if inner := rest[0].hold; len(inner) == 1 && inner[0].not && inner[0].wait != "" {
			for _, c := range keymapperKeys(rest[0].name) {
				k.taps = append(k.taps, keymapperTap{p, c, m, inner[0].wait})
			}
			return nil
		}
	}
	switch {
	case slices.ContainsFunc(rest, func(x keymapperPart) bool {
		return x.hold != nil || x.not || x.wait != "" || x.text != "" || x.name == "" && x.all == nil
	}):
		return fmt.Errorf("%s: times, releases and texts as what is pressed", in)
	case len(rest) == 1 && rest[0].all != nil:
		return k.chord(p, rest[0].all, m, mods, line)
	case len(rest) == 2 && len(mods) > 0:
		return k.twoStrokes(p, mods, rest, m, line)
	case len(rest) != 1:
		return fmt.Errorf("%s: keys one after the other", in)
	}
	codes := keymapperKeys(rest[0].name)
	if codes == nil {
		return fmt.Errorf("%s: the key %s is not known", in, rest[0].name)
	}
	for _, c := range codes {
		if len(mods) == 0 {
			if p.find(c) == nil { // the first mapping counts
				k.board.put(p, c, m, line)
			}
			continue
		}
		if isModifier(c) || m.tap != nil {
			return fmt.Errorf("%s: a modifier together with modifiers", in)
		}
		if m.do == "" {
			m.do = m.value()
		}
		k.combo(p, key.Combo{Mods: mods, Key: c}, m.do, line)
	}
	return nil
}

func (k *keymapper) combo(p *plane, c key.Combo, do string, line int) {
	title := "combos"
	if p != k.board.main {
		title = p.name + " combos"
	}
	if !slices.ContainsFunc(k.board.combos, func(x boardCombo) bool {
		return x.title == title && x.combo.Key == c.Key && slices.Equal(x.combo.Mods, c.Mods)
	}) {
		k.board.combo(title, c, do, false, p.when, line)
	}
}

// input takes apart what is held: modifiers, and virtual keys, which are layers.
func (k *keymapper) input(p *plane, list []keymapperPart, mods []key.Mod) (*plane, []key.Mod, []keymapperPart, error) {
	if len(list) != 1 || list[0].hold == nil {
		return p, mods, list, nil
	}
	if inner := list[0].hold; len(inner) == 1 && inner[0].wait != "" {
		return p, mods, list, nil
	}
	holders := []keymapperPart{list[0]}
	if list[0].all != nil {
		holders = list[0].all
	}
	for _, h := range holders {
		m, isMod := keymapperMods[h.name]
		switch {
		case h.not:
			return nil, nil, nil, errors.New("a key that must not be down")
		case isMod:
			mods = append(mods, m)
		case strings.HasPrefix(h.name, "Virtual") && p == k.board.main:
			p = k.board.plane(strings.ToLower(h.name), k.line)
		default:
			codes := keymapperKeys(h.name)
			if len(codes) != 1 || p.layer {
				return nil, nil, nil, fmt.Errorf("%s is held, which is no modifier", h.name)
			}
			p = k.heldPlane(p, codes[0])
		}
	}
	return k.input(p, list[0].hold, mods)
}

// heldPlane is what counts while a key is held that is no modifier.
func (k *keymapper) heldPlane(p *plane, c key.Code) *plane {
	name := "held-" + c.String()
	k.held[c] = name
	layer := k.board.plane(name, k.line)
	if p == k.board.main {
		return layer
	}
	when := allOf(equal("layer", name), p.when)
	q := k.board.plane("when "+when.text, k.line)
	q.layer, q.when, q.above = false, when, layer
	return q
}

// heldKeys makes keys that are held for others keys with two meanings: alone they are what they are.
func (k *keymapper) heldKeys() {
	for _, c := range slices.Sorted(mapKeys(k.held)) {
		layer := k.held[c]
		own := k.board.main.find(c)
		tap := isKey(c)
		if own != nil {
			tap = *own
		}
		line := k.board.plane(layer, 0).line
		switch {
		case tap.tap != nil:
			k.doc.lost(line, "%s is held for other keys, and tapped or held by itself", keyText(c))
		case tap.do == str("block"):
			k.board.put(k.board.main, c, doesAction(inline("layer", str(layer))), line)
		default:
			k.board.put(k.board.main, c, meaning{tap: &tap, hold: holdsLayer(layer), timing: []string{"preset", str("hold_on_press"), "timeout", str("1m")}}, line)
		}
	}
}

// chord translates (A B): modifiers and a key are a combo, other keys a chord.
func (k *keymapper) chord(p *plane, all []keymapperPart, m meaning, mods []key.Mod, line int) error {
	var codes []key.Code
	for _, x := range all {
		if mod, isMod := keymapperMods[x.name]; isMod {
			mods = append(mods, mod)
			continue
		}
		c := keymapperKeys(x.name)
		if len(c) != 1 {
			return fmt.Errorf("the key %s is not one that is known", x.name)
		}
		codes = append(codes, c[0])
	}
	if m.do == "" && m.tap == nil {
		m.do = m.value()
	}
	switch {
	case len(codes) == 1 && len(mods) > 0:
		k.combo(p, key.Combo{Mods: mods, Key: codes[0]}, m.do, line)
		return nil
	case len(mods) > 0 || len(codes) < 2:
		return errors.New("keys together with modifiers")
	}
	if m.tap != nil {
		return errors.New("keys together that are tapped or held")
	}
	k.board.chord(boardChord{plane: p, keys: codes, do: m.do, line: line})
	return nil
}

// twoStrokes translates Control{X C}: a sequence.
func (k *keymapper) twoStrokes(p *plane, mods []key.Mod, rest []keymapperPart, m meaning, line int) error {
	a, b := keymapperKeys(rest[0].name), keymapperKeys(rest[1].name)
	if len(a) != 1 || len(b) != 1 || m.tap != nil {
		return errors.New("keys one after the other")
	}
	if m.do == "" {
		m.do = m.value()
	}
	first := key.Combo{Mods: mods, Key: a[0]}
	stroke := comboWords(key.Combo{Mods: mods, Key: b[0]})
	for i := range k.board.combos {
		if x := &k.board.combos[i]; comboWords(x.combo) == comboWords(first) && x.when.text == p.when.text && strings.HasSuffix(x.do, `, otherwise = "again" }`) {
			x.do = strings.TrimSuffix(x.do, `, otherwise = "again" }`) + ", " + bare(stroke) + " = " + m.do + `, otherwise = "again" }`
			return nil
		}
	}
	k.combo(p, first, inline(stroke, m.do, "otherwise", str("again")), line)
	return nil
}

// tapped joins A{!200ms} >> B with what A is otherwise.
func (k *keymapper) tapped() {
	for _, t := range k.taps {
		hold := t.plane.find(t.key)
		h := isKey(t.key)
		if hold != nil {
			h = *hold
		}
		if h.tap != nil || h.do != "" {
			k.doc.lost(0, "%s is tapped for one thing and held for another that is no key", keyText(t.key))
			continue
		}
		tap := t.is
		k.board.put(t.plane, t.key, meaning{tap: &tap, hold: &h, timing: []string{"preset", str("hold_on_press"), "timeout", str(t.timeout)}}, k.lineOf(t))
	}
}

func (k *keymapper) lineOf(t keymapperTap) int {
	for _, b := range t.plane.binds {
		if b.key == t.key {
			return b.line
		}
	}
	return 0
}
