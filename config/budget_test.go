package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Patterns that are short to write and expensive to match are refused. Patterns that people write are not.
func TestRegexpLimits(t *testing.T) {
	for name, c := range map[string]struct {
		patterns []string
		ok       bool
	}{
		"one of each kind":     {[]string{"^fire.*fox$", `a{2,20}\pL+`, "(a|b|c)+x"}, true},
		"a long count":         {[]string{"x.{500}"}, true},
		"many long counts":     {repeat(100, "x%d.{1000}"), false},
		"many large sets":      {repeat(1000, `x%d\pL.\pN.\pS`), false},
		"one that is long":     {[]string{"x." + strings.Repeat("y", 5000)}, false},
		"many small ones":      {repeat(1000, "^app%d.*x"), true},
		"counts in each other": {[]string{"((x.{10}){10}){10}"}, true},
	} {
		text := "extends = \"none\"\n[groups]\ng = ["
		for _, p := range c.patterns {
			text += "'/" + p + "/', "
		}
		_, err := Parse("x.toml", []byte(text+"]\n[keymap.k]\nwhen = \"g\"\nkeys.F1 = \"A\"\n"), Options{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each use of a regular expression costs time when the focus moves, even if the same expression is used several times.
func TestSearchesAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		when string
		n    int
		ok   bool
	}{
		"the same one again and again": {"title matches `(a?){300}b`", 100, false},
		"a few times":                  {"title matches `(a?){300}b`", 10, true},
		"a text anywhere":              {"title contains `a`", 1000, true},
		"as a regular expression":      {"title matches `a`", 1000, true},
		"too many texts":               {"title contains `a`", maxSearch + 1, false},
		"too many of the other kind":   {"title matches `a`", maxSearch + 1, false},
		"beginnings":                   {"title startsWith `a`", maxSearch + 1, true},
	} {
		var text strings.Builder
		text.WriteString("extends = \"none\"\n")
		for i := 0; i < c.n; i += 10 {
			when := strings.Join(slices.Repeat([]string{c.when}, min(10, c.n-i)), " or ")
			fmt.Fprintf(&text, "[keymap.k%d]\nwhen = '%s'\nkeys.F1 = \"A\"\n", i, when)
		}
		_, err := Parse("x.toml", []byte(text.String()), Options{Quiet: true})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		var wrong *Error
		if errors.As(err, &wrong) && len(wrong.Problems) != 1 {
			t.Errorf("%s: %d problems", name, len(wrong.Problems))
		}
	}
}

func repeat(n int, pattern string) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(pattern, i))
	}
	return all
}
