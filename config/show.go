package config

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap"
	"toshy/remap/key"
)

// A Part is a table of a file as written, with the comments above it.
type Part struct {
	File   string
	Line   int      // of its header, or of its first line
	Path   []string // ["keymap", "mine", "keys"]; empty before the first header
	Text   string   // with a comment before each entry that an earlier file overrides
	Hidden bool     // an earlier file removes the table
}

// Show returns the parts of every file of a configuration, in order of priority. It also shows a configuration with
// mistakes. If path is "", it shows the built-in configuration that Options.Extends names.
func Show(path string, opts Options) ([]Part, error) {
	opts.Quiet = true
	l := newLoader(opts)
	b := newBuilder(l)
	func() {
		defer func() {
			if r := recover(); r != nil && r != errStop {
				panic(r)
			}
		}()
		switch {
		case path != "":
			l.open(path, span{})
		default:
			l.builtin(opts.Extends)
		}
		b.build()
	}()
	if len(l.docs) == 0 {
		return nil, &Error{l.ps.sorted(l.read)}
	}
	s := shower{b: b, first: map[string]*node{}, disabled: map[string]*node{}}
	var parts []Part
	for _, d := range l.docs {
		s.notes = nil
		s.walk(d.root, nil)
		parts = append(parts, s.parts(d.root)...)
	}
	return parts, nil
}

// shower goes through documents in order of priority.
type shower struct {
	b        *builder
	first    map[string]*node // by path: in the first file that has it
	disabled map[string]*node // tables that are removed
	notes    map[int][]string // comments, by the offset of the key that they describe
}

// walk notes which entries an earlier document has.
func (s *shower) walk(n *node, path []string) {
	for _, k := range n.kids {
		at := append(slices.Clone(path), k.key)
		if len(at) == 1 && (k.key == "include" || k.key == "extends") || k.kind == kindArray && k.tables {
			continue
		}
		if k.kind == kindTable && k.src.text[k.voff] != '{' { // an inline table is a value
			s.walk(k, at)
			continue
		}
		id := s.identity(at)
		by, had := s.first[id]
		switch {
		case !had:
			s.first[id] = k
		case by.src != k.src:
			word := "overridden by"
			switch {
			case by.kind == kindString && by.str() == wordUnset:
				word = "taken away by"
			case len(at) == 2 && at[0] == "groups" && (by.get("add") != nil || by.get("remove") != nil):
				word = "changed by"
			}
			line, _, text := by.src.position(by.koff)
			s.note(k.koff, fmt.Sprintf("# %s %s:%d: %s", word, by.src.name, line, strings.TrimSpace(text)))
		}
		if k.key == "disabled" && k.value == true && len(at) == 3 {
			if _, known := s.disabled[strings.Join(at[:2], "\x00")]; !known {
				s.disabled[strings.Join(at[:2], "\x00")] = k
			}
		}
	}
}

func (s *shower) note(off int, text string) {
	if s.notes == nil {
		s.notes = map[int][]string{}
	}
	s.notes[off] = append(s.notes[off], text)
}

// identity is the same for all spellings of one combo.
func (s *shower) identity(path []string) string {
	last := path[len(path)-1]
	if len(path) == 4 && slices.Contains(keymapParts, path[2]) {
		switch path[0] {
		case "keymap", "layer", "words":
			if c, err := key.ParsePressed(last, s.b.lookupMod); err == nil {
				last = fmt.Sprintf("%v", idOf(c))
			}
			path = []string{path[0], path[1], "keys", last}
		case "modmap":
			if c, ok := key.Parse(last); ok {
				path = []string{path[0], path[1], "keys", c.String()}
			}
		}
	}
	return strings.Join(path, "\x00")
}

// parts cuts a document at its headers.
func (s *shower) parts(root *node) []Part {
	src := root.src
	type header struct {
		off  int
		path []string
	}
	var headers []header
	var find func(n *node, path []string)
	find = func(n *node, path []string) {
		for _, k := range n.kids {
			at := path
			if k.key != "" {
				at = append(slices.Clone(path), k.key)
			}
			if k.kind == kindTable && k.voff < len(src.text) && src.text[k.voff] == '[' {
				headers = append(headers, header{k.voff, at})
			}
			if k.kind == kindTable || k.kind == kindArray && k.tables {
				find(k, at)
			}
		}
	}
	find(root, nil)
	slices.SortStableFunc(headers, func(a, b header) int { return a.off - b.off })
	all := []Part{}
	begin, at := 0, header{}
	cut := func(end int) {
		text := src.text[begin:end]
		if strings.TrimSpace(text) == "" {
			return
		}
		line, _, _ := src.position(max(at.off, begin))
		p := Part{File: src.name, Line: line, Path: at.path, Text: s.annotated(src, begin, end)}
		if len(at.path) > 1 {
			if by := s.disabled[strings.Join(at.path[:2], "\x00")]; by != nil && by.src != src {
				line, _, _ := by.src.position(by.koff)
				p.Hidden = true
				p.Text = fmt.Sprintf("# taken away by %s:%d\n", by.src.name, line) + p.Text
			}
		}
		all = append(all, p)
	}
	for _, h := range headers {
		line, _, _ := src.position(h.off)
		for line > 1 && strings.HasPrefix(strings.TrimSpace(src.line(line-1)), "#") && src.lines[line-2] > begin {
			line--
		}
		start := src.lines[line-1]
		cut(start)
		begin, at = start, h
	}
	cut(len(src.text))
	return all
}

// annotated is a part of a file with notes before the lines that they describe.
func (s *shower) annotated(src *source, begin, end int) string {
	offs := make([]int, 0, len(s.notes))
	for off := range s.notes {
		if off >= begin && off < end {
			offs = append(offs, off)
		}
	}
	slices.Sort(offs)
	var b strings.Builder
	for _, off := range offs {
		line, _, _ := src.position(off)
		at := max(begin, src.lines[line-1])
		b.WriteString(src.text[begin:at])
		for _, n := range s.notes[off] {
			b.WriteString(n + "\n")
		}
		begin = at
	}
	b.WriteString(src.text[begin:end])
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// line returns a line by its number, from 1.
func (s *source) line(n int) string {
	_, _, text := s.position(s.lines[n-1])
	return text
}

// BuiltinFiles returns the files of the built-in configurations by name, for example "mac/terminals.toml".
func BuiltinFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range builtinNames() {
		entries, err := embedded.ReadDir(name)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			text, err := embedded.ReadFile(name + "/" + e.Name())
			if err != nil {
				return nil, err
			}
			files[name+"/"+e.Name()] = text
		}
	}
	return files, nil
}

// A GroupInfo is a group of [groups] and the place of its definition.
type GroupInfo struct {
	Name   string
	When   *remap.Cond
	Origin remap.Origin
	Uses   bool // a condition uses it
}

// groupInfos are the groups in the order of their definition, those of the user's files first.
func (b *builder) groupInfos() []GroupInfo {
	var list []GroupInfo
	for _, name := range b.groupNames {
		if g := b.groups[name]; g.state == 2 {
			list = append(list, GroupInfo{name, b.program.Groups[g.index].Cond, origin(g.nodes[0].keySpan()), g.used})
		}
	}
	return list
}
