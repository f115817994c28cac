package importer

import (
	"errors"
	"strings"

	"go.starlark.net/syntax"
)

// A statement is one statement of a Python file's top level.
type statement struct {
	text string
	line int // from 1
}

// pythonStatements splits a Python file into its top-level statements. It rewrites each so that Starlark's parser accepts
// most of them. Starlark has Python's syntax, without classes, imports and some spellings.
func pythonStatements(source string) []statement {
	p := &pyScanner{in: strings.ReplaceAll(source, "\r\n", "\n"), line: 1}
	p.scan()
	return p.list
}

type pyScanner struct {
	in   string
	line int
	list []statement
}

var (
	continues  = pattern(`^(else|elif|except|finally)\b`)
	annotated  = pattern(`^([A-Za-z_]\w*)\s*:\s*[A-Za-z_][\w\[\], .|"']*=(\s)`)
	defResult  = pattern(`^(\s*def [^\n]*\))\s*->[^:\n]+:`)
	defParam   = pattern(`(\w+)\s*:\s*[A-Za-z_][\w\[\] .|]*([,)=])`)
	identity   = pattern(`\bis\s+not\b|\bis\b`)
	isWord     = pattern(`[A-Za-z0-9_]`)
	knownFlags = "rRbBuUfF"
)

func (p *pyScanner) scan() {
	var decorated bool
	for i := 0; i < len(p.in); {
		// At the beginning of a line, outside all brackets.
		end := p.logicalLine(i)
		text := p.in[i:end]
		first := text[0]
		switch trimmed := strings.TrimSpace(text); {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
			p.extend("\n")
		case first == ' ' || first == '\t' || continues().MatchString(text) || decorated:
			p.extend(p.rewrite(text))
		default:
			p.list = append(p.list, statement{p.rewrite(text), p.line})
		}
		decorated = first == '@'
		p.line += strings.Count(text, "\n")
		i = end
	}
}

// extend adds to the current statement; blank lines keep the positions right.
func (p *pyScanner) extend(text string) {
	if n := len(p.list); n > 0 {
		p.list[n-1].text += text
	}
}

