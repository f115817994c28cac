package main

import (
	"io"

	"github.com/spf13/cobra"

	"toshy/remap"
)

func newCompose() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:     "compose",
		Example: "  mkdir -p ~/.config/toshy && toshy compose > ~/.config/toshy/compose",
		Short:   "Print the lines for ~/.XCompose that the compose method needs",
		Long: `Print a compose-file line for each character in the configuration that has no key on a US keyboard. If
~/.XCompose contains these lines, windows with unicode.method = "compose" in the configuration get such
characters without Ctrl-Shift-U:

    mkdir -p ~/.config/toshy
    toshy compose > ~/.config/toshy/compose
    echo 'include "%L"' >> ~/.XCompose                      (only if the file does not exist yet)
    echo 'include "%H/.config/toshy/compose"' >> ~/.XCompose

Applications read the file when they start.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := loadConfig(path)
			if err != nil {
				return err
			}
			_, err = io.WriteString(c.OutOrStdout(), remap.ComposeFile(p.Program))
			return output(err)
		},
	}
	addConfigFlag(c, &path)
	return c
}
