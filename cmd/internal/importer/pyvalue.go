package importer

import (
	"fmt"
	"strings"

	"go.starlark.net/syntax"
)

// maxValue bounds the length of lists and texts, which a few lines can double and double.
const maxValue = 1 << 16

// What expressions of a configuration come to, without running anything: text, number, truth, lists
// and dictionaries of such, and calls and names of the keymapper, which stay as they are written.
type (
	pyNone  struct{}
	pyRegex struct {
		expr string
		fold bool
	}
	pyDict struct {
		keys, values []any
		lines        []int
	}
	pyCall struct {
		name string // "C", "re.search"
		args []any
		kw   map[string]any
		kws  []string // in order
		line int
	}
	pyName struct { // of the keymapper, or unknown
		name string
		line int
	}
	pyFunc struct {
		name   string
		params []string
		body   syntax.Expr
		line   int
		used   *bool
	}
)

// A lazy value is one that is computed when it is asked for.
type lazy struct {
	expr    syntax.Expr
	value   any
	running bool
	done    bool
	err     error
}

// A mistake is something that cannot be translated, with its line.
type mistake struct {
	line int
	what string
}

func (m *mistake) Error() string { return m.what }

func cannot(n syntax.Node, format string, args ...any) error {
	start, _ := n.Span()
	return &mistake{int(start.Line), fmt.Sprintf(format, args...)}
}

func lineOf(n syntax.Node) int {
	start, _ := n.Span()
	return int(start.Line)
}

// eval computes an expression.
func (p *python) eval(e syntax.Expr) (any, error) {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return p.eval(e.X)
	case *syntax.Literal:
		switch v := e.Value.(type) {
		case string:
			return v, nil
		case int64:
			return float64(v), nil
		case float64:
			return v, nil
		}
		return nil, cannot(e, "%s is no value that a configuration can have", e.Raw)
	case *syntax.Ident:
		return p.name(e.Name, lineOf(e))
	case *syntax.DotExpr:
		return p.dotted(e)
	case *syntax.ListExpr:
		return p.list(e.List)
	case *syntax.TupleExpr:
		return p.list(e.List)
	case *syntax.DictExpr:
		return p.dict(e)
	case *syntax.UnaryExpr:
		v, err := p.eval(e.X)
		if n, ok := v.(float64); ok && e.Op == syntax.MINUS {
			return -n, err
		}
		if b, ok := v.(bool); ok && e.Op == syntax.NOT {
			return !b, err
		}
		if err == nil {
			err = cannot(e, "a sign that means nothing here")
		}
		return nil, err
	case *syntax.BinaryExpr:
		return p.binary(e)
	case *syntax.CondExpr:
		c, err := p.eval(e.Cond)
		if err != nil {
			return nil, err
		}
		if b, ok := c.(bool); ok && b {
			return p.eval(e.True)
		} else if ok {
			return p.eval(e.False)
		}
		return nil, cannot(e, "a choice that is made while the file runs")
	case *syntax.LambdaExpr:
		used := true
		return &pyFunc{"lambda", paramNames(e.Params), e.Body, lineOf(e), &used}, nil
	case *syntax.Comprehension:
		return p.comprehension(e)
	case *syntax.CallExpr:
		return p.call(e)
	case *syntax.IndexExpr:
		x, err := p.eval(e.X)
		if err != nil {
			return nil, err
		}
		i, err := p.eval(e.Y)
		if err != nil {
			return nil, err
		}
		if d, ok := x.(*pyDict); ok {
			for j, k := range d.keys {
				if k == i {
					return d.values[j], nil
				}
			}
		}
		if l, ok := x.([]any); ok {
			if n, ok := i.(float64); ok && int(n) >= 0 && int(n) < len(l) {
				return l[int(n)], nil
			}
		}
	}
	return nil, cannot(e, "an expression that is computed while the file runs")
}

