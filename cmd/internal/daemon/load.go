package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
)

// loadTime is how long reading the configuration for a reload may take, endTime how long the end waits for what still runs.
const (
	loadTime = 10 * time.Second
	endTime  = 2 * time.Second
)

var (
	errLoadSlow    = errors.New("reading the configuration takes longer than 10 s: is it on a network that does not answer?")
	errLoadRunning = errors.New("the configuration is still being read, for longer than 10 s: is it on a network that does not answer?")
)

// A loader calls Options.Load, which reads files, on a goroutine that it can abandon: a file may be on a network that is
// down. While one runs, no other starts.
type loader struct {
	load    func() (*Setup, error)
	running *reading // abandoned
}

type reading struct {
	done   chan struct{} // closed at its end
	setup  *Setup
	err    error
	missed bool // it was still running when the configuration was requested again
}

// get reads the configuration until ctx ends or the time is over; 0: no limit.
func (l *loader) get(ctx context.Context, limit time.Duration) (*Setup, error) {
	if l.running != nil {
		select {
		case <-l.running.done: // its result is outdated
			l.running = nil
		default:
			l.running.missed = true
			return nil, errLoadRunning
		}
	}
	if limit > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, limit, errLoadSlow)
		defer cancel()
		ctx = limited
	}
	r := &reading{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.setup, r.err = l.load()
	}()
	select {
	case <-r.done:
		return r.setup, r.err
	case <-ctx.Done():
		l.running = r
		return nil, context.Cause(ctx)
	}
}

// late returns a channel that closes when the abandoned reading ends. Without such a reading, it is nil.
func (l *loader) late() <-chan struct{} {
	if l.running == nil {
		return nil
	}
	return l.running.done
}

// takeLate returns the result of the abandoned reading, which has ended, or reads again if that one began too early.
func (l *loader) takeLate(ctx context.Context, limit time.Duration) (*Setup, error) {
	if l.running.missed {
		return l.get(ctx, limit)
	}
	r := l.running
	l.running = nil
	return r.setup, r.err
}

// waitAtEnd waits for goroutines that were told to end, but not for ever: the keyboards are already given back, and nothing
// that hangs may keep the process.
func (d *daemon) waitAtEnd(running *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(endTime):
		d.log.Warn("a part of toshy did not stop in time; toshy ends without it", zap.Duration("waited", endTime))
	}
}
