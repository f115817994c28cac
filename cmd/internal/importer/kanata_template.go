package importer

import (
	"errors"
	"fmt"
	"strings"
)

// A kanataTemplate is a deftemplate: a name, parameters, and the content.
type kanataTemplate struct {
	params []string
	body   []lisp
}

const (
	maxTemplates = 20      // templates inside templates
	maxExpanded  = 100_000 // expressions that templates give
)

// expand replaces (template-expand NAME ...) or (t! NAME ...) with the content of templates.
func (k *kanata) expand(list []lisp) []lisp {
	templates := map[string]kanataTemplate{}
	var rest []lisp
	for _, l := range list {
		args := l.args()
		if l.head() != "deftemplate" {
			rest = append(rest, l)
			continue
		}
		if len(args) < 2 || args[0].isList {
			k.doc.lost(l.line, "a deftemplate without a name and parameters")
			continue
		}
		t := kanataTemplate{body: args[2:]}
		for _, p := range args[1].list {
			t.params = append(t.params, "$"+p.atom)
		}
		templates[args[0].atom] = t
	}
	if len(templates) == 0 {
		return rest
	}
	e := &kanataExpansion{k: k, templates: templates}
	return e.list(rest, 0)
}

type kanataExpansion struct {
	k         *kanata
	templates map[string]kanataTemplate
	size      int
}

func (e *kanataExpansion) list(list []lisp, depth int) []lisp {
	out := make([]lisp, 0, len(list))
	for _, l := range list {
		if e.size++; e.size > maxExpanded {
			if e.size == maxExpanded+1 {
				e.k.doc.lost(l.line, "the templates give more than %d expressions", maxExpanded)
			}
			return out
		}
		switch head := l.head(); {
		case head == "template-expand" || head == "t!":
			body, err := e.template(l, depth)
			if err != nil {
				e.k.doc.lost(l.line, "%s: %v", l, err)
				continue
			}
			out = append(out, body...)
		case head == "if-equal" || head == "if-not-equal":
			if args := l.args(); len(args) >= 2 && (bareText(args[0]) == bareText(args[1])) == (head == "if-equal") {
				out = append(out, e.list(args[2:], depth)...)
			}
		case l.isList:
			l.list = e.list(l.list, depth)
			out = append(out, l)
		default:
			out = append(out, l)
		}
	}
	return out
}

func (e *kanataExpansion) template(l lisp, depth int) ([]lisp, error) {
	args := e.list(l.args(), depth)
	if len(args) == 0 {
		return nil, errors.New("a template without a name")
	}
	t, ok := e.templates[args[0].atom]
	switch {
	case !ok:
		return nil, fmt.Errorf("there is no template %s", args[0])
	case len(args)-1 != len(t.params):
		return nil, fmt.Errorf("the template %s has %d parameters", args[0], len(t.params))
	case depth >= maxTemplates:
		return nil, fmt.Errorf("templates inside templates, more than %d deep", maxTemplates)
	}
	values := map[string]lisp{}
	for i, p := range t.params {
		values[p] = args[i+1]
	}
	return e.list(substitute(t.body, values, l.line), depth+1), nil
}

// substitute replaces parameters with their values, and gives everything the line where the template is used.
func substitute(list []lisp, values map[string]lisp, line int) []lisp {
	out := make([]lisp, 0, len(list))
	for _, l := range list {
		if v, ok := values[l.atom]; ok && !l.isList {
			out = append(out, v)
			continue
		}
		l.line = line
		l.list = substitute(l.list, values, line)
		out = append(out, joined(l))
	}
	return out
}

// joined evaluates (concat a b), with which templates build names and keys.
func joined(l lisp) lisp {
	if l.head() != "concat" {
		return l
	}
	var b strings.Builder
	for _, x := range l.args() {
		if x.isList {
			return l
		}
		b.WriteString(strings.Trim(x.atom, `"`))
	}
	return lisp{atom: b.String(), line: l.line}
}

// bareText is a text for comparison in if-equal, which ignores quotes.
func bareText(l lisp) string { return strings.Trim(l.String(), `"`) }
