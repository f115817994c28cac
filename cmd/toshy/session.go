package main

import (
	"context"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"toshy/cmd/internal/applications"
	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/doctor"
	"toshy/cmd/internal/kept"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/session"
	"toshy/cmd/internal/shortcuts"
	"toshy/remap"
	"toshy/remap/window/focus"
)

// A userSession is what run and agent follow and do in the session of their user.
type userSession struct {
	actor  *session.Actor
	focus  desktop.Focus
	layout desktop.Layout
	typist *desktop.Typist
	native *shortcuts.Follower
	apps   *applications.Follower

	log      *zap.Logger
	settings *kept.Store
	reload   chan struct{} // on SIGHUP, and when conditions about the desktop have changed since the configuration was read

	changed chan struct{}
	version atomic.Pointer[string] // of the desktop, as when the configuration was read
	seen    atomic.Pointer[focus.Snapshot]
}

// inSession does the common part of run and agent, and calls serve until a signal ends it.
func (f *runFlags) inSession(c *cobra.Command, serve func(ctx context.Context, s *userSession) error) error {
	log, err := newLogger(c.ErrOrStderr(), f)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	hideMemory(log)
	ctx, stop := signals(c.Context())
	defer stop()
	s := newUserSession(log)
	onHangup(ctx, func() { nudge(s.reload) })
	go s.run(ctx)
	settings, written := f.keep(log)
	defer written()
	s.settings = settings
	return serve(ctx, s)
}

// newUserSession follows the session in which this process runs.
func newUserSession(log *zap.Logger) *userSession {
	s := &userSession{log: log, actor: session.New(log), reload: make(chan struct{}, 1), changed: make(chan struct{}, 1)}
	reload := func() { nudge(s.reload) }
	s.version.Store(new(string))
	s.native = shortcuts.NewFollower(log, func() string { return desktop.Surroundings().Desktop }, reload)
	s.apps = applications.NewFollower(log, applications.Folders(os.Getenv))
	layouts := desktop.NewLayouts()
	s.typist = desktop.NewTypist(log)
	s.layout = desktop.Layout{Log: log, Follower: layouts, Seen: s.native.SetLayout}
	s.focus = desktop.Focus{
		Log: log, Changed: s.changed, Seen: func(now focus.Snapshot) { s.seen.Store(&now); s.typist.Focused(now.Info) }, Kicked: func() { layouts.Kick(); s.typist.Kick() },
		Categories: s.apps.Categories, Installed: s.apps.Changed,
		Found: func() {
			layouts.Kick()
			s.typist.Kick()
			go func() {
				s.native.Kick()
				if v := desktop.Version(); v != "" && v != *s.version.Load() {
					reload()
				}
			}()
		},
	}
	return s
}

// describe adds to a status which source reports the focused window.
func (s *userSession) describe(status *control.Status) {
	if now := s.seen.Load(); now != nil {
		status.Window.Source, status.Window.State = now.Info.Source, describeState(now.State)
	}
}

// kick makes toshy look for the desktop again, because the session has changed.
func (s *userSession) kick() { nudge(s.changed) }

// run works until ctx ends.
func (s *userSession) run(ctx context.Context) {
	go s.actor.Run(ctx)
	go s.apps.Run(ctx)
	go s.checkCharacters(ctx)
	s.native.Run(ctx)
}

// checkCharacters looks at what toshy characters has installed, and tells the user of anything that is wrong. Updates and other programs
// can break it, and with broken rules, the next login can fail.
func (s *userSession) checkCharacters(ctx context.Context) {
	var home unix.Stat_t
	if err := unix.Stat(os.Getenv("HOME"), &home); err != nil || int(home.Uid) != os.Geteuid() {
		return // root reads no file of another user
	}
	f := characterFinding(ctx)
	if ctx.Err() != nil || f.Level < doctor.Warning {
		return
	}
	s.log.Warn("the characters in your keymap: "+f.Text, zap.String("what to do", f.Fix))
	s.actor.Do(&remap.Effect{Kind: remap.EffectNotify, Text: "The characters in your keymap: " + f.Text + ". What to do: " + f.Fix})
}

// around is the current environment for reading the configuration.
func (s *userSession) around() program.Around {
	v := desktop.Version()
	s.version.Store(&v)
	return program.Around{Actions: s.native.Combos(), Quiet: true}
}
