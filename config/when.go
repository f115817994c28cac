package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"toshy/remap"
)

// Conditions are written in the grammar of expr-lang, which parses them; checking and compiling is
// done here, into remap.Cond: the engine evaluates that without allocating, and explain shows its
// parts.

// maxWhen bounds the length of a condition in bytes, and with it how deep it can nest.
const maxWhen = 4096

// textFields are the names of texts in conditions.
var textFields = map[string]remap.Field{
	"app": remap.FieldApp, "title": remap.FieldTitle, "exe": remap.FieldExe, "device": remap.FieldDevice,
	"keyboard": remap.FieldKeyboard, "desktop": remap.FieldDesktop, "session": remap.FieldSession,
}

// reserved are the names that a condition knows before any is declared.
var reserved = append([]string{
	"app", "title", "exe", "device", "keyboard", "desktop", "session", "layer", "capslock", "numlock", "settings", "state",
	"and", "or", "not", "in", "matches", "startsWith", "endsWith", "contains", "true", "false", "let", "if", "else", "nil",
}, factNames...)

// when compiles the condition in a string value; nil when it is wrong.
func (b *builder) when(n *node) *remap.Cond {
	if !b.is(n, kindString, "a condition") {
		return nil
	}
	if len(n.str()) > maxWhen {
		b.ps.error(n.valueSpan(), "name parts of it in [groups]", "a condition of more than %d characters", maxWhen)
		return nil
	}
	if strings.TrimSpace(n.str()) == "" {
		b.ps.error(n.valueSpan(), "leave it out for a rule that always applies", "an empty condition")
		return nil
	}
	w := &conditions{builder: b, at: n, text: n.str()}
	for i := range w.text {
		w.runes = append(w.runes, i)
	}
	w.runes = append(w.runes, len(w.text))
	tree, err := parser.Parse(w.text)
	if err != nil {
		w.syntax(err)
		return nil
	}
	errs := b.ps.errors
	c := w.truth(tree.Node)
	if b.ps.errors > errs {
		return nil
	}
	return c
}

// conditions compiles one condition.
type conditions struct {
	*builder
	at    *node
	text  string
	runes []int // byte offset of each character, and of the end
}

func (w *conditions) offset(r int) int { return w.runes[max(0, min(r, len(w.runes)-1))] }

// extent is where a part of the condition begins and ends, in characters.
func (w *conditions) extent(n ast.Node) (from, to int) {
	loc := n.Location()
	from, to = loc.From, loc.To
	wider := func(kids ...ast.Node) {
		for _, k := range kids {
			f, t := w.extent(k)
			from, to = min(from, f), max(to, t)
		}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		wider(n.Node)
	case *ast.BinaryNode:
		wider(n.Left, n.Right)
	case *ast.ChainNode:
		wider(n.Node)
	case *ast.MemberNode:
		wider(n.Node, n.Property)
	case *ast.ArrayNode:
		wider(n.Nodes...)
		if i := strings.IndexByte(w.text[w.offset(to):], ']'); i >= 0 {
			to += utf8.RuneCountInString(w.text[w.offset(to):w.offset(to)+i]) + 1
		}
	}
	return from, to + w.closing(w.text[w.offset(from):w.offset(to)], w.text[w.offset(to):])
}

// closing is how many characters after a part belong to it because they close its brackets: the
// parser leaves brackets out of its places.
func (w *conditions) closing(part, after string) int {
	open := strings.Count(part, "(") - strings.Count(part, ")")
	n, end := 0, 0
	for _, r := range after {
		if open <= 0 || r != ')' && r != ' ' {
			break
		}
		if n++; r == ')' {
			open--
			end = n
		}
	}
	return end
}

func (w *conditions) span(n ast.Node) span {
	from, to := w.extent(n)
	return w.at.within(w.offset(from), w.offset(to))
}

func (w *conditions) source(n ast.Node) string {
	from, to := w.extent(n)
	return w.text[w.offset(from):w.offset(to)]
}

func (w *conditions) wrong(n ast.Node, hint, format string, args ...any) *remap.Cond {
	w.ps.error(w.span(n), hint, format, args...)
	return nil
}

