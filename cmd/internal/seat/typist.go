package seat

import (
	"context"
	"errors"

	"toshy/cmd/internal/control"
	"toshy/remap"
)

// Typist is the seat as daemon.Options takes it: the agent of the user at the seat types what no key types.
type Typist struct{ *Seat }

// Run implements daemon.Typist.
func (t Typist) Run(ctx context.Context, can func(bool), typed func(uint64, remap.TypingResult)) error {
	return t.hear(ctx, func() { t.types, t.typed = can, typed }, func() { t.types, t.typed = nil, nil })
}

// Type implements daemon.Typist. Only the agent whose user's program is in use is asked, and none that is silent: it would type
// later, when nobody expects it.
func (t Typist) Type(q remap.Typing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	uid, ok := t.active()
	a := t.agents[uid]
	if ok && t.inUse == owner(uid) && t.session.Working() && a != nil && a.types && !a.silent &&
		a.link.Send(control.DaemonMessage{Kind: "type", Typing: &control.AgentTyping{Serial: q.Serial, Text: q.Text, Until: q.Until}}) {
		a.asksFor = q.Serial
		return
	}
	if t.typed != nil {
		t.typed(q.Serial, remap.TypingFailed)
	}
}

// results are the answers of agents.
var results = map[string]remap.TypingResult{"done": remap.TypingDone, "failed": remap.TypingFailed, "x11": remap.TypingForX11, "later": remap.TypingLater}

// takeTyped takes an agent's answer to the request that it has got, once.
func (s *Seat) takeTyped(a *agent, m *control.AgentTyped) error {
	result, ok := results[m.Result]
	if !ok {
		return errors.New("an answer of an unknown kind")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agents[a.uid] != a || !a.active || m.Serial == 0 || m.Serial != a.asksFor {
		return nil
	}
	a.asksFor = 0
	if s.typed != nil {
		s.typed(m.Serial, result)
	}
	return nil
}

// untyped answers for an agent that goes: keys wait for it. Under mu.
func (s *Seat) untyped(a *agent) {
	if a.asksFor != 0 && s.typed != nil {
		s.typed(a.asksFor, remap.TypingFailed)
	}
	a.asksFor = 0
}
