package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Limits of searching. A few bytes of a regular expression can become a program of megabytes, and each use of one is
// matched when the focus moves, while keys wait: whoever reads a configuration that others wrote must not pay for that.
const (
	maxRegexp = 4096   // bytes of one
	maxSearch = 20_000 // steps of all uses together, about; the built-in configuration has a ninth of it
)

var errRegexps = errors.New("too large")

// A compiled is a regular expression, and about how many steps each of its uses costs.
type compiled struct {
	*regexp.Regexp
	steps int
}

// compileRegexp compiles a regular expression if it is not too large, nor all of them together. One without
// counts and sets is no larger than its text, and need not be parsed twice.
func (b *builder) compileRegexp(s string) (compiled, error) {
	if len(s) > maxRegexp {
		return compiled{}, fmt.Errorf("the regular expression is %w: more than %d bytes", errRegexps, maxRegexp)
	}
	steps := len(s)
	if strings.ContainsAny(s, "{[") || strings.Contains(s, `\p`) || strings.Contains(s, `\P`) {
		tree, err := syntax.Parse(s, syntax.Perl)
		if err != nil {
			return compiled{}, err
		}
		steps = regexpSteps(tree)
	}
	if b.searchSteps+steps > maxSearch { // before a megabyte is made of it
		return compiled{steps: steps}, nil
	}
	re, err := regexp.Compile(s)
	return compiled{re, steps}, err
}

// search counts a use of a regular expression, or of a text that is looked for anywhere, which is one step. false: it is
// one too many.
func (b *builder) search(steps int, at span) bool {
	over := b.searchSteps > maxSearch
	b.searchSteps += steps
	if b.searchSteps > maxSearch && !over { // that is said once
		b.ps.error(at, "write fewer, or shorter counts in {}", "the regular expressions together are %v", errRegexps)
	}
	return b.searchSteps <= maxSearch
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
