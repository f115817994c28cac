package seat

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window"
)

// attach serves an agent until its connection ends (control.Server.Attach).
func (s *Seat) attach(_ context.Context, l *control.Link) error {
	a := &agent{link: l, uid: l.Peer.UID}
	if err := s.admit(a.uid); err != nil {
		return err
	}
	a.user = s.options.userName(a.uid)
	if l.Accept() != nil {
		s.dismiss(a.uid)
		return nil
	}
	s.settle(func() { s.enter(a) })
	say := s.log.Info
	if !s.mayLog() {
		say = s.log.Debug
	}
	say("agent attached", zap.Uint32("uid", a.uid))
	var err error
	for err == nil {
		var m *control.AgentMessage
		if m, err = l.Receive(); err == nil {
			err = s.take(a, m)
		}
	}
	say("agent is gone", zap.Uint32("uid", a.uid), zap.Error(err))
	s.settle(func() { s.leave(a) })
	return nil
}

// admit reserves a place for a user's agent, which enter uses or dismiss gives back. The error says why no place is free. A
// user has one agent, and one more that is about to replace it.
func (s *Seat) admit(uid uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.coming[uid] {
		return errors.New("another agent of the same user is being attached")
	}
	others := len(s.agents)
	for u := range s.coming {
		if s.agents[u] == nil {
			others++
		}
	}
	if active, ok := s.active(); (!ok || active != uid) && s.agents[uid] == nil && others >= maxAgents {
		return fmt.Errorf("%d agents are attached already; only the agent of the user at the seat is still accepted", others)
	}
	s.coming[uid] = true
	return nil
}

// dismiss gives back the place of an agent that did not attach.
func (s *Seat) dismiss(uid uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.coming, uid)
}

// mayLog says whether another agent that comes or goes may have a line in the journal, so that agents that attach again and
// again do not fill it.
func (s *Seat) mayLog() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.logged) > time.Minute {
		s.logged, s.lines = now, 0
	}
	s.lines++
	return s.lines <= maxLines
}

// enter adds an agent. If the same user already has one, that one ends. Under mu.
func (s *Seat) enter(a *agent) {
	delete(s.coming, a.uid)
	if old := s.agents[a.uid]; old != nil {
		s.untyped(old)
		old.link.Send(control.DaemonMessage{Kind: "replaced"})
		old.link.Close()
	}
	s.agents[a.uid] = a
	if s.users[a.uid] == nil {
		s.users[a.uid] = &config{}
	}
	uid, ok := s.active()
	if a.active = ok && uid == a.uid; a.active {
		s.endGrace()
	}
	a.link.Send(control.DaemonMessage{Kind: "active", Active: a.active, Why: s.whyActive(a.active)})
}

// leave forgets an agent. The active user's configuration stays in use for a while. Under mu.
func (s *Seat) leave(a *agent) {
	if s.agents[a.uid] != a {
		return // it was replaced
	}
	delete(s.agents, a.uid)
	s.untyped(a)
	s.heard(a)
	s.users[a.uid].answer(^uint64(0), errAgentGone)
	if uid, ok := s.active(); !ok || uid != a.uid || s.inUse != owner(uid) || !s.session.Working() {
		s.forget(a.uid)
		return
	}
	wait := s.options.grace
	if wait == 0 {
		wait = graceTime
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		s.settle(func() {
			if s.leaving == timer {
				s.leaving = nil
				s.forget(a.uid)
			}
		})
	})
	s.leaving = timer
}

// take handles a message. An error ends the connection.
func (s *Seat) take(a *agent, m *control.AgentMessage) error {
	switch {
	case m.Kind == "config" && m.Config != nil:
		if err := keptFits(m.Config.Settings); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.agents[a.uid] == a {
			s.users[a.uid].sent = m.Config
			s.wakeReader()
		}
	case m.Kind == "window" && m.Window != nil:
		w := windowOf(m.Window)
		s.update(a, func() { a.window = w })
	case m.Kind == "layout" && m.Layout != nil:
		tables, err := tablesOf(m.Layout)
		if err != nil {
			return err
		}
		name := window.Text(m.Layout.Name, window.MaxClass)
		s.update(a, func() { a.layout = layout{name, tables} })
	case m.Kind == "away":
		s.update(a, func() { a.away = m.Away })
	case m.Kind == "types":
		s.update(a, func() { a.types = m.Types })
	case m.Kind == "typed" && m.Typed != nil:
		return s.takeTyped(a, m.Typed)
	case m.Kind == "pong":
		s.update(a, func() { s.heard(a) })
	default:
		return errors.New("a message of an unknown kind")
	}
	return nil
}

// update changes what is known about an agent, and tells the daemon if it serves this agent.
func (s *Seat) update(a *agent, change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	if s.agents[a.uid] == a && a.active {
		s.report()
	}
}

// windowOf is a window in the form for conditions, cut like those of our own sources.
func windowOf(w *control.AgentWindow) remap.Window {
	return remap.Window{
		App: window.Text(w.App, window.MaxClass), Title: window.Text(w.Title, window.MaxTitle), Exe: window.Text(w.Exe, window.MaxClass),
		Desktop: window.Text(w.Desktop, window.MaxClass), Session: window.Text(w.Session, window.MaxClass),
		Categories: remap.CategoryList(w.Categories),
	}
}

// maxStrokes bounds the keystrokes of one character, and the modifiers of one keystroke.
const maxStrokes = 8

// tablesOf is a layout in the form for the engine. An error says what no real layout has.
func tablesOf(l *control.AgentLayout) (*remap.Layout, error) {
	if l.US {
		return nil, nil
	}
	r := &remap.Layout{
		Correct: true,
		Map:     make(map[key.Code]key.Code, len(l.Map)),
		Symbols: make(map[string][]remap.Step, len(l.Symbols)),
	}
	for from, to := range l.Map {
		if from >= key.Count || to >= key.Count {
			return nil, errors.New("a layout with a key that no keyboard has")
		}
		r.Map[key.Code(from)] = key.Code(to)
	}
	for c, strokes := range l.Symbols {
		if utf8.RuneCountInString(c) != 1 || len(strokes) > maxStrokes {
			return nil, errors.New("a layout with an invalid character, or one that takes too many keys")
		}
		steps := make([]remap.Step, len(strokes))
		for i, stroke := range strokes {
			if stroke.Key >= key.Count || len(stroke.Mods) > maxStrokes {
				return nil, errors.New("a layout with a key that no keyboard has")
			}
			steps[i].Key = key.Code(stroke.Key)
			for _, m := range stroke.Mods {
				if m >= key.Count {
					return nil, errors.New("a layout with a key that no keyboard has")
				}
				steps[i].Mods = append(steps[i].Mods, key.Code(m))
			}
		}
		r.Symbols[c] = steps
	}
	return r, nil
}
