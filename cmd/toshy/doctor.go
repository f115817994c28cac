package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/doctor"
	"toshy/cmd/internal/keyboards"
	"toshy/cmd/internal/shortcuts"
	"toshy/config"
	"toshy/evdev"
	"toshy/remap/window/focus"
	"toshy/remap/window/gnome"
	"toshy/remap/window/i3ipc"
	"toshy/remap/window/logind"
	"toshy/remap/window/softkvm"
)

func newDoctor() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:     "doctor",
		Example: "  toshy doctor\n  toshy doctor --json | jq '.[] | select(.level == \"broken\")'",
		Short:   "Find what is wrong on this machine and say how to fix it",
		Long: `Check everything that toshy needs: permissions, keyboards, other remappers, the desktop. The command changes
nothing and reads no keys. The exit code is 0 if toshy can work, else the code of the first problem.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDoctor(c.Context(), c.OutOrStdout(), path, asJSON) },
	}
	addConfigFlag(c, &path)
	addSocketFlag(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as JSON")
	return c
}

func runDoctor(ctx context.Context, out io.Writer, path string, asJSON bool) error {
	all := examine(ctx, path).findings
	var err error
	if asJSON {
		err = printJSON(out, all)
	} else {
		err = printFindings(out, all)
	}
	if err != nil {
		return err
	}
	return verdict(all)
}

// An examination is what the command has found out about the machine.
type examination struct {
	findings []doctor.Finding
	sources  []focus.Status
}

func examine(ctx context.Context, path string) (x examination) {
	p, broken := loadConfig(path)
	configured := &config.Config{}
	add := func(all ...doctor.Finding) { x.findings = append(x.findings, all...) }
	if broken != nil {
		add(doctor.Finding{Check: "configuration", Level: doctor.Broken, Text: broken.Error(), Fix: strings.TrimSpace("toshy check " + path)})
	} else {
		configured = p.Config
		add(doctor.Finding{Check: "configuration", Text: p.Source() + " is valid"})
	}
	root := doctor.System()
	judge := func(i *evdev.Info) evdev.Verdict { return keyboards.Verdict(i, configured, nil) }
	found, err := evdev.List(nil)
	list := func() ([]evdev.Found, error) { return found, err }
	add(doctor.Uinput(evdev.CheckUinput))
	add(doctor.Keyboards(list, judge)...)
	add(root.Rules())
	add(root.Groups())
	add(doctor.Lights(found, judge)...)
	add(root.Quirk(found)...)
	add(root.FnKeys()...)
	add(root.Remappers()...)
	add(root.Units(ctx)...)
	around := desktop.Surroundings()
	snapshot, sources := settled(ctx)
	x.sources = sources
	add(root.Autostart(ctx, around.Name(snapshot), around.Graphical)...)
	daemon := running()
	add(daemon.Daemon())
	root.Rights(ctx, daemon, x.findings)
	add(doctor.Focus(x.sources, around))
	layout, known := desktop.ActiveLayout(ctx)
	if known {
		add(doctor.Layout(describeLayout(layout).String()))
	} else {
		add(doctor.Layout(""))
	}
	if around.Desktop == "sway" {
		add(swayFindings(ctx)...)
	}
	add(doctor.Typing(around.Graphical && currentTypes(), around))
	add(shortcutFinding(shortcuts.Find(ctx, around.Desktop).On(layout))...)
	add(gnomeFindings(ctx, x.sources)...)
	add(characterFinding(ctx))
	add(root.XKB(ctx, configured.Program)...)
	add(doctor.Session(seatSession(ctx)))
	add(doctor.Sharing(softkvm.Watcher{}.Find())...)
	return x
}

// running asks the daemon. If a daemon refuses a user who is not at the seat, it is the system's: a user's own daemon
// belongs to nobody else.
func running() doctor.Running {
	a, err := ask(control.Request{Command: "status"})
	var no *control.Refusal
	switch {
	case err == nil:
		return doctor.Running{Status: a.Status, System: a.Status.Mode == "system"}
	case errors.As(err, &no):
		return doctor.Running{Err: err, System: no.Answer.Kind == control.KindAccess}
	}
	return doctor.Running{Err: err}
}

// swayFindings compares the layouts of sway's keyboards.
func swayFindings(ctx context.Context) []doctor.Finding {
	sway := i3ipc.NewSway(i3ipc.Options{})
	all, err := sway.Keyboards(ctx)
	if err != nil {
		return nil // a separate finding says that sway does not answer
	}
	c, err := sway.Config(ctx)
	if err != nil {
		c = nil
	}
	return doctor.SwayLayouts(all, c)
}

// gnomeFindings reports on the extension, in a GNOME session.
func gnomeFindings(ctx context.Context, sources []focus.Status) []doctor.Finding {
	for _, s := range sources {
		if s.Name != "gnome" || !s.Detected {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, extensionLimit)
		defer cancel()
		status, err := gnome.Check(ctx, "", "")
		if err != nil {
			return []doctor.Finding{{Check: "gnome", Level: doctor.Warning, Text: err.Error(), Fix: "toshy gnome-extension status"}}
		}
		text, fix := extensionState(status)
		f := doctor.Finding{Check: "gnome", Text: text, Fix: fix}
		if fix != "" {
			f.Level = doctor.Warning // unknown windows are a separate finding
		}
		return []doctor.Finding{f}
	}
	return nil
}

// logindLimit is how long logind may take to answer.
const logindLimit = 3 * time.Second

// seatSession asks logind once.
func seatSession(ctx context.Context) (session *logind.Session, err error) {
	ctx, cancel := context.WithTimeout(ctx, logindLimit)
	defer cancel()
	err = (&logind.Watcher{}).Run(ctx, func(s logind.Session) {
		session = &s
		cancel()
	})
	if session == nil && errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("logind does not answer")
	}
	return session, err
}

func printFindings(out io.Writer, all []doctor.Finding) error {
	for _, f := range all {
		f.Text = printable(f.Text)
		if _, err := fmt.Fprintf(out, "%-8s  %s\n", doctor.Words[f.Level], f.Lines()); err != nil {
			return output(err)
		}
	}
	return nil
}

// verdict is the exit code of the first problem without whose solution toshy cannot work.
func verdict(all []doctor.Finding) error {
	n := doctor.Count(all, doctor.Broken)
	if n == 0 {
		return nil
	}
	code := exitConfig
	for _, f := range all {
		if f.Level == doctor.Broken {
			switch f.Kind {
			case doctor.Permission:
				code = exitPermission
			case doctor.Device:
				code = exitNoDevice
			case doctor.Other:
			}
			break
		}
	}
	return fail(code, errors.New(plural(n, "thing")+" broken"))
}
