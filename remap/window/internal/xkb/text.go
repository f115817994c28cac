package xkb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrText is wrapped if a text is not a keymap.
var ErrText = errors.New("this is not an XKB keymap")

// ParseText reads a keymap in the text format, version 1, as compositors send it: compiled, so without includes and with
// one definition per key (libxkbcommon, doc/keymap-format-text-v1.md). It skips sections and statements that have nothing
// to do with characters.
func ParseText(s string) (*Keymap, error) {
	if len(s) > MaxText {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrText, len(s), MaxText)
	}
	p := &parser{
		lexer: lexer{s: s}, codes: map[string]uint16{}, types: map[string]keyType{},
		keymap: &Keymap{Keys: map[uint16][]Levels{}},
	}
	p.next()
	if !p.is("xkb_keymap") {
		return nil, p.unexpected("xkb_keymap")
	}
	for p.tok != "" && p.tok != "{" {
		p.next()
	}
	p.expect("{")
	for p.err == nil && p.tok != "" && p.tok != "}" {
		p.section()
	}
	if p.err != nil {
		return nil, p.err
	}
	if len(p.keymap.Keys) == 0 {
		return nil, fmt.Errorf("%w: it has no keys", ErrText)
	}
	return p.keymap, nil
}

// A keyType says which level each set of modifiers chooses, in the order of Levels.
type keyType [8]int

// automatic is the type of a key that names none. There are more automatic types, by the kind of symbols, but they only
// differ in the effect of locks.
func automatic(symbols int) keyType {
	switch {
	case symbols <= 1:
		return keyType{}
	case symbols == 2:
		return keyType{0, 1, 0, 1, 0, 1, 0, 1}
	}
	return keyType{0, 1, 2, 3, 0, 1, 2, 3}
}

type parser struct {
	lexer
	codes  map[string]uint16 // by name: "<AC01>"
	types  map[string]keyType
	keymap *Keymap
	err    error
}

func (p *parser) unexpected(want string) error {
	return fmt.Errorf("%w: line %d has %.20q where %s is expected", ErrText, 1+strings.Count(p.s[:p.start], "\n"), p.tok, want)
}

func (p *parser) is(tok string) bool { return strings.EqualFold(p.tok, tok) }

// expect reads the given token, or fails.
func (p *parser) expect(tok string) {
	if p.err == nil && !p.is(tok) {
		p.err = p.unexpected(tok)
	}
	p.next()
}

// statement skips the rest of a statement, including any braces.
func (p *parser) statement() {
	for depth := 0; p.tok != ""; p.next() {
		switch p.tok {
		case "{", "[", "(":
			depth++
		case "}", "]", ")":
			depth--
		case ";":
			if depth <= 0 {
				p.next()
				return
			}
		}
		if depth < 0 { // the end of the enclosing block
			if p.tok != "}" {
				p.next()
			}
			return
		}
	}
}

func (p *parser) section() {
	var statement func()
	switch {
	case p.is("xkb_keycodes"):
		statement = p.keycode
	case p.is("xkb_types"):
		statement = p.keyType
	case p.is("xkb_symbols"):
		statement = p.symbols
	default: // xkb_compatibility, xkb_geometry
		statement = p.statement
	}
	for p.tok != "" && p.tok != "{" {
		p.next()
	}
	p.expect("{")
	for p.err == nil && p.tok != "" && p.tok != "}" {
		statement()
	}
	p.expect("}")
	p.expect(";")
}

// keycode reads "<AC01> = 38;" and "alias <LatA> = <AC01>;".
func (p *parser) keycode() {
	alias := p.is("alias")
	if alias {
		p.next()
	}
	if !strings.HasPrefix(p.tok, "<") {
		p.statement()
		return
	}
	name := p.tok
	p.next()
	p.expect("=")
	if alias {
		if code, ok := p.codes[p.tok]; ok {
			p.codes[name] = code
		}
	} else if n, err := strconv.ParseUint(p.tok, 10, 16); err == nil && n >= firstCode {
		p.codes[name] = uint16(n - firstCode)
	}
	p.statement()
}

// keyType reads the map of one type: `type "TWO_LEVEL" { modifiers= Shift; map[Shift]= 2; ... };`.
func (p *parser) keyType() {
	if !p.is("type") {
		p.statement()
		return
	}
	p.next()
	name := p.tok
	p.next()
	p.expect("{")
	var t keyType
	considered := 0
	levels := map[int]int{}
	for p.err == nil && p.tok != "" && p.tok != "}" {
		switch {
		case p.is("modifiers"):
			p.next()
			p.expect("=")
			considered, _ = p.modifiers()
		case p.is("map"):
			p.next()
			p.expect("[")
			mods, known := p.modifiers()
			p.expect("]")
			p.expect("=")
			if level, ok := parseLevel(p.tok); ok && known {
				levels[mods] = level
			}
		}
		p.statement()
	}
	p.expect("}")
	p.expect(";")
	for i := range t {
		t[i] = levels[i&considered] // a set that is not in the map has the first level
	}
	p.types[name] = t
}

// modifiers reads "Shift+LevelThree". known is false if there are modifiers other than those of Levels.
func (p *parser) modifiers() (mods int, known bool) {
	known = true
	for p.tok != "" && p.tok != ";" && p.tok != "]" {
		switch {
		case p.is("Shift"):
			mods |= withShift
		case p.is("LevelThree"), p.is("Mod5"): // all rules put the former on the latter
			mods |= withLevel3
		case p.is("LevelFive"), p.is("Mod3"): // the same here
			mods |= withLevel5
		case p.tok == "+", p.is("none"):
		default:
			known = false
		}
		p.next()
	}
	return mods, known
}

