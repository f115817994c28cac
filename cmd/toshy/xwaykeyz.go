package main

import (
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/importer"
	"toshy/cmd/internal/program"
)

const aboutXwaykeyz = `xwaykeyz is toshy's engine under the name and with the flags that users of xwaykeyz know.
Nothing is mapped but what the configuration says: without extends = "mac" in it, the Mac-like
shortcuts are not there. The configuration is TOML, ~/.config/xwaykeyz/config.toml or the file
of -c; xwaykeyz import converts the old one. The commands of toshy (check, explain, devices, keys,
simulate) serve it too.`

// newXwaykeyz is the whole command when the program is called xwaykeyz.
func newXwaykeyz() *cobra.Command {
	f := runFlags{flavour: program.Xwaykeyz}
	root := &cobra.Command{
		Use:           program.Xwaykeyz.Name,
		Short:         "Keyboard remapper",
		Long:          aboutXwaykeyz,
		Version:       strings.TrimSpace(release),
		Args:          cobra.NoArgs,
		SilenceErrors: true, // report prints them, once
		SilenceUsage:  true,
		RunE:          f.run,
	}
	f.add(root)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(&cobra.Command{
		Use:   "import FILE",
		Short: "Convert a configuration in Python to TOML",
		Long: `Convert a configuration in Python to TOML, on standard output. What did not carry over, or is a little
different, is listed on standard error with its line. Nothing in the file is run. FILE - is standard input.
Example:

    xwaykeyz import ~/.config/xwaykeyz/config.py > ~/.config/xwaykeyz/config.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return (&importFlags{}).run(c, importer.KindNamed("xwaykeyz"), args)
		},
	})
	return root
}
