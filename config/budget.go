package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"toshy/remap"
)

// Limits of searching. A few bytes of a regular expression can become a program of megabytes, and each use of one is
// matched when the focus moves or a keyboard is plugged in: whoever reads a configuration that others wrote must not pay
// for that. A step takes up to 25 ns for each letter: half a second for a title of 1,024 bytes, which is looked at while
// nothing waits (remap.Compiled.Search), and 7 ms for the name of a keyboard.
const (
	maxRegexp       = 4096   // bytes of one
	maxSearch       = 20_000 // steps of all uses together, about; the built-in configuration has a ninth of it
	maxDeviceSearch = 2000   // the same, of what is looked for in names of keyboards
)

// A searchBudget counts the steps of searches.
type searchBudget struct{ steps, most int }

func (s *searchBudget) over() bool { return s.steps > s.most }

// budget is what a search in a field counts against.
func (b *builder) budget(f remap.Field) *searchBudget {
	if f == remap.FieldDevice || f == remap.FieldKeyboard {
		return &b.deviceSearches
	}
	return &b.searches
}

var errRegexps = errors.New("too large")

// A compiled is a regular expression, and about how many steps each of its uses costs.
type compiled struct {
	*regexp.Regexp
	steps int
}

// compileRegexp compiles a regular expression if it is not too large, nor all of them together. One without
// counts and sets is no larger than its text, and need not be parsed twice.
func (b *builder) compileRegexp(s string, budget *searchBudget) (compiled, error) {
	if len(s) > maxRegexp {
		return compiled{}, fmt.Errorf("the regular expression is %w: more than %d bytes", errRegexps, maxRegexp)
	}
	if budget.over() { // that was said
		return compiled{}, nil
	}
	steps := len(s)
	if strings.ContainsAny(s, "{[") || strings.Contains(s, `\p`) || strings.Contains(s, `\P`) {
		tree, err := syntax.Parse(s, syntax.Perl)
		if err != nil {
			return compiled{}, err
		}
		steps = regexpSteps(tree)
	}
	if budget.steps+steps > budget.most { // before a megabyte is made of it
		return compiled{steps: steps}, nil
	}
	re, err := regexp.Compile(s)
	return compiled{re, steps}, err
}

// search counts a use of a regular expression. It returns false if that is one too many.
func (b *builder) search(steps int, budget *searchBudget, at span) bool {
	over := budget.over()
	budget.steps += steps
	if budget.over() && !over { // that is said once
		b.ps.error(at, "write fewer, or use smaller numbers in {}", "the regular expressions together are %v", errRegexps)
	}
	return !budget.over()
}

// within counts a use of a text that is looked for anywhere. It returns false if that is one too many.
func (b *builder) within(text string, f remap.Field, at span) bool {
	return b.search(1+len(text)/32, b.budget(f), at)
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
