package importer

import (
	"errors"
	"fmt"
	"io/fs"
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

	combos   map[keymapperCombo]bool
	include  Include
	virtuals int                 // aliases of unused virtual keys
	logical  map[string][]string // names that stand for one of several keys
}

// A keymapperCombo is a combo of a table.
type keymapperCombo struct {
	title, mods string
	key         key.Code
}

func comboOfTable(title string, c key.Combo) keymapperCombo {
	mods := make([]byte, len(c.Mods))
	for i, m := range c.Mods {
		mods[i] = byte(m)
	}
	return keymapperCombo{title, string(mods), c.Key}
}

// A keymapperUse is a mapping to a command's name, or a command's effect in a context.
type keymapperUse struct {
	name  string
	in    string // of a use: what is pressed
	out   string // of a definition
	plane *plane
	line  int
}

// A keymapperTap is the meaning of a key when tapped or held: A{!200ms} >> B, A{200ms} >> B.
type keymapperTap struct {
	plane   *plane
	key     key.Code
	is      meaning
	timeout string
	line    int
	held    bool // A{200ms}: it is what the key becomes when it has been held for this time
}

// Keymapper converts a configuration of keymapper.
func Keymapper(name string, source []byte, include Include) (*Result, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	if text := string(source); !strings.Contains(text, ">>") && !strings.Contains(text, "@include") {
		return nil, fmt.Errorf("%s: a configuration of keymapper has mappings (A >> B); this file has none. Is it for another remapper?", name)
	}
	d := newDocument(name)
	d.single("options").set("layout", str("us"), 0) // it goes by the places of keys
	k := &keymapper{doc: d, board: newBoard(d), include: include.limited(), aliases: map[string]string{}, logical: map[string][]string{}, combos: map[keymapperCombo]bool{}, held: map[key.Code]string{}}
	k.plane = k.board.main
	k.read(string(source), 0, 0)
	k.commands()
	k.tapped()
	k.heldKeys()
	k.board.physicalModifiers()
	k.board.emit()
	return d.finish()
}

// read translates a file. For messages, all lines of an included file count as the line that includes it.
func (k *keymapper) read(source string, from, depth int) {
	n, long, first := 0, "", 0
	for text := range strings.Lines(source + "\n\n") { // a last line that ends with \ is one, too
		n++
		text = strings.TrimSpace(text)
		if long == "" {
			first = n
		}
		if from > 0 {
			first = from
		}
		if rest, more := strings.CutSuffix(text, `\`); more && len(long)+len(rest) < config.MaxFileSize {
			long += rest + " "
			continue
		}
		text, long = long+text, ""
		if word, file, _ := strings.Cut(uncommented(text), " "); word == "@include" || word == "@include-optional" {
			if err := k.readIncluded(strings.Trim(strings.TrimSpace(file), `"'`), first, depth); err != nil && (word == "@include" || !errors.Is(err, fs.ErrNotExist)) {
				k.doc.lost(first, "%s: %v: put the text of that file into this one", text, err)
			}
			continue
		}
		k.statement(text, first)
	}
}

// maxIncludes is how deep included files may include others.
const maxIncludes = 10

func (k *keymapper) readIncluded(file string, line, depth int) error {
	if k.include == nil {
		return errors.New("the file was not read")
	}
	if depth == maxIncludes {
		return errors.New("files that include each other")
	}
	source, err := k.include(file)
	if err != nil {
		return err
	}
	k.read(string(source), line, depth+1)
	return nil
}

// oneMapping translates A >> B.
func (k *keymapper) oneMapping(in, out string) error {
	if wordOnly().MatchString(in) && in[0] >= 'a' && in[0] <= 'z' {
		k.defs = append(k.defs, keymapperUse{name: in, out: out, plane: k.plane, line: k.line})
		return nil
	}
	if wordOnly().MatchString(out) && out[0] >= 'a' && out[0] <= 'z' && k.aliases[out] == "" {
		k.uses = append(k.uses, keymapperUse{name: out, in: in, plane: k.plane, line: k.line})
		return nil
	}
	if hides, err := k.hidden(in); err != nil || hides {
		return err
	}
	return k.bind(k.plane, in, out, k.line)
}

