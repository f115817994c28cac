package desktop

import (
	"context"
	"fmt"
	"os"
	"sync"

	"go.uber.org/zap"

	"toshy/cmd/internal/daemon"
	"toshy/remap/window/logind"
	"toshy/remap/window/softkvm"
)

// Presence tells the daemon who gets the keys, according to logind and to the programs that share a keyboard between
// machines. Without both, we get them.
type Presence struct {
	Log *zap.Logger
	// Session is called when the seat's session has changed. It must not block, and may be nil.
	Session func(logind.Session)

	Logind logind.Watcher
	KVM    softkvm.Watcher

	uid uint32 // for tests; 0: that of the process
}

// presence is what is known, and from whom.
type presence struct {
	mu      sync.Mutex
	session *logind.Session // nil: not known
	why     string          // why it is not known; "": this machine has no logind
	away    bool            // the pointer is on another machine
	uid     uint32
	changed func(daemon.Place, string)
}

func (p *presence) update(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.changed(place(p.session, p.why, p.away, p.uid))
}

// Run calls changed with each change until ctx ends.
func (p Presence) Run(ctx context.Context, changed func(p daemon.Place, why string)) error {
	known := &presence{uid: p.uid, changed: changed}
	if p.uid == 0 {
		known.uid = uint32(os.Geteuid())
	}
	var running sync.WaitGroup
	running.Go(func() {
		FollowSession(ctx, p.Log, p.Logind, false, func(now *logind.Session, why string) {
			known.update(func() { known.session, known.why = now, why })
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

// FollowPointer reports whether the pointer is on another machine until ctx ends.
func FollowPointer(ctx context.Context, log *zap.Logger, w softkvm.Watcher, report func(away bool)) {
	if err := w.Run(ctx, report); err != nil && ctx.Err() == nil {
		log.Warn("keys are mapped even while the pointer is on another machine", zap.Error(err))
	}
}

// place decides who gets the keys. Root serves whoever sits at the machine.
func place(s *logind.Session, why string, away bool, uid uint32) (daemon.Place, string) {
	switch {
	case s == nil && why != "": // this person may be typing a password
		return daemon.Elsewhere, why
	case s == nil:
	case s.ID == "":
		return daemon.NotMapped, "nobody is logged in at this seat"
	case uid != 0 && s.UID != uid: // that includes a greeter: a password is typed there
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
