//go:build man

package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// The generator of manual pages links a Markdown renderer, so it is not in the program that people
// run: go run -tags man ./cmd/toshy man DIR
func init() {
	generators = append(generators, func() *cobra.Command {
		return &cobra.Command{
			Use:    "man DIR",
			Short:  "Write the manual pages to a directory",
			Hidden: true, // it is in no program that people run, so it has no place in the manual
			Args:   cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return output(err)
				}
				root := c.Root()
				root.DisableAutoGenTag = true // a build is the same whenever it is made
				header := &doc.GenManHeader{Section: "1", Source: "toshy " + strings.TrimSpace(release), Manual: "toshy"}
				return output(doc.GenManTree(root, header, args[0]))
			},
		}
	})
}
