// Package focus always knows which window has the focus, while desktops come and go.
//
// A [Follower] gets all sources, best first. It runs those whose desktop exists, uses the best one that reports, and stops
// the ones below it. If that one is lost, it tries all again, each with its own back-off. So it makes no difference whether
// toshy starts before the desktop, a compositor restarts, or the user logs out of one desktop and in to another.
//
// The key path reads [Follower.Current], one atomic load. A source never makes a reader wait, whatever it does: only the
// newest report is kept, and floods of reports are thinned out.
package focus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"toshy/remap/window"
)

const (
	// settle is how long to hold back "no window" after a window had the focus: KWin, Openbox and wlroots report it between
	// two windows, microseconds before the second.
	settle = 20 * time.Millisecond

	// The rate of calls of Config.Changed: this many at once, then one per interval. A person makes a few changes per
	// second; a program that sets its title in a loop makes thousands.
	changeBurst    = 16
	changeInterval = 10 * time.Millisecond

	// Back-off between two attempts at one source.
	retryFirst = 50 * time.Millisecond
	retryMost  = 30 * time.Second

	// How often to look for a missing desktop if folders report new sockets: for about two minutes.
	quietLooks = 12

	// How often to call Config.Kicked if no folder reports new sockets.
	kickedEvery = 10 * time.Minute

	// A connection that lasted this long was good: the next attempt is made at once.
	heldLong = 10 * time.Second
)

// A Candidate is a source and a way to tell whether to try it.
type Candidate struct {
	Source window.Source
	// Detect says whether the source's desktop seems to exist. It is called now and then, not for each key, and should not
	// wait. nil means always.
	Detect func() bool
}

// Config is the configuration of a Follower.
type Config struct {
	Candidates []Candidate // best first: a desktop's own interface before one that many share
	// Changed is called after Current has changed, from any goroutine but never from two at once. It should hand the change
	// over and return. One call may report several changes.
	Changed func()
	// Watch names folders in which desktops create their sockets. A new socket there is tried at once instead of after the
	// back-off; see [SocketFolders]. Without such folders, missing desktops are looked for every [retryMost] for ever; with
	// them, until [quietLooks] looks have found nothing.
	Watch []string
	// Kicked is called when all sources are checked again, after Kick or because of Watch, from any goroutine. Without Watch,
	// it is also called every [kickedEvery]: whoever waits for a desktop need not look on their own. It must not wait, and may
	// be nil.
	Kicked func()
}

// A Snapshot is what is known at one moment.
type Snapshot struct {
	Info  window.Info // zero when State is Unknown
	State window.State
	At    time.Time // of the report, or of the change to Stale or Unknown
}

// Status is what one source does, for people.
type Status struct {
	Name     string
	Detected bool  // according to the latest look
	Active   bool  // it is the one in use
	Err      error // why it does not run; nil if it runs or was not tried
}

// A Follower follows the focus on whichever desktop runs.
type Follower struct {
	changed func()
	kicked  func()
	watch   []string
	now     atomic.Pointer[Snapshot]

	mu      sync.Mutex
	all     []*candidate
	current *candidate  // nil: none is connected
	settle  *time.Timer // runs while "no window" is held back
	none    window.Info // the report that is held back
	stale   *time.Timer // runs while Stale
	limit   *rate.Limiter
	telling telling
	watched bool // Watch works
	closed  bool
}

// telling is the state of the call of Config.Changed.
type telling uint8

const (
	idle    telling = iota
	due             // arranged
	calling         // under way
	again           // under way, and something has changed since
)

type candidate struct {
	Candidate
	rank     int
	wake     chan struct{}
	run      *run // nil while it does not run; Follower.mu guards it, and everything below
	detected bool
	resting  bool // waits until the current source is lost
	kicked   bool // its back-off restarts
	absent   int  // consecutive looks that did not find it
	err      error
}

// A run is one call of Source.Run.
type run struct {
	cancel   context.CancelFunc
	started  time.Time
	reported bool
}

// New returns a Follower that knows nothing until Run is called.
func New(c Config) *Follower {
	f := &Follower{
		changed: c.Changed,
		kicked:  c.Kicked,
		watch:   c.Watch,
		limit:   rate.NewLimiter(rate.Every(changeInterval), changeBurst),
	}
	if f.changed == nil {
		f.changed = func() {}
	}
	if f.kicked == nil {
		f.kicked = func() {}
	}
	f.now.Store(&Snapshot{})
	for i, cand := range c.Candidates {
		f.all = append(f.all, &candidate{Candidate: cand, rank: i, wake: make(chan struct{}, 1)})
	}
	return f
}

// Current returns what is known now. It never waits.
func (f *Follower) Current() Snapshot { return *f.now.Load() }

// Sources returns the status of each source.
func (f *Follower) Sources() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	var s []Status
	for _, c := range f.all {
		s = append(s, Status{Name: c.Source.Name(), Detected: c.detected, Active: c == f.current, Err: c.err})
	}
	return s
}

// Run follows the focus until ctx ends, and returns its error when all sources have stopped. Call it once.
func (f *Follower) Run(ctx context.Context) error {
	var running sync.WaitGroup
	if len(f.watch) > 0 {
		if w, err := newWatch(f.watch); err == nil { // otherwise only the back-off finds a new desktop
			f.watched = true
			running.Go(func() { w.run(ctx, f.Kick) })
		}
	}
	if !f.watched {
		running.Go(func() { f.kickNow(ctx) })
	}
	for _, c := range f.all {
		running.Go(func() { f.keep(ctx, c) })
	}
	<-ctx.Done()
	running.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, t := range []*time.Timer{f.settle, f.stale} {
		if t != nil {
			t.Stop()
		}
	}
	return ctx.Err()
}

