package main

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// otherNames are words that people type for a command of ours.
var otherNames = map[string][]string{
	"setup":     {"install", "uninstall", "remove", "undo", "update", "upgrade"},
	"run":       {"start", "restart", "launch"},
	"pause":     {"stop", "disable", "off", "quit", "kill"},
	"resume":    {"enable", "on", "continue"},
	"reload":    {"refresh", "restart"},
	"devices":   {"keyboards", "keyboard", "list", "device"},
	"doctor":    {"diagnose", "diagnostics", "troubleshoot", "debug"},
	"ui":        {"gui", "edit", "open", "preferences"},
	"status":    {"info", "state"},
	"dump":      {"report", "bug"},
	"explain":   {"why", "which"},
	"shortcuts": {"cheatsheet", "list", "keybindings", "bindings"},
	"windows":   {"window", "apps", "app", "class"},
	"keymaps":   {"rules", "maps", "modmaps"},
	"import":    {"convert", "migrate"},
	"check":     {"validate", "lint", "verify"},
	"type":      {"text"},
	"press":     {"send"},
}

// suggest has cobra name our command for such a word.
func suggest(root *cobra.Command) {
	for _, c := range root.Commands() {
		c.SuggestFor = append(c.SuggestFor, otherNames[c.Name()]...)
	}
}

var (
	wrongCount = pattern(`^(?:accepts|requires) .*arg\(s\),.* received (\d+)$`)
	surplus    = pattern(`^unknown command ("[^"]*") for "`)
)

// pattern is a regular expression that is compiled when first used, so that a start does not wait for any.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// plainArguments says what cobra says about the number of arguments, in the words of the command.
func plainArguments(c *cobra.Command, err error) error {
	if c.HasSubCommands() {
		return err
	}
	name := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	switch m := wrongCount().FindStringSubmatch(err.Error()); {
	case m != nil && m[1] == "0":
		return fmt.Errorf("%s needs an argument: %s", name, strings.TrimSuffix(c.UseLine(), " [flags]"))
	case m != nil:
		return fmt.Errorf("%s does not take %s arguments: %s", name, m[1], strings.TrimSuffix(c.UseLine(), " [flags]"))
	}
	if m := surplus().FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s takes no argument %s", name, m[1])
	}
	return err
}

// firstExample is the first example of a command, "" if it has none.
func firstExample(c *cobra.Command) string {
	first, _, _ := strings.Cut(strings.TrimSpace(c.Example), "\n")
	first, _, _ = strings.Cut(first, "#")
	return strings.TrimSpace(first)
}
