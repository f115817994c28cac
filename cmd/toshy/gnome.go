//go:build man

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"toshy/remap/window/gnome"
)

// Packages install the extension for everyone: go run -tags man ./cmd/toshy gnome-extension-files DIR, where DIR is their
// /usr/share. Without a package, use toshy gnome-extension install.
func init() {
	generators = append(generators, func() *cobra.Command {
		shell := 0
		c := &cobra.Command{
			Use:    "gnome-extension-files DIR",
			Short:  "Write the GNOME Shell extension below a data directory",
			Hidden: true, // it is in no released program, so it has no place in the manual
			Args:   cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				folder, err := gnome.Write(args[0], max(shell, gnome.FirstModule))
				if err == nil {
					_, err = fmt.Fprintln(c.OutOrStdout(), folder)
				}
				return output(err)
			},
		}
		c.Flags().IntVar(&shell, "shell", gnome.FirstModule, "newest major `version` of GNOME Shell that it is for")
		return c
	})
}
