package importer

import (
	"fmt"
	"regexp"
	"strings"
)

// A cond is a condition in toshy's language. An empty one is always true.
type cond struct {
	text string
	op   condOp // the outermost operator
	neg  string // the opposite, where that is short to write
}

type condOp uint8

const (
	opAtom condOp = iota
	opNot
	opAnd
	opOr
)

func atom(format string, args ...any) cond { return cond{text: fmt.Sprintf(format, args...)} }

// named is a condition that is only a name: a group, a lock, a setting.
func named(name string) cond { return cond{text: name, neg: "not " + name} }

// inside is a condition as part of a longer one: and and or do not mix without brackets.
func (c cond) inside(op condOp) string {
	if c.op > opNot && c.op != op {
		return "(" + c.text + ")"
	}
	return c.text
}

// allOf is true if all are true; empty ones are ignored.
func allOf(conds ...cond) cond { return join(opAnd, " and ", conds) }

// anyOf is true if any is true.
func anyOf(conds ...cond) cond {
	for _, c := range conds {
		if c.text == "" {
			return cond{}
		}
	}
	return join(opOr, " or ", conds)
}

func join(op condOp, word string, conds []cond) cond {
	var kept []cond
	for _, c := range conds {
		if c.text != "" {
			kept = append(kept, c)
		}
	}
	switch len(kept) {
	case 0:
		return cond{}
	case 1:
		return kept[0]
	}
	parts := make([]string, len(kept))
	for i, c := range kept {
		parts[i] = c.inside(op)
	}
	return cond{text: strings.Join(parts, word), op: op}
}

const never = "false"

func not(c cond) cond {
	switch {
	case c.text == "":
		return cond{text: never}
	case c.text == never:
		return cond{}
	case c.neg != "":
		return cond{text: c.neg, op: opNot, neg: c.text}
	case c.op == opNot:
		return cond{text: strings.TrimSuffix(strings.TrimPrefix(c.text, "not ("), ")"), op: opOr}
	}
	return cond{text: "not (" + c.text + ")", op: opNot}
}

// quoteCond is a text in a condition: in backquotes, where a backslash is an ordinary character, unless it contains one.
func quoteCond(s string) string {
	if strings.Contains(s, `\`) && !strings.Contains(s, "`") {
		return "`" + s + "`"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// equal is true if a field is one of texts.
func equal(field string, texts ...string) cond {
	if len(texts) == 1 {
		return cond{text: field + " == " + quoteCond(texts[0]), neg: field + " != " + quoteCond(texts[0])}
	}
	q := make([]string, len(texts))
	for i, t := range texts {
		q[i] = quoteCond(t)
	}
	list := "[" + strings.Join(q, ", ") + "]"
	return cond{text: field + " in " + list, neg: field + " not in " + list}
}

var (
	exactWord = pattern(`^\^([A-Za-z0-9 ._-]+)\$$`)
	oneOf     = pattern(`^\^\((?:\?:)?([A-Za-z0-9 ._|-]+)\)\$$`)
)

// exact returns the words of a regular expression that consists only of words: ^firefox$, ^a$|^b$, ^(?:a|b)$. A dot in an
// application class means a dot.
func exact(expr string) []string {
	if m := oneOf().FindStringSubmatch(expr); m != nil {
		return strings.Split(m[1], "|")
	}
	var words []string
	for _, w := range strings.Split(expr, "|") {
		m := exactWord().FindStringSubmatch(w)
		if m == nil || strings.Contains(m[1], ".*") || strings.Contains(m[1], ".+") {
			return nil
		}
		words = append(words, m[1])
	}
	return words
}

var lookAround = pattern(`\(\?(=|!|<=|<!)`)

// matching is true if a regular expression of Python or Rust is found in a field.
func matching(field, expr string, ignoreCase bool) (cond, error) {
	if words := exact(expr); words != nil && ignoreCase {
		return equal(field, words...), nil
	}
	if c, ok := withoutLookAhead(field, expr, ignoreCase); ok {
		return c, nil
	}
	expr, err := goRegexp(expr)
	if err != nil {
		return cond{}, err
	}
	if !ignoreCase {
		expr = "(?-i)" + expr
	}
	return atom("%s matches %s", field, quoteCond(expr)), nil
}

// goRegexp is a regular expression in Go's syntax.
func goRegexp(expr string) (string, error) {
	expr = strings.ReplaceAll(expr, `\Z`, `\z`)
	if m := lookAround().FindString(expr); m != "" {
		return "", fmt.Errorf("the regular expression %q has look-around (%s...), which toshy does not have: write two conditions, one of them with not", expr, m)
	}
	if _, err := regexp.Compile("(?i)" + expr); err != nil {
		return "", fmt.Errorf("the regular expression %q is not valid in Go: %w", expr, err)
	}
	return expr, nil
}
