package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"toshy/cmd/internal/control"
)

// controlServer is the control socket of a daemon that its user runs; nil, with a word in the log, where
// there is no place for it.
func controlServer(log *zap.Logger) *control.Server {
	path, err := control.SocketPath()
	if err != nil {
		log.Debug("no control socket", zap.Error(err))
		return nil
	}
	return &control.Server{Path: path}
}

// addSocketFlag is the flag of every command that uses the control socket.
func addSocketFlag(c *cobra.Command) {
	c.Flags().Var(socketFlag{}, "socket", "`path` of the control socket (default: $TOSHY_SOCKET, else as docs/CONTROL.md says)")
	_ = c.MarkFlagFilename("socket") // fails only for a flag that is not there
}

// socketFlag sets the variable that says the same: commands that the agent starts find the same daemon.
type socketFlag struct{}

func (socketFlag) String() string        { return "" }
func (socketFlag) Type() string          { return "path" }
func (socketFlag) Set(path string) error { return os.Setenv(control.SocketVariable, path) }

// ask sends one request to the running daemon.
func ask(r control.Request) (*control.Response, error) {
	c, err := dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	a, err := c.Do(r)
	switch {
	case a == nil:
		return nil, fail(exitNoDaemon, err)
	case err != nil && a.Hint != "":
		return nil, fail(exitConfig, err, a.Hint)
	case err != nil:
		return nil, fail(exitConfig, err)
	}
	return a, nil
}

func dial() (*control.Client, error) {
	c, err := control.Open()
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fail(exitNoDaemon, err)
	case errors.Is(err, control.ErrNoDaemon):
		return nil, fail(exitNoDaemon, control.ErrNoDaemon, "toshy run starts one")
	}
	return c, err
}

// newControls are the commands that only pass a word on to the daemon.
func newControls() []*cobra.Command {
	var all []*cobra.Command
	for _, x := range []struct{ name, short string }{
		{"pause", "Give the keyboards back until toshy resume"},
		{"resume", "Take the keyboards again after a pause or a panic chord"},
		{"toggle", "Pause, or resume"},
		{"reload", "Read the configuration again and say whether it is in use now"},
		{"release", "Lift every key that is down on the virtual keyboard"},
	} {
		all = append(all, &cobra.Command{Use: x.name, Short: x.short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			_, err := ask(control.Request{Command: x.name})
			return err
		}})
	}
	all = append(all, &cobra.Command{
		Use: "set SETTING VALUE", Short: "Change a setting of the configuration until the next start", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			_, err := ask(control.Request{Command: "set", Name: args[0], Value: args[1]})
			return err
		},
	})
	all = append(all, newStatus(), newMonitor())
	for _, c := range all {
		addSocketFlag(c)
	}
	return all
}

func newStatus() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "status", Short: "Show what the running daemon does", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		a, err := ask(control.Request{Command: "status"})
		if err != nil {
			return err
		}
		if asJSON {
			e := json.NewEncoder(c.OutOrStdout())
			e.SetIndent("", "  ")
			return output(e.Encode(a.Status))
		}
		return output(printStatus(c.OutOrStdout(), a.Status))
	}}
	c.Flags().BoolVar(&asJSON, "json", false, "print the status as JSON")
	return c
}

func printStatus(w io.Writer, s *control.Status) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	state := "running"
	if s.Paused {
		state = "paused: the keyboards are given back"
	} else if s.Reason != "" {
		state = "running, keys pass through unmapped (" + s.Reason + ")"
	} else if s.Passthrough {
		state = "running, keys pass through unmapped"
	}
	line("toshy", "%s, pid %d, %s since %s", s.Program, s.PID, state, s.Since.Format(time.DateTime))
	line("configuration", "%s", s.Configuration)
	if s.ConfigError != "" {
		line("", "NOT in use since it broke: %s", s.ConfigError)
	}
	for _, a := range s.Agents {
		is := "not obeyed: another session is active"
		if a.Active {
			is = "obeyed"
		}
		line("agent", "of %s (uid %d), %s", a.User, a.UID, is)
	}
	if s.Layout != "" {
		line("layout", "%s", s.Layout)
	}
	for _, k := range s.Keyboards {
		taken := "grabbed"
		if !k.Grabbed {
			taken = "not grabbed"
		}
		line("keyboard", "%s (%s, %s, type %s)", k.Name, taken, k.Path, orNone(k.Type))
	}
	line("window", "%s, title %q, on %s, for %s", orNone(s.Window.App), s.Window.Title, orNone(s.Window.Desktop), s.Window.Age.Round(time.Second))
	line("active", "%s", orNone(strings.Join(s.Maps, ", ")))
	if len(s.Layers) > 0 {
		line("layers", "%s", strings.Join(s.Layers, ", "))
	}
	for _, h := range s.Held {
		what := h.Key
		if h.Is != h.Key {
			what += " as " + h.Is
		}
		if h.Undecided {
			what += ", tap or hold not decided"
		}
		if h.Withheld {
			what += ", withheld"
		}
		line("held", "%s (%s)", what, h.Keyboard)
	}
	if len(s.Down) > 0 {
		line("down", "%s", strings.Join(s.Down, ", "))
	}
	var settings []string
	for name, value := range s.Settings {
		settings = append(settings, name+" = "+value)
	}
	slices.Sort(settings)
	for _, x := range settings {
		line("", "%s", x)
	}
	line("latency", "p50 %s, p99 %s, most %s, of %d reads (one in eight is timed)", s.Latency.P50, s.Latency.P99, s.Latency.Max, s.Latency.Events)
	_, err := io.WriteString(w, b.String())
	return err
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func newMonitor() *cobra.Command {
	var asJSON, keys bool
	c := &cobra.Command{
		Use: "monitor", Short: "Show keys in, keys out and the focus as they come", Args: cobra.NoArgs,
		Long: "Show keys in, keys out and the focus as they come. Keys that type characters are hidden unless --show-keys is given.",
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := dial()
			if err != nil {
				return err
			}
			defer client.Close()
			w := c.OutOrStdout()
			encoder := json.NewEncoder(w)
			return client.Monitor(keys, func(e control.Event) error {
				if asJSON {
					return output(encoder.Encode(e))
				}
				_, err := fmt.Fprintln(w, eventLine(e))
				return output(err)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print events as JSON, one a line")
	c.Flags().BoolVar(&keys, "show-keys", false, "show which characters are typed: passwords, too")
	return c
}

func eventLine(e control.Event) string {
	switch e.Kind {
	case "in":
		return fmt.Sprintf("%-30s", e.Key+" "+e.Value) + e.Device
	case "out":
		return fmt.Sprintf("%30s -> %s %s", "", e.Key, e.Value)
	case "focus":
		return fmt.Sprintf("focus: %s %q", orNone(e.Window.App), e.Window.Title)
	}
	return fmt.Sprintf("(%d events lost: this program reads too slowly)", e.Dropped)
}