// syntax reports what the parser did not understand.
func (w *conditions) syntax(err error) {
	var fe *file.Error
	if !errors.As(err, &fe) {
		w.ps.error(w.at.valueSpan(), "", "%v", err)
		return
	}
	from, to := w.offset(fe.From), w.offset(max(fe.To, fe.From+1))
	hint := ""
	word := strings.TrimSpace(w.text[from:to])
	switch {
	case strings.Contains(fe.Message, "escape"):
		hint = `a backslash is written twice in a condition, or the text stands in backquotes: matches ` + "`a\\.b`"
	case word == "=":
		hint = "equal is =="
	case word == "":
		hint = "something is missing at the end"
	case strings.Contains(fe.Message, "unclosed") || strings.Contains(fe.Message, "literal not terminated"):
		hint = "a quote is missing"
	}
	if hint == "" {
		hint = didYouMean(word, []string{"and", "or", "not", "in", "matches", "startsWith", "endsWith", "contains"})
		if !strings.HasPrefix(hint, "did") {
			hint = `a condition is written like this: app == "kitty" and not (title contains "vim")`
		}
	}
	message := fe.Message
	switch {
	case strings.Contains(message, "EOF") || word == "":
		from, to = len(strings.TrimRight(w.text, " \t\r\n")), len(w.text)
		message, hint = "the condition ends too early", "something is missing at the end"
		if strings.Count(w.text, "(") > strings.Count(w.text, ")") {
			hint = "a closing ) is missing"
		}
	case strings.HasPrefix(message, "unexpected token"):
		message = fmt.Sprintf("unexpected %q in the condition", word)
	}
	w.ps.error(w.at.within(from, to), hint, "%s", message)
}

// cond gives a condition its place.
func (w *conditions) cond(n ast.Node, c remap.Cond) *remap.Cond {
	from, _ := w.extent(n)
	c.Source, c.Column = w.source(n), from+1
	return &c
}

// truth compiles what must be true or false.
func (w *conditions) truth(n ast.Node) *remap.Cond {
	switch n := n.(type) {
	case *ast.BoolNode:
		c := remap.Cond{Op: remap.CondConst}
		if n.Value {
			c.Value = 1
		}
		return w.cond(n, c)
	case *ast.IdentifierNode:
		return w.name(n)
	case *ast.MemberNode:
		i, ok := w.variable(n)
		if !ok {
			return nil
		}
		v := &w.program.Vars[i]
		if !slices.Equal(v.Values, booleans) {
			return w.wrong(n, fmt.Sprintf("compare it: %s == %q", v.Name, v.Values[len(v.Values)-1]), "%s is not true or false but one of %s", v.Name, quoted(v.Values))
		}
		return w.cond(n, remap.Cond{Op: remap.CondVar, Var: i, Value: 1})
	case *ast.UnaryNode:
		if n.Operator != "not" && n.Operator != "!" {
			break
		}
		k := w.truth(n.Node)
		if k == nil {
			return nil
		}
		return w.cond(n, remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{k}})
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return w.join(n, remap.CondAll, "and", "&&")
		case "or", "||":
			return w.join(n, remap.CondAny, "or", "||")
		case "==", "!=", "in", "matches", "contains", "startsWith", "endsWith":
			return w.compare(n)
		}
		return w.wrong(n, "conditions know and, or, not, ==, !=, in, matches, contains, startsWith, endsWith", "%s cannot stand in a condition", n.Operator)
	case *ast.StringNode:
		return w.wrong(n, "compare it: app == "+w.source(n), "a text is neither true nor false")
	}
	return w.wrong(n, "conditions know and, or, not, ==, !=, in, matches, contains, startsWith, endsWith", "%s is neither true nor false", w.source(n))
}

// join makes one condition of a chain of the same operator.
func (w *conditions) join(n *ast.BinaryNode, op remap.CondOp, words ...string) *remap.Cond {
	var kids []*remap.Cond
	ok := true
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		if bin, is := n.(*ast.BinaryNode); is && slices.Contains(words, bin.Operator) {
			walk(bin.Left)
			walk(bin.Right)
			return
		}
		k := w.truth(n)
		ok = ok && k != nil
		kids = append(kids, k)
	}
	walk(n)
	if !ok {
		return nil
	}
	return w.cond(n, remap.Cond{Op: op, Kids: kids})
}

