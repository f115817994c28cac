package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"toshy/remap"
)

// Severity says whether a configuration with this problem can be used.
type Severity string

const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// A Problem is one mistake in a configuration, or something that is probably not meant.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`   // from 1; 0 if the problem is the file itself
	Col      int      `json:"column"` // from 1, in characters
	Len      int      `json:"length"` // in characters, at least 1
	Message  string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
	Severity Severity `json:"severity"`

	text string // the line itself
}

// Error gives the place and the message on one line.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
	}
	b.WriteString(": ")
	if p.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// maxShown is how many characters of a long line are shown around the mistake.
const maxShown = 110

// WriteTo writes the place, the message, the line with the word underlined, and the hint.
func (p Problem) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString(p.Error())
	b.WriteByte('\n')
	if p.text != "" {
		p.excerpt(&b)
	}
	if p.Hint != "" {
		b.WriteString("hint: ")
		b.WriteString(p.Hint)
		b.WriteByte('\n')
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (p Problem) excerpt(b *strings.Builder) {
	line := []rune(strings.ToValidUTF8(p.text, "\uFFFD"))
	col := min(p.Col-1, len(line))
	from, to := 0, len(line)
	if len(line) > maxShown {
		from = max(0, min(col-maxShown/3, len(line)-maxShown))
		to = from + maxShown
	}
	const indent = "    "
	b.WriteString(indent)
	if from > 0 {
		b.WriteString("...")
	}
	for _, r := range line[from:to] {
		if r < ' ' && r != '\t' || r == 0x7f {
			r = '\uFFFD' // a control character would move the caret or worse
		}
		b.WriteRune(r)
	}
	if to < len(line) {
		b.WriteString("...")
	}
	b.WriteString("\n" + indent)
	if from > 0 {
		b.WriteString("   ")
	}
	for _, r := range line[from:col] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("^", max(1, min(p.Len, to-col))))
	b.WriteByte('\n')
}

// An Error has every problem of a configuration that cannot be used, including warnings.
type Error struct {
	Problems []Problem
}

// Error is the whole report: each problem with its line, a caret and a hint.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		p.WriteTo(&b) // a strings.Builder does not fail
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// span is a part of a source.
type span struct {
	src      *source
	off, end int // bytes
}

// maxProblems keeps a file of garbage from filling the screen.
const maxProblems = 200

// problems collects mistakes and warnings.
type problems struct {
	list   []Problem
	errors int
	seen   map[Problem]bool
	ctx    context.Context // when to stop; nil: never
}

// errStop ends the reading of a configuration: there are enough problems, or the time is over.
var errStop = errors.New("stop")

// due stops the reading if it must end. It is called in every long loop.
func (ps *problems) due() {
	if ps.ctx != nil && ps.ctx.Err() != nil {
		panic(errStop)
	}
}

// full says that further problems are only counted.
func (ps *problems) full() bool { return len(ps.list) >= maxProblems }

// warned says that there are enough warnings: they leave room for errors.
func (ps *problems) warned() bool { return len(ps.list)-ps.errors >= maxProblems/2 }

func (ps *problems) add(s Severity, at span, hint, format string, args ...any) {
	if s == SeverityWarning && ps.warned() {
		return
	}
	if ps.full() {
		if s == SeverityError { // nobody reads all of these, and finding hints takes time
			panic(errStop)
		}
		return
	}
	p := Problem{Severity: s, Message: fmt.Sprintf(format, args...), Hint: hint}
	if at.src != nil {
		p.File = at.src.name
		if at.src.lines != nil {
			p.Line, p.Col, p.text = at.src.position(at.off)
			end := min(at.end, at.off+len(p.text))
			if at.off < end && end <= len(at.src.text) {
				word, _, _ := strings.Cut(at.src.text[at.off:end], "\n")
				p.Len = utf8.RuneCountInString(strings.TrimSuffix(word, "\r"))
			}
			p.Len = max(1, p.Len)
		}
	}
	if ps.seen[p] {
		return
	}
	if ps.seen == nil {
		ps.seen = make(map[Problem]bool)
	}
	ps.seen[p] = true
	if s == SeverityError {
		ps.errors++
	}
	ps.list = append(ps.list, p)
}

func (ps *problems) error(at span, hint, format string, args ...any) {
	ps.add(SeverityError, at, hint, format, args...)
}

func (ps *problems) warn(at span, hint, format string, args ...any) {
	ps.add(SeverityWarning, at, hint, format, args...)
}

// sorted returns the problems by file in the order in which files were read, then by place.
func (ps *problems) sorted(files []string) []Problem {
	rank := make(map[string]int, len(files))
	for i, f := range files {
		if _, ok := rank[f]; !ok {
			rank[f] = i
		}
	}
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		if d := rank[a.File] - rank[b.File]; d != 0 {
			return d
		}
		if d := a.Line - b.Line; d != 0 {
			return d
		}
		return a.Col - b.Col
	})
	return ps.list
}

// nearest returns the name that a word was probably meant to be, "" if none is near.
func nearest(word string, names []string) string {
	if len(word) > 64 || len(word) < 2 {
		return ""
	}
	low := strings.ToLower(word)
	best, dist := "", 1+(len(low)+1)/3
	for _, n := range names {
		if len(n)-len(low) > dist || len(low)-len(n) > dist {
			continue
		}
		if d := distance(low, strings.ToLower(n)); d < dist || d == dist && best != "" && n < best {
			best, dist = n, d
		}
	}
	return best
}

// distance counts the letters to change; two swapped neighbours count as one.
func distance(a, b string) int {
	if len(a) == len(b) {
		for i := range len(a) - 1 {
			if a[i] != b[i] {
				if a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
					return 1
				}
				break
			}
		}
	}
	return levenshtein.ComputeDistance(a, b)
}

// didYouMean is the hint that names the nearest of names, or lists them if there are only a few.
func didYouMean(word string, names []string) string {
	if n := nearest(word, names); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	if len(names) > 0 && len(names) <= 40 {
		return "known here: " + strings.Join(names, ", ")
	}
	return ""
}

// Problems are the problems in an error from reading or compiling a configuration; nil for other errors.
func Problems(err error) []Problem {
	var wrong *Error
	if errors.As(err, &wrong) {
		return wrong.Problems
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var problems []Problem
	for _, e := range list {
		var p *remap.Problem
		if !errors.As(e, &p) {
			return nil
		}
		problems = append(problems, Problem{
			File: p.Origin.File, Line: p.Origin.Line, Col: p.Origin.Column, Len: 1,
			Message: fmt.Sprintf("%s: %s", p.Table, p.Message), Severity: SeverityError,
		})
	}
	return problems
}
