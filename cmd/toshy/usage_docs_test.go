package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docs/USAGE.md names each command, and each flag in the command's part.
func TestUsageIsComplete(t *testing.T) {
	text, err := os.ReadFile("../../docs/USAGE.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{} // by the words in their headings
	for _, p := range regexp.MustCompile(`(?m)^## `).Split(string(text), -1)[1:] {
		heading, body, _ := strings.Cut(p, "\n")
		for _, name := range strings.Split(heading, ", ") {
			parts[name] = body
		}
	}
	for _, c := range newRoot().Commands() {
		switch {
		case c.Hidden || c.Name() == "help" || c.Name() == "completion":
			continue
		case c.Short == "" || strings.HasSuffix(c.Short, "."):
			t.Errorf("%s: the short description is: %q", c.Name(), c.Short)
		}
		if !strings.Contains(string(text), "`toshy "+c.Name()) && !strings.Contains(string(text), "`"+c.Name()+"`") {
			t.Errorf("the list of commands has no %s", c.Name())
		}
		body, ok := parts[c.Name()]
		if !ok && c.Name() != "version" {
			t.Errorf("%s has no part in the document", c.Name())
			continue
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			short := f.Shorthand != "" && regexp.MustCompile(`(?m)-`+f.Shorthand+`\b`).MatchString(body)
			part := body
			if f.Name == socketName { // one part describes it for all commands
				part = string(text)
			}
			if !f.Hidden && !short && !strings.Contains(part, "--"+f.Name) {
				t.Errorf("the part on %s does not name --%s", c.Name(), f.Name)
			}
		})
	}
}

// Every command with arguments has an example.
func TestHelpHasExamples(t *testing.T) {
	var all func(c *cobra.Command)
	all = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			all(sub)
		}
		takes := strings.ContainsAny(c.Use, " ")
		c.Flags().VisitAll(func(f *pflag.Flag) { takes = takes || f.Name != socketName })
		if c.Runnable() && takes && !c.Hidden && c.Example == "" && !strings.Contains(c.Long, "xample") && c.Name() != "help" && c.Parent().Name() != "completion" {
			t.Errorf("%s has no example", c.CommandPath())
		}
	}
	for _, c := range newRoot().Commands() {
		all(c)
	}
}
