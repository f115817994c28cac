package main

import "github.com/spf13/cobra"

// examples are for commands that have only one or two useful forms, and for those that cobra adds.
var examples = map[string]string{
	"toshy": "  toshy simulate                       # try it without a keyboard\n" +
		"  toshy doctor                         # what is missing on this machine\n" +
		"  toshy explain Cmd-C --app firefox    # what a combo does, and why\n" +
		"  toshy shortcuts                      # all shortcuts of the focused window\n" +
		"  toshy config show keymap.terminals   # what a built-in table says",
	"toshy characters":                "  toshy characters install --dry-run\n  toshy characters status\n  toshy characters remove",
	"toshy characters status":         "  toshy characters status",
	"toshy characters remove":         "  toshy characters remove",
	"toshy completion":                "  toshy completion bash > ~/.local/share/bash-completion/completions/toshy",
	"toshy completion bash":           "  toshy completion bash > ~/.local/share/bash-completion/completions/toshy",
	"toshy completion fish":           "  toshy completion fish > ~/.config/fish/completions/toshy.fish",
	"toshy completion powershell":     "  toshy completion powershell | Out-String | Invoke-Expression",
	"toshy completion zsh":            "  source <(toshy completion zsh)",
	"toshy config":                    "  toshy config show keymap.terminals",
	"toshy explain":                   "  toshy explain Cmd-C --app konsole --keyboard apple\n  toshy explain --press\n  toshy explain --focused Cmd-C",
	"toshy gnome-extension":           "  toshy gnome-extension install\n  toshy gnome-extension status",
	"toshy gnome-extension install":   "  toshy gnome-extension install",
	"toshy gnome-extension status":    "  toshy gnome-extension status",
	"toshy gnome-extension uninstall": "  toshy gnome-extension uninstall",
	"toshy help":                      "  toshy help explain\n  toshy help config show",
	"toshy pause":                     "  toshy pause\n  toshy resume",
	"toshy release":                   "  toshy release",
	"toshy resume":                    "  toshy resume",
	"toshy schema":                    "  toshy schema > ~/.config/toshy/toshy.schema.json",
	"toshy toggle":                    "  toshy toggle",
	"toshy version":                   "  toshy version",
}

// addExamples gives each command that has no example its own.
func addExamples(c *cobra.Command) {
	if c.Example == "" {
		c.Example = examples[c.CommandPath()]
	}
	for _, sub := range c.Commands() {
		addExamples(sub)
	}
}
