package main

import (
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
)

const about = `toshy remaps keyboards on Linux: Mac-like shortcuts in every application, and whatever
else a configuration says. It takes the keyboards, changes keys by the window that has the
focus, and types the result through one virtual keyboard. What is typed goes nowhere else.

Try it without a keyboard:  toshy simulate`

// generators are commands that exist only in builds that make documentation.
var generators []func() *cobra.Command

func newRoot() *cobra.Command {
	f := runFlags{flavour: program.Toshy}
	root := &cobra.Command{
		Use:           "toshy",
		Short:         "Keyboard remapper with Mac-like shortcuts",
		Long:          about,
		Version:       strings.TrimPrefix(versionLine(), "toshy "),
		SilenceErrors: true, // report prints them, once
		SilenceUsage:  true,
		RunE:          f.run,
	}
	f.add(root)
	root.AddCommand(newRun(), newDaemon(), newAgent(), newSimulate(), newTest(), newCheck(), newCompose(), newExplain(), newDevices(), newImport(), newKeys(), newSchema(), newVersion())
	root.AddCommand(newWindows(), newDoctor(), newExtension(), newSetup(), newTray())
	root.AddCommand(newControls()...)
	for _, g := range generators {
		root.AddCommand(g())
	}
	return root
}

// addConfigFlag is the flag of every command that reads a configuration.
func addConfigFlag(c *cobra.Command, path *string) {
	c.Flags().StringVarP(path, "config", "c", "", "configuration `file` (default: as docs/USAGE.md says, else the built-in one)")
	_ = c.MarkFlagFilename("config", "toml") // fails only for a flag that is not there
}
