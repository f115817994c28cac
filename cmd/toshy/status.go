package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
)

type statusFlags struct {
	json, keys, follow bool
	interval           time.Duration
}

func newStatus() *cobra.Command {
	var f statusFlags
	c := &cobra.Command{
		Use: "status", Short: "Show what the running daemon does", Args: cobra.NoArgs,
		Long: `Show what the running daemon does: its devices and why toshy takes each or not, the focused window and its source,
active maps, layers, keys that are held and what they became, settings, the configuration with its last mistake,
and latency since the start. The command hides keys that type characters, unless you give --show-keys.`,
		Example:           "  toshy status\n  toshy status --follow\n  toshy status --json | jq -r .window.app",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.interval < 50*time.Millisecond {
				return fail(exitUsage, errors.New("--interval must be at least 50ms"))
			}
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			return f.run(ctx, c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&f.json, "json", false, "print the status as JSON, with --follow one line each")
	c.Flags().BoolVar(&f.keys, "show-keys", false, "show which characters are held, including those of passwords")
	c.Flags().BoolVarP(&f.follow, "follow", "f", false, "show the status again whenever it changes, until interrupted")
	c.Flags().DurationVar(&f.interval, "interval", time.Second, "`time` between checks with --follow")
	return c
}

func (f *statusFlags) run(ctx context.Context, w io.Writer) error {
	client, err := dial()
	if err != nil {
		return err
	}
	defer client.Close()
	_, screen := terminal(w)
	last := ""
	for {
		a, err := client.Do(control.Request{Command: "status", Keys: f.keys})
		switch {
		case a == nil:
			return fail(exitNoDaemon, err)
		case err != nil:
			return refusal(a, err)
		}
		if now := notable(a.Status); now != last {
			last = now
			if err := f.show(w, a.Status, screen && f.follow); err != nil {
				return output(err)
			}
		}
		if !f.follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(f.interval):
		}
	}
}

// notable is the part of a status whose changes are worth showing.
func notable(s *control.Status) string {
	c := *s
	c.Window.Age, c.Latency, c.Counters = 0, control.Latency{}, control.Counters{}
	b, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func (f *statusFlags) show(w io.Writer, s *control.Status, screen bool) error {
	switch {
	case f.json && f.follow:
		return json.NewEncoder(w).Encode(s)
	case f.json:
		return printJSON(w, s)
	case screen:
		if _, err := io.WriteString(w, "\x1b[H\x1b[2J"); err != nil {
			return err
		}
	case f.follow:
		if _, err := fmt.Fprintln(w, "---", time.Now().Format(time.DateTime)); err != nil {
			return err
		}
	}
	return printStatus(w, s)
}

func printStatus(w io.Writer, s *control.Status) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s %s\n", name, printable(fmt.Sprintf(format, args...)))
	}
	state := "running"
	if s.Paused {
		state = "paused: the keyboards are given back"
	} else if s.Passthrough {
		state = "running, keys are not mapped"
	}
	line("toshy", "%s, pid %d, started %s, %s", strings.TrimPrefix(s.Program, "toshy "), s.PID, s.Since.Format(time.DateTime), state)
	if s.Reason != "" {
		line("", "because: %s", s.Reason)
	}
	line("configuration", "%s", s.Configuration)
	if s.ConfigError != "" {
		line("", "NOT in use, because it contains a mistake: %s", s.ConfigError)
	}
	for _, k := range s.Keyboards {
		taken := "grabbed"
		if !k.Grabbed {
			taken = "NOT grabbed"
		}
		line("keyboard", "%s (%s: %s; %s, type %s)", k.Name, taken, k.Why, k.Path, orNone(k.Type))
	}
	for _, k := range s.OtherDevices {
		line("left alone", "%s (%s; %s)", k.Name, k.Why, k.Path)
	}
	line("layout", "%s", orUnknown(s.Layout))
	if s.Types {
		line("", "the desktop types characters that have no key")
	} else {
		line("", "the desktop does not type characters that have no key, so toshy enters them by their number")
	}
	if s.Window.Source == "" && s.Window.App == "" {
		line("window", "not known for %s: toshy windows says why", s.Window.Age.Round(time.Second))
	} else {
		line("window", "%s, title %q, on %s, for %s", orNone(s.Window.App), s.Window.Title, orNone(s.Window.Desktop), s.Window.Age.Round(time.Second))
	}
	if s.Window.Source != "" {
		line("", "%s, by %s", s.Window.State, s.Window.Source)
	}
	line("active", "%s", orNone(strings.Join(s.Maps, ", ")))
	if s.Recording != "" {
		line("recording", "the macro %s", s.Recording)
	}
	if len(s.AllLayers) > 0 {
		line("layers", "%s (of %s)", orNone(strings.Join(s.Layers, ", ")), strings.Join(s.AllLayers, ", "))
	}
	for _, h := range s.Held {
		line("held", "%s", heldText(h))
	}
	for _, k := range s.Down {
		line("down", "%s", downText(k))
	}
	var settings []string
	for name, value := range s.Settings {
		settings = append(settings, name+" = "+value)
	}
	slices.Sort(settings)
	for i, x := range settings {
		line([]string{"settings", ""}[min(i, 1)], "%s", x)
	}
	if s.Latency.Max == 0 {
		line("latency", "not measured yet (one read in eight is, of %d)", s.Latency.Events)
	} else {
		line("latency", "p50 %s, p99 %s, max %s, of %d reads (one in eight is measured)", s.Latency.P50, s.Latency.P99, s.Latency.Max, s.Latency.Events)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func heldText(h control.HeldKey) string {
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
	return fmt.Sprintf("%s (%s)", what, h.Keyboard)
}

// downText says what holds a key down: the key goes up when all of this ends.
func downText(k control.DownKey) string {
	var by []string
	for _, h := range k.By {
		switch {
		case h.For == "one-shot":
			by = append(by, "for the next key")
		case h.For == "combo":
			by = append(by, "in a combo by "+h.Key)
		case h.For == "bound":
			by = append(by, "until "+h.Key+" goes up")
		case len(k.By) > 1 || h.Key != k.Key:
			by = append(by, "by "+h.Key)
		}
	}
	if len(by) == 0 {
		return k.Key
	}
	return k.Key + " (" + strings.Join(by, ", ") + ")"
}

func printLayers(w io.Writer, s *control.Status) error {
	if len(s.AllLayers) == 0 {
		_, err := fmt.Fprintln(w, "the configuration has no layers")
		return err
	}
	for _, name := range s.AllLayers {
		state := "off"
		if slices.Contains(s.Layers, name) {
			state = "on"
		}
		if _, err := fmt.Fprintf(w, "%-3s  %s\n", state, name); err != nil {
			return err
		}
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown, US is assumed"
	}
	return s
}
