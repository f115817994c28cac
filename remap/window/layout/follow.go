package layout

import (
	"context"
	"time"
)

// heldLong is how long a source must have run for its loss to be an accident; it is then tried again at once.
const heldLong = 10 * time.Second

// A Follower follows the layout on whichever desktop runs. If a source is lost, the last layout stays in use, because the
// user's layout outlives a compositor that restarts.
type Follower struct {
	sources []Source
	kick    chan struct{}
}

// NewFollower returns a follower of the first of the sources that runs.
func NewFollower(sources ...Source) *Follower {
	return &Follower{sources, make(chan struct{}, 1)}
}

// Kick makes the follower try again at once if it waits, because a new desktop may have started. If no source has run for
// two minutes, nothing else makes it try.
func (f *Follower) Kick() {
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

// Run calls report with each layout until ctx ends. It tells failed, which may be nil, why a source ended.
func (f *Follower) Run(ctx context.Context, report func(Layout), failed func(source string, err error)) error {
	wait := newBackOff()
	tries := 0
	for {
		tries++
		for _, s := range f.sources {
			started, ran := time.Now(), false
			err := s.Run(ctx, func(l Layout) {
				ran = true
				report(l)
			})
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if failed != nil {
				failed(s.Name(), err)
			}
			if ran {
				if time.Since(started) > heldLong {
					wait.Reset()
				}
				tries = 0
				break // start again with the best one
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.kick:
			wait.Reset()
			tries = 0
		case <-again(tries, wait):
		}
	}
}
