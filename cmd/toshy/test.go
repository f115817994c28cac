package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/cmd/internal/scenario"
	"toshy/remap/sim"
)

func newTest() *cobra.Command {
	var path string
	var verbose bool
	c := &cobra.Command{
		Use:     "test FILE...",
		Example: "  toshy test ~/.config/toshy/*.test",
		Short:   "Run scripts and compare their output with the expected one",
		Long: `Run scripts that have their expected output after a line ---, and show differences in two columns. A file can also
be a txtar archive with a config.toml and several scripts, or a configuration with scripts in its comments
(docs/tutorial.toml is one). If a key stays down at the end, the test fails.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runTests(c, args, path, verbose)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "also list the scenarios that pass")
	return c
}

func runTests(c *cobra.Command, names []string, path string, verbose bool) error {
	out := c.OutOrStdout()
	var usual *program.Program // the configuration for files without their own, read when one needs it
	load := func() (*program.Program, error) {
		if usual != nil {
			return usual, nil
		}
		var err error
		usual, err = program.Load(program.Find(path))
		return usual, err
	}
	total, failed := 0, 0
	for _, arg := range names {
		name, text, err := readInput(arg, c.InOrStdin())
		if err != nil {
			return err
		}
		file, err := scenario.Read(name, []byte(text))
		if err != nil {
			return fail(exitConfig, err)
		}
		p, err := file.Program(load)
		if err != nil {
			if file.HasConfig() {
				return configFailure(file.ConfigName(), err)
			}
			return configFailure(program.Find(path), err)
		}
		for i := range file.Cases {
			total++
			ok, text := runCase(&file.Cases[i], p)
			if !ok {
				failed++
			}
			if ok && !verbose {
				continue
			}
			if _, err := io.WriteString(out, text); err != nil {
				return output(err)
			}
		}
	}
	if failed > 0 {
		return fail(exitConfig, fmt.Errorf("%d of %s failed", failed, plural(total, "scenario")))
	}
	_, err := fmt.Fprintf(out, "%s passed\n", plural(total, "scenario"))
	return output(err)
}

// runCase runs one scenario and reports the result.
func runCase(s *scenario.Case, p *program.Program) (ok bool, text string) {
	r, err := s.Run(p)
	if err == nil && r.OK {
		return true, "ok   " + s.Name + "\n"
	}
	var b strings.Builder
	b.WriteString("FAIL " + s.Name + "\n")
	if err != nil {
		for _, e := range unjoin(err) {
			var mistake *sim.Error
			if errors.As(e, &mistake) {
				b.WriteString(scriptMistake(mistake))
			} else {
				b.WriteString(e.Error() + "\n")
			}
		}
		return false, b.String()
	}
	b.WriteString(sim.Columns(r.Diff))
	if r.Held != "" {
		b.WriteString(r.Held + "\n")
	}
	return false, b.String()
}
