package importer

import (
	"fmt"
	"strings"

	"go.starlark.net/syntax"
)

// fields are the fields of a condition's context, with their names in toshy.
var fields = map[string]string{
	"wm_class": "app", "wm_name": "title", "device_name": "device", "capslock_on": "capslock", "numlock_on": "numlock",
}

// factFields are the names for the machine and the desktop in configurations.
var factFields = map[string]string{
	"DESKTOP_ENV": "desktop", "DESKTOP": "desktop", "SESSION_TYPE": "session", "KBTYPE": "keyboard", "DISTRO_ID": "distro", "DISTRO_NAME": "distro", "DE_MAJ_VER": "desktop_version",
}

// isFlag says whether a field is true or false.
func isFlag(field string) bool { return field == "capslock" || field == "numlock" }

// settingsOfToshy are Toshy's preferences that the built-in configuration also has. Only a file that extends it may use
// them.
var settingsOfToshy = map[string]string{
	"multi_lang": "multi_lang", "forced_numpad": "forced_numpad", "media_arrows_fix": "media_arrows", "altgr_on_menu_key": "altgr_on_menu",
	"Enter2Ent_Cmd": "enter_is_cmd", "l_cmd_is_sup_and_cmd": "super_on_cmd", "l_opt_is_sup_and_opt": "super_on_opt",
}

// condition translates the value of when=: a function of the context, or a call that makes one.
func (p *python) condition(v any, line int) (cond, error) {
	switch v := v.(type) {
	case nil, pyNone:
		return cond{}, nil
	case bool:
		if v {
			return cond{}, nil
		}
		return cond{text: never}, nil
	case error:
		return cond{}, v
	case *pyRegex: // the old way: a class
		return matching("app", v.expr, v.fold)
	case *pyFunc:
		*v.used = true
		return p.inFunction(v, v.params)
	case *pyCall:
		return p.madeCondition(v)
	case *pyName:
		if c, ok := stockConditions()[v.name]; ok && p.extends == "mac" {
			return c, nil
		}
		return cond{}, &mistake{line, fmt.Sprintf("the condition %s is a function that toshy cannot read", v.name)}
	}
	return cond{}, &mistake{line, "toshy cannot read the condition"}
}

// inFunction translates the result of a function of the context. In the old style, the parameters are the class, then the
// name of the keyboard.
func (p *python) inFunction(f *pyFunc, params []string) (cond, error) {
	if f.body == nil {
		return cond{}, &mistake{f.line, fmt.Sprintf("the function %s does more than return a condition", f.name)}
	}
	const deepest = 20 // a function may call itself
	if p.depth == deepest {
		return cond{}, &mistake{f.line, fmt.Sprintf("the function %s calls itself", f.name)}
	}
	p.depth++
	outer := p.params
	defer func() { p.params = outer; p.depth-- }()
	p.params = map[string]string{}
	for i, name := range params {
		switch {
		case name == "wm_class":
			p.params[name] = "app"
		case i == 1 && strings.Contains(name, "device"):
			p.params[name] = "device"
		default:
			p.params[name] = "" // the context itself
		}
	}
	return p.truth(f.body)
}

// field is the field of the context that an expression reads; "" for any other expression. It ignores methods that change
// case, because conditions in toshy ignore case.
func (p *python) field(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return p.field(e.X)
	case *syntax.Ident:
		if f, ok := p.params[e.Name]; ok {
			return f
		}
		if _, own := p.env[e.Name]; !own || !p.isLiteral(e.Name) {
			return factFields[e.Name]
		}
	case *syntax.DotExpr:
		if id, ok := e.X.(*syntax.Ident); ok {
			if f, isParam := p.params[id.Name]; isParam && f == "" {
				return fields[e.Name.Name]
			}
		}
	case *syntax.CallExpr:
		if dot, ok := e.Fn.(*syntax.DotExpr); ok && (dot.Name.Name == "casefold" || dot.Name.Name == "lower") {
			return p.field(dot.X)
		}
		if id, ok := e.Fn.(*syntax.Ident); ok && id.Name == "str" && len(e.Args) == 1 {
			return p.field(e.Args[0])
		}
	}
	return ""
}

// isLiteral says whether a name that is usually a fact has a text value in the file.
func (p *python) isLiteral(name string) bool {
	_, ok := p.env[name].expr.(*syntax.Literal)
	return ok
}