// parseLevel reads "2" or "Level2" as 1.
func parseLevel(s string) (int, bool) {
	if len(s) > 5 && strings.EqualFold(s[:5], "level") {
		s = s[5:]
	}
	n, err := strconv.Atoi(s)
	return n - 1, err == nil && n > 0 && n <= 64
}

// symbols reads the names of groups and the keys.
func (p *parser) symbols() {
	switch {
	case p.is("name"):
		p.next()
		if p.tok == "[" {
			p.next()
			group, ok := parseGroup(p.tok)
			p.next()
			p.expect("]")
			p.expect("=")
			if name, quoted := strings.CutPrefix(p.tok, `"`); ok && quoted {
				for len(p.keymap.Names) <= group {
					p.keymap.Names = append(p.keymap.Names, "")
				}
				p.keymap.Names[group] = strings.ToValidUTF8(name[:min(len(name), maxName)], "")
			}
		}
		p.statement()
	case p.is("key"):
		p.next()
		p.key()
	default:
		p.statement()
	}
}

// parseGroup reads "Group2" or "2" as 1.
func parseGroup(s string) (int, bool) {
	if len(s) > 5 && strings.EqualFold(s[:5], "group") {
		s = s[5:]
	}
	n, err := strconv.Atoi(s)
	return n - 1, err == nil && n > 0 && n <= maxGroups
}

// key reads `<AC01> { type= "ALPHABETIC", symbols[Group1]= [ a, A ], [ b ] };`. A list without a name is the next group.
func (p *parser) key() {
	name := p.tok
	p.next()
	p.expect("{")
	var syms [maxGroups][]Sym
	var types [maxGroups]string
	var all string // the type of groups without their own
	groups := 0
	take := func(group int, list []Sym) {
		if group < maxGroups {
			syms[group] = list
			groups = max(groups, group+1)
		}
	}
	for p.err == nil && p.tok != "" && p.tok != "}" {
		field, group, indexed := "", 0, false
		switch {
		case p.tok == ",":
			p.next()
			continue
		case p.tok == "[":
			field, group = "symbols", groups
		default:
			field = strings.ToLower(p.tok)
			p.next()
			if p.tok == "[" {
				p.next()
				group, indexed = parseGroup(p.tok)
				if !indexed {
					group = maxGroups
				}
				p.next()
				p.expect("]")
			}
			p.expect("=")
		}
		switch field {
		case "symbols":
			take(group, p.list())
		case "type":
			if indexed && group < maxGroups {
				types[group] = p.tok
			} else {
				all = p.tok
			}
			p.next()
		default: // actions, repeat, virtualMods
			p.value()
		}
	}
	p.expect("}")
	p.expect(";")
	code, ok := p.codes[name]
	if !ok || groups == 0 {
		return
	}
	key := make([]Levels, groups)
	for g := range key {
		named := types[g]
		if named == "" {
			named = all
		}
		t, ok := p.types[named]
		if !ok {
			t = automatic(len(syms[g]))
		}
		for i, level := range t {
			if level < len(syms[g]) {
				key[g][i] = syms[g][level]
			}
		}
	}
	p.keymap.Keys[code] = key
}

// list reads "[ a, A, { b, c } ]". Several keysyms on one level are not a character.
func (p *parser) list() (syms []Sym) {
	p.expect("[")
	for p.err == nil && p.tok != "" && p.tok != "]" {
		switch p.tok {
		case ",":
			p.next()
		case "{":
			for p.tok != "" && p.tok != "}" {
				p.next()
			}
			p.next()
			syms = append(syms, 0)
		default:
			syms = append(syms, SymNamed(p.tok))
			p.next()
		}
	}
	p.expect("]")
	return syms
}

// value skips one value in a key's braces.
func (p *parser) value() {
	for depth := 0; p.tok != ""; p.next() {
		switch p.tok {
		case "{", "[", "(":
			depth++
		case "}", "]", ")":
			if depth--; depth < 0 {
				return
			}
		case ",":
			if depth == 0 {
				return
			}
		}
	}
}

// A lexer splits the text into words, "<NAMES>", strings (with the quote before them) and signs.
type lexer struct {
	s          string
	start, end int    // of the current token
	tok        string // "" at the end
}

func (l *lexer) next() {
	i := l.end
	for i < len(l.s) {
		switch c := l.s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '#', c == '/' && strings.HasPrefix(l.s[i:], "//"):
			if n := strings.IndexByte(l.s[i:], '\n'); n >= 0 {
				i += n
				continue
			}
			i = len(l.s)
			continue
		}
		break
	}
	l.start = i
	if i >= len(l.s) || l.s[i] == 0 { // compositors include the byte that ends the string
		l.tok, l.end = "", len(l.s)
		return
	}
	j := i + 1
	switch c := l.s[i]; {
	case c == '"', c == '<':
		closing := byte('"')
		if c == '<' {
			closing = '>'
		}
		for j < len(l.s) && l.s[j] != closing && l.s[j] != '\n' {
			j++
		}
		l.tok = l.s[i:j]
		l.end = min(j+1, len(l.s))
		return
	case word(c):
		for j < len(l.s) && word(l.s[j]) {
			j++
		}
	}
	l.tok, l.end = l.s[i:j], j
}

func word(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
