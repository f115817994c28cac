// Package importer converts configurations of other remappers into toshy's language, with a list of what it could not
// convert. It never runs code from a file.
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

// A Note is a part of the file that was not converted unchanged.
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
	// Tables and Entries count what was converted: tables with entries, and these entries. Settings counts the content of
	// other tables.
	Tables, Entries, Settings int
	// Builtin says that the result builds on the built-in configuration, so it is useful even without any entry.
	Builtin bool
}

// checkWarns begins a remark that is a warning of toshy check about the result.
const checkWarns = "toshy check warns: "

// notes collects the remarks.
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

// document is the result under construction.
type document struct {
	notes
	source   string // name of the file that is converted
	extends  string
	prefix   string // of names of tables, so that they meet none of the built-in ones
	sections []*section
	names    map[string]bool
	copied   map[string]bool // layers that are left out if nothing turns them on: copies of them are there
}

func newDocument(source string) *document {
	return &document{source: source, extends: "none", names: map[string]bool{}, copied: map[string]bool{}}
}

// order is the order of kinds in the result. Tables of one kind keep the order in which they were made.
var order = []string{"options", "devices", "keyboard", "settings", "state", "modifiers", "groups", "hands", "timing", "timing.rule", "pacing", "pacing.rule", "modmap", "chord", "layer", "keymap"}

// table begins a table whose name is made from a title.
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

// set sets a field, replacing an older value.
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

// entry adds key = value to the table's keys. Of two for one key the later one is used, as in the file.
func (s *section) entry(key, value string, line int) {
	s.keys = slices.DeleteFunc(s.keys, func(e entry) bool { return e.key == key })
	s.keys = append(s.keys, entry{key, value, line})
}

// slug makes a name for a table from a title.
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

// oneLine is a text in a form that fits into a comment: names of files and tables may contain any bytes.
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

// str is a text in TOML, without escapes if possible, so that regular expressions stay readable.
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

// bare is a key of a table, in quotes if TOML requires them.
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

// inline is a table on one line, from pairs of key and value.
func inline(pairs ...string) string {
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		words = append(words, bare(pairs[i])+" = "+pairs[i+1])
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

// A source is the origin of a line of the result.
type source struct {
	line int      // of the file
	in   *section // of an entry
	key  string
}

// render writes the document. from gives the origin of each line, from 1.
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

// empty says that a table does nothing, for example a keymap with a condition and no entry.
func (s *section) empty() bool {
	if len(s.keys) > 0 || s.kind == "layer" { // an empty layer is kept, because something turns it on
		return false
	}
	holder := s.kind == "modmap" || s.kind == "keymap" || s.kind == "chord"
	return len(s.fields) == 0 || holder && !slices.ContainsFunc(s.fields, func(e entry) bool { return e.key == "level3" })
}

// drop removes an entry, or else what came from a line of the file: the table that begins there, with its fields.
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

// finish writes the result and makes sure that toshy accepts it: it removes and reports what toshy refuses.
func (d *document) finish() (*Result, error) {
	d.mice()
	for {
		text, from := d.render()
		problems, warnings := checked(text)
		if len(problems) == 0 && d.dropUnused(warnings) {
			continue
		}
		if len(problems) == 0 {
			for _, w := range warnings {
				line := 0
				if w.Line > 0 && w.Line < len(from) {
					line = from[w.Line].line
				}
				d.note(line, checkWarns+"%s", w.Message)
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

// dropUnused removes layers of which only copies are used.
func (d *document) dropUnused(warnings []config.Problem) bool {
	n := len(d.sections)
	for _, w := range warnings {
		if m := unusedLayer().FindStringSubmatch(checkWarns + w.Message); m != nil && d.copied[m[1]] {
			d.sections = slices.DeleteFunc(d.sections, func(s *section) bool { return s.comment == m[1] })
		}
	}
	return len(d.sections) < n
}

// mice says what rules for mouse buttons need: toshy takes keyboards, and mice only if it is told to.
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

// refused is the reason why a text is not a valid configuration.
func refused(text string) []config.Problem {
	problems, _ := checked(text)
	return problems
}

// checked returns the mistakes and the warnings of toshy check for a text.
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
