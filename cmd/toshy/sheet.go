package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/sheet"
)

func newShortcuts() *cobra.Command {
	var x shortcutsList
	c := &cobra.Command{
		Use:     "shortcuts",
		Example: "  toshy shortcuts --app konsole\n  toshy shortcuts --app firefox --format html > firefox.html",
		Short:   "Say in words what every combo does in an application",
		Long: `Say in words what every combo does in an application: in the focused window, which a running daemon knows, or in
the application that --app names. The words come from [words] in the configuration. For a combo without words,
the command shows what it sends.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return x.run(c.Context(), c.OutOrStdout()) },
	}
	addConfigFlag(c, &x.config)
	x.addFlags(c)
	f := c.Flags()
	f.StringArrayVar(&x.sets, "set", nil, "`name=value` of a setting or state (may be repeated)")
	f.StringVar(&x.format, "format", "text", "`form` of the output: text, html (a page to print), json or svg (a drawing of the keyboard)")
	f.StringVar(&x.form, "form", "ansi", "`form` of the keyboard in drawings: ansi, iso or jis")
	for flag, complete := range map[string]completion{
		"set":    completeAssignment,
		"format": cobra.FixedCompletions(sheetFormats, cobra.ShellCompDirectiveNoFileComp),
		"form":   cobra.FixedCompletions(sheet.Forms, cobra.ShellCompDirectiveNoFileComp),
	} {
		_ = c.RegisterFlagCompletionFunc(flag, complete) // only fails if the flag does not exist
	}
	return c
}

var sheetFormats = []string{"text", "html", "json", "svg"}

// shortcutsList asks about the same situations as explain.
type shortcutsList struct {
	explainer
	format, form string
}

func (x *shortcutsList) run(ctx context.Context, out io.Writer) error {
	if !slices.Contains(sheetFormats, x.format) {
		return unknown("form of output", x.format, sheetFormats)
	}
	if !slices.Contains(sheet.Forms, x.form) {
		return unknown("form of keyboard", x.form, sheet.Forms)
	}
	var now *control.Status
	if x.window.App == "" {
		now = x.here()
	}
	if err := x.load(ctx); err != nil {
		return err
	}
	if now != nil {
		x.sets = append(x.current(now), x.sets...) // a flag comes later and wins
	}
	if err := x.situation(); err != nil {
		return err
	}
	s := sheet.New(x.p.Config, x.p.Compiled, &x.at)
	d := sheet.For(s.Keyboard, x.form)
	switch x.format {
	case "json":
		return printJSON(out, s)
	case "html":
		_, err := io.WriteString(out, s.HTML(d))
		return output(err)
	case "svg":
		_, err := io.WriteString(out, s.Standalone(d))
		return output(err)
	}
	head := s.Title()
	if s.Keyboard != "" {
		head += fmt.Sprintf(" on a keyboard of type %s", s.Keyboard)
	}
	_, err := io.WriteString(out, head+"\n\n"+s.Text())
	return output(err)
}

// current are the current settings, if the configuration has them.
func (x *explainer) current(now *control.Status) []string {
	var sets []string
	for _, v := range x.p.Program.Vars {
		if value, ok := now.Settings[v.Name]; ok && slices.Contains(v.Values, value) {
			sets = append(sets, v.Name+"="+value)
		}
	}
	return sets
}
