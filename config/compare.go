package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"toshy/remap"
)

// compare compiles a comparison.
func (w *conditions) compare(n *ast.BinaryNode) *remap.Cond {
	left, right := n.Left, n.Right
	if n.Operator == "==" || n.Operator == "!=" {
		switch left.(type) { // "kde" == desktop
		case *ast.StringNode, *ast.BoolNode:
			left, right = right, left
		}
	}
	var c *remap.Cond
	switch l := left.(type) {
	case *ast.IdentifierNode:
		if f, ok := textFields[l.Value]; ok {
			c = w.compareText(n, f, l.Value, right)
			break
		}
		if l.Value == "layer" {
			c = w.compareLayer(n, right)
			break
		}
		if slices.Contains(factNames, l.Value) {
			c = w.compareFact(n, l.Value, right)
			break
		}
		if k := w.name(l); k != nil {
			c = w.compareBool(n, k, right)
		}
	case *ast.MemberNode:
		i, ok := w.variable(l)
		if !ok {
			return nil
		}
		if slices.Equal(w.program.Vars[i].Values, booleans) {
			c = w.compareBool(n, w.cond(l, w.isTrue(i)), right)
		} else {
			c = w.compareVar(n, i, right)
		}
	default:
		hint := `a comparison begins with a name: app == "kitty"`
		if u, is := left.(*ast.UnaryNode); is && (u.Operator == "not" || u.Operator == "!") {
			hint = fmt.Sprintf("not belongs before the whole comparison: not (%s %s %s)", w.source(u.Node), n.Operator, w.source(right))
		}
		return w.wrong(left, hint, "%s cannot be compared", w.source(left))
	}
	if c == nil || n.Operator != "!=" {
		return c
	}
	return w.cond(n, remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{c}})
}

// literal reads a text on the right side of a comparison.
func (w *conditions) literal(n ast.Node, what string) (string, bool) {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value, true
	}
	hint := "write it in quotes"
	if _, ok := n.(*ast.ArrayNode); ok {
		hint = "a list is compared with in"
	}
	w.wrong(n, hint, "%s is compared with a text, not with %s", what, w.source(n))
	return "", false
}

// literals reads the right side of == and != (one text) or of in (a list).
func (w *conditions) literals(n *ast.BinaryNode, right ast.Node, what string) ([]ast.Node, []string, bool) {
	if n.Operator != "in" {
		s, ok := w.literal(right, what)
		return []ast.Node{right}, []string{s}, ok
	}
	a, ok := right.(*ast.ArrayNode)
	if !ok {
		hint := `in needs a list: ` + what + ` in ["a", "b"]`
		group := ""
		switch r := right.(type) {
		case *ast.IdentifierNode:
			group = r.Value
		case *ast.StringNode:
			group = r.Value
			hint = fmt.Sprintf("one text is compared with ==, several with in: %s == %q, %[1]s in [%[2]q, ...]", what, r.Value)
		}
		if _, is := w.groups[group]; is {
			hint = fmt.Sprintf("%s is a group: a condition is its name alone, when = %[1]q", group)
		}
		w.wrong(right, hint, "%s is not a list", w.source(right))
		return nil, nil, false
	}
	var texts []string
	for _, e := range a.Nodes {
		s, is := w.literal(e, what)
		ok = ok && is
		texts = append(texts, s)
	}
	return a.Nodes, texts, ok
}

func (w *conditions) compareText(n *ast.BinaryNode, f remap.Field, name string, right ast.Node) *remap.Cond {
	c := remap.Cond{Field: f, Fold: true}
	switch n.Operator {
	case "<", "<=", ">", ">=":
		return w.wrong(n, "only desktop_version has an order", "%s is a text: it cannot be more or less than another", name)
	case "==", "!=", "in":
		nodes, texts, ok := w.literals(n, right, name)
		if !ok {
			return nil
		}
		c.Op, c.Strings = remap.CondEqual, texts
		w.asks(f, texts)
		if f == remap.FieldKeyboard {
			w.checkTypes(nodes, texts)
		} else if w.own(w.at) && !w.opts.Quiet {
			w.checkTexts(f, nodes, texts)
		}
		return w.cond(n, c)
	case "startsWith":
		c.Op = remap.CondPrefix
	case "endsWith":
		c.Op = remap.CondSuffix
	case "contains":
		c.Op = remap.CondWithin
	case "matches":
		c.Op = remap.CondMatch
	}
	s, ok := w.literal(right, name)
	if !ok {
		return nil
	}
	w.asks(f, nil)
	plain := c.Op != remap.CondMatch
	if plain {
		c.Strings = []string{s}
	} else if op, text, ok := plainMatch(s); ok {
		c.Op, c.Strings, plain = op, []string{text}, true
	}
	if c.Op == remap.CondWithin && !w.within(c.Strings[0], f, w.span(right)) {
		return nil
	}
	if plain {
		return w.cond(n, c)
	}
	c.Regexp = w.regexp(s, f, w.span(right))
	if c.Regexp == nil {
		return nil
	}
	return w.cond(n, c)
}

