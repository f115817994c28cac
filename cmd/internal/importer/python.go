package importer

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/syntax"

	"toshy/config"
	"toshy/remap/key"
)

// python translates one Python configuration.
type python struct {
	doc       *document
	extends   string
	env       map[string]*lazy
	funcs     map[string]*pyFunc
	local     map[string]any    // of comprehensions
	depth     int               // of functions in functions
	params    map[string]string // of the condition that is translated: its fields
	modifiers map[string]key.Mod
	custom    []string // names of the file's own modifiers
	tap       map[key.Code]key.Code
	plain     []*section // modmaps without a condition: they count after all others
	tapHolds  []*section // likewise of keys with two meanings
	slices    []slice
}

// A slice is a part of a Toshy configuration that belongs to the user.
type slice struct {
	name        string
	first, last int // lines
}

var sliceMark = pattern(`SLICE_MARK_(START|END):\s*(\w+)`)

// Python converts a configuration of xwaykeyz, keyszer, Toshy, Kinto or xkeysnail. In a file with the marks of Toshy's
// installer, only the parts between them belong to the user. The rest does the same as the built-in configuration, which
// the result then extends.
func Python(name string, source []byte) (*Result, error) {
	if len(source) > config.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	}
	d := newDocument(name)
	p := &python{
		doc: d, extends: "none", env: map[string]*lazy{}, funcs: map[string]*pyFunc{}, local: map[string]any{}, params: map[string]string{},
		modifiers: map[string]key.Mod{}, tap: map[key.Code]key.Code{},
	}
	p.findSlices(string(source))
	switch {
	case slices.ContainsFunc(p.slices, func(s slice) bool { return s.name == "barebones_user_cfg" }):
		d.note(0, "this is a bare configuration of Toshy: the %d slices of your own are converted, and nothing else is mapped", len(p.slices))
	case len(p.slices) > 0:
		d.extends, p.extends, d.prefix = "mac", "mac", "my-"
		d.note(0, "this is a configuration of Toshy: the %d slices of your own are converted, the rest is toshy's built-in configuration; what was changed outside of the slices is not converted", len(p.slices))
	default:
		o := d.single("options")
		o.set("eject_key", str("F16"), 0) // what these programs have without being told
		o.set("diagnostic_key", str("F15"), 0)
	}
	statements := pythonStatements(string(source))
	files := make([]*syntax.File, len(statements))
	for i := range statements {
		f, err := statements[i].parse(name)
		if err != nil {
			p.unparsed(&statements[i], err)
			continue
		}
		files[i] = f
		p.declare(f.Stmts)
	}
	for _, f := range files {
		if f != nil {
			p.sliceNames(f.Stmts)
			p.statements(f.Stmts, cond{})
		}
	}
	p.unusedNames()
	for _, n := range slices.Sorted(mapKeys(p.funcs)) {
		if f := p.funcs[n]; !*f.used && p.mine(f.line) {
			d.lost(f.line, "the function %s is code, which toshy does not run", f.name)
		}
	}
	d.sections = slices.Concat(p.tapHolds, d.sections, p.plain)
	p.physical()
	return d.finish()
}

