package main

import (
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/importer"
	"toshy/cmd/internal/program"
)

const aboutXwaykeyz = `xwaykeyz is toshy's engine with the name and the flags of xwaykeyz. It maps only what the
configuration says. For the Mac-like shortcuts, write extends = "mac" in it. The configuration is
TOML: ~/.config/xwaykeyz/config.toml or the file given with -c. xwaykeyz import converts an old
one. The commands of toshy (check, explain, devices, keys, simulate) work, too.`

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
		Long: `Convert a configuration in Python to TOML, on standard output. Standard error lists what toshy did not convert
and what behaves differently, with line numbers. toshy never runs anything in the file. FILE - is standard input.
Example:

    xwaykeyz import ~/.config/xwaykeyz/config.py > ~/.config/xwaykeyz/config.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return (&importFlags{}).run(c, importer.KindNamed("xwaykeyz"), args)
		},
	})
	return root
}
