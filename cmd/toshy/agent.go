package main

import (
	"context"
	"errors"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"toshy/cmd/internal/agent"
	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/program"
	"toshy/remap/window/softkvm"
)

func newAgent() *cobra.Command {
	f := runFlags{flavour: program.Toshy}
	c := &cobra.Command{
		Use:   "agent",
		Short: "Connect a user's session to the system daemon",
		Long: `Connect a user's session to the system daemon: report the focused window and the active layout, send the user's
configuration, and run the configuration's commands. If there is no daemon, or it ends, the agent waits for one.`,
		Example: "  systemctl --user enable --now toshy-agent\n  toshy agent -v",
		Args:    cobra.NoArgs,
		RunE:    f.agent,
	}
	f.addService(c)
	return c
}

func (f *runFlags) agent(c *cobra.Command, _ []string) error { return f.inSession(c, f.serveDaemon) }

// serveDaemon serves the system's daemon until ctx ends.
func (f *runFlags) serveDaemon(ctx context.Context, s *userSession) error {
	err := agent.Run(ctx, agent.Options{
		Log: s.log, Reload: s.reload, Focus: s.focus, Layout: s.layout, Typist: s.typist, Do: s.actor.Do,
		Dial: func() (*control.Attached, error) { return control.Attach(control.SystemPath()) }, Socket: control.SystemPath(),
		Find: func() string { return f.flavour.FindUser(f.config) }, Expect: f.flavour.UserPath(),
		Read: func(path string, around program.Around) (*program.Program, error) {
			p, err := f.flavour.Load(path, around)
			if err == nil {
				s.settings.Note(p.Settings)
			}
			return p, err
		},
		Kept: s.settings.Values, Keep: s.settings.Keep,
		System: func() string { return f.flavour.FindSystem("") },
		Around: func() program.Around {
			around := s.around()
			around.Facts = program.Facts()
			return around
		},
		Away: func(ctx context.Context, changed func(bool)) {
			desktop.FollowPointer(ctx, s.log, softkvm.Watcher{}, changed)
		},
		Active: func(bool) { s.kick() },
		Ready:  func() { _, _ = daemon.SdNotify(false, daemon.SdNotifyReady) },
	})
	_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
	if errors.Is(err, agent.ErrReplaced) {
		s.log.Info(err.Error())
		return nil
	}
	return err
}
