package seat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/memory"
	"toshy/cmd/internal/program"
	toshyconfig "toshy/config"
)

// maxProblems is the number of a configuration's problems that an agent gets.
const maxProblems = 50

func (s *Seat) wakeReader() {
	select {
	case s.work <- struct{}{}:
	default:
	}
}

// readTime is how long reading a configuration may take. A complete one takes 50 ms.
const readTime = 10 * time.Second

var errSlow = errors.New("reading it takes too long: more than 10 s")

// reader reads the active user's configuration whenever there is a new one, until ctx ends. Each user has a separate
// reader, for which nobody waits: a user's data delays neither other users nor the end.
func (s *Seat) reader(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.work:
		}
		s.mu.Lock()
		uid, ok := s.active()
		if c := s.users[uid]; ok && c != nil && c.sent != nil && !c.reading {
			sent := c.sent
			c.sent, c.reading = nil, true
			go s.readOne(ctx, uid, c, sent)
		}
		s.mu.Unlock()
	}
}

// readOne reads a configuration. It gives up after readTime; the user's next configuration is read after that reading has
// ended.
func (s *Seat) readOne(ctx context.Context, uid uint32, c *config, sent *control.AgentConfig) {
	limit := s.options.readTime
	if limit == 0 {
		limit = readTime
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
	defer cancel()
	var p *program.Program
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p, err = s.read(limited, sent)
	}()
	take := func(p *program.Program, err error) {
		s.settle(func() {
			if s.users[uid] == c {
				s.result(uid, c, sent, p, err)
			}
		})
	}
	select {
	case <-ended:
		take(p, err)
	case <-limited.Done():
		take(nil, context.Cause(limited))
		select {
		case <-ended:
		case <-ctx.Done():
			return
		}
	}
	go memory.GiveBack() // the memory for reading it
	s.mu.Lock()
	c.reading = false
	s.mu.Unlock()
	s.wakeReader() // there may be a newer one
}

// read reads a configuration. A bug that a configuration triggers causes an error for it, and does not end the daemon.
func (s *Seat) read(ctx context.Context, sent *control.AgentConfig) (p *program.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Debug("panic", zap.Stack("stack"))
			p, err = nil, errors.New("internal error in reading the configuration, please report it")
		}
	}()
	return s.options.Read(ctx, sent)
}

// result handles the result of reading a configuration. Under mu.
func (s *Seat) result(uid uint32, c *config, sent *control.AgentConfig, p *program.Program, err error) {
	m := control.DaemonMessage{Kind: "accepted", Serial: sent.Serial}
	if err == nil {
		c.program, c.problem, c.kept = p, "", sent.Settings
		m.Problems = p.Warnings
		if s.inUse == owner(uid) { // otherwise, settle handles it
			s.changed()
		}
	} else {
		m.Kind = "refused"
		if m.Problems = toshyconfig.Problems(err); m.Problems == nil {
			m.Problems = []toshyconfig.Problem{{File: "configuration", Message: err.Error(), Severity: toshyconfig.SeverityError}}
		}
		i := max(0, slices.IndexFunc(m.Problems, func(p toshyconfig.Problem) bool { return p.Severity == toshyconfig.SeverityError }))
		c.problem = m.Problems[i].Error()
		err = errors.New(c.problem)
		s.log.Warn("a configuration is broken; the previous one stays in use", zap.Uint32("uid", uid), zap.Int("problems", len(m.Problems)))
	}
	if n := len(m.Problems); n > maxProblems {
		m.Problems, m.More = m.Problems[:maxProblems], n-maxProblems
	}
	if a := s.agents[uid]; a != nil {
		a.link.Send(m)
	}
	c.answer(sent.Serial, err)
}

// Refresh reads the administrator's configuration again, makes the agent send its own, and returns the result
// (daemon.Options.Refresh).
func (s *Seat) Refresh(ctx context.Context) error {
	system, err := s.options.System()
	if err != nil {
		return fmt.Errorf("the administrator's configuration: %w", err)
	}
	s.settle(func() { s.system = system }) // it may start or stop mapping consoles
	s.mu.Lock()
	s.changed()
	uid, ok := s.active()
	a, c := s.agents[uid], s.users[uid]
	if !ok || a == nil || c == nil {
		s.mu.Unlock()
		return nil
	}
	s.serial++
	w := waiter{serial: s.serial, result: make(chan error, 1)}
	c.waiting = append(c.waiting, w)
	sent := a.link.Send(control.DaemonMessage{Kind: "reload", Serial: w.serial})
	s.mu.Unlock()
	if sent {
		select {
		case err := <-w.result:
			return err
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.waiting = slices.DeleteFunc(c.waiting, func(x waiter) bool { return x.serial == w.serial })
	return errors.New("the agent does not answer")
}