// name compiles a name that stands alone.
func (w *conditions) name(n *ast.IdentifierNode) *remap.Cond {
	switch n.Value {
	case "capslock":
		return w.cond(n, remap.Cond{Op: remap.CondLock, Field: remap.FieldCapsLock})
	case "numlock":
		return w.cond(n, remap.Cond{Op: remap.CondLock, Field: remap.FieldNumLock})
	}
	if _, ok := w.groups[n.Value]; ok {
		i, ok := w.groupIndex(n.Value, w.span(n))
		if !ok {
			return nil
		}
		return w.cond(n, remap.Cond{Op: remap.CondGroup, Var: i})
	}
	if _, ok := textFields[n.Value]; ok || n.Value == "layer" || slices.Contains(factNames, n.Value) {
		return w.wrong(n, fmt.Sprintf(`compare it: %s == "..."`, n.Value), "%s is a text, neither true nor false", n.Value)
	}
	if n.Value == "settings" || n.Value == "state" {
		return w.wrong(n, "write "+n.Value+".NAME", "%s needs a name", n.Value)
	}
	return w.unknown(n)
}

func (w *conditions) unknown(n *ast.IdentifierNode) *remap.Cond {
	names := append([]string{"capslock", "numlock", "layer", "settings", "state"}, factNames...)
	for f := range textFields {
		names = append(names, f)
	}
	names = append(names, w.groupNames...)
	for _, v := range w.program.Vars {
		names = append(names, v.Name)
		if _, short, _ := strings.Cut(v.Name, "."); short == n.Value {
			return w.wrong(n, fmt.Sprintf("did you mean %q?", v.Name), "unknown name %q", n.Value)
		}
	}
	slices.Sort(names)
	hint := ""
	if near := nearest(n.Value, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else {
		hint = `a text stands in quotes; a name is app, title, exe, device, keyboard, desktop, session, layer, settings.*, state.* or one of [groups]`
	}
	return w.wrong(n, hint, "unknown name %q", n.Value)
}

// variable finds settings.x or state.x.
func (w *conditions) variable(n *ast.MemberNode) (int, bool) {
	base, isName := n.Node.(*ast.IdentifierNode)
	prop, isText := n.Property.(*ast.StringNode)
	if !isName || !isText || base.Value != "settings" && base.Value != "state" {
		w.wrong(n, "only settings and state have parts: settings.NAME, state.NAME", "%s means nothing here", w.source(n))
		return 0, false
	}
	prefix := base.Value + "."
	i, ok := w.vars[prefix+prop.Value]
	if !ok {
		names := w.varNames(prefix)
		hint := didYouMean(prop.Value, names)
		if hint == "" {
			hint = fmt.Sprintf("declare it: [%s.%s]", map[string]string{"settings": "setting", "state": "state"}[base.Value], prop.Value)
		}
		what := map[string]string{"settings": "setting", "state": "state"}[base.Value]
		w.ps.error(w.span(n.Property), hint, "there is no %s %q", what, prop.Value)
	}
	return i, ok
}

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
			c = w.compareBool(n, w.cond(l, remap.Cond{Op: remap.CondVar, Var: i, Value: 1}), right)
		} else {
			c = w.compareVar(n, i, right)
		}
	default:
		return w.wrong(left, `a comparison begins with a name: app == "kitty"`, "%s cannot be compared", w.source(left))
	}
	if c == nil || n.Operator != "!=" {
		return c
	}
	inner := *c
	return w.cond(n, remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{&inner}})
}

// literal reads a text on the right side.
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

