package control

import (
	"maps"
	"slices"
	"sync"
)

// A keeper has the changed settings that an agent must keep, with the newest value of each. So a slow agent loses none, and
// there are never more than the configuration has settings.
type keeper struct {
	due chan struct{}

	mu      sync.Mutex
	changes map[string]KeptSetting
}

// Keep tells the agent to keep a setting. It never waits.
func (l *Link) Keep(k KeptSetting) {
	l.keep.mu.Lock()
	if l.keep.changes == nil {
		l.keep.changes = map[string]KeptSetting{}
	}
	l.keep.changes[k.Name] = k
	l.keep.mu.Unlock()
	select {
	case l.keep.due <- struct{}{}:
	default:
	}
}

// writeKept sends the changes.
func (l *Link) writeKept() error {
	l.keep.mu.Lock()
	changes := l.keep.changes
	l.keep.changes = nil
	l.keep.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		k := changes[name]
		if err := answer(l.conn, DaemonMessage{Kind: "setting", Setting: &k}); err != nil {
			return err
		}
	}
	return nil
}
