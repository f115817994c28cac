// Package importer turns configurations of other remappers into toshy's language, with a list of what
// does not carry over. Nothing in a file is run.
package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

// A Note is a part of the file that did not carry over as it was.
type Note struct {
	File   string // of several; empty: the only one
	Line   int    // from 1; 0: the file as a whole
	Reason string
	Lost   bool // it is not in the result; else it is, a little different
}

// A Result is a converted configuration.
type Result struct {
	TOML  []byte
	Notes []Note // by line
	// Tables and Entries count what carried over: tables with entries, and these; Settings counts what stands in other tables.
	Tables, Entries, Settings int
	// Builtin says that the result builds on the built-in configuration, and is something without any entry.
	Builtin bool
}

// notes collects what is to be said.
type notes struct{ list []Note }

func (n *notes) lost(line int, format string, args ...any) {
	n.add(Note{Line: line, Reason: fmt.Sprintf(format, args...), Lost: true})
}

func (n *notes) note(line int, format string, args ...any) {
	n.add(Note{Line: line, Reason: fmt.Sprintf(format, args...)})
}

func (n *notes) add(note Note) {
	if !slices.Contains(n.list, note) {
		n.list = append(n.list, note)
	}
}

// An entry is one line of a table: key = value.
type entry struct {
	key, value string // value is TOML
	line       int    // of the file that is converted
}

// A section is one table of the result.
type section struct {
	kind, name string // [kind.name], or [kind] when name is ""
	list       bool   // [[kind]]
	fields     []entry
	keys       []entry // in [kind.name.keys]
	line       int
	comment    string
}

// document is the result while it is being made.
type document struct {
	notes
	source   string // name of the file that is converted
	extends  string
	prefix   string // of names of tables, so that they meet none of the built-in ones
	sections []*section
	names    map[string]bool
}

func newDocument(source string) *document {
	return &document{source: source, extends: "none", names: map[string]bool{}}
}

// order is the order of kinds in the result; of one kind it is the order in which they were made.
var order = []string{"options", "devices", "keyboard", "settings", "state", "modifiers", "groups", "hands", "timing", "timing.rule", "pacing", "pacing.rule", "modmap", "chord", "layer", "keymap"}

// table begins a table with a name that is made of a title.
func (d *document) table(kind, title string, line int) *section {
	name := slug(title)
	if name == "" {
		name = "map"
	}
	if kind == "state" { // which conditions name
		name = typeName(title)
	}
	name = d.prefix + name
	base := name
	for i := 2; d.names[kind+"."+name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	d.names[kind+"."+name] = true
	s := &section{kind: kind, name: name, line: line, comment: title}
	d.sections = append(d.sections, s)
	return s
}

// single returns the one table of a kind.
func (d *document) single(kind string) *section {
	for _, s := range d.sections {
		if s.kind == kind && !s.list {
			return s
		}
	}
	s := &section{kind: kind}
	d.sections = append(d.sections, s)
	return s
}

// element adds an element to a list of tables.
func (d *document) element(kind string, line int) *section {
	s := &section{kind: kind, list: true, line: line}
	d.sections = append(d.sections, s)
	return s
}

// set gives a field a value; an older one is replaced.
func (s *section) set(key, value string, line int) {
	for i := range s.fields {
		if s.fields[i].key == key {
			s.fields[i].value, s.fields[i].line = value, line
			return
		}
	}
	s.fields = append(s.fields, entry{key, value, line})
}

func (s *section) when(c cond, line int) {
	if c.text != "" {
		s.fields = append([]entry{{"when", str(c.text), line}}, s.fields...)
	}
}

// entry adds key = value to the table's keys. Of two for one key the later one counts, as in the file.
func (s *section) entry(key, value string, line int) {
	s.keys = slices.DeleteFunc(s.keys, func(e entry) bool { return e.key == key })
	s.keys = append(s.keys, entry{key, value, line})
}

// slug makes a name for a table of a title.
func slug(title string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(title) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		} else {
			dash = true
		}
	}
	return b.String()
}

// oneLine is a text as a comment can have it: names of files and tables may have any bytes in them.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return !strconv.IsGraphic(r) || r == ' ' }), " ")
}