// checkTypes warns about keyboard types that no keyboard has.
func (w *conditions) checkTypes(nodes []ast.Node, texts []string) {
	for i, t := range texts {
		if w.ps.warned() {
			return
		}
		if !slices.ContainsFunc(w.types, func(k string) bool { return strings.EqualFold(k, t) }) {
			hint := didYouMean(t, w.types)
			if hint == "" {
				hint = fmt.Sprintf(`a rule can give it: [[keyboard]] match = { name = "..." } type = %q`, t)
			}
			w.ps.warn(w.span(nodes[i]), hint, "no keyboard is of type %q, so this can never be true", t)
		}
	}
}

// desktopNames are the names of desktops that toshy follows or has shortcuts for; sessionNames are all sessions.
var (
	desktopNames = []string{
		"budgie", "cinnamon", "cosmic", "dde", "deepin", "enlightenment", "gnome", "hyprland", "i3", "kde", "labwc", "lxde", "lxqt", "mate", "miracle-wm", "niri", "openbox", "pantheon", "pop",
		"qtile", "river", "sway", "trinity", "ubuntu", "ukui", "unity", "wayfire", "xfce", "zorin",
	}
	sessionNames = []string{"wayland", "x11"}
	otherDesktop = map[string]string{
		"plasma": "kde", "plasmashell": "kde", "kde-plasma": "kde", "kwin": "kde", "gnome-shell": "gnome", "mutter": "gnome", "xfce4": "xfce", "x-cinnamon": "cinnamon", "gnome-classic": "gnome", "hypr": "hyprland", "elementary": "pantheon", "budgie-desktop": "budgie", "swaywm": "sway", "i3wm": "i3", "i3-wm": "i3",
	}
)

// Desktops are the names of desktops in conditions.
func Desktops() []string { return slices.Clone(desktopNames) }

// checkTexts warns about comparisons that can never be true for a window.
func (w *conditions) checkTexts(f remap.Field, nodes []ast.Node, texts []string) {
	for i, t := range texts {
		low := strings.ToLower(t)
		warn := func(hint, format string, args ...any) { // find the place only when needed: that takes time in proportion to the length of the condition
			w.ps.warn(w.span(nodes[i]), hint, format, args...)
		}
		switch {
		case t == "" || w.ps.warned():
		case f == remap.FieldDesktop && otherDesktop[low] != "":
			warn(fmt.Sprintf("write %q", otherDesktop[low]), "no desktop is called %q here, so this is never true", t)
		case f == remap.FieldDesktop && !slices.Contains(desktopNames, low) && nearest(low, desktopNames) != "" && len(low) > 2:
			warn(didYouMean(low, desktopNames)+" \"toshy windows\" shows what yours is called", "no desktop that toshy knows is called %q", t)
		case f == remap.FieldSession && !slices.Contains(sessionNames, low):
			hint := `a session is "wayland" or "x11"`
			if n := nearest(low, sessionNames); n != "" || strings.HasPrefix(low, "x") {
				hint = fmt.Sprintf("did you mean %q?", cmp.Or(n, "x11"))
			}
			warn(hint, "no session is called %q, so this is never true", t)
		case f == remap.FieldApp && strings.HasSuffix(low, ".desktop"):
			warn(fmt.Sprintf("write %q; \"toshy windows\" shows the name of the focused window", t[:len(t)-len(".desktop")]), "%q is the name of a file; applications are named without .desktop", t)
		case f == remap.FieldApp && t == "*":
			warn("for a rule in every application, leave when out", "* is an ordinary character here: no application has this name")
		case (f == remap.FieldApp || f == remap.FieldTitle) && len(t) > 1 && (strings.HasPrefix(t, "*") || strings.HasSuffix(t, "*")):
			warn(fmt.Sprintf("a part of a text is found with contains: %s contains %q", f, strings.Trim(t, ".*")), "* is an ordinary character here: %q is compared letter by letter", t)
		case (f == remap.FieldApp || f == remap.FieldTitle) && len(t) > 2 && (t[0] == '/' && t[len(t)-1] == '/' || t[0] == '^' || t[len(t)-1] == '$' && t != "$"):
			warn(fmt.Sprintf("a regular expression is compared with matches: %s matches %q", f, strings.Trim(t, "/")), "%q is compared letter by letter", t)
		case f == remap.FieldExe && !strings.Contains(t, "/"):
			warn(fmt.Sprintf(`exe is a whole path: exe endsWith "/%s"`, t), "%q is not a path, so this is never true", t)
		}
	}
}

