package importer

import (
	"fmt"
	"slices"
	"strings"

	"toshy/config"
)

// A lisp is an S-expression in the form of kanata and kmonad: an atom, a text in quotes, or a list.
type lisp struct {
	atom   string
	quoted bool
	list   []lisp
	isList bool
	line   int
}

// maxLisp bounds the depth of nested brackets.
const maxLisp = 100

// readLisp reads the expressions of a file.
func readLisp(name, source string) ([]lisp, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	r := &lispReader{name: name, s: source, line: 1}
	list, err := r.list(0)
	if err == nil && r.i < len(r.s) {
		err = fmt.Errorf("%s:%d: one closing bracket too many", name, r.line)
	}
	return list, err
}

type lispReader struct {
	name string
	s    string
	i    int
	line int
}

// blank skips blanks and comments: ;; to the end of the line, and #| |#.
func (r *lispReader) blank() {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == '\n':
			r.line++
			r.i++
		case c == ' ' || c == '\t' || c == '\r':
			r.i++
		case strings.HasPrefix(r.s[r.i:], ";;"):
			for r.i < len(r.s) && r.s[r.i] != '\n' {
				r.i++
			}
		case strings.HasPrefix(r.s[r.i:], "#|"):
			end := strings.Index(r.s[r.i:], "|#")
			if end < 0 {
				end = len(r.s) - r.i - 2
			}
			r.line += strings.Count(r.s[r.i:r.i+end+2], "\n")
			r.i += end + 2
		default:
			return
		}
	}
}

// list reads up to a closing bracket, which it does not consume, or the end.
func (r *lispReader) list(depth int) ([]lisp, error) {
	if depth > maxLisp {
		return nil, fmt.Errorf("%s:%d: more than %d brackets inside each other", r.name, r.line, maxLisp)
	}
	var out []lisp
	for {
		r.blank()
		if r.i >= len(r.s) || r.s[r.i] == ')' {
			return out, nil
		}
		line := r.line
		start := r.i
		switch {
		case r.s[r.i] == '(' || strings.HasPrefix(r.s[r.i:], "#("):
			var head []lisp
			if r.s[r.i] == '#' { // kmonad's short form of a macro
				head = []lisp{{atom: "tap-macro", line: line}}
				r.i++
			}
			r.i++
			l, err := r.list(depth + 1)
			if err != nil {
				return nil, err
			}
			if r.i >= len(r.s) {
				return nil, fmt.Errorf("%s:%d: a bracket that is never closed", r.name, line)
			}
			r.i++
			out = append(out, lisp{list: append(head, l...), isList: true, line: line})
		case r.s[r.i] == '"':
			text, err := r.text()
			if err != nil {
				return nil, err
			}
			out = append(out, lisp{atom: text, quoted: true, line: line})
		case strings.HasPrefix(r.s[r.i:], `r#"`):
			end := strings.Index(r.s[r.i:], `"#`)
			if end < 0 {
				return nil, fmt.Errorf("%s:%d: a text that is never closed", r.name, line)
			}
			raw := r.s[r.i+3 : r.i+max(3, end)]
			r.line += strings.Count(raw, "\n")
			r.i += end + 2
			out = append(out, lisp{atom: raw, quoted: true, line: line})
		default:
			for r.i < len(r.s) && (!strings.ContainsRune(" \t\r\n()\"", rune(r.s[r.i])) || r.s[r.i] == '"' && r.s[start] == '+') {
				if r.s[r.i] == '\\' && r.i+1 < len(r.s) && strings.ContainsRune("()\"_\\", rune(r.s[r.i+1])) {
					r.i++ // kmonad writes brackets and the like with a backslash
				}
				r.i++
			}
			out = append(out, lisp{atom: r.s[start:r.i], line: line})
		}
	}
}

// text reads a text in quotes.
func (r *lispReader) text() (string, error) {
	line := r.line
	var b strings.Builder
	for r.i++; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; c {
		case '"':
			r.i++
			return b.String(), nil
		case '\\':
			if r.i++; r.i < len(r.s) {
				b.WriteByte(r.s[r.i])
			}
		case '\n':
			r.line++
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("%s:%d: a text that is never closed", r.name, line)
}

// head is the first word of a list, "" if it is not a list.
func (l lisp) head() string {
	if !l.isList || len(l.list) == 0 {
		return ""
	}
	return l.list[0].atom
}

// args is everything after the first word of a list.
func (l lisp) args() []lisp {
	if len(l.list) == 0 {
		return nil
	}
	return l.list[1:]
}

// String is the expression as written, shortened.
func (l lisp) String() string {
	s := l.atom
	if l.quoted {
		s = `"` + s + `"`
	}
	if l.isList {
		var words []string
		for _, x := range l.list {
			words = append(words, x.String())
		}
		s = "(" + strings.Join(words, " ") + ")"
	}
	if r := []rune(s); len(r) > 60 {
		s = string(slices.Concat(r[:57], []rune("...")))
	}
	return s
}
