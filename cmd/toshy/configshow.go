package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap"
	"toshy/remap/key"
)

func newConfig() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration, the built-in one included",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newConfigShow())
	return c
}

func newConfigShow() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:     "show [TABLE]",
		Short:   "Print the configuration, and show what overrides what",
		Example: "  toshy config show\n  toshy config show keymap.terminals\n  toshy config show terminals\n  toshy config show modmap",
		Long: `Print every file of the configuration, the built-in one included: your own first, then what it
builds on, with all comments. A comment marks each entry that an earlier file overrides.
TABLE selects a part: a table (keymap.terminals), a name (terminals), a kind of
table (modmap), or a group.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			table := ""
			if len(args) == 1 {
				table = args[0]
			}
			return showConfig(c.OutOrStdout(), path, table)
		},
		ValidArgsFunction: completeTable,
	}
	addConfigFlag(c, &path)
	return c
}

func showConfig(out io.Writer, given, table string) error {
	path := program.Find(given)
	parts, err := config.Show(path, config.Options{Extends: program.Toshy.Extends})
	if err != nil {
		return configFailure(path, err)
	}
	wanted := strings.Trim(table, "[]")
	var b strings.Builder
	file := ""
	names := map[string]bool{}
	for i := range parts {
		p := &parts[i]
		for j := range p.Path[:min(2, len(p.Path))] {
			names[strings.Join(p.Path[:j+1], ".")] = true
		}
		text := selected(p, wanted)
		if text == "" {
			continue
		}
		if p.File != file {
			file = p.File
			fmt.Fprintf(&b, "#### %s\n\n", file)
		}
		b.WriteString(text + "\n")
	}
	if b.Len() == 0 {
		var list []string
		for n := range names {
			list = append(list, n)
		}
		if near := key.Nearest(wanted, slices.Values(list)); near != "" {
			return fail(exitUsage, fmt.Errorf("the configuration has no table %q", table), fmt.Sprintf("did you mean %q?", near))
		}
		return fail(exitUsage, fmt.Errorf("the configuration has no table %q", table), "toshy keymaps and toshy groups list the names")
	}
	_, err = io.WriteString(out, strings.TrimRight(b.String(), "\n")+"\n")
	return output(err)
}

// selected is the wanted part of a part.
func selected(p *config.Part, wanted string) string {
	path := strings.Join(p.Path, ".")
	switch {
	case wanted == "", path == wanted, strings.HasPrefix(path, wanted+"."):
		return p.Text
	case len(p.Path) > 1 && p.Path[1] == wanted:
		return p.Text
	case len(p.Path) == 1 && (p.Path[0] == "groups" || p.Path[0] == "settings" || p.Path[0] == "modifiers"):
		return entryOf(p.Text, strings.TrimPrefix(wanted, p.Path[0]+"."))
	}
	return ""
}

// entryOf is one entry of a table, with the comments above it; "" if the table has no such entry.
func entryOf(text, name string) string {
	lines := strings.SplitAfter(text, "\n")
	at := slices.IndexFunc(lines, func(l string) bool {
		k, _, found := strings.Cut(l, "=")
		return found && strings.TrimSpace(k) == name
	})
	if at < 0 {
		return ""
	}
	from, to := at, at+1
	for from > 0 && strings.HasPrefix(strings.TrimSpace(lines[from-1]), "#") {
		from--
	}
	for open := strings.Count(lines[at], "[") - strings.Count(lines[at], "]"); open > 0 && to < len(lines); to++ {
		open += strings.Count(lines[to], "[") - strings.Count(lines[to], "]")
	}
	return strings.Join(lines[from:to], "")
}

func newGroups() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:     "groups [FILTER]",
		Short:   "List the groups that conditions can use, with their conditions",
		Example: "  toshy groups\n  toshy groups term",
		Long: `List the groups of the configuration, the built-in ones included, with their conditions and where they
