package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/importer"
)

// A dialect is a configuration language of another remapper.
type dialect struct {
	name, of string
	convert  func(name string, source []byte) (*importer.Result, error)
}

var dialects = []dialect{
	{"xwaykeyz", "xwaykeyz", importer.Python},
	{"keyszer", "keyszer", importer.Python},
	{"toshy", "Toshy (toshy_config.py)", importer.Python},
	{"kinto", "Kinto", importer.Python},
	{"xkeysnail", "xkeysnail", importer.Python},
	{"xremap", "xremap (YAML)", importer.Xremap},
	{"keyd", "keyd", importer.Keyd},
}

func newImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Convert the configuration of another remapper",
		Long: `Convert the configuration of another remapper into toshy's language, on standard output. What did not
carry over, or is a little different, is listed on standard error with its line. Nothing in the file is
run. FILE - is standard input. Example:

    toshy import xwaykeyz config.py > ~/.config/toshy/config.toml`,
		RunE: func(_ *cobra.Command, args []string) error {
			var names []string
			for _, d := range dialects {
				names = append(names, d.name)
			}
			if len(args) > 0 {
				return unknown("kind of configuration", args[0], names)
			}
			return fail(exitUsage, errors.New("import needs the kind of configuration and its file"), "known are "+strings.Join(names, ", "))
		},
	}
	for _, d := range dialects {
		c.AddCommand(&cobra.Command{
			Use:     d.name + " FILE",
			Example: "  toshy import " + d.name + " FILE > ~/.config/toshy/config.toml",
			Short:   "Convert a configuration of " + d.of,
			Args:    cobra.ExactArgs(1),
			RunE:    func(c *cobra.Command, args []string) error { return d.run(c, args[0]) },
		})
	}
	return c
}

func (d *dialect) run(c *cobra.Command, file string) error {
	name, text, err := readInput(file, c.InOrStdin())
	if err != nil {
		return err
	}
	r, err := d.convert(name, []byte(text))
	if err != nil {
		return fail(exitConfig, err)
	}
	if _, err := c.OutOrStdout().Write(r.TOML); err != nil {
		return output(err)
	}
	return output(writeNotes(c.ErrOrStderr(), name, r))
}

// writeNotes is the report: what is converted with a difference, what is not converted, and how much of each there is.
func writeNotes(w io.Writer, name string, r *importer.Result) error {
	var b strings.Builder
	count := map[bool]int{}
	for _, lost := range []bool{false, true} {
		for _, n := range r.Notes {
			if n.Lost != lost {
				continue
			}
			count[lost]++
			b.WriteString(name)
			if n.Line > 0 {
				fmt.Fprintf(&b, ":%d", n.Line)
			}
			fmt.Fprintf(&b, ": %s: %s\n", map[bool]string{false: "different", true: "not converted"}[lost], n.Reason)
		}
	}
	fmt.Fprintf(&b, "%s: %s in %s converted, %s, %s not converted\n", name, entries(r.Entries), plural(r.Tables, "table"), plural(count[false], "difference"), plural(count[true], "part"))
	_, err := io.WriteString(w, b.String())
	return err
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
