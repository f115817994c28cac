package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Limits of regular expressions. A few bytes of one can become a program of megabytes, and each is matched
// when the focus moves: whoever reads a configuration that others wrote must not pay for that.
const (
	maxRegexp  = 4096   // bytes of one
	maxRegexps = 20_000 // steps of all of them together, about; the built-in configuration has a twentieth of it
)

var errRegexps = errors.New("too large")

// compileRegexp compiles a regular expression if it is not too large, nor all of them together. One without
// counts and sets is no larger than its text, and need not be parsed twice.
func (b *builder) compileRegexp(s string) (*regexp.Regexp, error) {
	if len(s) > maxRegexp {
		return nil, fmt.Errorf("the regular expression is %w: more than %d bytes", errRegexps, maxRegexp)
	}
	steps := len(s)
	if strings.ContainsAny(s, "{[") || strings.Contains(s, `\p`) || strings.Contains(s, `\P`) {
		tree, err := syntax.Parse(s, syntax.Perl)
		if err != nil {
			return nil, err
		}
		steps = regexpSteps(tree)
	}
	if b.regexpSteps += steps; b.regexpSteps > maxRegexps {
		return nil, fmt.Errorf("the regular expressions together are %w", errRegexps)
	}
	return regexp.Compile(s)
}

// regexpSteps is about how many instructions a regular expression becomes; large sets of characters count more.
func regexpSteps(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)/4
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += regexpSteps(sub)
	}
	if re.Op == syntax.OpRepeat { // the parser allows a thousand, also for those inside each other
		n *= max(1, re.Min, re.Max)
	}
	return n
}
