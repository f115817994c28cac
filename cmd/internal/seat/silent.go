package seat

import (
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
)

// silenceTime is how long an agent may take to answer. If it takes longer, it is stopped or hangs: the window that it
// reported last may have lost the focus long ago.
const silenceTime = 3 * time.Second

// Typing sends a ping to the served agent (daemon.Options.Typing). While nobody types, there is no ping, so neither daemon
// nor agent wakes up.
func (s *Seat) Typing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, ok := s.active()
	a := s.agents[uid]
	if !ok || a == nil || a.asked != nil || a.silent {
		return
	}
	wait := s.options.silence
	if wait == 0 {
		wait = silenceTime
	}
	a.link.Send(control.DaemonMessage{Kind: "ping"}) // a full queue is as bad as no answer
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		s.update(a, func() {
			if a.asked == timer {
				a.asked, a.silent = nil, true
				s.log.Warn("the agent does not answer; applications are not told apart until it does", zap.Uint32("uid", a.uid))
			}
		})
	})
	a.asked = timer
}

// heard notes that an agent has answered. Under mu.
func (s *Seat) heard(a *agent) {
	if a.asked != nil {
		a.asked.Stop()
		a.asked = nil
	}
	if a.silent {
		a.silent = false
		s.log.Info("the agent answers again", zap.Uint32("uid", a.uid))
	}
}
