package main

import (
	"github.com/spf13/cobra"

	"toshy/remap"
)

// assumed is what a command that has neither is told of the window and the keyboard.
type assumed struct {
	window           remap.Window
	device, keyboard string
}

var sessionTypes = []string{"x11", "wayland"}

func (a *assumed) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.window.App, "app", "", "application `class` of the focused window")
	f.StringVar(&a.window.Title, "title", "", "its `title`")
	f.StringVar(&a.window.Exe, "exe", "", "`path` of its program")
	f.StringVar(&a.window.Desktop, "desktop", "", "`name` of the desktop, such as kde")
	f.StringVar(&a.window.Session, "session", "", "`type` of the session: x11 or wayland")
	f.StringVar(&a.device, "device", "", "`name` of the keyboard")
	f.StringVar(&a.keyboard, "keyboard", "", "`type` of the keyboard, whatever the configuration says of it")
	for flag, complete := range map[string]completion{
		"session": cobra.FixedCompletions(sessionTypes, cobra.ShellCompDirectiveNoFileComp),
		"device":  completeDevice, "keyboard": completeKeyboardType,
	} {
		_ = c.RegisterFlagCompletionFunc(flag, complete) // fails only for a flag that is not there
	}
}