func mapKeys[K comparable, V any](m map[K]V) func(yield func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (p *python) findSlices(source string) {
	line := 0
	for text := range strings.Lines(source) {
		line++
		m := sliceMark().FindStringSubmatch(text)
		switch {
		case m == nil || !strings.HasPrefix(strings.TrimSpace(text), "#"):
		case m[1] == "START":
			p.slices = append(p.slices, slice{m[2], line, 1 << 30})
		case len(p.slices) > 0:
			p.slices[len(p.slices)-1].last = line
		}
	}
}

// mine says whether a line is the user's own.
func (p *python) mine(line int) bool {
	return len(p.slices) == 0 || slices.ContainsFunc(p.slices, func(s slice) bool { return line > s.first && line < s.last })
}

var (
	harmless = pattern(`^(import|from)\s`)
	defines  = pattern(`^(?:@.*\n)*(?:async\s+)?(def|class)\s+(\w+)`)
	firstOf  = pattern(`^\w+`)
)

// unparsed reports a statement that is not Starlark: it ignores imports, and names other code.
func (p *python) unparsed(s *statement, err error) {
	if !p.mine(s.line) || harmless().MatchString(s.text) {
		return
	}
	if m := defines().FindStringSubmatch(s.text); m != nil {
		what := "function"
		if m[1] == "class" {
			what = "class"
		}
		p.doc.lost(s.line, "the %s %s is code, which toshy does not run", what, m[2])
		return
	}
	line, message := s.line, err.Error()
	if e, ok := err.(syntax.Error); ok {
		line, message = int(e.Pos.Line), e.Msg
	}
	switch w := firstOf().FindString(s.text); w {
	case "try", "with", "global", "del", "raise", "assert", "async", "nonlocal":
		p.doc.lost(s.line, "a %s statement is code, which toshy does not run", w)
	default:
		p.doc.lost(line, "Python that cannot be read here: %s", message)
	}
}

// declare remembers names before anything is translated, in any order, because functions use them in any order.
func (p *python) declare(stmts []syntax.Stmt) {
	for _, s := range stmts {
		switch s := s.(type) {
		case *syntax.DefStmt:
			used := false
			f := &pyFunc{name: s.Name.Name, params: paramNames(s.Params), line: lineOf(s), used: &used}
			body := s.Body
			if len(body) > 1 { // a docstring
				if e, ok := body[0].(*syntax.ExprStmt); ok {
					if _, text := e.X.(*syntax.Literal); text {
						body = body[1:]
					}
				}
			}
			if len(body) == 1 {
				switch x := body[0].(type) {
				case *syntax.ReturnStmt:
					f.body = x.Result
				case *syntax.ExprStmt:
					f.body = x.X
				}
			}
			p.funcs[f.name] = f
		case *syntax.AssignStmt:
			id, ok := s.LHS.(*syntax.Ident)
			if !ok {
				continue
			}
			if name, more := longer(s); name != "" {
				p.lengthen(name, more)
				continue
			}
			// terminals = [x.lower() for x in terminals] uses its previous value.
			if old := p.env[id.Name]; old != nil && mentions(s.RHS, id.Name) {
				former := fmt.Sprintf("%s (before line %d)", id.Name, lineOf(s))
				p.env[former] = old
				rename(s.RHS, id.Name, former)
			}
			p.env[id.Name] = &lazy{expr: s.RHS}
		case *syntax.ExprStmt:
			if name, more := longer(s); name != "" {
				p.lengthen(name, more)
			}
		}
	}
}

func mentions(e syntax.Expr, name string) bool {
	found := false
	syntax.Walk(e, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}

func rename(e syntax.Expr, from, to string) {
	syntax.Walk(e, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && id.Name == from {
			id.Name = to
		}
		return true
	})
}

// statements translates statements that apply if a condition of the surrounding file is true.
func (p *python) statements(stmts []syntax.Stmt, when cond) {
	for _, s := range stmts {
		line := lineOf(s)
		switch s := s.(type) {
		case *syntax.DefStmt, *syntax.AssignStmt, *syntax.LoadStmt:
			if a, ok := s.(*syntax.AssignStmt); ok {
				if p.mine(line) && a.Op == syntax.PLUS_EQ {
					p.lengthened(a)
				}
				p.assignedCall(a, when)
			}
		case *syntax.BranchStmt: // pass
		case *syntax.ExprStmt:
			if _, text := s.X.(*syntax.Literal); text {
				continue // a docstring
			}
			if !p.mine(line) {
				continue
			}
			if p.lengthened(s) {
				continue
			}
			if call, ok := s.X.(*syntax.CallExpr); ok {
				p.topCall(call, when)
				continue
			}
			p.doc.lost(line, "a statement that does nothing a configuration knows")
		case *syntax.IfStmt:
			p.branch(s, when)
		default:
			if p.mine(line) {
				p.doc.lost(line, "toshy does not run this code")
			}
		}
	}
}

// assignedCall translates x = keymap(...), which also registers the keymap.
func (p *python) assignedCall(a *syntax.AssignStmt, when cond) {
	call, ok := a.RHS.(*syntax.CallExpr)
	if !ok || !p.mine(lineOf(a)) {
		return
	}
	if id, ok := call.Fn.(*syntax.Ident); ok && translators[id.Name] != nil && id.Name != "keymap" {
		p.topCall(call, when)
	}
}

// attempt translates try: its content, and its else and finally. Nothing here raises what it would catch.
func (p *python) attempt(s *syntax.IfStmt, when cond) bool {
	if id, ok := s.Cond.(*syntax.Ident); !ok || id.Name != tried {
		return false
	}
	p.statements(s.True, when)
	rest := s.False
	for len(rest) == 1 {
		more, ok := rest[0].(*syntax.IfStmt)
		if !ok || !isHandler(more) {
			break
		}
		rest = more.False
	}
	p.statements(rest, when)
	return true
}

func isHandler(s *syntax.IfStmt) bool {
	id, ok := s.Cond.(*syntax.Ident)
	return ok && id.Name == handler
}

// branch translates if, elif and else with conditions.
func (p *python) branch(s *syntax.IfStmt, when cond) {
	p.declare(s.True)
	p.declare(s.False)
	if p.attempt(s, when) {
		return
	}
	c, err := p.truth(s.Cond)
	if err != nil {
		if p.mine(lineOf(s)) {
			p.doc.lost(lineOf(s), "the content of this if: %v", err)
		}
		return
	}
	if c.text != never {
		p.statements(s.True, allOf(when, c))
	}
	if n := not(c); n.text != never {
		p.statements(s.False, allOf(when, n))
	}
}
