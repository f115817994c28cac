package importer

import (
	"strings"

	"go.starlark.net/syntax"
)

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

// call computes a call of a known Python function, and keeps calls of the keymapper unchanged.
func (p *python) call(e *syntax.CallExpr) (any, error) {
	c, err := p.arguments(e)
	if err != nil {
		return nil, err
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

// arguments computes the arguments of a call. If one cannot be computed, it is replaced by its error.
func (p *python) arguments(e *syntax.CallExpr) (*pyCall, error) {
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
	return c, nil
}

// listPattern is Toshy's own function that makes a regular expression from a list: it matches any of the whole texts.
const listPattern = "toRgxStr"

func first(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// texts is a list of texts; a single one counts as a list.
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
