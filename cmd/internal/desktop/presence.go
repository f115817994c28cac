package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"toshy/cmd/internal/daemon"
	"toshy/remap/window"
	"toshy/remap/window/logind"
	"toshy/remap/window/softkvm"
)

// Presence tells the daemon for whom the keys are: by logind, and by the programs that share a keyboard
// between machines. Without either they are for us.
type Presence struct {
	Log *zap.Logger
	// Session is called when the seat's session has changed. It must not block, and may be nil.
	Session func(logind.Session)

	Logind logind.Watcher
	KVM    softkvm.Watcher

	uid uint32 // in tests; 0: that of the process
}

// logindTries is how often a logind that has never answered is looked for, with twice the pause each time:
// for about a minute.
const logindTries = 7

// presence is what is known, and by whom.
type presence struct {
	mu      sync.Mutex
	session *logind.Session // nil: not known
	away    bool            // the pointer is on another machine
	uid     uint32
	changed func(daemon.Place, string)
}

func (p *presence) update(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.changed(place(p.session, p.away, p.uid))
}

// Run calls changed with each change until ctx ends.
func (p Presence) Run(ctx context.Context, changed func(p daemon.Place, why string)) error {
	known := &presence{uid: p.uid, changed: changed}
	if p.uid == 0 {
		known.uid = uint32(os.Geteuid())
	}
	var running sync.WaitGroup
	running.Go(func() {
		FollowSession(ctx, p.Log, p.Logind, false, func(now *logind.Session) {
			known.update(func() { known.session = now })
			if now != nil && p.Session != nil {
				p.Session(*now)
			}
		})
	})
	running.Go(func() {
		FollowPointer(ctx, p.Log, p.KVM, func(away bool) { known.update(func() { known.away = away }) })
	})
	running.Wait()
	<-ctx.Done()
	return ctx.Err()
}

// FollowSession calls report with the active session of the seat and then with each change, until ctx ends.
// While logind is lost the last one counts; nil says that there is none on this machine, after about a minute. One that
// comes later counts when needed says that there is nothing to do without it.
func FollowSession(ctx context.Context, log *zap.Logger, w logind.Watcher, needed bool, report func(*logind.Session)) {
	if w.Seat == "" {
		w.Seat = os.Getenv("XDG_SEAT")
	}
	wait := &backoff.ExponentialBackOff{
		InitialInterval: time.Second, Multiplier: 2, RandomizationFactor: 0.2, MaxInterval: time.Minute,
	}
	seen, missed, tries := false, false, 0 // missed: it was said that there is none
	for {
		err := w.Run(ctx, func(s logind.Session) {
			seen, missed, tries = true, false, 0
			wait.Reset()
			report(&s)
		})
		if ctx.Err() != nil {
			return
		}
		log.Debug("logind", zap.Error(err))
		if tries++; tries >= logindTries && !missed && (!seen || errors.Is(err, window.ErrUnavailable)) {
			missed = true
			report(nil)
			if !needed {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// FollowPointer calls report with whether the pointer is on another machine until ctx ends.
func FollowPointer(ctx context.Context, log *zap.Logger, w softkvm.Watcher, report func(away bool)) {
	if err := w.Run(ctx, report); err != nil && ctx.Err() == nil {
		log.Warn("keys are mapped also while the pointer is on another machine", zap.Error(err))
	}
}

// place says for whom the keys are. Root serves whoever sits at the machine.
func place(s *logind.Session, away bool, uid uint32) (daemon.Place, string) {
	switch {
	case s == nil:
	case s.ID == "":
		return daemon.NotMapped, "nobody is logged in at this seat"
	case uid != 0 && s.UID != uid: // a greeter is one, too: a password is typed there
		return daemon.Elsewhere, fmt.Sprintf("%s has the session that is active on %s", s.User, s.Seat)
	case s.Locked:
		return daemon.NotMapped, "the screen is locked"
	case s.State == "closing":
		return daemon.NotMapped, "the session ends"
	case !s.Working():
		return daemon.NotMapped, "a " + s.Class + " is shown"
	}
	if away {
		return daemon.NotMapped, "the pointer is on another machine"
	}
	return daemon.Here, "the session is in use"
}