// typeName makes a name for a type of keyboard: letters, digits and _.
func typeName(title string) string {
	name := strings.ReplaceAll(slug(title), "-", "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "keyboard_" + name
	}
	return name
}

// str is a text in TOML: without escapes where that is possible, so that regular expressions stay readable.
func str(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD") // names of files may have any bytes in them
	plain := true
	for _, r := range s {
		plain = plain && (strconv.IsPrint(r) || r == ' ')
	}
	switch {
	case plain && !strings.ContainsAny(s, `"\`):
		return `"` + s + `"`
	case plain && !strings.Contains(s, "'"):
		return "'" + s + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// bare is a key of a table, in quotes where TOML asks for them.
func bare(s string) string {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return str(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

func array(values []string) string { return "[" + strings.Join(values, ", ") + "]" }

func strs(values []string) []string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = str(v)
	}
	return q
}

// inline is a table on one line: pairs of key and value.
func inline(pairs ...string) string {
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		words = append(words, bare(pairs[i])+" = "+pairs[i+1])
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

// A source says where a line of the result comes from.
type source struct {
	line int      // of the file
	in   *section // of an entry
	key  string
}

// render writes the document. from says for each line of it, from 1, where it comes from.
func (d *document) render() (text string, from []source) {
	var b strings.Builder
	from = []source{{}}
	write := func(of source, format string, args ...any) {
		s := fmt.Sprintf(format, args...)
		b.WriteString(s + "\n")
		for range 1 + strings.Count(s, "\n") {
			from = append(from, of)
		}
	}
	put := func(line int, format string, args ...any) { write(source{line: line}, format, args...) }
	put(0, "# Converted from %s by toshy import.", oneLine(d.source))
	put(0, "extends = %s", str(d.extends))
	for _, kind := range order {
		for _, s := range d.sections {
			if s.kind != kind || s.empty() {
				continue
			}
			put(0, "")
			if s.comment != "" && slug(s.comment) != s.comment {
				put(s.line, "# %s", oneLine(s.comment))
			}
			switch {
			case len(s.fields) == 0 && len(s.keys) > 1:
			case s.list:
				put(s.line, "[[%s]]", s.kind)
			case s.name == "":
				put(s.line, "[%s]", s.kind)
			default:
				put(s.line, "[%s.%s]", s.kind, bare(s.name))
			}
			for _, e := range s.fields {
				put(e.line, "%s = %s", bare(e.key), e.value)
			}
			if len(s.keys) == 1 {
				write(source{s.keys[0].line, s, s.keys[0].key}, "keys.%s = %s", bare(s.keys[0].key), s.keys[0].value)
			} else if len(s.keys) > 1 {
				put(s.line, "[%s.%s.keys]", s.kind, bare(s.name))
				for _, e := range s.keys {
					write(source{e.line, s, e.key}, "%s = %s", bare(e.key), e.value)
				}
			}
		}
	}
	return b.String(), from
}

// empty says that a table does nothing, such as a keymap that has a condition and no entry.
func (s *section) empty() bool {
	if len(s.keys) > 0 || s.kind == "layer" { // a layer is there for who turns it on
		return false
	}
	holder := s.kind == "modmap" || s.kind == "keymap" || s.kind == "chord"
	return len(s.fields) == 0 || holder && !slices.ContainsFunc(s.fields, func(e entry) bool { return e.key == "level3" })
}

// drop takes out an entry, or else what came from a line of the file: the table that begins there, and its fields.
func (d *document) drop(of source) bool {
	before := d.size()
	if of.key != "" {
		of.in.keys = slices.DeleteFunc(of.in.keys, func(e entry) bool { return e.key == of.key })
		if c, ok := key.Parse(of.key); ok && slices.Contains(standIns(), c) { // nothing else may become a key that does nothing any more
			for _, s := range d.sections {
				s.keys = slices.DeleteFunc(s.keys, func(e entry) bool { return strings.Contains(e.value, str(of.key)) })
			}
		}
		return d.size() != before
	}
	line := of.line
	d.sections = slices.DeleteFunc(d.sections, func(s *section) bool { return s.line == line && line > 0 && len(s.keys) == 0 })
	for _, s := range d.sections {
		s.keys = slices.DeleteFunc(s.keys, func(e entry) bool { return e.line == line })
		if slices.ContainsFunc(s.fields, func(e entry) bool { return e.line == line && e.key == "when" }) {
			s.keys, s.fields = nil, nil // without its condition a table would mean another thing
		}
		s.fields = slices.DeleteFunc(s.fields, func(e entry) bool { return e.line == line })
	}
	return d.size() != before
}

func (d *document) size() int {
	n := len(d.sections)
	for _, s := range d.sections {
		n += len(s.fields) + len(s.keys)
	}
	return n
}

// finish writes the result and makes sure that toshy takes it: what it refuses is taken out and said.
func (d *document) finish() (*Result, error) {
	d.mice()
	for {
		text, from := d.render()
		problems, warnings := checked(text)
		if len(problems) == 0 {
			for _, w := range warnings {
				line := 0
				if w.Line > 0 && w.Line < len(from) {
					line = from[w.Line].line
				}
				d.note(line, "toshy check warns: %s", w.Message)
			}
			slices.SortStableFunc(d.list, func(a, b Note) int { return a.Line - b.Line })
			r := &Result{TOML: []byte(text), Notes: d.list, Builtin: d.extends != "none"}
			for _, s := range d.sections {
				if len(s.keys) > 0 {
					r.Tables++
					r.Entries += len(s.keys)
				} else if s.kind != "options" && !s.empty() {
					r.Settings += len(s.fields)
				}
			}
			return r, nil
		}
		changed := false
		for _, p := range problems {
			if p.Line <= 0 || p.Line >= len(from) || !d.drop(from[p.Line]) {
				continue
			}
			changed = true
			of := from[p.Line]
			if of.key == "" || strings.Contains(p.Message, of.key) {
				d.lost(of.line, "%s", p.Message)
			} else {
				d.lost(of.line, "%s: %s", of.key, p.Message)
			}
		}
		if !changed {
			return nil, fmt.Errorf("convert %s: the result is not usable, please report this with the file: %w", d.source, problems[0])
		}
	}
}

// mice says of rules for buttons of a mouse what they need: toshy takes keyboards, and mice only where it is told to.
func (d *document) mice() {
	if slices.ContainsFunc(d.sections, func(s *section) bool { return s.kind == "devices" }) {
		return
	}
	for _, s := range d.sections {
		if s.kind != "modmap" && s.kind != "keymap" && s.kind != "layer" && s.kind != "chord" {
			continue
		}
		for _, e := range s.keys {
			if mouseButton().MatchString(e.key) {
				d.note(e.line, "a button of a mouse: toshy takes a mouse only if [devices] names it: also = [\"NAME\"], see toshy devices")
				return
			}
		}
	}
}

var mouseButton = pattern(`(?i)(?:^|[-+])btn_(?:left|right|middle|side|extra|back|forward|task)$`)

// refused is what keeps a text from being a configuration.
func refused(text string) []config.Problem {
	problems, _ := checked(text)
	return problems
}

// checked is what is wrong with a text as a configuration, and what toshy check warns of.
func checked(text string) (problems, warnings []config.Problem) {
	const name = "result.toml"
	c, err := config.Parse(name, []byte(text), config.Options{Files: config.Texts{}})
	if err == nil {
		_, err = remap.Compile(c.Program)
	}
	if err == nil {
		return nil, c.Warnings
	}
	var list []config.Problem
	var walk func(err error)
	walk = func(err error) {
		switch e := err.(type) {
		case *config.Error:
			for _, p := range e.Problems {
				if p.Severity == config.SeverityError {
					list = append(list, p)
				}
			}
		case *remap.Problem:
			list = append(list, config.Problem{File: e.Origin.File, Line: e.Origin.Line, Message: e.Message})
		case interface{ Unwrap() []error }:
			for _, x := range e.Unwrap() {
				walk(x)
			}
		default:
			list = append(list, config.Problem{Message: err.Error()})
		}
	}
	walk(err)
	return list, nil
}
