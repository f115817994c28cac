package config

import (
	"fmt"
	"strings"
	"testing"
)

// What is small to write and large to match is refused, and what people write is not.
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

func repeat(n int, pattern string) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(pattern, i))
	}
	return all
}
