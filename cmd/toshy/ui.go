package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"
)

// uiProgram is a separate program: the daemon sees all keys, so it contains nothing of a web page.
const uiProgram = "toshy-ui"

func newUI() *cobra.Command {
	var path, app string
	var quiet bool
	c := &cobra.Command{
		Use: "ui", Example: "  toshy ui\n  toshy ui --app konsole", Short: "Show shortcuts, keys, rules and settings in the browser", Args: cobra.NoArgs,
		Long: "Show in the browser what toshy does: the shortcuts of an application, keys as you press them, your rules and settings.\n" +
			"You can change rules and settings there. The command runs toshy-ui, which must be next to toshy or on PATH. It serves\n" +
			"the page only to your own browser on this machine, and ends when you close the page.",
		RunE: func(*cobra.Command, []string) error {
			program, err := findProgram(uiProgram)
			if err != nil {
				return err
			}
			args := []string{program}
			if path != "" {
				args = append(args, "--config", path)
			}
			if app != "" {
				args = append(args, "--app", app)
			}
			if quiet {
				args = append(args, "--no-browser")
			}
			return fail(exitNoDevice, fmt.Errorf("start %s: %w", program, syscall.Exec(program, args, os.Environ())))
		},
	}
	addConfigFlag(c, &path)
	addSocketFlag(c) // and with it the environment
	c.Flags().StringVar(&app, "app", "", "show the shortcuts of this application `class` instead of the focused window")
	c.Flags().BoolVar(&quiet, "no-browser", false, "do not start a browser; print the address and the code that opens the page")
	return c
}