// logicalLine returns where the line that begins at i ends: brackets, multi-line strings and backslashes join lines.
func (p *pyScanner) logicalLine(i int) int {
	depth := 0
	for i < len(p.in) {
		switch c := p.in[i]; c {
		case '#':
			for i < len(p.in) && p.in[i] != '\n' {
				i++
			}
			continue
		case '"', '\'':
			_, i = stringEnd(p.in, i)
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '\\':
			i++
		case '\n':
			if depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(p.in)
}

// stringEnd returns the content of the string whose quote is at i, and where it ends.
func stringEnd(s string, i int) (content string, end int) {
	quote := s[i : i+1]
	if strings.HasPrefix(s[i:], strings.Repeat(quote, 3)) {
		quote = s[i : i+3]
	}
	start := i + len(quote)
	for j := start; j < len(s); j++ {
		switch {
		case s[j] == '\\':
			j++
		case strings.HasPrefix(s[j:], quote):
			return s[start:j], j + len(quote)
		case s[j] == '\n' && len(quote) == 1:
			return s[start:j], j // not closed: the parser says so
		}
	}
	return s[min(start, len(s)):], len(s)
}

// tried and handler replace try and except, which Starlark does not have: a choice that attempt translates.
const tried, handler = "try_this", "except_that"

var (
	importLine = pattern(`(?s)^[ \t]+(?:import|from)\s.*$`)
	tryLine    = pattern(`^(\s*)try\s*:`)
	exceptLine = pattern(`^(\s*)except\b[^:\n]*:`)
	finalLine  = pattern(`^(\s*)finally\s*:`)
)

// rewrite converts a logical line to Starlark: strings without prefixes and implicit joining, == for is, no type
// annotations.
func (p *pyScanner) rewrite(text string) string {
	text = annotated().ReplaceAllString(text, "$1 =$2")
	text = importLine().ReplaceAllStringFunc(text, func(s string) string {
		indent := s[:len(s)-len(strings.TrimLeft(s, " \t"))]
		return indent + "pass" + strings.Repeat("\n", strings.Count(s, "\n"))
	})
	text = tryLine().ReplaceAllString(text, "${1}if "+tried+":")
	text = exceptLine().ReplaceAllString(text, "${1}elif "+handler+":")
	text = finalLine().ReplaceAllString(text, "${1}else:")
	if strings.HasPrefix(strings.TrimSpace(text), "def ") {
		head, body, more := strings.Cut(text, "\n")
		head = defResult().ReplaceAllString(head, "$1:")
		if i := strings.LastIndexByte(head, ')'); i > 0 {
			head = defParam().ReplaceAllString(head[:i+1], "$1$2") + head[i+1:]
		}
		text = head
		if more {
			text += "\n" + body
		}
	}
	var out strings.Builder
	code := 0 // where code that is not copied yet begins
	flush := func(to int) {
		out.WriteString(identity().ReplaceAllStringFunc(text[code:to], func(w string) string {
			if w == "is" {
				return "=="
			}
			return "!="
		}))
	}
	for i := 0; i < len(text); {
		switch text[i] {
		case '#':
			flush(i)
			for i < len(text) && text[i] != '\n' {
				i++
			}
			code = i
		case '"', '\'':
			from := i
			for from > 0 && i-from < 2 && strings.IndexByte(knownFlags, text[from-1]) >= 0 {
				from--
			}
			if from > 0 && isWord().MatchString(text[from-1:from]) {
				from = i
			}
			flags := strings.ToLower(text[from:i])
			flush(from)
			content, end := stringEnd(text, i)
			literal := pyLiteral(content, strings.Contains(flags, "r"))
			if strings.Contains(flags, "f") && strings.Contains(content, "{") {
				literal = formatted + "(" + literal + ")"
			}
			out.WriteString(literal)
			if next := afterBlanks(text, end); next < len(text) && startsString(text[next:]) {
				out.WriteString(" +")
			}
			i, code = end, end
		default:
			i++
		}
	}
	flush(len(text))
	return listGenerators(out.String())
}

// listGenerators puts brackets around generators, f(x for x in y): Starlark only has lists. All strings of the text are
// already in double quotes.
func listGenerators(s string) string {
	type bracket struct {
		at        int
		generator bool
	}
	var open []bracket
	var marks []int // where brackets go, opening and closing ones in turn
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			_, i = stringEnd(s, i)
			i--
		case '(', '[', '{':
			open = append(open, bracket{at: i})
		case ')', ']', '}':
			if n := len(open); n > 0 {
				if b := open[n-1]; b.generator && c == ')' {
					marks = append(marks, b.at+1, i)
				}
				open = open[:n-1]
			}
		case 'f':
			n := len(open)
			if n > 0 && s[open[n-1].at] == '(' && strings.HasPrefix(s[i:], "for ") && strings.IndexByte(" \n", s[i-1]) >= 0 {
				open[n-1].generator = true
			}
		}
	}
	if len(marks) == 0 {
		return s
	}
	var out strings.Builder
	for i := range len(s) + 1 {
		for j, m := range marks {
			if m == i {
				out.WriteByte("[]"[j%2])
			}
		}
		if i < len(s) {
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// formatted replaces an f-string, which is not computed.
const formatted = "formatted_text"

// pyLiteral writes the content of a Python string as a Starlark string.
func pyLiteral(content string, raw bool) string {
	var b strings.Builder
	lines := strings.Count(content, "\n")
	b.WriteByte('"')
	for i := 0; i < len(content); i++ {
		c := content[i]
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '"':
			b.WriteString(`\"`)
		case c == '\\' && raw:
			b.WriteString(`\\`)
		case c == '\\' && i+1 < len(content):
			i++
			switch n := content[i]; {
			case n == '\n':
			case n == 'x' && i+2 < len(content):
				b.WriteString(`\u00` + content[i+1:i+3])
				i += 2
			case strings.IndexByte(`abfnrtv\'"uU01234567`, n) >= 0:
				b.WriteString(`\` + string(n))
			default:
				b.WriteString(`\\` + string(n))
			}
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	if lines > 0 { // keep the places of what follows
		return "(" + b.String() + strings.Repeat("\n", lines) + ")"
	}
	return b.String()
}

// afterBlanks skips blanks, line breaks and comments.
func afterBlanks(s string, i int) int {
	for i < len(s) {
		switch {
		case s[i] == '#':
			for i < len(s) && s[i] != '\n' {
				i++
			}
		case strings.IndexByte(" \t\n\\", s[i]) >= 0:
			i++
		default:
			return i
		}
	}
	return i
}

func startsString(s string) bool {
	for i := 0; i < len(s) && i < 3; i++ {
		if s[i] == '"' || s[i] == '\'' {
			return true
		}
		if strings.IndexByte(knownFlags, s[i]) < 0 {
			return false
		}
	}
	return false
}

var starlark = &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true, Recursion: true}

// maxNesting bounds nested brackets, and with them the depth of the parser.
const maxNesting = 200

// parse parses a statement; positions refer to the file.
func (s *statement) parse(name string) (*syntax.File, error) {
	depth := 0
	for i := range len(s.text) {
		switch s.text[i] {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				return nil, errors.New("too many brackets inside each other")
			}
		case ')', ']', '}':
			depth--
		}
	}
	return starlark.Parse(name, syntax.FilePortion{Content: []byte(s.text), FirstLine: int32(s.line), FirstCol: 1}, 0)
}
