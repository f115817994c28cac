package importer

import (
	"fmt"
	"strings"

	"go.starlark.net/syntax"
)

// truthOfCall translates calls that test the context.
func (p *python) truthOfCall(e *syntax.CallExpr) (cond, error) {
	if dot, ok := e.Fn.(*syntax.DotExpr); ok {
		if f := p.field(dot.X); f != "" && len(e.Args) == 1 {
			v, err := p.eval(e.Args[0])
			if s, ok := v.(string); ok && err == nil {
				switch dot.Name.Name {
				case "startswith":
					return atom("%s startsWith %s", f, quoteCond(s)), nil
				case "endswith":
					return atom("%s endsWith %s", f, quoteCond(s)), nil
				}
			}
		}
		if name := dot.Name.Name; name == "search" || name == "match" || name == "fullmatch" {
			return p.search(e, dot)
		}
	}
	// matchProps(...)(ctx), isKBtype('Apple')(ctx)
	if inner, ok := e.Fn.(*syntax.CallExpr); ok {
		v, err := p.eval(inner)
		if c, is := v.(*pyCall); is && err == nil {
			return p.madeCondition(c)
		}
	}
	if id, ok := e.Fn.(*syntax.Ident); ok {
		switch f := p.funcs[id.Name]; {
		case f != nil && len(e.Args) <= 2:
			*f.used = true
			return p.inFunction(f, f.params)
		case id.Name == "any" || id.Name == "all" || id.Name == "bool":
			if len(e.Args) == 1 {
				if l, ok := e.Args[0].(*syntax.ListExpr); ok {
					var all []cond
					for _, x := range l.List {
						c, err := p.truth(x)
						if err != nil {
							return c, err
						}
						all = append(all, c)
					}
					if id.Name == "all" {
						return allOf(all...), nil
					}
					return anyOf(all...), nil
				}
				return p.truth(e.Args[0])
			}
		}
		if l, ok := p.env[id.Name]; ok { // name = matchProps(...)
			if v, err := p.name(id.Name, lineOf(e)); err == nil && l.expr != nil {
				return p.condition(v, lineOf(e))
			}
		}
	}
	return cond{}, cannot(e, "a call in a condition that is known only while the file runs")
}

// search translates re.search(expr, field, flags) and expr.search(field).
func (p *python) search(e *syntax.CallExpr, dot *syntax.DotExpr) (cond, error) {
	var re *pyRegex
	var field string
	if id, ok := dot.X.(*syntax.Ident); ok && id.Name == "re" {
		if len(e.Args) < 2 {
			return cond{}, cannot(e, "re.%s needs an expression and a text", dot.Name.Name)
		}
		v, err := p.eval(e.Args[0])
		if err != nil {
			return cond{}, err
		}
		switch v := v.(type) {
		case string:
			re = &pyRegex{expr: v}
		case *pyRegex:
			re = &pyRegex{v.expr, v.fold}
		}
		field = p.field(e.Args[1])
		call := &pyCall{kw: map[string]any{}}
		for _, a := range e.Args[2:] {
			if kw, ok := a.(*syntax.BinaryExpr); ok && kw.Op == syntax.EQ {
				a = kw.Y
			}
			flags, err := p.eval(a)
			if err != nil {
				return cond{}, err
			}
			call.kw["flags"] = flags
		}
		if re != nil {
			re.fold = re.fold || ignoresCase(call, 9)
			re.fold = re.fold || folded(e.Args[1])
		}
	} else if len(e.Args) == 1 {
		v, err := p.eval(dot.X)
		if err != nil {
			return cond{}, err
		}
		if r, ok := v.(*pyRegex); ok {
			re = &pyRegex{r.expr, r.fold || folded(e.Args[0])}
		}
		field = p.field(e.Args[0])
	}
	if re == nil || field == "" {
		return cond{}, cannot(e, "a search in what conditions do not know")
	}
	switch dot.Name.Name {
	case "match":
		re.expr = "^(?:" + re.expr + ")"
	case "fullmatch":
		re.expr = "^(?:" + re.expr + ")$"
	}
	c, err := matching(field, re.expr, re.fold)
	if err != nil {
		err = cannot(e, "%v", err)
	}
	return c, err
}

// folded says whether an expression converts a text to lower case first.
func folded(e syntax.Expr) bool {
	call, ok := e.(*syntax.CallExpr)
	if !ok {
		return false
	}
	dot, ok := call.Fn.(*syntax.DotExpr)
	return ok && (dot.Name.Name == "casefold" || dot.Name.Name == "lower")
}