are written. FILTER is a part of a name or of a condition. toshy windows says which groups the focused
window is in.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeGroup,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := loadConfig(path)
			if err != nil {
				return err
			}
			filter := strings.ToLower(strings.Join(args, ""))
			rows := []groupRow{}
			for _, g := range p.Groups {
				r := groupRow{Name: g.Name, When: g.When.Source, File: g.Origin.File, Line: g.Origin.Line}
				if strings.Contains(strings.ToLower(r.Name+"\x00"+r.When), filter) {
					rows = append(rows, r)
				}
			}
			slices.SortStableFunc(rows, func(a, b groupRow) int { return strings.Compare(a.Name, b.Name) })
			if asJSON {
				return printJSON(c.OutOrStdout(), rows)
			}
			if len(rows) == 0 && filter == "" {
				fmt.Fprintln(c.OutOrStdout(), "the configuration has no groups")
				return nil
			}
			if len(rows) == 0 {
				return fail(exitUsage, fmt.Errorf("no group has %q in its name or condition", filter), "toshy groups lists all of them")
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "GROUP\tWHERE\tSTANDS FOR")
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s:%d\t%s\n", r.Name, r.File, r.Line, shortened(r.When))
			}
			return output(w.Flush())
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the groups as JSON, with their whole conditions")
	return c
}

type groupRow struct {
	Name string `json:"name"`
	When string `json:"when"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// longestCondition is the number of characters of a condition that a table shows.
const longestCondition = 100

func shortened(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestCondition {
		return string(r[:longestCondition-3]) + "..."
	}
	return s
}

func newKeymaps() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:     "keymaps [FILTER]",
		Short:   "List the modmaps, chords, layers and keymaps in the order in which toshy searches them",
		Example: "  toshy keymaps\n  toshy keymaps firefox",
		Long: `List the tables that change keys, in the order in which toshy searches them, the built-in ones included:
how many entries each has, where it is written, and when it applies. FILTER is a part of a name or
of a condition. toshy config show TABLE prints one.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeTable,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := loadConfig(path)
			if err != nil {
				return err
			}
			filter := strings.ToLower(strings.Join(args, ""))
			rows := []tableRow{}
			for _, r := range tableRows(p.Config) {
				if strings.Contains(strings.ToLower(r.Table+"\x00"+r.When), filter) {
					rows = append(rows, r)
				}
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), rows)
			}
			if len(rows) == 0 && filter == "" {
				fmt.Fprintln(c.OutOrStdout(), "the configuration has no tables with keys")
				return nil
			}
			if len(rows) == 0 {
				return fail(exitUsage, fmt.Errorf("no table has %q in its name or condition", filter), "toshy keymaps lists all of them")
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "TABLE\tENTRIES\tWHERE\tWHEN")
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%d\t%s:%d\t%s\n", r.Table, r.Entries, r.File, r.Line, shortened(r.When))
			}
			return output(w.Flush())
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the tables as JSON, with their whole conditions")
	return c
}

type tableRow struct {
	Table   string `json:"table"`
	Entries int    `json:"entries"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	When    string `json:"when"` // "always" without a condition
}

func tableRows(c *config.Config) []tableRow {
	var rows []tableRow
	add := func(kind, name string, entries int, at remap.Origin, when *remap.Cond) {
		r := tableRow{Table: kind + "." + name, Entries: entries, File: at.File, Line: at.Line, When: "always"}
		if when != nil {
			r.When = when.Source
		}
		if i := slices.IndexFunc(rows, func(o tableRow) bool { return o.Table == r.Table }); i >= 0 {
			rows[i].Entries += entries // a modmap's keys with two meanings are in a separate map
			return
		}
		rows = append(rows, r)
	}
	p := c.Program
	for i := range p.Modmaps {
		m := &p.Modmaps[i]
		n := len(m.Keys)
		for j := range p.TapHolds {
			if p.TapHolds[j].Name == m.Name { // each of its keys is also in the modmap, as itself
				n -= len(p.TapHolds[j].Keys)
			}
		}
		add("modmap", m.Name, n, m.Origin, m.When)
	}
	for i := range p.TapHolds {
		add("modmap", p.TapHolds[i].Name, len(p.TapHolds[i].Keys), p.TapHolds[i].Origin, p.TapHolds[i].When)
	}
	for i := range p.Chords {
		add("chord", p.Chords[i].Name, len(p.Chords[i].Chords), p.Chords[i].Origin, p.Chords[i].When)
	}
	for i := range p.Keymaps {
		m := &p.Keymaps[i]
		if name, layer := strings.CutPrefix(m.Name, "layer "); layer {
			add("layer", name, len(m.Entries), m.Origin, m.When)
			continue
		}
		add("keymap", m.Name, len(m.Entries), m.Origin, m.When)
	}
	return rows
}
