package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
)

// assumed is what flags say about the window and the keyboard, for a command that knows neither.
type assumed struct {
	window           remap.Window
	device, keyboard string
}

var sessionTypes = []string{"x11", "wayland"}

func (a *assumed) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.window.App, "app", "", "application `class` of the focused window")
	f.StringVar(&a.window.Title, "title", "", "`title` of the focused window")
	f.StringVar(&a.window.Exe, "exe", "", "`path` of the program that has the focused window")
	f.StringVar(&a.window.Desktop, "desktop", "", "`name` of the desktop, such as kde")
	f.StringVar(&a.window.Session, "session", "", "`type` of the session: x11 or wayland")
	f.Var((*categories)(&a.window.Categories), "category", "`name` of a category of the application, such as TerminalEmulator (may be repeated)")
	f.StringVar(&a.device, "device", "", "`name` of the keyboard")
	f.StringVar(&a.keyboard, "keyboard", "", "`type` of the keyboard, whatever the configuration says")
	for flag, complete := range map[string]completion{
		"session": cobra.FixedCompletions(sessionTypes, cobra.ShellCompDirectiveNoFileComp),
		"device":  completeDevice, "keyboard": completeKeyboardType, "app": completeApp,
		"desktop": cobra.FixedCompletions(config.Desktops(), noFiles),
		"title":   cobra.NoFileCompletions, "category": cobra.NoFileCompletions,
	} {
		_ = c.RegisterFlagCompletionFunc(flag, complete) // only fails if the flag does not exist
	}
}

// categories is the flag --category: its values in the form of remap.CategoryList.
type categories string

func (c *categories) String() string { return strings.Join(remap.CategoryNames(string(*c)), ",") }
func (c *categories) Type() string   { return "name" }

func (c *categories) Set(name string) error {
	if !remap.IsCategory(name) {
		return fmt.Errorf("%q is not the name of a category", name)
	}
	*c = categories(remap.CategoryList(append(remap.CategoryNames(string(*c)), name)))
	return nil
}

// check refuses an unknown type of session or keyboard. Otherwise the rules for it would seem to do nothing.
func (a *assumed) check(p *program.Program) error {
	if a.window.Session != "" && !slices.Contains(sessionTypes, a.window.Session) {
		return unknown("type of session", a.window.Session, sessionTypes)
	}
	var types []string
	for _, k := range p.Keyboards {
		if !slices.Contains(types, k.Type) {
			types = append(types, k.Type)
		}
	}
	if a.keyboard != "" && len(types) > 0 && !slices.Contains(types, a.keyboard) {
		return unknown("type of keyboard", a.keyboard, types)
	}
	return nil
}
