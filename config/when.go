package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"toshy/remap"
)

// Conditions use the grammar of expr-lang, which parses them. This file checks them and compiles them into remap.Cond,
// which the engine evaluates without allocating and whose parts explain shows.

// maxWhen bounds the length of a condition in bytes, and with it how deep it can nest.
const maxWhen = 4096

// textFields are the names of texts in conditions.
var textFields = map[string]remap.Field{
	"app": remap.FieldApp, "title": remap.FieldTitle, "exe": remap.FieldExe, "device": remap.FieldDevice,
	"keyboard": remap.FieldKeyboard, "desktop": remap.FieldDesktop, "session": remap.FieldSession,
}

// reserved are the predeclared names in conditions.
var reserved = append([]string{
	"app", "title", "exe", "device", "keyboard", "desktop", "session", "layer", "capslock", "numlock", "level3", "settings", "state", "category", "held", "last",
	"and", "or", "not", "in", "matches", "startsWith", "endsWith", "contains", "true", "false", "let", "if", "else", "nil",
}, factNames...)

// when compiles the condition in a string value; nil if it contains a mistake.
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
	b.ps.due()
	w := &conditions{builder: b, at: n, text: n.str(), extents: map[ast.Node][2]int{}}
	if strings.ContainsFunc(w.text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		for i := range w.text {
			w.runes = append(w.runes, i)
		}
		w.runes = append(w.runes, len(w.text))
	}
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
	runes []int // byte offset of each character, and of the end; nil: all have one byte

	extents map[ast.Node][2]int // those that are known
}

func (w *conditions) offset(r int) int {
	if w.runes == nil {
		return max(0, min(r, len(w.text)))
	}
	return w.runes[max(0, min(r, len(w.runes)-1))]
}

// extent is the beginning and the end of a part of the condition, in characters.
func (w *conditions) extent(n ast.Node) (from, to int) {
	if e, known := w.extents[n]; known {
		return e[0], e[1]
	}
	defer func() { w.extents[n] = [2]int{from, to} }()
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
	case *ast.CallNode, *ast.BuiltinNode:
		if call, is := n.(*ast.CallNode); is {
			wider(call.Callee)
			wider(call.Arguments...)
		} else {
			wider(n.(*ast.BuiltinNode).Arguments...)
		}
		if i := strings.IndexByte(w.text[w.offset(to):], ')'); i >= 0 && strings.Count(w.text[w.offset(from):w.offset(to)], "(") > strings.Count(w.text[w.offset(from):w.offset(to)], ")") {
			to += utf8.RuneCountInString(w.text[w.offset(to):w.offset(to)+i]) + 1
		}
	case *ast.ArrayNode:
		wider(n.Nodes...)
		if i := strings.IndexByte(w.text[w.offset(to):], ']'); i >= 0 {
			to += utf8.RuneCountInString(w.text[w.offset(to):w.offset(to)+i]) + 1
		}
	}
	return from, to + w.closing(w.text[w.offset(from):w.offset(to)], w.text[w.offset(to):])
}

// closing is the number of characters after a part that belong to it because they close its brackets. The parser does not
// include brackets in its places.
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

// syntax reports what the parser did not accept.
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
		hint = `write a backslash twice in a condition, or put the text in backquotes: matches ` + "`a\\.b`"
	case lookalike(w.text) != "":
		hint = lookalike(w.text)
	case strings.Contains(w.text, "=~") || strings.Contains(w.text, "~="):
		hint = `a regular expression is compared with matches: title matches "vim$"`
	case word == "=":
		hint = "equal is =="
	case strings.Contains(w.text, "<>"):
		hint = "unequal is !="
	case word == "," && strings.Contains(w.text[:from], "("):
		hint = `a list has square brackets: app in ["firefox", "kitty"]`
	case word == "&" || word == "|" || word == "," || word == "then":
		hint = "parts are joined with and, or"
	case whenOperators[strings.ToLower(word)] != "":
		hint = whenOperators[strings.ToLower(word)]
	case strings.HasPrefix(word, "/"):
		hint = `put a regular expression in quotes, without slashes: title matches "vim$"`
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
	w.part(n)
	return &c
}

