package main

import (
	_ "embed"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// release is the version of the program. Packages read the same file.
//
//go:embed VERSION
var release string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), versionLine())
			return output(err)
		},
	}
}

// versionLine is the release, the commit it was built from where Go knows it, and Go's version.
func versionLine() string {
	line := "toshy " + strings.TrimSpace(release)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return line
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			line += " " + s.Value[:12]
		}
	}
	return line + " " + info.GoVersion
}
