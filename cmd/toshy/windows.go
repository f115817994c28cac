package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/applications"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/program"
	"toshy/remap"
	"toshy/remap/window"
	"toshy/remap/window/focus"
	"toshy/remap/window/layout"
)

func newWindows() *cobra.Command {
	var follow, asJSON bool
	var path string
	c := &cobra.Command{
		Use:     "windows",
		Example: "  toshy windows\n  toshy windows --follow --json",
		Short:   "Show which window has the focus, and how toshy knows",
		Long: `Show what toshy knows about the focused window, which source reports it, and why each other source does not run.
Use the class with app in conditions, and the categories with category("..."). The groups are those of the
configuration that the window belongs to. toshy uses the keyboard layout to find combos and to type text.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			what, err := newJudge(path)
			if err != nil {
				return err
			}
			if follow {
				return followWindows(ctx, c.OutOrStdout(), what, asJSON)
			}
			return showWindow(ctx, c.OutOrStdout(), what, asJSON)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVarP(&follow, "follow", "f", false, "print each change until interrupted")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON: one object, with --follow one on each line")
	return c
}

// How long sources may take to report something when asked once. A bus or a socket shows at once whether a desktop exists;
// GNOME Shell is asked twice, because its extension may still be starting.
const (
	detectTime = time.Second
	answerTime = 8 * time.Second
	lookEvery  = 20 * time.Millisecond
)

// settled follows the focus until a source has reported something or none will, and returns what is known then.
func settled(ctx context.Context) (focus.Snapshot, []focus.Status) {
	ctx, cancel := context.WithCancel(ctx)
	f := desktop.New(nil, nil)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = f.Run(ctx) // ended by cancel
	}()
	defer func() { cancel(); <-ended }()
	began := time.Now()
	for {
		sources := f.Sources()
		active, waiting := false, false
		for _, s := range sources {
			active = active || s.Active
			waiting = waiting || s.Detected && s.Err == nil && !s.Active
		}
		took := time.Since(began)
		if active || took > answerTime || took > detectTime && !waiting || ctx.Err() != nil {
			return f.Current(), sources
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
	}
}

func describeLayout(l layout.Layout) *keyboardLayout {
	return &keyboardLayout{Name: l.Name, Group: l.Group, Source: l.Source}
}

// String is the layout for people.
func (l *keyboardLayout) String() string {
	if l == nil {
		return "not known; US is assumed"
	}
	return fmt.Sprintf("%q, group %d, from %s", l.Name, l.Group+1, l.Source)
}

// known is what is known about the focused window, for other programs.
type known struct {
	Time    time.Time `json:"time,omitzero"` // of the report; missing if there was none
	State   string    `json:"state"`
	Source  string    `json:"source"`
	App     string    `json:"app"`
	Title   string    `json:"title"`
	Exe     string    `json:"exe"`
	Desktop string    `json:"desktop"`
	Session string    `json:"session"`
	// Categories come from the application's desktop entry, Groups from the configuration.
	Categories []string `json:"categories,omitempty"`
	Groups     []string `json:"groups,omitempty"`

	Layout  *keyboardLayout `json:"layout,omitempty"` // null if it is not known
	Sources []source        `json:"sources,omitempty"`
}

// keyboardLayout is the active layout, for other programs.
type keyboardLayout struct {
	Name   string `json:"name"`
	Group  int    `json:"group"` // among the user's layouts, from 0
	Source string `json:"source"`
}

type source struct {
	Name     string `json:"name"`
	State    string `json:"state"` // "in use", "not there", "waits", "failed"
	Why      string `json:"why,omitempty"`
	detected bool
}

func describeState(s window.State) string {
	switch s {
	case window.Known:
		return "known"
	case window.Stale:
		return "stale"
	}
	return "unknown"
}

// A judge classifies the application of a window, by the desktop entries and by the groups of a configuration.
type judge struct {
	apps     *applications.Index
	compiled *remap.Compiled
}

func newJudge(path string) (judge, error) {
	path = program.Find(path)
	p, err := program.Load(path)
	if err != nil {
		return judge{}, configFailure(path, err)
	}
	return judge{applications.Read(applications.Folders(os.Getenv)), p.Compiled}, nil
}

func (j judge) describe(s focus.Snapshot) known {
	w := desktop.Window(s, desktop.Surroundings())
	var groups []string
	if w.App != "" {
		w.Categories = j.apps.Categories(w.App, w.Exe)
		groups = j.compiled.Groups(&remap.Situation{Window: w})
	}
	return known{
		Categories: remap.CategoryNames(w.Categories), Groups: groups,
		Time: s.At, State: describeState(s.State), Source: s.Info.Source,
		App: w.App, Title: w.Title, Exe: w.Exe, Desktop: w.Desktop, Session: w.Session,
	}
}

func describeSources(all []focus.Status) []source {
	var list []source
	used := ""
	for _, s := range all {
		d := source{Name: s.Name, detected: s.Detected, State: "not there"}
		switch {
		case s.Active:
			d.State, used = "in use", s.Name
		case s.Err != nil && (s.Detected || !errors.Is(s.Err, window.ErrUnavailable)):
			d.State, d.Why = "failed", s.Err.Error()
		case s.Detected && used != "":
			d.State, d.Why = "waits", used+" knows more"
		case s.Detected:
			d.State, d.Why = "waits", "has said nothing yet"
		}
		list = append(list, d)
	}
	return list
}

func showWindow(ctx context.Context, out io.Writer, what judge, asJSON bool) error {
	snapshot, sources := settled(ctx)
	k := what.describe(snapshot)
	k.Sources = describeSources(sources)
	if l, ok := desktop.ActiveLayout(ctx); ok {
		k.Layout = describeLayout(l)
	}
	var err error
	if asJSON {
		err = printJSON(out, k)
	} else {
		err = printWindow(out, k)
	}
	if err == nil && snapshot.State == window.Unknown {
		if p := desktop.Missing(sources, desktop.Surroundings()); p != nil {
			return fail(exitNoDevice, errors.New(p.Text), p.Fix)
		}
		return fail(exitNoDevice, errors.New("no desktop reports which window has the focus"),
			"run this in a desktop session; toshy doctor says more")
	}
	return err
}

func printWindow(out io.Writer, k known) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	quoted := func(s string) string {
		if s == "" {
			return "-"
		}
		return strconv.Quote(s) // a title may contain what a terminal obeys
	}
	if k.State != "unknown" {
		fmt.Fprintf(w, "app\t%s\ntitle\t%s\nexe\t%s\n", quoted(k.App), quoted(k.Title), quoted(k.Exe))
		fmt.Fprintf(w, "categories\t%s\ngroups\t%s\n", orNone(strings.Join(k.Categories, ", ")), orNone(strings.Join(k.Groups, ", ")))
	}
	fmt.Fprintf(w, "desktop\t%s\nsession\t%s\nlayout\t%s\n", quoted(k.Desktop), quoted(k.Session), k.Layout)
	if k.State == "unknown" {
		fmt.Fprintf(w, "state\tunknown\n")
	} else {
		fmt.Fprintf(w, "state\t%s for %v, from %s\n", k.State, time.Since(k.Time).Round(time.Millisecond), k.Source)
	}
	fmt.Fprintf(w, "\nSOURCE\tSTATE\tWHY\n")
	for _, s := range k.Sources {
		why := s.Why
		if why == "" {
			why = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.State, why)
	}
	return output(w.Flush())
}

// followWindows prints each change, of the window or of the layout. If no source is left, it says so and waits.
func followWindows(ctx context.Context, out io.Writer, what judge, asJSON bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	layouts := desktop.NewLayouts()
	appeared := make(chan struct{}, 1)
	f := desktop.New(wake, func() {
		layouts.Kick()
		nudge(appeared)
	})
	var active atomic.Pointer[keyboardLayout]
	running.Go(func() { _ = f.Run(ctx) }) // these end with ctx
	running.Go(func() {
		_ = layouts.Run(ctx, func(l layout.Layout) {
			active.Store(describeLayout(l))
			wake()
		}, nil)
	})
	running.Go(func() { desktop.WatchBus(ctx, appeared, f.Kick) })
	wake() // show the first state
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	said := (*keyboardLayout)(nil)
	source := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			k := what.describe(f.Current())
			k.Layout = active.Load()
			if k.Source != source { // a new desktop, whose layout may differ
				source = k.Source
				layouts.Kick()
			}
			if k.Time.IsZero() || k.Layout != said {
				k.Time = time.Now()
			}
			err := printChange(out, lines, k, k.Layout != said, asJSON)
			said = k.Layout
			if err != nil {
				return output(err)
			}
		}
	}
}

func printChange(out io.Writer, lines *json.Encoder, k known, newLayout, asJSON bool) error {
	if asJSON {
		return lines.Encode(k)
	}
	from := k.Source
	if from == "" {
		from = "-"
	}
	text := fmt.Sprintf("%s  %-7s  %-8s  %q  %q", k.Time.Format("15:04:05.000"), k.State, from, k.App, k.Title)
	if newLayout {
		text += "  layout " + k.Layout.String()
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