// madeCondition translates a call that makes a function of the context.
func (p *python) madeCondition(c *pyCall) (cond, error) {
	switch c.name {
	case "matchProps":
		return p.matchProps(c)
	case "wm_class_match", "not_wm_class_match":
		expr, ok := first(c.args).(string)
		if !ok {
			break
		}
		r, err := matching("app", expr, false)
		if err != nil {
			return r, &mistake{c.line, err.Error()}
		}
		if c.name == "not_wm_class_match" {
			r = not(r)
		}
		return r, nil
	case "isKBtype":
		if kind, ok := first(c.args).(string); ok {
			return p.keyboardType(kind, c.line)
		}
	}
	return cond{}, &mistake{c.line, fmt.Sprintf("toshy has no counterpart for the condition %s(...)", c.name)}
}

// keyboardType is true for keyboards of a type that the built-in configuration knows.
func (p *python) keyboardType(kind string, line int) (cond, error) {
	if p.extends == "none" {
		return cond{}, &mistake{line, fmt.Sprintf("the type of keyboard %q: write [[keyboard]] rules with type = %q and ask keyboard == %q", kind, typeName(kind), typeName(kind))}
	}
	return equal("keyboard", strings.ToLower(kind)), nil
}

// matchProps translates matchProps(clas=, name=, devn=, not_*=, numlk=, capslk=, cse=, lst=, not_lst=).
func (p *python) matchProps(c *pyCall) (cond, error) {
	props := &pyDict{}
	for _, k := range c.kws {
		props.keys, props.values = append(props.keys, k), append(props.values, c.kw[k])
	}
	return p.properties(props, c.line)
}

func (p *python) properties(d *pyDict, line int) (cond, error) {
	fold := true
	for i, k := range d.keys {
		if b, ok := d.values[i].(bool); ok && k == "cse" {
			fold = !b
		}
	}
	var all []cond
	for i, k := range d.keys {
		key, _ := k.(string)
		v := d.values[i]
		if err, bad := v.(error); bad {
			return cond{}, err
		}
		if _, none := v.(pyNone); none {
			continue
		}
		base, negative := strings.CutPrefix(key, "not_")
		var c cond
		switch base {
		case "clas", "name", "devn":
			field := map[string]string{"clas": "app", "name": "title", "devn": "device"}[base]
			if re, ok := v.(*pyRegex); ok {
				v = re.expr
			}
			expr, ok := v.(string)
			if !ok {
				return cond{}, &mistake{line, fmt.Sprintf("matchProps(%s=...) is put together while the file runs", key)}
			}
			var err error
			if c, err = matching(field, expr, fold); err != nil {
				return cond{}, &mistake{line, err.Error()}
			}
		case "numlk", "capslk":
			c = named(map[string]string{"numlk": "numlock", "capslk": "capslock"}[base])
			if on, ok := v.(bool); !ok || !on {
				c = not(c)
			}
		case "lst":
			l, ok := v.([]any)
			if !ok {
				return cond{}, &mistake{line, "matchProps(lst=...) is put together while the file runs"}
			}
			var any []cond
			for _, x := range l {
				one, ok := x.(*pyDict)
				if !ok {
					return cond{}, &mistake{line, "matchProps(lst=...) contains something that is not a dictionary"}
				}
				c, err := p.properties(one, line)
				if err != nil {
					return c, err
				}
				any = append(any, c)
			}
			if len(any) == 0 {
				c = cond{text: never}
			} else {
				c = anyOf(any...)
			}
		case "cse", "dbg":
			continue
		default:
			return cond{}, &mistake{line, fmt.Sprintf("matchProps(%s=...) is not known", key)}
		}
		if negative {
			c = not(c)
		}
		all = append(all, c)
	}
	return allOf(all...), nil
}

// group is the name of the group for a list of classes, "" if a name is not such a list.
func (p *python) group(name string) string {
	l, ok := p.env[name]
	if !ok || l.expr == nil {
		return ""
	}
	v, err := p.name(name, 0)
	if err != nil {
		return ""
	}
	classes, ok := v.([]any)
	list, isTexts := texts(v)
	if !ok || !isTexts || len(classes) == 0 {
		return ""
	}
	group := "list_" + strings.ReplaceAll(slug(name), "-", "_")
	p.doc.single("groups").set(group, array(strs(list)), l.line())
	return group
}

func (l *lazy) line() int { return lineOf(l.expr) }
