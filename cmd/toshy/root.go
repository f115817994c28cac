package main

import (
	"fmt"
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
	root.AddCommand(newRun(), newDaemon(), newAgent(), newSimulate(), newTest(), newCheck(), newCompose(), newCharacters(), newExplain(), newShortcuts(), newDevices(), newKeycheck(), newImport(), newKeys(), newSchema(), newVersion(), newConfig(), newGroups(), newKeymaps())
	root.AddCommand(newWindows(), newDoctor(), newExtension(), newSetup(), newTray(), newUI())
	root.AddCommand(newControls()...)
	for _, g := range generators {
		root.AddCommand(g())
	}
	strict(root)
	addExamples(root)
	withoutFiles(root)
	suggest(root)
	return root
}

// strict makes cobra's own commands fail for unknown arguments: by default they print help and report success.
func strict(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args = cobra.NoArgs
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		case "help":
			c.Run = nil
			c.RunE = func(c *cobra.Command, args []string) error {
				about, rest, err := c.Root().Find(args)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("unknown command %q for %q", rest[0], about.CommandPath())
				}
				if err != nil {
					return usageFailure(c.Root(), err)
				}
				about.InitDefaultHelpFlag()
				return about.Help()
			}
		}
	}
}

// addConfigFlag adds the flag of every command that reads a configuration.
func addConfigFlag(c *cobra.Command, path *string) {
	c.Flags().StringVarP(path, "config", "c", "", "configuration `file` (default: as docs/USAGE.md says, else the built-in one)")
	_ = c.MarkFlagFilename("config", "toml") // only fails if the flag does not exist
}
