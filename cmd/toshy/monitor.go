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
		Use: "monitor", Short: "Show keys, the rules they match, the output and the focus, live", Args: cobra.NoArgs,
		Long: `Show keys that come in, each rule that they match and where it is written, keys that go out, and changes of the
focus, until you interrupt it. The command hides keys that type characters, and the line of their rule, unless you
give --show-keys. It never shows what is typed on a locked screen.`,
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
	c.Flags().BoolVar(&keys, "show-keys", false, "show which characters are typed, including passwords")
	c.Flags().StringVar(&only, "map", "", "show only what matches the map of this `name`")
	_ = c.RegisterFlagCompletionFunc("map", completeMap) // only fails if the flag does not exist
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
		return fmt.Sprintf("    %s matches %s (%s)", e.Key, e.Map, where)
	case "out":
		return fmt.Sprintf("%30s -> %s %s", "", e.Key, e.Value)
	case "focus":
		return fmt.Sprintf("focus: %s %q", orNone(e.Window.App), e.Window.Title)
	}
	return fmt.Sprintf("(%d events lost: this program reads too slowly)", e.Dropped)
}
