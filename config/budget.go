package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"toshy/remap"
)

// Limits for searches. A few bytes of a regular expression can become a program of megabytes, and each use of it runs when
// the focus moves or a keyboard is plugged in. Reading a configuration that others wrote must not cost that much. A step
// takes up to 25 ns per letter: half a second for a title of 1,024 bytes, which is searched while nothing waits
// (remap.Compiled.Search), and 7 ms for the name of a keyboard.
const (
	maxRegexp       = 4096   // bytes of one expression
	maxSearch       = 20_000 // approximate steps of all uses together; the built-in configuration uses a ninth of it
	maxDeviceSearch = 2000   // the same for searches in names of keyboards
)

// A searchBudget counts the steps of searches.
type searchBudget struct{ steps, most int }

func (s *searchBudget) over() bool { return s.steps > s.most }

// budget is the budget that a search in a field uses.
func (b *builder) budget(f remap.Field) *searchBudget {
	if f == remap.FieldDevice || f == remap.FieldKeyboard {
		return &b.deviceSearches
	}
	return &b.searches
}

var errRegexps = errors.New("too large")

// A compiled is a regular expression, with the approximate number of steps that each use costs.
type compiled struct {
	*regexp.Regexp
	steps int
}

// compileRegexp compiles a regular expression, unless it is too large or all of them together are. An expression without
// repeat counts and sets is no larger than its text, so it need not be parsed twice.
func (b *builder) compileRegexp(s string, budget *searchBudget) (compiled, error) {
	if len(s) > maxRegexp {
		return compiled{}, fmt.Errorf("the regular expression is %w: more than %d bytes", errRegexps, maxRegexp)
	}
	if budget.over() { // already reported
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
	if budget.steps+steps > budget.most { // before it becomes a megabyte
		return compiled{steps: steps}, nil
	}
	re, err := regexp.Compile(s)
	return compiled{re, steps}, err
}

// search counts a use of a regular expression. It returns false if that exceeds the budget.
func (b *builder) search(steps int, budget *searchBudget, at span) bool {
	over := budget.over()
	budget.steps += steps
	if budget.over() && !over { // report it only once
		b.ps.error(at, "write fewer, or use smaller numbers in {}", "the regular expressions together are %v", errRegexps)
	}
	return !budget.over()
}

// within counts a use of a text that is searched anywhere. It returns false if that exceeds the budget.
func (b *builder) within(text string, f remap.Field, at span) bool {
	return b.search(1+len(text)/32, b.budget(f), at)
}

// regexpSteps is about the number of instructions that a regular expression becomes; large sets of characters count more.
func regexpSteps(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)/4
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += regexpSteps(sub)
	}
	if re.Op == syntax.OpRepeat { // the parser allows a thousand, even for nested ones
		n *= max(1, re.Min, re.Max)
	}
	return n
}
