package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"toshy/remap"
)

// regexp compiles a regular expression that ignores case, once per text, and counts its use on a field.
func (b *builder) regexp(s string, f remap.Field, at span) *regexp.Regexp {
	budget := b.budget(f)
	if re, ok := b.regexps[s]; ok {
		if !b.search(re.steps, budget, at) {
			return nil
		}
		return re.Regexp
	}
	re, err := b.compileRegexp("(?i)"+s, budget)
	if errors.Is(err, errRegexps) {
		b.ps.error(at, "write fewer, or use smaller numbers in {}", "%v", err)
		return nil
	}
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
			hint = `write a backslash before a literal bracket`
		}
		b.ps.error(at, hint, "wrong regular expression: %s", message)
		return nil
	}
	if !b.search(re.steps, budget, at) {
		return nil
	}
	b.regexps[s] = re
	return re.Regexp
}

// plainMatch finds regular expressions that a comparison can replace: "^firefox" is a prefix, `foot\.client$` a suffix. A
// comparison is much faster and needs no compilation. This only works for ASCII: a regular expression folds some other
// letters that a comparison does not.
func plainMatch(re string) (op remap.CondOp, text string, ok bool) {
	rest, begins := strings.CutPrefix(re, "^")
	ends := false
	var b strings.Builder
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case c == '$' && i == len(rest)-1:
			ends = true
			continue
		case c == '\\' && i+1 < len(rest) && strings.IndexByte(`.+*?()|[]{}^$\-/`, rest[i+1]) >= 0:
			i++
			c = rest[i]
		case c >= utf8.RuneSelf || strings.IndexByte(`.+*?()|[]{}^$\`, c) >= 0:
			return 0, "", false
		}
		b.WriteByte(c)
	}
	switch {
	case b.Len() == 0:
		return 0, "", false
	case begins && ends:
		op = remap.CondEqual
	case begins:
		op = remap.CondPrefix
	case ends:
		op = remap.CondSuffix
	default:
		op = remap.CondWithin
	}
	return op, b.String(), true
}
