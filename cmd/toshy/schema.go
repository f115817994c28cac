package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"toshy/config"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of configurations, for editors",
		Long: `Print the JSON Schema of configuration files. With it, a TOML editor completes and describes keys, and marks
mistakes. For Taplo and Even Better TOML:

    mkdir -p ~/.config/toshy
    toshy schema > ~/.config/toshy/schema.json

and as the first line of the configuration:

    #:schema ./schema.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), string(text))
			return output(err)
		},
	}
}
