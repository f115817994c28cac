package main

import (
	"sync/atomic"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/session"
	"toshy/remap/window/focus"
)

// A userSession is what run and agent follow, and what they do, in the session of their user.
type userSession struct {
	actor  *session.Actor
	focus  desktop.Focus
	layout desktop.Layout

	changed chan struct{}
	version atomic.Pointer[string] // of the desktop, as the configuration was read with
	seen    atomic.Pointer[focus.Snapshot]
}

// newUserSession follows the session that we run in. reload is called when conditions about the desktop
// mean something else than when the configuration was read.
func newUserSession(log *zap.Logger, reload func()) *userSession {
	s := &userSession{actor: session.New(log), changed: make(chan struct{}, 1)}
	s.version.Store(new(string))
	layouts := desktop.NewLayouts()
	s.layout = desktop.Layout{Log: log, Follower: layouts}
	s.focus = desktop.Focus{Log: log, Changed: s.changed, Seen: func(now focus.Snapshot) { s.seen.Store(&now) }, Found: func() {
		layouts.Kick()
		go func() {
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

// noteVersion is to be called before the configuration is read.
func (s *userSession) noteVersion() {
	v := desktop.Version()
	s.version.Store(&v)
}
