package seat

import (
	"context"
	"sync"

	"toshy/cmd/internal/daemon"
	"toshy/remap"
	"toshy/remap/window/logind"
)

// Focus, Layout and Presence are the parts of the seat for daemon.Options.
type (
	Focus    struct{ *Seat }
	Layout   struct{ *Seat }
	Presence struct{ *Seat }
)

// Run implements daemon.Focus.
func (f Focus) Run(ctx context.Context, changed func(remap.Window)) error {
	return f.hear(ctx, func() { f.window = changed }, func() { f.window = nil })
}

// Run implements daemon.Layout.
func (l Layout) Run(ctx context.Context, changed func(string, *remap.Layout)) error {
	return l.hear(ctx, func() { l.layout = changed }, func() { l.layout = nil })
}

// Run implements daemon.Presence. It also does the seat's own work.
func (p Presence) Run(ctx context.Context, changed func(daemon.Place, string)) error {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { p.reader(ctx) })
	running.Go(func() {
		p.options.Sessions(ctx, func(now *logind.Session, why string) {
			p.settle(func() { p.known, p.Seat.session, p.unknown = true, now, why })
		})
	})
	return p.hear(ctx, func() { p.place = changed }, func() { p.place = nil })
}

// hear passes changes to the daemon until ctx ends.
func (s *Seat) hear(ctx context.Context, begin, end func()) error {
	s.mu.Lock()
	begin()
	s.told = told{place: daemon.Here, layout: layout{name: "?"}} // no value is the same
	s.report()
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	end()
	s.mu.Unlock()
	return ctx.Err()
}
