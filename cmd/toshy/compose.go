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
		Example: "  toshy compose > ~/.config/toshy/compose",
		Short:   "Print the lines for ~/.XCompose that the compose method needs",
		Long: `Print a line of a compose file for each character of the configuration that has no key on a US
keyboard. With these in ~/.XCompose, windows for which the configuration says
unicode.method = "compose" get such characters without Ctrl-Shift-U:

    toshy compose > ~/.config/toshy/compose
    echo 'include "%L"' >> ~/.XCompose                      (where there is no such file yet)
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
