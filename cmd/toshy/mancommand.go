//go:build man

package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// Packages get the manual pages from here: go run -tags man ./cmd/toshy man DIR. toshy setup installs them by itself.
func init() {
	generators = append(generators, func() *cobra.Command {
		return &cobra.Command{
			Use:    "man DIR",
			Short:  "Write the manual pages to a directory",
			Hidden: true, // it is in no released program, so it has no place in the manual
			Args:   cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return output(err)
				}
				for name, text := range manualPages(c.Root()) {
					if err := os.WriteFile(filepath.Join(args[0], name), text, 0o644); err != nil {
						return output(err)
					}
				}
				return nil
			},
		}
	})
}