func (w *conditions) compareLayer(n *ast.BinaryNode, right ast.Node) *remap.Cond {
	if n.Operator != "==" && n.Operator != "!=" && n.Operator != "in" {
		return w.wrong(n, `layer == "name", layer in ["a", "b"]`, "a layer is compared with ==, != or in")
	}
	nodes, texts, ok := w.literals(n, right, "layer")
	if !ok {
		return nil
	}
	var kids []*remap.Cond
	part := w.cond(n, remap.Cond{Op: remap.CondLayer})
	for i, t := range texts {
		l, known := w.layers[t]
		if !known {
			w.wrong(nodes[i], w.layerHint(t), "there is no layer %q", t)
			return nil
		}
		w.part(nodes[i])
		k := *part
		k.Value = int32(l)
		kids = append(kids, &k)
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return w.cond(n, remap.Cond{Op: remap.CondAny, Kids: kids})
}

func (b *builder) layerHint(name string) string {
	if h := didYouMean(name, b.layerNames); h != "" {
		return h
	}
	return fmt.Sprintf("declare it: [layer.%s]", name)
}

func (w *conditions) compareFact(n *ast.BinaryNode, name string, right ast.Node) *remap.Cond {
	if name == "desktop_version" {
		if c, is := w.compareVersion(n, right); is {
			return c
		}
	}
	f := &factTest{Name: name, Op: n.Operator}
	switch n.Operator {
	case "<", "<=", ">", ">=":
		return w.wrong(n, "only desktop_version has an order", "%s is a text: it cannot be more or less than another", name)
	case "==", "!=", "in":
		var ok bool
		if _, f.Texts, ok = w.literals(n, right, name); !ok {
			return nil
		}
	default:
		s, ok := w.literal(right, name)
		if !ok {
			return nil
		}
		f.Texts = []string{s}
		if n.Operator == "matches" {
			if f.Regexp = w.regexp(s, remap.FieldApp, w.span(right)); f.Regexp == nil {
				return nil
			}
		}
	}
	return w.fact(n, f)
}

// fact makes a condition from a test of a fact.
func (w *conditions) fact(n ast.Node, f *factTest) *remap.Cond {
	f.Cond = w.cond(n, remap.Cond{Op: remap.CondConst})
	w.machine.Facts = append(w.machine.Facts, f)
	f.decide(w.opts.Facts)
	return f.Cond
}

// compareVersion compares a version by its numbers, as many of them as the condition names: 46.2 equals 46. If the
// condition compares a text with ==, !=, in or the like, another function does it (is is false).
func (w *conditions) compareVersion(n *ast.BinaryNode, right ast.Node) (c *remap.Cond, is bool) {
	order := n.Operator[0] == '<' || n.Operator[0] == '>'
	text := w.source(right)
	switch r := right.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if !order && n.Operator != "==" && n.Operator != "!=" {
			return nil, false
		}
	case *ast.StringNode:
		if text = r.Value; !order {
			return nil, false
		}
	default:
		if order {
			return w.wrong(right, "desktop_version >= 46", "a version is compared with a number, not with %s", text), true
		}
		return nil, false
	}
	want, ok := versionParts(text)
	if !ok {
		return w.wrong(right, `desktop_version >= 46, desktop_version < "5.27"`, "%q is not a version", text), true
	}
	return w.fact(n, &factTest{Name: "desktop_version", Op: n.Operator, Version: want}), true
}

func (w *conditions) compareBool(n *ast.BinaryNode, k *remap.Cond, right ast.Node) *remap.Cond {
	v, ok := right.(*ast.BoolNode)
	if !ok || n.Operator != "==" && n.Operator != "!=" {
		return w.wrong(n, fmt.Sprintf("write %s or not %s", k.Source, k.Source), "%s is true or false", k.Source)
	}
	if !v.Value {
		return w.cond(n, remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{k}})
	}
	return k
}

func (w *conditions) compareVar(n *ast.BinaryNode, i int, right ast.Node) *remap.Cond {
	v := &w.program.Vars[i]
	if n.Operator != "==" && n.Operator != "!=" && n.Operator != "in" {
		return w.wrong(n, "", "%s is compared with ==, != or in", v.Name)
	}
	nodes, texts, ok := w.literals(n, right, v.Name)
	if !ok {
		return nil
	}
	var kids []*remap.Cond
	part := w.cond(n, remap.Cond{Op: remap.CondVar, Var: i})
	for j, t := range texts {
		k := slices.Index(v.Values, t)
		if k < 0 {
			hint := "one of " + quoted(v.Values)
			if near := nearest(t, v.Values); near != "" {
				hint = fmt.Sprintf("did you mean %q? It is one of %s", near, quoted(v.Values))
			}
			w.wrong(nodes[j], hint, "%s is never %q", v.Name, t)
			return nil
		}
		w.part(nodes[j])
		is := *part
		is.Value = int32(k)
		kids = append(kids, &is)
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return w.cond(n, remap.Cond{Op: remap.CondAny, Kids: kids})
}