// Kick makes the follower check the sources again at once. Call it after an event that may have made a source available (a
// bus name appeared, the session changed).
func (f *Follower) Kick() {
	f.mu.Lock()
	for _, c := range f.all {
		c.kicked, c.absent = true, 0
		c.nudge()
	}
	f.mu.Unlock()
	f.kicked()
}

// kickNow calls Config.Kicked now and then until ctx ends.
func (f *Follower) kickNow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(kickedEvery):
			f.kicked()
		}
	}
}

func (f *Follower) wasKicked(c *candidate) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	kicked := c.kicked
	c.kicked = false
	return kicked
}

func (c *candidate) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// keep runs one source whenever it is available and no better one is connected.
func (f *Follower) keep(ctx context.Context, c *candidate) {
	wait := &backoff.ExponentialBackOff{
		InitialInterval: retryFirst, Multiplier: 2, RandomizationFactor: 0.2, MaxInterval: retryMost,
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		held := f.try(ctx, c)
		if held >= heldLong {
			wait.Reset()
		}
		if f.resting(c) {
			timer.Stop()
		} else {
			timer.Reset(wait.NextBackOff())
		}
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-c.wake:
			if f.wasKicked(c) {
				wait.Reset()
			}
		}
	}
}

// resting says whether c waits for a kick, without a timer: a better source is connected; or another one is, and this one's
// desktop does not exist; or it has been missing for a while, and a folder will report it.
func (f *Follower) resting(c *candidate) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.resting = f.current != nil && (f.current.rank < c.rank || !c.detected)
	return c.resting || f.watched && c.absent >= quietLooks
}

// try runs a source once, if it is available, and returns how long it was connected.
func (f *Follower) try(ctx context.Context, c *candidate) (held time.Duration) {
	detected := c.Detect == nil || c.Detect()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{cancel: cancel, started: time.Now()}

	f.mu.Lock()
	c.detected = detected
	if detected {
		c.absent = 0
	} else {
		c.absent++
		c.err = nil
	}
	start := detected && (f.current == nil || f.current.rank > c.rank)
	if start {
		c.run = r
	}
	f.mu.Unlock()
	if !start {
		return 0
	}

	err := c.Source.Run(ctx, func(i window.Info) { f.report(c, r, i) })

	f.mu.Lock()
	defer f.mu.Unlock()
	if c.run == r {
		c.run = nil
	}
	c.err = err
	if errors.Is(err, context.Canceled) {
		c.err = nil
	}
	if f.current == c {
		f.lost()
	}
	if !r.reported {
		return 0
	}
	return time.Since(r.started)
}

// report handles a report of a source.
func (f *Follower) report(c *candidate, r *run, i window.Info) {
	i = window.Clip(i)
	i.Source = c.Source.Name()
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.run != r {
		return // it was told to stop, but has not stopped yet
	}
	if f.current != c {
		f.take(c)
	}
	r.reported = true
	last := f.now.Load()
	if i.Class == "" && i.Title == "" && last.State == window.Known && (last.Info.Class != "" || last.Info.Title != "") {
		f.none = i
		if f.settle == nil {
			f.settle = time.AfterFunc(settle, f.settled)
		}
		return
	}
	f.unsettle()
	f.publish(i, window.Known)
}

// take makes c the source in use and stops the others.
func (f *Follower) take(c *candidate) {
	f.current = c
	c.err = nil
	f.unsettle()
	if f.stale != nil {
		f.stale.Stop()
		f.stale = nil
	}
	for _, o := range f.all[c.rank+1:] {
		if o.run != nil {
			o.run.cancel()
			o.run = nil // ignore its further reports
		}
	}
}

// settled is called when "no window" has lasted long enough.
func (f *Follower) settled() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.settle == nil || f.closed {
		return
	}
	f.settle = nil
	f.publish(f.none, window.Known)
}

func (f *Follower) unsettle() {
	if f.settle != nil {
		f.settle.Stop()
		f.settle = nil
	}
}

// lost is called when the source in use has ended.
func (f *Follower) lost() {
	f.current = nil
	f.unsettle()
	f.publish(f.now.Load().Info, window.Stale)
	var t *time.Timer
	t = time.AfterFunc(window.StaleAfter, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.stale == t && !f.closed {
			f.stale = nil
			f.publish(window.Info{}, window.Unknown)
		}
	})
	f.stale = t
	for _, c := range f.all {
		if c.resting { // the others keep their back-off; otherwise two failing sources would restart each other
			c.nudge()
		}
	}
}

// publish makes a snapshot the current one and reports it.
func (f *Follower) publish(i window.Info, s window.State) {
	if last := f.now.Load(); last.Info == i && last.State == s {
		return
	}
	f.now.Store(&Snapshot{Info: i, State: s, At: time.Now()})
	f.tell()
}

// tell arranges for one call of changed. There is never more than one running or due.
func (f *Follower) tell() {
	switch f.telling {
	case idle:
		f.telling = due
		if d := f.limit.Reserve().Delay(); d > 0 {
			time.AfterFunc(d, f.call)
		} else {
			go f.call() // not on the goroutine of a source, which the call could block
		}
	case calling:
		f.telling = again
	}
}

func (f *Follower) call() {
	f.mu.Lock()
	f.telling = calling
	closed := f.closed
	f.mu.Unlock()
	if closed {
		return
	}
	f.changed()
	f.mu.Lock()
	defer f.mu.Unlock()
	more := f.telling == again
	f.telling = idle
	if more {
		f.tell()
	}
}
