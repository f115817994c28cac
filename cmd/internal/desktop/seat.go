package desktop

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"toshy/remap/window"
	"toshy/remap/window/logind"
)

const (
	// logindTries is how often to look for a logind that has never answered, with the pause doubling each time: for about a
	// minute.
	logindTries = 9
	// unsureAfter is how long logind may be silent before we no longer know who is at the seat. A restart takes less.
	unsureAfter = 3 * time.Second
	// askEvery is how often to ask logind whose session is active if no file reports changes.
	askEvery = 2 * time.Second
)

// Reasons for not knowing who is at the seat.
const (
	whyLost     = "logind does not answer, so toshy does not know who sits at the machine"
	whyChanging = "the session changes"
)

// A sitting is what is known about a seat. There are two sources: logind, over the bus, and the file that logind writes.
// The bus is used as long as the file does not contradict it, and the bus is connected or was a moment ago. On the bus, any
// user may try to get between logind and us, so that we miss a change; nobody can do that with the file.
type sitting struct {
	watcher *logind.Watcher
	log     *zap.Logger
	ask     chan struct{}
	report  func(s *logind.Session, why string)

	mu     sync.Mutex
	said   *logind.Session // from logind; nil: nothing yet
	linked bool            // connected to logind, so that said is current
	unsure bool            // logind has been silent for too long
	none   bool            // this machine has no logind
	lost   *time.Timer     // runs until unsure
	told   told
}

type told struct {
	any     bool
	session logind.Session
	known   bool
	why     string
}

// FollowSession calls report with the active session of the seat and then with each change, until ctx ends. If the session
// is not known, s is nil and why is the reason. If why is empty, this machine has no logind, which takes about a minute to
// find out. A logind that appears later is used if needed says that nothing works without it.
func FollowSession(ctx context.Context, log *zap.Logger, w logind.Watcher, needed bool, report func(s *logind.Session, why string)) {
	if w.Seat == "" {
		w.Seat = os.Getenv("XDG_SEAT")
	}
	ctx, stop := context.WithCancel(ctx)
	f := newSitting(&w, log, report)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { f.followFile(ctx) })
	f.followBus(ctx, needed)
}

func newSitting(w *logind.Watcher, log *zap.Logger, report func(*logind.Session, string)) *sitting {
	f := &sitting{watcher: w, log: log, report: report, ask: make(chan struct{}, 1)}
	w.Ask = f.ask
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose()
	return f
}

// followBus keeps the connection to logind until ctx ends, or until it finds that there is no logind and none is needed.
func (f *sitting) followBus(ctx context.Context, needed bool) {
	defer f.stop()
	wait := &backoff.ExponentialBackOff{
		InitialInterval: 250 * time.Millisecond, Multiplier: 2, RandomizationFactor: 0.2, MaxInterval: time.Minute,
	}
	for tries := 1; ; tries++ {
		err := f.watcher.Run(ctx, func(s logind.Session) {
			tries = 0
			wait.Reset()
			f.hear(s)
		})
		if ctx.Err() != nil {
			return
		}
		f.log.Debug("logind", zap.Error(err))
		f.update(f.lose)
		if tries == logindTries && errors.Is(err, window.ErrUnavailable) && f.isNone() && !needed {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// followFile looks at the seat's file whenever it changes. If the file does not exist or cannot be followed, it looks at
// intervals, and makes the bus ask logind.
func (f *sitting) followFile(ctx context.Context) {
	for {
		_ = f.watcher.FollowActive(ctx, f.look)
		select {
		case <-ctx.Done():
			return
		case <-time.After(askEvery):
			f.look()
		}
	}
}

// look compares the file with what logind has said, and makes the bus ask logind again.
func (f *sitting) look() {
	f.update(func() {})
	select {
	case f.ask <- struct{}{}:
	default:
	}
}

// hear stores what logind says.
func (f *sitting) hear(s logind.Session) {
	f.update(func() {
		f.stopTimer()
		f.said, f.linked, f.unsure, f.none = &s, true, false, false
	})
}

// lose notes that logind is silent. Under mu.
func (f *sitting) lose() {
	f.linked = false
	if f.lost != nil || f.unsure {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(unsureAfter, func() {
		f.update(func() {
			if f.lost == timer {
				f.lost, f.unsure = nil, true
			}
		})
	})
	f.lost = timer
}

// isNone says whether this machine has no logind: it has never answered, and nothing shows that it existed. Then that is
// reported.
func (f *sitting) isNone() (none bool) {
	_, file := f.watcher.Active()
	f.update(func() {
		f.none = f.said == nil && !file
		none = f.none
	})
	return none
}

func (f *sitting) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopTimer()
}

func (f *sitting) stopTimer() {
	if f.lost != nil {
		f.lost.Stop()
		f.lost = nil
	}
}

// update changes what is known and reports any change that results.
func (f *sitting) update(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	active, file := f.watcher.Active()
	now := told{any: true}
	switch {
	case f.none:
	case f.unsure && (f.said != nil || file):
		now.why = whyLost
	case f.said == nil:
		return
	case file && !active.Is(*f.said):
		now.why = whyChanging
	default:
		now.known, now.session = true, *f.said
	}
	if now == f.told {
		return
	}
	if now.why == whyLost {
		f.log.Warn("toshy gives the keyboards to nobody until logind answers again")
	}
	f.told = now
	if !now.known {
		f.report(nil, now.why)
		return
	}
	f.report(&now.session, "")
}
