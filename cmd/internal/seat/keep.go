package seat

import (
	"errors"
	"maps"

	"toshy/cmd/internal/control"
	toshyconfig "toshy/config"
)

// Keep makes the agent of the user at the seat keep a changed setting (daemon.Options.Keep). It never waits. If no agent is
// attached, the next one gets the setting: the daemon compares the agent's values with its own.
func (s *Seat) Keep(k control.KeptSetting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, ok := s.active()
	c := s.users[uid]
	if !ok || c == nil || s.inUse != owner(uid) { // it belongs to a user who is about to go, or to nobody
		return
	}
	if c.kept = maps.Clone(c.kept); c.kept == nil {
		c.kept = map[string]string{}
	}
	if k.Default {
		delete(c.kept, k.Name)
	} else {
		c.kept[k.Name] = k.Value
	}
	if a := s.agents[uid]; a != nil {
		a.link.Keep(k)
	}
}

// keptFits says why there are too many kept settings for a file of them.
func keptFits(kept map[string]string) error {
	n := 0
	for name, value := range kept {
		n += len(name) + len(value)
	}
	if n > toshyconfig.MaxKept {
		return errors.New("a configuration with too many kept settings")
	}
	return nil
}
