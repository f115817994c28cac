package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"
)

// uiProgram is a program of its own: the daemon sees all keys and has nothing of a page.
const uiProgram = "toshy-ui"

func newUI() *cobra.Command {
	var path, app string
	var quiet bool
	c := &cobra.Command{
		Use: "ui", Example: "  toshy ui\n  toshy ui --app konsole", Short: "Show shortcuts, keys, rules and settings in the browser", Args: cobra.NoArgs,
		Long: "Show in the browser what toshy does: the shortcuts of an application, keys as they are pressed, your rules and settings,\n" +
			"which can be changed there. It runs toshy-ui, which stands beside toshy or on PATH, serves the page to this user's browser\n" +
			"on this machine only, and ends when the page is closed.",
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
	addSocketFlag(c) // and so the environment
	c.Flags().StringVar(&app, "app", "", "show the shortcuts of this application `class`, not those of the focused window")
	c.Flags().BoolVar(&quiet, "no-browser", false, "start no browser; print the address, and the code that opens the page")
	return c
}
