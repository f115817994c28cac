package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
)

func newMonitor() *cobra.Command {
	var asJSON, keys bool
	var only string
	c := &cobra.Command{
		Use: "monitor", Short: "Show keys in, what they met, keys out and the focus as they come", Args: cobra.NoArgs,
		Long: `Show keys in, which rule each has met and where that is written, keys out, and changes of the focus, until
interrupted. Keys that type characters are hidden unless --show-keys is given, and with them the line of the
rule. What is typed at a locked screen is not shown at all.`,
		Example:           "  toshy monitor\n  toshy monitor --map firefox\n  toshy monitor --json | jq -c 'select(.kind == \"match\")'",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := dial()
			if err != nil {
				return err
			}
			defer client.Close()
			w := c.OutOrStdout()
			encoder := json.NewEncoder(w)
			err = client.Monitor(keys, func(e control.Event) error {
				if only != "" && (e.Kind != "match" || !strings.HasSuffix(e.Map, " "+only)) {
					return nil
				}
				if asJSON {
					return output(encoder.Encode(e))
				}
				_, err := fmt.Fprintln(w, printable(eventLine(e)))
				return output(err)
			})
			var f *failure
			var no *control.Refusal
			switch {
			case errors.As(err, &f):
				return err
			case errors.As(err, &no):
				return refusal(no.Answer, err)
			}
			return fail(exitNoDaemon, err)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print events as JSON, one a line")
	c.Flags().BoolVar(&keys, "show-keys", false, "show which characters are typed: passwords, too")
	c.Flags().StringVar(&only, "map", "", "show only what meets the map of this `name`")
	_ = c.RegisterFlagCompletionFunc("map", completeMap) // fails only for a flag that is not there
	return c
}

func eventLine(e control.Event) string {
	switch e.Kind {
	case "in":
		return fmt.Sprintf("%-30s", e.Key+" "+e.Value) + e.Device
	case "match":
		where := e.File
		if e.Line > 0 {
			where = fmt.Sprintf("%s:%d", e.File, e.Line)
		}
		return fmt.Sprintf("    %s met %s (%s)", e.Key, e.Map, where)
	case "out":
		return fmt.Sprintf("%30s -> %s %s", "", e.Key, e.Value)
	case "focus":
		return fmt.Sprintf("focus: %s %q", orNone(e.Window.App), e.Window.Title)
	}
	return fmt.Sprintf("(%d events lost: this program reads too slowly)", e.Dropped)
}
