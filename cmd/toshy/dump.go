package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/program"
	"toshy/config"
	"toshy/remap/window/focus"
)

// reportAt says what to do with a report. Only whoever builds or packages toshy can say where its source comes from.
const reportAt = "Read it, then attach it to an issue at the project that you have toshy from, or to a bug of your distribution's package."

func newDump() *cobra.Command {
	var path, file string
	c := &cobra.Command{
		Use: "dump", Short: "Collect what a bug report needs", Args: cobra.NoArgs,
		Long: `Collect what a bug report needs: versions, devices, the mistakes in the configuration (places and messages, not
its text) and its settings, the results of toshy doctor, and the state of the daemon if one runs. The report
contains nothing that you typed and no window titles. Still, read it before you send it.`,
		Example:           "  toshy dump -o toshy-report.txt",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			report := collect(c.Context(), path)
			if file == "" || file == "-" {
				if _, err := io.WriteString(c.OutOrStdout(), report); err != nil {
					return output(err)
				}
				_, err := fmt.Fprintln(c.ErrOrStderr(), reportAt)
				return output(err)
			}
			// It names programs and devices, which concern nobody else.
			if err := os.WriteFile(file, []byte(report), 0o600); err != nil {
				return output(err)
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "written to %s\n%s\n", file, reportAt)
			return output(err)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().StringVarP(&file, "output", "o", "", "write to this `file` instead of standard output")
	_ = c.MarkFlagFilename("output") // only fails if the flag does not exist
	return c
}

// collect makes the report. Parts that cannot be collected say why.
func collect(ctx context.Context, path string) string {
	var b strings.Builder
	part := func(title string, write func(w io.Writer) error) {
		fmt.Fprintf(&b, "== %s\n", title)
		var text strings.Builder
		if err := write(&text); err != nil {
			fmt.Fprintf(&text, "(%v)\n", err)
		}
		b.WriteString(strings.TrimRight(text.String(), "\n") + "\n\n")
	}
	examined := examine(ctx, path)
	part("version", writeSystem)
	part("configuration", func(w io.Writer) error { return writeProblems(w, path) })
	part("settings", func(w io.Writer) error { return writeSettings(w, path) })
	part("doctor", func(w io.Writer) error { return printFindings(w, examined.findings) })
	part("focus", func(w io.Writer) error { return writeSources(w, examined.sources) })
	part("devices", func(w io.Writer) error { return runDevices(w, program.Toshy, path, nil, false) })
	part("daemon", writeDaemon)
	return withoutHome(b.String())
}

// withoutHome removes the user's name from paths.
func withoutHome(s string) string {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		return s
	}
	return strings.ReplaceAll(s, home+"/", "~/")
}

func writeSystem(w io.Writer) error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	text := func(b [65]byte) string { return unix.ByteSliceToString(b[:]) }
	fmt.Fprintf(w, "%s\nkernel %s %s\n", versionLine(), text(u.Release), text(u.Machine))
	release, err := os.ReadFile("/etc/os-release")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(release)) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			fmt.Fprintln(w, "system", strings.Trim(strings.TrimSpace(name), `"`))
		}
	}
	for _, name := range []string{"XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "WAYLAND_DISPLAY", "DISPLAY"} {
		fmt.Fprintf(w, "%s=%s\n", name, os.Getenv(name))
	}
	return nil
}

// writeProblems names the configuration and its problems, but does not show its lines: they may contain private texts.
func writeProblems(w io.Writer, path string) error {
	path = program.Find(path)
	p, err := program.Load(path)
	if err != nil {
		problems := config.Problems(err)
		if problems == nil {
			return err
		}
		fmt.Fprintf(w, "%s in %s\n", plural(len(problems), "problem"), path)
		for i := range problems {
			fmt.Fprintln(w, problems[i].Error())
		}
		return nil
	}
	fmt.Fprintf(w, "%s is valid\n", p.Source())
	for _, f := range p.Files {
		fmt.Fprintln(w, "file", f)
	}
	for i := range p.Warnings {
		fmt.Fprintln(w, p.Warnings[i].Error())
	}
	m := p.Program
	fmt.Fprintf(w, "%d modmaps, %d tap-holds, %d chords, %d keymaps, %d layers, %d settings and states\n",
		len(m.Modmaps), len(m.TapHolds), len(m.Chords), len(m.Keymaps), len(m.Layers), len(m.Vars))
	return nil
}

// writeSettings shows the current settings, or those for the next daemon. They are not secret: each value comes from a
// list.
func writeSettings(w io.Writer, path string) error {
	list, err := findSettings(path)
	if err != nil {
		return err
	}
	return list.print(w)
}

func writeSources(w io.Writer, sources []focus.Status) error {
	for _, s := range sources {
		switch {
		case s.Active:
			fmt.Fprintf(w, "%s: runs\n", s.Name)
		case s.Err != nil:
			fmt.Fprintf(w, "%s: %v\n", s.Name, s.Err)
		default:
			fmt.Fprintf(w, "%s: does not exist\n", s.Name)
		}
	}
	return nil
}

// writeDaemon shows the state of the daemon, which hides characters, without the window's title.
func writeDaemon(w io.Writer) error {
	a, err := ask(control.Request{Command: "status"})
	if err != nil {
		return err
	}
	if a.Status.Window.Title != "" {
		a.Status.Window.Title = "(left out)"
	}
	a.Status.Choices = nil
	return printJSON(w, a.Status)
}