// literals reads the right side of == and !=, one text, or of in, a list.
func (w *conditions) literals(n *ast.BinaryNode, right ast.Node, what string) ([]ast.Node, []string, bool) {
	if n.Operator != "in" {
		s, ok := w.literal(right, what)
		return []ast.Node{right}, []string{s}, ok
	}
	a, ok := right.(*ast.ArrayNode)
	if !ok {
		w.wrong(right, `in needs a list: `+what+` in ["a", "b"]`, "%s is no list", w.source(right))
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
	case "==", "!=", "in":
		nodes, texts, ok := w.literals(n, right, name)
		if !ok {
			return nil
		}
		c.Op, c.Strings = remap.CondEqual, texts
		if f == remap.FieldKeyboard {
			w.checkTypes(nodes, texts)
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
	if c.Op != remap.CondMatch {
		c.Strings = []string{s}
		return w.cond(n, c)
	}
	c.Regexp = w.regexp(s, w.span(right))
	if c.Regexp == nil {
		return nil
	}
	return w.cond(n, c)
}

// checkTypes warns of keyboard types that no keyboard has.
func (w *conditions) checkTypes(nodes []ast.Node, texts []string) {
	for i, t := range texts {
		if !slices.ContainsFunc(w.types, func(k string) bool { return strings.EqualFold(k, t) }) {
			hint := didYouMean(t, w.types)
			if hint == "" {
				hint = fmt.Sprintf(`a rule can give it: [[keyboard]] match = { name = "..." } type = %q`, t)
			}
			w.ps.warn(w.span(nodes[i]), hint, "no keyboard is of type %q, so this can never be true", t)
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
	for i, t := range texts {
		l, known := w.layers[t]
		if !known {
			w.wrong(nodes[i], w.layerHint(t), "there is no layer %q", t)
			return nil
		}
		kids = append(kids, w.cond(n, remap.Cond{Op: remap.CondLayer, Value: int32(l)}))
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
	have := w.opts.Facts[name]
	c := remap.Cond{Op: remap.CondConst}
	yes := false
	switch n.Operator {
	case "==", "!=", "in":
		_, texts, ok := w.literals(n, right, name)
		if !ok {
			return nil
		}
		yes = slices.ContainsFunc(texts, func(t string) bool { return strings.EqualFold(t, have) })
	default:
		s, ok := w.literal(right, name)
		if !ok {
			return nil
		}
		low, want := strings.ToLower(have), strings.ToLower(s)
		switch n.Operator {
		case "startsWith":
			yes = strings.HasPrefix(low, want)
		case "endsWith":
			yes = strings.HasSuffix(low, want)
		case "contains":
			yes = strings.Contains(low, want)
		case "matches":
			re := w.regexp(s, w.span(right))
			if re == nil {
				return nil
			}
			yes = re.MatchString(have)
		}
	}
	if yes {
		c.Value = 1
	}
	return w.cond(n, c)
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
		kids = append(kids, w.cond(n, remap.Cond{Op: remap.CondVar, Var: i, Value: int32(k)}))
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return w.cond(n, remap.Cond{Op: remap.CondAny, Kids: kids})
}

// regexp compiles a regular expression that ignores case, once for each text.
func (b *builder) regexp(s string, at span) *regexp.Regexp {
	if re, ok := b.regexps[s]; ok {
		return re
	}
	re, err := regexp.Compile("(?i)" + s)
	if err != nil {
		message, hint := err.Error(), ""
		var se *syntax.Error
		if errors.As(err, &se) {
			message = fmt.Sprintf("%s: %s", se.Code, strings.TrimPrefix(se.Expr, "(?i)"))
		}
		if strings.Contains(s, "(?=") || strings.Contains(s, "(?!") || strings.Contains(s, "(?<") {
			hint = `there is no look-ahead or look-behind: write two conditions, app matches "^a" and not (app matches "b")`
		} else if strings.Contains(message, "missing argument to repetition") {
			hint = `"any characters" is .* in a regular expression`
		} else if strings.Contains(message, "missing closing") || strings.Contains(message, "unexpected )") {
			hint = `a bracket that stands for itself has a backslash before it`
		}
		b.ps.error(at, hint, "wrong regular expression: %s", message)
		return nil
	}
	b.regexps[s] = re
	return re
}

// negate is the opposite of a condition.
func negate(c *remap.Cond) *remap.Cond {
	if c.Op == remap.CondNot {
		return c.Kids[0]
	}
	return &remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{c}, Source: "not (" + c.Source + ")", Column: c.Column}
}

// both is true when each condition that is not nil is.
func both(conds ...*remap.Cond) *remap.Cond {
	var kids []*remap.Cond
	var sources []string
	for _, c := range conds {
		if c != nil {
			kids = append(kids, c)
			sources = append(sources, c.Source)
		}
	}
	switch len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	return &remap.Cond{Op: remap.CondAll, Kids: kids, Source: strings.Join(sources, " and "), Column: 1}
}
