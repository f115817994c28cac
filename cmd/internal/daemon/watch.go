package daemon

import (
	"slices"

	"toshy/cmd/internal/control"
)

// A watcher is a client that shows the status.
type watcher struct{ report func(control.Event) }

// Watch calls report for each change that status displays show, but not for keys and windows (control.Handler).
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

// tellStatus tells the watchers when the status has changed.
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
