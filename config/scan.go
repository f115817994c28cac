package config

import (
	"fmt"
	"strings"
)

// scanner reads the places of a document that the decoder has accepted, or, strictly, a simple document without the decoder.
type scanner struct {
	strict bool // see readSimple
	src    *source
	s      string
	i      int

	parts []part // of the latest key
	nodes []node // room for more

	track bool     // keep keys
	keys  []string // dotted path of each key in order, in the form of join
}

type scanError struct{ off int }

// scan builds the tree of a document. It fails only where it reads TOML differently from the decoder. With track, it also
// returns the path of each key.
func scan(src *source, track bool) (root *node, keys []string, err error) {
	return (&scanner{src: src, s: src.text, track: track}).scan()
}

func (sc *scanner) scan() (root *node, keys []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			se, ok := r.(scanError)
			if !ok {
				panic(r)
			}
			line, col, _ := sc.src.position(se.off)
			err = fmt.Errorf("line %d, column %d cannot be placed", line, col)
		}
	}()
	root = &node{src: sc.src}
	table, path := root, ""
	for sc.blank(true); sc.i < len(sc.s); sc.blank(true) {
		start := sc.i
		if sc.s[sc.i] != '[' {
			sc.pair(table, path)
			sc.lineEnds()
			continue
		}
		double := strings.HasPrefix(sc.s[sc.i:], "[[")
		sc.i++
		if double {
			sc.i++
		}
		table, path = root, ""
		parts := sc.key()
		for j, p := range parts {
			path = sc.join(path, p.name)
			how := implied
			if j == len(parts)-1 {
				how = byHeader
			}
			table = sc.header(table, p, double && how == byHeader, how)
		}
		sc.expect(']')
		if double {
			sc.must(sc.i < len(sc.s) && sc.s[sc.i] == ']')
			sc.expect(']')
		}
		table.voff, table.vend = start, sc.i
		sc.lineEnds()
		if double { // an element has no key
			last := parts[len(parts)-1]
			table.koff, table.kend = last.off, last.end
		}
		sc.seen(path)
	}
	return root, sc.keys, nil
}

// join adds a part to a dotted path. Each part starts with a NUL, since a name may be empty.
func (sc *scanner) join(path, name string) string {
	if !sc.track {
		return ""
	}
	return path + "\x00" + name
}

func (sc *scanner) seen(path string) {
	if sc.track {
		sc.keys = append(sc.keys, path)
	}
}

// node makes a node. It allocates many at a time: a file has hundreds.
func (sc *scanner) node() *node {
	if len(sc.nodes) == 0 {
		sc.nodes = make([]node, min(64, 1+(len(sc.s)-sc.i)/16))
	}
	n := &sc.nodes[0]
	sc.nodes = sc.nodes[1:]
	n.src = sc.src
	return n
}

type part struct {
	name     string
	off, end int
}

// header goes from a table to the table that a part of a [header] or of a dotted key names, and creates it if necessary.
func (sc *scanner) header(t *node, p part, element bool, how made) *node {
	kid := t.get(p.name)
	if kid == nil {
		kid = t.add(&node{src: sc.src, key: p.name, koff: p.off, kend: p.end, voff: p.off, vend: p.end, made: how})
		if element {
			kid.kind, kid.tables = kindArray, true
		}
	} else {
		sc.must(kid.takes(element, how))
		if how == byHeader {
			kid.made = how
		}
	}
	if kid.kind == kindArray {
		if element {
			e := &node{src: sc.src}
			kid.kids = append(kid.kids, e)
			return e
		}
		if len(kid.kids) == 0 {
			panic(scanError{p.off})
		}
		return kid.kids[len(kid.kids)-1]
	}
	if kid.kind != kindTable {
		panic(scanError{p.off})
	}
	if !element && kid.voff == kid.koff { // the key's place is in the header itself
		kid.koff, kid.kend = p.off, p.end
	}
	return kid
}

// pair reads one key = value.
func (sc *scanner) pair(t *node, path string) {
	parts := sc.key()
	sc.expect('=')
	for _, p := range parts[:len(parts)-1] {
		path = sc.join(path, p.name)
		sc.must(t.made != byValue)
		t = sc.header(t, p, false, byDots)
	}
	last := parts[len(parts)-1]
	sc.must(!sc.strict || t.get(last.name) == nil)
	path = sc.join(path, last.name)
	sc.seen(path)
	n := sc.node()
	n.key, n.koff, n.kend = last.name, last.off, last.end
	sc.blank(false)
	sc.read(n, path)
	t.add(n)
}

