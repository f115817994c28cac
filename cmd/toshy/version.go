package main

import (
	_ "embed"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// release is the version of the program. Packages read the same file.
//
//go:embed VERSION
var release string

// version names the commit. The linker sets it if Go cannot know it (see Makefile).
var version string

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

// versionLine is the release, the commit if known, and Go's version.
func versionLine() string {
	commit := version
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	line := "toshy " + strings.TrimSpace(release)
	if commit != "" {
		line += " (" + commit + ")"
	}
	return line + " " + runtime.Version()
}
