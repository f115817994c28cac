package main

import (
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
)

const aboutXwaykeyz = `xwaykeyz is toshy's engine under the name and with the flags that users of xwaykeyz know.
Nothing is mapped but what the configuration says: without extends = "mac" in it, the Mac-like
shortcuts are not there. The configuration is TOML, ~/.config/xwaykeyz/config.toml or the file
of -c. The commands of toshy (check, explain, devices, keys, simulate) serve it too.`

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
	return root
}
