package shortcuts

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kdlNode is a node of a document in KDL 1 (kdl.dev), the language of niri's configuration.
type kdlNode struct {
	name     string
	args     []string // "true", "12" and "null" as written
	props    map[string]string
	children []kdlNode
}

// child returns the last child with this name, or nil.
func (n *kdlNode) child(name string) *kdlNode {
	for i := len(n.children) - 1; i >= 0; i-- {
		if n.children[i].name == name {
			return &n.children[i]
		}
	}
	return nil
}

const kdlDepth = 64 // limit of nodes in nodes

var errKDL = errors.New("not a document in KDL")

func parseKDL(text string) ([]kdlNode, error) {
	p := kdlParser{rest: strings.TrimPrefix(text, "\ufeff")}
	nodes, err := p.nodes(0)
	if err == nil && p.rest != "" { // a } too many
		err = errKDL
	}
	return nodes, err
}

type kdlParser struct{ rest string }

func (p *kdlParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

// nodes parses nodes up to a } or the end of the document.
func (p *kdlParser) nodes(depth int) ([]kdlNode, error) {
	if depth > kdlDepth {
		return nil, errKDL
	}
	var list []kdlNode
	for {
		if err := p.space(true); err != nil {
			return nil, err
		}
		if p.rest == "" || p.rest[0] == '}' {
			return list, nil
		}
		off := p.take("/-")
		n, err := p.node(depth)
		if err != nil {
			return nil, err
		}
		if !off {
			list = append(list, n)
		}
	}
}

func (p *kdlParser) node(depth int) (n kdlNode, err error) {
	if err = p.space(false); err != nil {
		return n, err
	}
	if n.name, err = p.value(); err != nil {
		return n, err
	}
	for {
		if err = p.space(false); err != nil {
			return n, err
		}
		if p.rest == "" || strings.ContainsRune("\n\r;", rune(p.rest[0])) {
			return n, nil // the caller skips the rest; a } alone does not end a node
		}
		off := p.take("/-")
		if off {
			if err = p.space(false); err != nil {
				return n, err
			}
		}
		if p.take("{") {
			nodes, err := p.nodes(depth + 1)
			if err != nil {
				return n, err
			}
			if !p.take("}") {
				return n, errKDL
			}
			if !off {
				n.children = append(n.children, nodes...)
			}
			continue
		}
		v, err := p.value()
		if err != nil {
			return n, err
		}
		switch {
		case p.take("="):
			of, err := p.value()
			if err != nil {
				return n, err
			}
			if !off {
				if n.props == nil {
					n.props = map[string]string{}
				}
				n.props[v] = of
			}
		case !off:
			n.args = append(n.args, v)
		}
	}
}

// space skips blanks and comments; with lines, also the ends of lines and nodes.
func (p *kdlParser) space(lines bool) error {
	for p.rest != "" {
		switch c, size := utf8.DecodeRuneInString(p.rest); {
		case strings.HasPrefix(p.rest, "//"):
			end := strings.IndexAny(p.rest, "\n\r")
			if end < 0 {
				end = len(p.rest)
			}
			p.rest = p.rest[end:]
		case strings.HasPrefix(p.rest, "/*"):
			if err := p.comment(); err != nil {
				return err
			}
		case c == '\\': // the node continues in the next line
			p.rest = p.rest[size:]
			if err := p.space(false); err != nil {
				return err
			}
			if !p.take("\r\n") && !p.take("\n") && p.rest != "" {
				return errKDL
			}
		case c == '\n' || c == '\r' || c == ';':
			if !lines {
				return nil
			}
			p.rest = p.rest[size:]
		case unicode.IsSpace(c):
			p.rest = p.rest[size:]
		default:
			return nil
		}
	}
	return nil
}

// comment skips a comment between /* and */, which can contain others.
func (p *kdlParser) comment() error {
	for depth := 0; p.rest != ""; {
		switch {
		case p.take("/*"):
			depth++
		case p.take("*/"):
			if depth--; depth == 0 {
				return nil
			}
		default:
			p.rest = p.rest[1:]
		}
	}
	return errKDL
}

// value parses a string, a number, a word or an identifier, with or without a type.
func (p *kdlParser) value() (string, error) {
	if p.take("(") { // the type, which niri does not use
		if _, err := p.value(); err != nil {
			return "", err
		}
		if !p.take(")") {
			return "", errKDL
		}
	}
	if p.take(`"`) {
		return p.quoted()
	}
	if raw, ok := strings.CutPrefix(p.rest, "r"); ok {
		marks := raw[:len(raw)-len(strings.TrimLeft(raw, "#"))]
		if raw, ok = strings.CutPrefix(raw[len(marks):], `"`); ok {
			text, rest, ok := strings.Cut(raw, `"`+marks)
			if !ok {
				return "", errKDL
			}
			p.rest = rest
			return text, nil
		}
	}
	end := strings.IndexFunc(p.rest, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(`\/(){}<>;[]=,"`, c) })
	if end < 0 {
		end = len(p.rest)
	}
	if end == 0 {
		return "", errKDL
	}
	v := p.rest[:end]
	p.rest = p.rest[end:]
	return v, nil
}

// quoted parses a string after its first quote.
func (p *kdlParser) quoted() (string, error) {
	var b strings.Builder
	for {
		i := strings.IndexAny(p.rest, `"\`)
		if i < 0 || i+1 >= len(p.rest) && p.rest[i] == '\\' {
			return "", errKDL
		}
		b.WriteString(p.rest[:i])
		if p.rest[i] == '"' {
			p.rest = p.rest[i+1:]
			return b.String(), nil
		}
		c := p.rest[i+1]
		p.rest = p.rest[i+2:]
		if c == 'u' {
			hex, rest, ok := strings.Cut(strings.TrimPrefix(p.rest, "{"), "}")
			code, err := strconv.ParseUint(hex, 16, 32)
			if !ok || err != nil || code > unicode.MaxRune {
				return "", errKDL
			}
			b.WriteRune(rune(code))
			p.rest = rest
			continue
		}
		plain, ok := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', '"': '"', '\\': '\\', '/': '/'}[c]
		if !ok {
			return "", errKDL
		}
		b.WriteByte(plain)
	}
}
