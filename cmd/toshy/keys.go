package main

import (
	"errors"
	"fmt"
	"maps"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"toshy/remap/key"
)

func newKeys() *cobra.Command {
	press := false
	c := &cobra.Command{
		Use:     "keys [FILTER]",
		Example: "  toshy keys volume\n  toshy keys --press",
		Short:   "List the names of keys",
		Long: `List the keys with every name that you can use in configurations and scripts, and the kernel's code.
FILTER is part of a name, or a code. With --press, the command shows the names of the keys that you press. It ends
when you interrupt it, or when you press no key for two minutes. It shows letters, too, so do not type a password
meanwhile.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeKey,
		RunE: func(c *cobra.Command, args []string) error {
			if press {
				if len(args) > 0 {
					return fail(exitUsage, errors.New("--press takes no FILTER"))
				}
				ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
				defer stop()
				return showKeys(ctx, c.OutOrStdout())
			}
			filter := ""
			if len(args) > 0 {
				filter = strings.ToLower(args[0])
			}
			rows := keyRows(filter)
			if len(rows) == 0 {
				names := make(map[string]bool)
				for n := range key.Names {
					names[n] = true
				}
				hint := "toshy keys lists all names"
				if near := key.Nearest(filter, maps.Keys(names)); near != "" {
					hint = fmt.Sprintf("did you mean %q?", near)
				}
				return fail(exitUsage, fmt.Errorf("no key has %q in its names", filter), hint)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "CODE\tNAME\tKERNEL\tALSO")
			for _, r := range rows {
				fmt.Fprintln(w, strings.TrimRight(r, "\t"))
			}
			return output(w.Flush())
		},
	}
	c.Flags().BoolVar(&press, "press", false, "show the names of the keys that you press")
	return c
}

// keyRows are the keys that a filter selects, by code, as columns separated by tabs.
func keyRows(filter string) []string {
	others := make(map[key.Code][]string)
	for n, c := range key.Names {
		if n != c.String() && n != strings.ToLower(c.KernelName()) {
			others[c] = append(others[c], n)
		}
	}
	var rows []string
	for c := key.Code(1); c < key.Count; c++ {
		if c.KernelName() == "" && !c.IsWheel() {
			continue
		}
		slices.Sort(others[c])
		also := strings.Join(others[c], " ")
		number, kernel := fmt.Sprint(uint16(c)), c.KernelName()
		if c.IsWheel() {
			number, kernel = "-", "-" // toshy's own name for an axis
		}
		found := number == filter
		for _, n := range append([]string{c.String(), strings.ToLower(kernel)}, others[c]...) {
			found = found || strings.Contains(n, filter)
		}
		if found {
			rows = append(rows, number+"\t"+c.String()+"\t"+kernel+"\t"+also)
		}
	}
	return rows
}
