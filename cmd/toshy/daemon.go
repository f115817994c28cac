package main

import (
	"context"
	"fmt"
	"os/user"
	"strconv"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/control"
	toshyd "toshy/cmd/internal/daemon"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/keyboards"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/seat"
	"toshy/evdev"
	"toshy/remap/window/logind"
)

func newDaemon() *cobra.Command {
	f := runFlags{flavour: program.Toshy}
	obey := ""
	c := &cobra.Command{
		Use:   "daemon",
		Short: "Remap the keyboards for whoever sits at the machine, as a system service",
		Long: `Remap the keyboards for whoever sits at the machine, as a system service. It needs only the input devices. The
daemon serves the toshy agent of the user whose session is active on the seat, according to logind. That agent
sends the configuration, reports the focused window and runs commands. The daemon serves nobody else.`,
		Example: "  sudo systemctl enable --now toshy-daemon\n  toshy daemon --user alice --socket /run/toshy/toshy.sock",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.daemon(c, obey) },
	}
	f.addDaemon(c)
	c.Flags().StringVar(&obey, "user", "", "serve the agent of this `user` (name or uid) without asking logind, on machines without it")
	c.Flags().Lookup("config").Usage = "administrator's configuration `file`, for users who have none (default: /etc/toshy/config.toml, else the built-in one)"
	return c
}

func (f *runFlags) daemon(c *cobra.Command, obey string) error {
	log, err := newLogger(c.ErrOrStderr(), f)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	hideMemory(log)
	sessions := func(ctx context.Context, report func(*logind.Session, string)) {
		desktop.FollowSession(ctx, log, logind.Watcher{}, true, report)
	}
	if obey != "" {
		only, err := lookupUser(obey)
		if err != nil {
			return fail(exitUsage, err)
		}
		sessions = func(ctx context.Context, report func(*logind.Session, string)) {
			report(only, "")
			<-ctx.Done()
		}
	}
	system := func() string { return f.flavour.FindSystem(f.config) } // each time: the file may be created or deleted while toshy runs
	s, err := seat.New(seat.Options{
		Log: log, Sessions: sessions, Setup: f.setupFor,
		System: func() (*program.Program, error) { return f.flavour.Load(system(), program.Around{}) },
		Read: func(ctx context.Context, sent *control.AgentConfig) (*program.Program, error) {
			around := program.Around{Context: ctx, Facts: sent.Facts, Actions: sent.Actions}
			if sent.Main == "" {
				return f.flavour.Load(system(), around)
			}
			around.Files = sent.Source()
			return f.flavour.Load(sent.Main, around)
		},
	})
	if err != nil {
		return configFailure(system(), err)
	}
	server := &control.Server{Path: control.SystemPath(), Mode: 0o666}
	s.Serve(server)

	ctx, stop := signals(c.Context())
	defer stop()
	renew := make(chan struct{}, 1)
	onHangup(ctx, func() { nudge(renew) })
	return f.serve(ctx, c.ErrOrStderr(), toshyd.Options{
		Load: s.Load, Reload: s.Reload(), Renew: renew, Refresh: s.Refresh, Do: s.Do, Keep: s.Keep, Log: log, Control: server, Describe: s.Describe, Typing: s.Typing,
		Focus: seat.Focus{Seat: s}, Layout: seat.Layout{Seat: s}, Typist: seat.Typist{Seat: s}, Presence: seat.Presence{Seat: s}, Begin: toshyd.Elsewhere,
	})
}

// setupFor is what a user's configuration means for the daemon; nil: the daemon serves nobody. The administrator's devices
// apply to everybody.
func (f *runFlags) setupFor(mine, system *program.Program) *toshyd.Setup {
	if mine == nil {
		mine = system
	}
	s := f.setup(mine)
	s.Judge = func(i *evdev.Info) evdev.Verdict {
		v := keyboards.Verdict(i, system.Config, f.devices)
		if mine == system || v.Reason == evdev.ReasonIgnored || v.Reason == evdev.ReasonNotAllowed {
			return v
		}
		return keyboards.Verdict(i, mine.Config, f.devices)
	}
	s.Watch = nil // users' own processes watch their files
	return s
}

// lookupUser makes a session for a user who is assumed to sit at the machine.
func lookupUser(name string) (*logind.Session, error) {
	u, err := user.Lookup(name)
	if err != nil {
		if u, err = user.LookupId(name); err != nil {
			uid, numeric := strconv.ParseUint(name, 10, 32)
			if numeric != nil {
				return nil, fmt.Errorf("no user %q", name)
			}
			return &logind.Session{ID: name, UID: uint32(uid), User: name, Seat: logind.DefaultSeat, Class: "user", State: "active"}, nil
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %q: %w", name, err)
	}
	return &logind.Session{ID: name, UID: uint32(uid), User: u.Username, Seat: logind.DefaultSeat, Class: "user", State: "active"}, nil
}