// key reads the parts of a dotted key. They are valid until the next one.
func (sc *scanner) key() []part {
	parts := sc.parts[:0]
	for {
		sc.blank(false)
		if sc.i >= len(sc.s) {
			panic(scanError{sc.i})
		}
		p := part{off: sc.i}
		switch c := sc.s[sc.i]; c {
		case '"', '\'':
			sc.quoted()
			raw := sc.s[p.off:sc.i]
			if c == '\'' {
				p.name = raw[1 : len(raw)-1]
			} else {
				p.name = unescape(raw[1 : len(raw)-1])
			}
		default:
			for sc.i < len(sc.s) && strings.IndexByte(" \t.=]\r\n", sc.s[sc.i]) < 0 {
				sc.i++
			}
			p.name = sc.s[p.off:sc.i]
		}
		p.end = sc.i
		if p.end == p.off {
			panic(scanError{sc.i})
		}
		sc.must(!sc.strict || simpleKey(sc.s[p.off:p.end]))
		parts = append(parts, p)
		sc.blank(false)
		if sc.i >= len(sc.s) || sc.s[sc.i] != '.' {
			sc.parts = parts
			return parts
		}
		sc.i++
	}
}

// read reads a value into n.
func (sc *scanner) read(n *node, path string) {
	n.voff, n.made = sc.i, byValue
	if sc.i >= len(sc.s) {
		panic(scanError{sc.i})
	}
	switch sc.s[sc.i] {
	case '"', '\'':
		n.kind = kindString
		sc.quoted()
	case '[':
		n.kind = kindArray
		sc.i++
		for {
			sc.blank(true)
			if sc.at(']') {
				break
			}
			e := sc.node()
			sc.read(e, path)
			e.koff, e.kend = e.voff, e.vend
			n.kids = append(n.kids, e)
			sc.blank(true)
			if !sc.at(',') {
				sc.expect(']')
				break
			}
		}
	case '{':
		n.kind = kindTable
		sc.i++
		for {
			sc.blank(!sc.strict)
			if sc.at('}') {
				sc.must(len(n.kids) == 0) // no comma before it
				break
			}
			sc.pair(n, path)
			sc.blank(!sc.strict)
			if !sc.at(',') {
				sc.expect('}')
				break
			}
		}
	default: // a number, boolean or date: fill finds out
		n.kind = kindInt
		for sc.i < len(sc.s) && strings.IndexByte(",]}#\r\n", sc.s[sc.i]) < 0 {
			sc.i++
		}
		for sc.i > n.voff && (sc.s[sc.i-1] == ' ' || sc.s[sc.i-1] == '\t') {
			sc.i--
		}
	}
	n.vend = sc.i
	if sc.strict && n.kind != kindTable && n.kind != kindArray {
		sc.simpleValue(n)
	}
}

// quoted skips a string of any of the four kinds.
func (sc *scanner) quoted() {
	start, q := sc.i, sc.s[sc.i]
	if rest := sc.s[sc.i:]; len(rest) >= 6 && rest[1] == q && rest[2] == q {
		for sc.i += 3; sc.i < len(sc.s); sc.i++ {
			if sc.s[sc.i] == '\\' && q == '"' {
				sc.i++
			} else if sc.s[sc.i] == q && strings.HasPrefix(sc.s[sc.i:], string([]byte{q, q, q})) {
				sc.i += 3
				for n := 0; n < 2 && sc.i < len(sc.s) && sc.s[sc.i] == q; n++ { // up to two more belong to it
					sc.i++
				}
				return
			}
		}
		panic(scanError{start})
	}
	for sc.i++; sc.i < len(sc.s); sc.i++ {
		switch c := sc.s[sc.i]; {
		case c == '\\' && q == '"':
			sc.i++
		case c == q:
			sc.i++
			return
		case c == '\n':
			panic(scanError{start})
		}
	}
	panic(scanError{start})
}

// blank skips white space, and newlines and comments on request.
func (sc *scanner) blank(lines bool) {
	for ; sc.i < len(sc.s); sc.i++ {
		switch c := sc.s[sc.i]; {
		case c == ' ' || c == '\t':
		case lines && (c == '\n' || c == '\r'):
		case lines && c == '#':
			for sc.i+1 < len(sc.s) && sc.s[sc.i+1] != '\n' {
				sc.i++
			}
		default:
			return
		}
	}
}

func (sc *scanner) at(c byte) bool {
	if sc.i < len(sc.s) && sc.s[sc.i] == c {
		sc.i++
		return true
	}
	return false
}

func (sc *scanner) expect(c byte) {
	sc.blank(false)
	if !sc.at(c) {
		panic(scanError{sc.i})
	}
}

// unescape reads the escapes of a quoted key.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'b':
			b.WriteByte('\b')
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'f':
			b.WriteByte('\f')
		case 'r':
			b.WriteByte('\r')
		case 'e':
			b.WriteByte(0x1b)
		case 'u', 'U', 'x':
			n := map[byte]int{'u': 4, 'U': 8, 'x': 2}[c]
			var r rune
			fmt.Sscanf(s[i+1:min(len(s), i+1+n)], "%x", &r)
			b.WriteRune(r)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
