package importer

import (
	"fmt"

	"go.starlark.net/syntax"
)

// maxValue bounds the length of lists and texts, which a few lines can double again and again.
const maxValue = 1 << 16

// The values of a configuration's expressions, computed without running anything: texts, numbers, truth values, lists and
// dictionaries of these, and the keymapper's calls and names, which stay as written.
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

// A lazy value is computed when it is needed.
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
		return nil, cannot(e, "%s is not a value that a configuration can have", e.Raw)
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
