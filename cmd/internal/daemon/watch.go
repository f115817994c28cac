package daemon

import (
	"slices"

	"toshy/cmd/internal/control"
)

// A watcher is a client that shows the status.
type watcher struct{ report func(control.Event) }

// Watch lets report know of each change of what people are shown: not of keys and windows
// (control.Handler).
func (d *daemon) Watch(report func(control.Event)) (stop func()) {
	w := &watcher{report}
	d.lock()
	d.watchers = append(d.watchers, w)
	d.unlock()
	return func() {
		d.lock()
		d.watchers = slices.DeleteFunc(d.watchers, func(x *watcher) bool { return x == w })
		d.unlock()
	}
}

// tellStatus tells those who show the status when it has changed.
func (d *daemon) tellStatus() {
	now := d.changes + d.engine.Changes()
	if now == d.toldChanges {
		return
	}
	d.toldChanges = now
	for _, w := range d.watchers {
		w.report(control.Event{Kind: "status"})
	}
}
