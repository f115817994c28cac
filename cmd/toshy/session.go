package main

import (
	"sync/atomic"

	"go.uber.org/zap"

	"toshy/cmd/internal/desktop"
	"toshy/cmd/internal/session"
)

// A userSession is what run and agent follow, and what they do, in the session of their user.
type userSession struct {
	actor  *session.Actor
	focus  desktop.Focus
	layout desktop.Layout

	changed chan struct{}
	version atomic.Pointer[string] // of the desktop, as the configuration was read with
}

// newUserSession follows the session that we run in. reload is called when conditions about the desktop
// mean something else than when the configuration was read.
func newUserSession(log *zap.Logger, reload func()) *userSession {
	s := &userSession{actor: session.New(log), changed: make(chan struct{}, 1)}
	s.version.Store(new(string))
	layouts := desktop.NewLayouts()
	s.layout = desktop.Layout{Log: log, Follower: layouts}
	s.focus = desktop.Focus{Log: log, Changed: s.changed, Found: func() {
		layouts.Kick()
		go func() {
			if v := desktop.Version(); v != "" && v != *s.version.Load() {
				reload()
			}
		}()
	}}
	return s
}

// kick has the desktop looked for: the session has changed.
func (s *userSession) kick() { nudge(s.changed) }

// noteVersion is to be called before the configuration is read.
func (s *userSession) noteVersion() {
	v := desktop.Version()
	s.version.Store(&v)
}