func (p *python) list(exprs []syntax.Expr) (any, error) {
	l := []any{}
	for _, x := range exprs {
		if star, ok := x.(*syntax.UnaryExpr); ok && star.Op == syntax.STAR {
			v, err := p.eval(star.X)
			more, isList := v.([]any)
			if err != nil || !isList {
				return nil, cannot(x, "a list that is put together while the file runs")
			}
			l = append(l, more...)
			continue
		}
		v, err := p.eval(x)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	return l, nil
}

func (p *python) dict(e *syntax.DictExpr) (any, error) {
	d := &pyDict{}
	for _, x := range e.List {
		pair := x.(*syntax.DictEntry)
		k, err := p.eval(pair.Key)
		if err != nil {
			return nil, err
		}
		v, err := p.eval(pair.Value)
		if err != nil {
			v = err // the rest of the table is worth having
		}
		d.keys, d.values, d.lines = append(d.keys, k), append(d.values, v), append(d.lines, lineOf(pair.Key))
	}
	return d, nil
}

func paramNames(params []syntax.Expr) []string {
	var names []string
	for _, x := range params {
		switch x := x.(type) {
		case *syntax.Ident:
			names = append(names, x.Name)
		case *syntax.BinaryExpr:
			if id, ok := x.X.(*syntax.Ident); ok {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// name is what a name means.
func (p *python) name(name string, line int) (any, error) {
	switch name {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return pyNone{}, nil
	}
	if v, ok := p.local[name]; ok {
		return v, nil
	}
	if _, ok := factFields[name]; ok {
		return &pyName{name, line}, nil
	}
	if f, ok := p.funcs[name]; ok {
		return f, nil
	}
	l, ok := p.env[name]
	if !ok {
		return &pyName{name, line}, nil
	}
	if l.running {
		return nil, &mistake{line, name + " is made of itself"}
	}
	if !l.done {
		l.running = true
		l.value, l.err = p.eval(l.expr)
		l.running, l.done = false, true
	}
	return l.value, l.err
}

func (p *python) dotted(e *syntax.DotExpr) (any, error) {
	x, err := p.eval(e.X)
	if err != nil {
		return nil, err
	}
	if n, ok := x.(*pyName); ok {
		return &pyName{n.name + "." + e.Name.Name, n.line}, nil
	}
	return nil, cannot(e, ".%s is computed while the file runs", e.Name.Name)
}

func (p *python) binary(e *syntax.BinaryExpr) (any, error) {
	x, err := p.eval(e.X)
	if err != nil {
		return nil, err
	}
	y, err := p.eval(e.Y)
	if err != nil {
		return nil, err
	}
	switch a := x.(type) {
	case string:
		b, ok := y.(string)
		switch {
		case ok && e.Op == syntax.PLUS && len(a)+len(b) <= maxValue:
			return a + b, nil
		case ok && e.Op == syntax.EQL:
			return a == b, nil
		case ok && e.Op == syntax.NEQ:
			return a != b, nil
		}
	case []any:
		if b, ok := y.([]any); ok && e.Op == syntax.PLUS && len(a)+len(b) <= maxValue {
			return append(append([]any{}, a...), b...), nil
		}
	case bool:
		b, ok := y.(bool)
		switch {
		case ok && e.Op == syntax.AND:
			return a && b, nil
		case ok && e.Op == syntax.OR:
			return a || b, nil
		}
	case float64:
		b, ok := y.(float64)
		switch {
		case !ok:
		case e.Op == syntax.PLUS:
			return a + b, nil
		case e.Op == syntax.MINUS:
			return a - b, nil
		case e.Op == syntax.STAR:
			return a * b, nil
		case e.Op == syntax.SLASH && b != 0:
			return a / b, nil
		}
	case *pyName: // re.IGNORECASE | re.MULTILINE
		if b, ok := y.(*pyName); ok && e.Op == syntax.PIPE {
			return &pyName{a.name + "|" + b.name, a.line}, nil
		}
	}
	return nil, cannot(e, "an expression that is computed while the file runs")
}

// comprehension computes [f(x) for x in list if condition].
func (p *python) comprehension(e *syntax.Comprehension) (any, error) {
	if e.Curly {
		return nil, cannot(e, "a dictionary that is put together while the file runs")
	}
	var out []any
	var walk func(clauses []syntax.Node) error
	walk = func(clauses []syntax.Node) error {
		if len(clauses) == 0 {
			v, err := p.eval(e.Body)
			if out = append(out, v); len(out) > maxValue {
				return cannot(e, "a list without end")
			}
			return err
		}
		switch c := clauses[0].(type) {
		case *syntax.ForClause:
			over, err := p.eval(c.X)
			if err != nil {
				return err
			}
			l, isList := over.([]any)
			id, isName := c.Vars.(*syntax.Ident)
			if !isList || !isName {
				return cannot(c, "a list that is put together while the file runs")
			}
			old, had := p.local[id.Name]
			for _, v := range l {
				p.local[id.Name] = v
				if err := walk(clauses[1:]); err != nil {
					return err
				}
			}
			delete(p.local, id.Name)
			if had {
				p.local[id.Name] = old
			}
			return nil
		case *syntax.IfClause:
			v, err := p.eval(c.Cond)
			if b, ok := v.(bool); ok && err == nil {
				if b {
					return walk(clauses[1:])
				}
				return nil
			}
		}
		return cannot(e, "a list that is put together while the file runs")
	}
	if err := walk(e.Clauses); err != nil {
		return nil, err
	}
	if out == nil {
		out = []any{}
	}
	return out, nil
}

// call computes a call of what is known of Python, and leaves calls of the keymapper as they are.
func (p *python) call(e *syntax.CallExpr) (any, error) {
	c := &pyCall{kw: map[string]any{}, line: lineOf(e)}
	for _, a := range e.Args {
		if kw, ok := a.(*syntax.BinaryExpr); ok && kw.Op == syntax.EQ {
			name := kw.X.(*syntax.Ident).Name
			v, err := p.eval(kw.Y)
			if err != nil {
				v = err
			}
			c.kw[name] = v
			c.kws = append(c.kws, name)
			continue
		}
		if star, ok := a.(*syntax.UnaryExpr); ok && star.Op == syntax.STARSTAR {
			v, err := p.eval(star.X)
			d, isDict := v.(*pyDict)
			if err != nil || !isDict {
				return nil, cannot(a, "arguments that are put together while the file runs")
			}
			for i, k := range d.keys {
				if name, ok := k.(string); ok {
					c.kw[name], c.kws = d.values[i], append(c.kws, name)
				}
			}
			continue
		}
		v, err := p.eval(a)
		if err != nil {
			v = err
		}
		c.args = append(c.args, v)
	}
	if dot, ok := e.Fn.(*syntax.DotExpr); ok {
		x, err := p.eval(dot.X)
		if err != nil {
			return nil, err
		}
		switch x := x.(type) {
		case string:
			return p.method(e, x, dot.Name.Name, c)
		case *pyName:
			c.name = x.name + "." + dot.Name.Name
		default:
			return nil, cannot(e, "a call of .%s", dot.Name.Name)
		}
	} else if id, ok := e.Fn.(*syntax.Ident); ok && id.Name == listPattern {
		c.name = id.Name
		if f := p.funcs[id.Name]; f != nil {
			*f.used = true
		}
	} else {
		f, err := p.eval(e.Fn)
		if err != nil {
			return nil, err
		}
		n, ok := f.(*pyName)
		if !ok {
			if fn, isFunc := f.(*pyFunc); isFunc {
				return nil, cannot(e, "the call of the function %s", fn.name)
			}
			return nil, cannot(e, "a call of what is computed while the file runs")
		}
		c.name = n.name
	}
	switch c.name {
	case "str", "list", "tuple", "set", "frozenset":
		if len(c.args) == 1 {
			if err, bad := c.args[0].(error); bad {
				return nil, err
			}
			return c.args[0], nil
		}
	case "re.compile":
		return compiled(c)
	case listPattern:
		if l, ok := texts(first(c.args)); ok {
			return "^(?:" + strings.Join(l, "|") + ")$", nil
		}
	case formatted:
		return nil, cannot(e, "a formatted text")
	}
	return c, nil
}

// listPattern is Toshy's own function that makes a regular expression of a list: any of it, whole.
const listPattern = "toRgxStr"

func first(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// texts is a list of texts; one alone counts as a list.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		var l []string
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			l = append(l, s)
		}
		return l, true
	}
	return nil, false
}

// compiled is re.compile(expr, flags).
func compiled(c *pyCall) (any, error) {
	expr, ok := first(c.args).(string)
	if !ok {
		return nil, &mistake{c.line, "a regular expression that is put together while the file runs"}
	}
	return &pyRegex{expr, ignoresCase(c, 1)}, nil
}

// ignoresCase says whether a call's flags have re.I.
func ignoresCase(c *pyCall, i int) bool {
	flags, _ := c.kw["flags"].(*pyName)
	if len(c.args) > i {
		flags, _ = c.args[i].(*pyName)
	}
	if flags == nil {
		return false
	}
	for _, f := range strings.Split(flags.name, "|") {
		if f == "re.I" || f == "re.IGNORECASE" {
			return true
		}
	}
	return false
}

// method computes a method of a text.
func (p *python) method(e syntax.Expr, s, name string, c *pyCall) (any, error) {
	switch name {
	case "casefold", "lower":
		return strings.ToLower(s), nil
	case "upper":
		return strings.ToUpper(s), nil
	case "strip":
		return strings.TrimSpace(s), nil
	case "join":
		if l, ok := texts(first(c.args)); ok {
			size := 0
			for _, x := range l {
				size += len(x) + len(s)
			}
			if size <= maxValue {
				return strings.Join(l, s), nil
			}
		}
	}
	return nil, cannot(e, "a text that is put together with .%s", name)
}
