package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/kept"
	"toshy/cmd/internal/program"
	"toshy/config"
)

// lastWrite is how long the program waits at its end for a disk that does not answer. The keyboards have already been given
// back.
const lastWrite = 2 * time.Second

// keep opens the user's kept settings. end writes what is left.
func (f *runFlags) keep(log *zap.Logger) (s *kept.Store, end func()) {
	s = kept.Open(f.flavour.Name, log)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	return s, func() {
		cancel()
		select {
		case <-done:
		case <-time.After(lastWrite):
		}
	}
}

func newSet() *cobra.Command {
	var asConfigured bool
	c := &cobra.Command{
		Use: "set SETTING VALUE", Short: "Change a setting at once, and keep the value",
		Long: `Change a setting of the configuration. The change takes effect at once. toshy keeps the value through restarts and
changes of the configuration, until you set it again. --default goes back to the configuration's value.
toshy settings lists the settings with their values.`,
		Example: "  toshy set option_special_characters us\n  toshy set option_special_characters --default",
		Args: func(_ *cobra.Command, args []string) error {
			switch n := len(args); {
			case asConfigured && n != 1:
				return fmt.Errorf("give a setting, and with --default no value; there %s", isAre(n, "argument"))
			case !asConfigured && n != 2:
				return fmt.Errorf("give a setting and its value; there %s", isAre(n, "argument"))
			}
			return nil
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if asConfigured && len(args) > 0 {
				return nil, noFiles
			}
			return completeSetting(c, args, begun)
		},
		RunE: func(c *cobra.Command, args []string) error {
			r := control.Request{Command: "set", Name: args[0], Default: asConfigured}
			if !asConfigured {
				r.Value = args[1]
			}
			a, err := ask(r)
			if err != nil || a.Note == "" {
				return err
			}
			_, err = fmt.Fprintln(c.ErrOrStderr(), "toshy: "+a.Note)
			return output(err)
		},
	}
	c.Flags().BoolVar(&asConfigured, "default", false, "go back to the value of the configuration")
	return c
}

// A settingList is the output of toshy settings.
type settingList struct {
	Settings []control.Setting `json:"settings"`
	Unused   []string          `json:"unused,omitempty"` // kept values that the configuration does not use
}

func newSettings() *cobra.Command {
	var asJSON bool
	var path string
	c := &cobra.Command{
		Use: "settings", Short: "List the settings with their values", Args: cobra.NoArgs,
		Long: `List the settings of the configuration. A setting that needs another one is listed below it. For each setting, the
command shows the current value, the allowed values and, if it is different, the value in the configuration.
Without a daemon, and with --config, it shows the values for the next start.`,
		Example:           "  toshy settings\n  toshy settings --json | jq -r '.settings[] | select(.kept) | .name'",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := findSettings(path)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), list)
			}
			return output(list.print(c.OutOrStdout()))
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the settings as JSON")
	return c
}

// findSettings asks the daemon, or reads the values for the next one.
func findSettings(path string) (*settingList, error) {
	if path == "" {
		a, err := ask(control.Request{Command: "settings"})
		if err == nil {
			return &settingList{a.Settings, a.Unused}, nil
		}
		if !errors.Is(err, control.ErrNoDaemon) {
			return nil, err
		}
	}
	p, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	values, err := readKept()
	if err != nil {
		return nil, err
	}
	return keptSettings(p, values), nil
}

// readKept reads the values kept for the next start.
func readKept() (map[string]string, error) {
	path, err := kept.Path(program.Toshy.Name)
	if err == nil {
		var values map[string]string
		if values, err = kept.Read(path); err == nil {
			return values, nil
		}
	}
	return nil, fail(exitConfig, fmt.Errorf("the kept settings: %w", err))
}

// keptSettings are the settings of a configuration as a daemon has them after it starts.
func keptSettings(p *program.Program, values map[string]string) *settingList {
	list := &settingList{Settings: []control.Setting{}, Unused: config.Unused(p.Settings, values)}
	for _, s := range p.Settings {
		x := control.Setting{
			Name: s.Name, Value: s.Value, Values: s.Values, Description: s.Description, Parent: s.Needs, Configured: s.Value,
		}
		if v, ok := values[s.Name]; ok && slices.Contains(s.Values, v) {
			x.Value, x.Kept = v, true
		}
		list.Settings = append(list.Settings, x)
	}
	return list
}

func (l *settingList) print(w io.Writer) error {
	var b strings.Builder
	if len(l.Settings) == 0 {
		b.WriteString("the configuration has no settings\n")
	}
	printed := map[string]bool{}
	l.printBelow(&b, "", "", printed)
	if len(l.Unused) > 0 {
		b.WriteString("\nkept, but not used:\n")
		for _, text := range l.Unused {
			b.WriteString("    " + text + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printBelow shows the settings that need a given one, and below each of them those that need it. printed stops circles,
// which configurations do not have.
func (l *settingList) printBelow(b *strings.Builder, parent, indent string, printed map[string]bool) {
	for _, s := range l.Settings {
		top := !slices.ContainsFunc(l.Settings, func(x control.Setting) bool { return x.Name == s.Parent })
		if printed[s.Name] || s.Parent != parent && (parent != "" || !top) {
			continue
		}
		printed[s.Name] = true
		fmt.Fprintf(b, "%s%s = %s%s\n", indent, s.Name, s.Value, settingRemark(&s))
		if s.Description != "" {
			fmt.Fprintf(b, "%s    %s\n", indent, s.Description)
		}
		if s.Name != "" {
			l.printBelow(b, s.Name, indent+"    ", printed)
		}
	}
}

// settingRemark is what else to say about a setting, on its line.
func settingRemark(s *control.Setting) string {
	remarks := []string{"of " + strings.Join(s.Values, ", ")}
	switch {
	case s.Kept:
		remarks = append(remarks, "kept; the configuration says "+cmp.Or(s.Configured, `""`))
	case s.Value != s.Configured:
		remarks = append(remarks, "the configuration says "+cmp.Or(s.Configured, `""`))
	}
	if s.Parent != "" {
		remarks = append(remarks, "needs "+s.Parent)
	}
	return "  (" + strings.Join(remarks, "; ") + ")"
}
