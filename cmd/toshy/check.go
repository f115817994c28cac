package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/config"
)

func newCheck() *cobra.Command {
	var path string
	var asJSON, strict bool
	c := &cobra.Command{
		Use:     "check [FILE]",
		Example: "  toshy check\n  toshy check --json ~/.config/toshy/config.toml",
		Short:   "Check a configuration and show every error and warning",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				path = args[0]
			}
			return runCheck(c.Context(), c.OutOrStdout(), program.Toshy, path, asJSON, strict)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the problems as JSON, for editors")
	c.Flags().BoolVar(&strict, "strict", false, "treat warnings as errors")
	return c
}

func runCheck(ctx context.Context, out io.Writer, v program.Flavour, given string, asJSON, strict bool) error {
	path := v.Find(given)
	p, _, err := loadHere(ctx, v, path)
	if err != nil {
		problems := config.Problems(err)
		if asJSON && problems != nil {
			if err := printJSON(out, problems); err != nil {
				return err
			}
			return fail(exitConfig, fmt.Errorf("%s is not valid", path))
		}
		return configFailure(path, err)
	}
	var warned error
	if strict && len(p.Warnings) > 0 {
		warned = fail(exitConfig, fmt.Errorf("%s has warnings, and --strict treats warnings as errors", p.Source()))
	}
	if asJSON {
		return cmp.Or(printJSON(out, append([]config.Problem{}, p.Warnings...)), warned)
	}
	var b strings.Builder
	for _, w := range p.Warnings {
		w.WriteTo(&b) // a strings.Builder does not fail
	}
	fmt.Fprintf(&b, "%s: no errors, %s\n", p.Source(), plural(len(p.Warnings), "warning"))
	_, err = io.WriteString(out, b.String())
	return cmp.Or(output(err), warned)
}
