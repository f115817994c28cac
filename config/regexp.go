package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// regexp compiles a regular expression that ignores case, once for each text.
func (b *builder) regexp(s string, at span) *regexp.Regexp {
	if re, ok := b.regexps[s]; ok {
		return re
	}
	re, err := b.compileRegexp("(?i)" + s)
	if errors.Is(err, errRegexps) {
		b.ps.error(at, "write fewer, or shorter counts in {}", "%v", err)
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
			hint = `a bracket that stands for itself has a backslash before it`
		}
		b.ps.error(at, hint, "wrong regular expression: %s", message)
		return nil
	}
	b.regexps[s] = re
	return re
}
