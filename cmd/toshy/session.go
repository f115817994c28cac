package main

import (
	"context"
	"sync/atomic"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/program"
	"toshy/cmd/internal/session"
	"toshy/cmd/internal/shortcuts"
	"toshy/remap/window/focus"
)

// A userSession is what run and agent follow, and what they do, in the session of their user.
type userSession struct {
	actor  *session.Actor
	focus  desktop.Focus
	layout desktop.Layout
	native *shortcuts.Follower

	changed chan struct{}
	version atomic.Pointer[string] // of the desktop, as the configuration was read with
	seen    atomic.Pointer[focus.Snapshot]
}

// newUserSession follows the session that we run in. reload is called when conditions about the desktop
// mean something else than when the configuration was read.
func newUserSession(log *zap.Logger, reload func()) *userSession {
	s := &userSession{actor: session.New(log), changed: make(chan struct{}, 1)}
	s.version.Store(new(string))
	s.native = shortcuts.NewFollower(log, func() string { return desktop.Surroundings().Desktop }, reload)
	layouts := desktop.NewLayouts()
	s.layout = desktop.Layout{Log: log, Follower: layouts}
	s.focus = desktop.Focus{Log: log, Changed: s.changed, Seen: func(now focus.Snapshot) { s.seen.Store(&now) }, Found: func() {
		layouts.Kick()
		go func() {
			s.native.Kick()
			if v := desktop.Version(); v != "" && v != *s.version.Load() {
				reload()
			}
		}()
	}}
	return s
}

// describe adds to a status who says which window has the focus.
func (s *userSession) describe(status *control.Status) {
	if now := s.seen.Load(); now != nil {
		status.Window.Source, status.Window.State = now.Info.Source, describeState(now.State)
	}
}

// kick has the desktop looked for: the session has changed.
func (s *userSession) kick() { nudge(s.changed) }

// run works until ctx ends.
func (s *userSession) run(ctx context.Context) {
	go s.actor.Run(ctx)
	s.native.Run(ctx)
}

// around is what the configuration is to be read for, now.
func (s *userSession) around() program.Around {
	v := desktop.Version()
	s.version.Store(&v)
	return program.Around{Actions: s.native.Combos(), Quiet: true}
}