// part counts a part of a condition.
func (w *conditions) part(n ast.Node) {
	if w.parts++; w.parts == maxParts {
		w.ps.error(w.span(n), "name in [groups] what many conditions say", "the conditions together are too large: more than %d parts", maxParts)
		panic(errStop)
	}
}

// truth compiles a part that must be true or false.
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
	case *ast.CallNode:
		return w.call(n)
	case *ast.BuiltinNode: // in the parser's grammar, last is a function of its own
		if n.Name == "last" {
			return w.keyCall(n, n.Name, n.Arguments)
		}
	case *ast.MemberNode:
		i, ok := w.variable(n)
		if !ok {
			return nil
		}
		v := &w.program.Vars[i]
		if !slices.Equal(v.Values, booleans) {
			return w.wrong(n, fmt.Sprintf("compare it: %s == %q", v.Name, v.Values[len(v.Values)-1]), "%s is not true or false but one of %s", v.Name, quoted(v.Values))
		}
		return w.cond(n, w.isTrue(i))
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
		case "==", "!=", "in", "matches", "contains", "startsWith", "endsWith", "<", "<=", ">", ">=":
			return w.compare(n)
		}
		return w.wrong(n, "conditions know and, or, not, ==, !=, in, matches, contains, startsWith, endsWith", "%s is not allowed in a condition", n.Operator)
	case *ast.StringNode:
		if _, is := w.groups[n.Value]; is {
			return w.wrong(n, fmt.Sprintf("to ask for the group %s, write its name without the inner quotes: when = %[1]q", n.Value), "a text is neither true nor false")
		}
		return w.wrong(n, "compare it: app == "+w.source(n)+`; one of several is app in ["a", "b"]`, "a text is neither true nor false")
	}
	return w.wrong(n, "conditions know and, or, not, ==, !=, in, matches, contains, startsWith, endsWith", "%s is neither true nor false", w.source(n))
}

// join makes one condition from a chain of the same operator.
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

// name compiles a name on its own.
func (w *conditions) name(n *ast.IdentifierNode) *remap.Cond {
	switch n.Value {
	case "capslock":
		return w.cond(n, remap.Cond{Op: remap.CondLock, Field: remap.FieldCapsLock})
	case "numlock":
		return w.cond(n, remap.Cond{Op: remap.CondLock, Field: remap.FieldNumLock})
	case "level3":
		return w.cond(n, remap.Cond{Op: remap.CondLock, Field: remap.FieldLevel3})
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
	if slices.Contains(functionNames, n.Value) {
		return w.wrong(n, functionHints[n.Value], "%s needs a name in brackets", n.Value)
	}
	if n.Value == "settings" || n.Value == "state" {
		return w.wrong(n, "write "+n.Value+".NAME", "%s needs a name", n.Value)
	}
	return w.unknown(n)
}

func (w *conditions) unknown(n *ast.IdentifierNode) *remap.Cond {
	if h := whenNames[strings.ToLower(n.Value)]; h != "" {
		return w.wrong(n, h, "unknown name %q", n.Value)
	}
	names := append([]string{"capslock", "numlock", "level3", "layer", "settings", "state"}, factNames...)
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
	} else if w.text == n.Value && w.at.key == "when" {
		hint = fmt.Sprintf(`for an application, write when = 'app == %q'; for a group, declare it in [groups]`, n.Value)
	} else if w.text == n.Value {
		hint = fmt.Sprintf(`for an application, write a list: %s = [%q]`, w.at.key, n.Value)
	} else {
		hint = `put text in quotes; a name is app, title, exe, device, keyboard, desktop, session, layer, settings.*, state.* or one of [groups]`
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

// negate is the opposite of a condition.
func negate(c *remap.Cond) *remap.Cond {
	if c.Op == remap.CondNot {
		return c.Kids[0]
	}
	return &remap.Cond{Op: remap.CondNot, Kids: []*remap.Cond{c}, Source: "not (" + c.Source + ")", Column: c.Column}
}

// both is true if every condition that is not nil is true.
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