// truth translates an expression that is true or false.
func (p *python) truth(e syntax.Expr) (cond, error) {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return p.truth(e.X)
	case *syntax.UnaryExpr:
		if e.Op == syntax.NOT {
			c, err := p.truth(e.X)
			return not(c), err
		}
	case *syntax.BinaryExpr:
		switch e.Op {
		case syntax.AND, syntax.OR:
			a, err := p.truth(e.X)
			if err != nil {
				return a, err
			}
			b, err := p.truth(e.Y)
			if err != nil {
				return b, err
			}
			if e.Op == syntax.AND {
				return allOf(a, b), nil
			}
			return anyOf(a, b), nil
		case syntax.EQL, syntax.NEQ, syntax.IN, syntax.NOT_IN:
			return p.compare(e)
		}
	case *syntax.CallExpr:
		if c, ok := p.stockCondition(e); ok {
			return c, nil
		}
		return p.truthOfCall(e)
	}
	if c, ok := p.stockCondition(e); ok {
		return c, nil
	}
	if f := p.field(e); f != "" {
		if isFlag(f) {
			return named(f), nil
		}
		return not(equal(f, "")), nil
	}
	if name, ok := p.setting(e); ok {
		if name == "" {
			return cond{}, nil
		}
		if p.extends == "none" {
			return cond{}, cannot(e, "the preference %s is one of Toshy's: extend \"mac\" and use settings.%s", name, name)
		}
		return named("settings." + name), nil
	}
	v, err := p.eval(e)
	if err != nil {
		return cond{}, err
	}
	if s, ok := v.(string); ok {
		return p.condition(s != "", lineOf(e))
	}
	return p.condition(v, lineOf(e))
}

// setting is the preference in cnfg.NAME; "" with true for one that has no effect here.
func (p *python) setting(e syntax.Expr) (string, bool) {
	dot, ok := e.(*syntax.DotExpr)
	if !ok {
		return "", false
	}
	if id, ok := dot.X.(*syntax.Ident); !ok || id.Name != "cnfg" {
		return "", false
	}
	if dot.Name.Name == "screen_has_focus" {
		return "", true
	}
	name, ok := settingsOfToshy[dot.Name.Name]
	return name, ok
}

// compare translates ==, !=, in and not in.
func (p *python) compare(e *syntax.BinaryExpr) (c cond, err error) {
	if e.Op == syntax.EQL || e.Op == syntax.NEQ {
		c, err = p.equality(e)
	} else {
		c, err = p.membership(e)
	}
	if err == nil && (e.Op == syntax.NEQ || e.Op == syntax.NOT_IN) {
		c = not(c)
	}
	return c, err
}

// equality translates both sides of == or != to what == says.
func (p *python) equality(e *syntax.BinaryExpr) (cond, error) {
	field, other := p.field(e.X), e.Y
	if field == "" {
		field, other = p.field(e.Y), e.X
	}
	if field == "" { // cnfg.multi_lang is False, or two values
		if b, err := p.eval(e.Y); err == nil {
			if yes, ok := b.(bool); ok {
				c, err := p.truth(e.X)
				if !yes {
					c = not(c)
				}
				return c, err
			}
		}
		v, err := p.eval(e)
		if b, ok := v.(bool); ok && err == nil {
			return p.condition(b == (e.Op == syntax.EQL), lineOf(e))
		}
		return cond{}, cannot(e, "a comparison of what conditions do not know")
	}
	v, err := p.eval(other)
	if err != nil {
		return cond{}, err
	}
	switch v := v.(type) {
	case string:
		if field == "keyboard" {
			return p.keyboardType(v, lineOf(e))
		}
		return equal(field, v), nil
	case float64:
		return equal(field, fmt.Sprint(v)), nil
	case bool:
		if isFlag(field) {
			c := named(field)
			if !v {
				c = not(c)
			}
			return c, nil
		}
	case pyNone:
		return equal(field, ""), nil
	}
	return cond{}, cannot(e, "a comparison of %s with something that is not a text", field)
}

// membership translates both sides of in or not in to what in says.
func (p *python) membership(e *syntax.BinaryExpr) (cond, error) {
	if field := p.field(e.X); field != "" {
		if id, ok := e.Y.(*syntax.Ident); ok {
			if name := p.stockGroup(id.Name); name != "" && field == "app" {
				return named(name), nil
			}
			if name := p.group(id.Name); name != "" && field == "app" {
				return named(name), nil
			}
		}
		v, err := p.eval(e.Y)
		if err != nil {
			return cond{}, err
		}
		switch v := v.(type) {
		case string:
			return cond{}, cannot(e, "whether %s is a part of %q", field, v)
		case []any:
			if l, ok := texts(v); ok {
				if len(l) == 0 {
					return cond{text: never}, nil
				}
				return equal(field, l...), nil
			}
			var words []string // numbers
			for _, x := range v {
				words = append(words, fmt.Sprint(x))
			}
			return equal(field, words...), nil
		}
	}
	if field := p.field(e.Y); field != "" {
		v, err := p.eval(e.X)
		if s, ok := v.(string); ok && err == nil {
			return atom("%s contains %s", field, quoteCond(s)), nil
		}
	}
	return cond{}, cannot(e, "a comparison of what conditions do not know")
}