// hidden says whether a mapping of a context is unreachable, because one before the contexts has the same input.
func (k *keymapper) hidden(in string) (bool, error) {
	i, err := parseKeymapper(in)
	if err != nil || k.plane == k.board.main {
		return false, nil
	}
	_, mods, rest, err := k.input(k.board.main, i, nil)
	if err != nil || len(rest) != 1 || rest[0].hold != nil {
		return false, nil
	}
	for _, c := range keymapperKeys(rest[0].name) {
		before := len(mods) == 0 && k.board.main.find(c) != nil || len(mods) > 0 && k.combos[comboOfTable("combos", key.Combo{Mods: mods, Key: c})]
		if before {
			k.doc.note(k.line, "%s is left out: an earlier mapping without a context has the same input, and keymapper uses that one", in)
			return true, nil
		}
	}
	return false, nil
}

// commands inserts the effects of commands in each context where they are used.
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
			k.doc.lost(u.line, "no mapping says what the command %s does", u.name)
		}
	}
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
	if out == "Any" && len(rest) == 1 && rest[0].name != "Any" && rest[0].hold == nil { // it stays what it is
		if codes := keymapperKeys(rest[0].name); codes != nil {
			out = lispWords(key.Combo{Mods: mods, Key: codes[0]})
			for _, c := range codes {
				if len(mods) > 0 {
					k.combo(p, key.Combo{Mods: mods, Key: c}, str(out), line)
				} else if p.find(c) == nil {
					k.board.put(p, c, isKey(c), line)
				}
			}
			return nil
		}
	}
	m, err := k.output(out)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if len(rest) == 1 && len(mods) == 0 && rest[0].hold != nil { // A{!200ms}
		if inner := rest[0].hold; len(inner) == 1 && inner[0].wait != "" {
			codes := keymapperKeys(rest[0].name)
			if codes == nil {
				return fmt.Errorf("%s: the key %s is not known", in, rest[0].name)
			}
			for _, c := range codes {
				k.taps = append(k.taps, keymapperTap{plane: p, key: c, is: m, timeout: inner[0].wait, held: !inner[0].not, line: line})
			}
			return nil
		}
	}
	switch {
	case slices.ContainsFunc(rest, func(x keymapperPart) bool {
		return x.hold != nil || x.not || x.wait != "" || x.text != "" || x.name == "" && x.all == nil
	}):
		return fmt.Errorf("%s: toshy has no counterpart for times, releases and texts as input", in)
	case len(rest) == 1 && rest[0].all != nil:
		return k.chord(p, rest[0].all, m, mods, line)
	case len(rest) == 2 && len(mods) > 0:
		return k.twoStrokes(p, mods, rest, m, line)
	case len(rest) != 1:
		return fmt.Errorf("%s: toshy has no counterpart for keys one after the other as input; write a sequence: A = { B = ... }", in)
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
	if of := comboOfTable(title, c); !k.combos[of] {
		k.combos[of] = true
		k.board.combo(title, c, do, false, p.when, line)
	}
}

// input splits off what is held: modifiers, and virtual keys, which are layers.
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
				return nil, nil, nil, fmt.Errorf("%s is held, and is not a modifier", h.name)
			}
			p = k.heldPlane(p, codes[0])
		}
	}
	return k.input(p, list[0].hold, mods)
}

// heldPlane is the plane for while a key is held that is not a modifier.
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

// heldKeys turns keys that are held for others into keys with two meanings: alone, they are themselves.
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

// tapped combines A{!200ms} >> B with the other meaning of A.
func (k *keymapper) tapped() {
	for _, t := range k.taps {
		hold := t.plane.find(t.key)
		h := isKey(t.key)
		if hold != nil {
			h = *hold
		}
		if t.held && h.tap == nil {
			if h.plain() {
				h = doesAction(inline("tap", str(keyText(h.key))))
			}
			k.doc.note(t.line, "if you release %s before the time is over, it sends its usual key then, and not when you press it", keyText(t.key))
			is := t.is
			k.board.put(t.plane, t.key, meaning{tap: &h, hold: &is, timing: []string{"preset", str("tap_preferred"), "timeout", str(t.timeout)}}, t.line)
			continue
		}
		if h.tap != nil || h.do != "" {
			k.doc.lost(t.line, "%s is tapped for one thing and held for another that is not a key", keyText(t.key))
			continue
		}
		tap := t.is
		k.board.put(t.plane, t.key, meaning{tap: &tap, hold: &h, timing: []string{"preset", str("hold_on_press"), "timeout", str(t.timeout)}}, t.line)
	}
}
