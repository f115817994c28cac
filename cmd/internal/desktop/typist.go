package desktop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"toshy/evdev"
	"toshy/remap"
	"toshy/remap/key"
	"toshy/remap/window"
	"toshy/remap/window/wlr"
	"toshy/remap/window/x11"
)

// A Typist has the desktop type what no key types (daemon.Typist): by whatever it offers.
type Typist struct {
	log    *zap.Logger
	queue  chan remap.Typing
	kicked chan struct{}
	ways   []way // of the desktop

	x11     atomic.Bool   // the window that has the focus belongs to an X11 program
	focused chan struct{} // that, or whether the way reaches the window, has changed
}

// A way is one that desktops offer.
type way struct {
	name string
	open func(ctx context.Context) (typer, error)
	rest time.Duration // after a text, until the desktop gets back what typing has taken
}

// A typer types by one way, on one goroutine.
type typer interface {
	// Type types a text, or nothing; it takes until limit at most. An error ends the way.
	Type(ctx context.Context, text string, limit time.Time) (remap.TypingResult, error)
	// Reaches says whether it types in windows of X11 programs, or in those of others.
	Reaches(x11 bool) bool
	// Rest is called when nothing was typed for a while.
	Rest()
	// Check says why nothing can be typed any longer.
	Check(ctx context.Context) error
	Close()
}

const (
	// waitingTypings bounds what waits: the engine asks for one text at a time.
	waitingTypings = 4
	// typingRest is how long a way waits for the next text; xRest if it is an X server's, whose programs may still read the text.
	typingRest = 2 * time.Second
	xRest      = 10 * time.Second
	// longestTyping is how many characters a request may have.
	longestTyping = 64
)

// spareCodes are codes that hardly any keyboard sends. Chromium on Wayland only knows chromiumCodes, those of the rarest keys first: a
// user may have given others a function in the desktop.
var spareCodes, chromiumCodes = func() (spare, known []uint16) {
	for _, c := range key.Spare {
		if key.ChromiumKnows(c) {
			known = append(known, uint16(c))
		} else {
			spare = append(spare, uint16(c))
		}
	}
	for _, c := range slices.Backward(key.Borrowed) {
		known = append(known, uint16(c))
	}
	return spare, known
}()

// NewTypist returns a typist for every desktop that toshy knows.
func NewTypist(log *zap.Logger) *Typist {
	t := &Typist{log: log, queue: make(chan remap.Typing, waitingTypings), kicked: make(chan struct{}, 1), focused: make(chan struct{}, 1)}
	t.ways = []way{
		{"GNOME Shell", openGNOME, typingRest},
		{"Cinnamon", openCinnamon, typingRest},
		{"KWin", t.openKWin, typingRest},
		{"a virtual keyboard", openWlroots, xRest},
		{"the X server", openX11, xRest},
	}
	return t
}

// Kick has the desktop looked for: one may be there that was not. Call it whenever New calls kicked; after some tries, a Typist
// only looks again when it is kicked, and then as often.
func (t *Typist) Kick() { nudge(t.kicked) }

// Focused takes which window has the focus.
func (t *Typist) Focused(w window.Info) {
	if t.x11.Swap(w.X11) != w.X11 {
		nudge(t.focused)
	}
}

// Type implements daemon.Typist. What finds no place is not typed; the engine does not wait for ever.
func (t *Typist) Type(q remap.Typing) {
	select {
	case t.queue <- q:
	default:
	}
}

// Run implements daemon.Typist.
func (t *Typist) Run(ctx context.Context, can func(bool), typed func(uint64, remap.TypingResult)) error {
	wait := newBackOff()
	for tries := 1; ctx.Err() == nil; tries++ {
		way, w := t.find(ctx)
		if w == nil {
			var again <-chan time.Time
			if tries < looks {
				again = time.After(wait.NextBackOff())
			}
			if t.refuse(ctx, again, typed) { // a desktop that has just come may not type yet
				wait.Reset()
				tries = 0
			}
			continue
		}
		wait.Reset()
		tries = 0
		t.log.Debug("the desktop types characters without a key", zap.String("way", way.name))
		nudge(t.focused)
		err := t.serve(ctx, w, way.rest, can, typed)
		can(false)
		w.Close()
		if ctx.Err() == nil {
			t.log.Debug("the desktop no longer types characters without a key", zap.String("way", way.name), zap.Error(err))
		}
	}
	return ctx.Err()
}

// There says whether the desktop types what no key types.
func (t *Typist) There(ctx context.Context) bool {
	_, w := t.find(ctx)
	if w == nil {
		return false
	}
	w.Close()
	return true
}

// find connects to the first way that there is.
func (t *Typist) find(ctx context.Context) (way, typer) {
	for _, way := range t.ways {
		w, err := way.open(ctx)
		if err == nil {
			return way, w
		}
		t.log.Debug("a way to type characters without a key is not available", zap.String("way", way.name), zap.Error(err))
	}
	return way{}, nil
}

// refuse waits until the desktop may be there, and types nothing. A nil over never comes. kicked says whether something reported a
// desktop.
func (t *Typist) refuse(ctx context.Context, over <-chan time.Time, typed func(uint64, remap.TypingResult)) (kicked bool) {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return false
		case <-t.kicked:
			return true
		case q := <-t.queue:
			typed(q.Serial, remap.TypingFailed)
		}
	}
}

// serve types by one way until that ends.
func (t *Typist) serve(ctx context.Context, w typer, after time.Duration, can func(bool), typed func(uint64, remap.TypingResult)) error {
	rest := time.NewTimer(after)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.kicked:
			if err := w.Check(ctx); err != nil {
				return err
			}
		case <-t.focused:
			can(w.Reaches(t.x11.Load()))
		case <-rest.C:
			w.Rest()
		case q := <-t.queue:
			result, err := t.typeOne(ctx, w, &q)
			typed(q.Serial, result)
			if err != nil {
				return err
			}
			rest.Reset(after)
		}
	}
}

func (t *Typist) typeOne(ctx context.Context, w typer, q *remap.Typing) (remap.TypingResult, error) {
	left := q.Until - evdev.Now()
	if left <= 0 || !fit(q.Text) { // the engine has gone on
		return remap.TypingFailed, nil
	}
	result, err := w.Type(ctx, q.Text, time.Now().Add(left))
	if err != nil {
		result = remap.TypingFailed
	}
	return result, err
}

// fit says whether a text is one that the engine asks for: a few characters, none of which does something.
func fit(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= longestTyping && !strings.ContainsFunc(text, unicode.IsControl)
}

// wlroots types by a virtual keyboard, and in X11 programs by their X server.
type wlroots struct {
	keyboard *wlr.Typist
	x        *x11.Typist // nil: not connected
}

func openWlroots(ctx context.Context) (typer, error) {
	k, err := wlr.DialTypist(ctx, wlr.Options{}, chromiumCodes, spareCodes)
	if err != nil {
		return nil, err
	}
	return &wlroots{keyboard: k}, nil
}

func (w *wlroots) Type(ctx context.Context, text string, limit time.Time) (remap.TypingResult, error) {
	if w.x == nil {
		w.x, _ = x11.DialTypist(ctx, x11.Options{}, spareCodes, true) // without one, no X11 program has the focus
	}
	if w.x != nil {
		switch has, err := w.x.HasFocus(limit); {
		case err != nil:
			w.Rest()
			return remap.TypingFailed, nil
		case has:
			return w.typeX11(text, limit), nil
		}
	}
	switch err := w.keyboard.Type(text, limit); {
	case errors.Is(err, wlr.ErrTooMany):
		return remap.TypingFailed, nil
	default:
		return remap.TypingDone, err
	}
}

// Reaches is true: an X11 program is typed into by its own server.
func (w *wlroots) Reaches(bool) bool { return true }

// typeX11 types in an X11 program.
func (w *wlroots) typeX11(text string, limit time.Time) remap.TypingResult {
	switch err := w.x.Type(text, limit); {
	case errors.Is(err, x11.ErrLater):
		return remap.TypingLater
	case err != nil:
		w.Rest()
		return remap.TypingForX11
	}
	return remap.TypingDone
}

func (w *wlroots) Rest() {
	if w.x != nil {
		w.x.Close()
		w.x = nil
	}
}

func (w *wlroots) Check(context.Context) error { return w.keyboard.Check() }

func (w *wlroots) Close() {
	w.Rest()
	w.keyboard.Close()
}

// xServer types in an X11 session.
type xServer struct {
	x *x11.Typist // nil: not connected
}

func openX11(ctx context.Context) (typer, error) {
	if Surroundings().Session == "wayland" { // its X server has some of the windows only, and may not have been started yet
		return nil, fmt.Errorf("%w: it is a Wayland session", window.ErrUnavailable)
	}
	s := &xServer{}
	return s, s.Check(ctx)
}

// Check finds out whether there is a server that lets us in. Nothing stays connected while nothing is typed.
func (s *xServer) Check(ctx context.Context) error {
	s.Rest()
	x, err := x11.DialTypist(ctx, x11.Options{}, spareCodes, false)
	if err == nil {
		x.Close()
	}
	return err
}

func (s *xServer) Type(ctx context.Context, text string, limit time.Time) (remap.TypingResult, error) {
	if s.x == nil {
		x, err := x11.DialTypist(ctx, x11.Options{}, spareCodes, false)
		if err != nil {
			return remap.TypingFailed, err
		}
		s.x = x
	}
	err := s.x.Type(text, limit)
	if errors.Is(err, x11.ErrLater) {
		return remap.TypingLater, nil
	}
	return remap.TypingDone, err
}

func (s *xServer) Reaches(bool) bool { return true }

func (s *xServer) Rest() {
	if s.x != nil {
		s.x.Close()
		s.x = nil
	}
}

func (s *xServer) Close() { s.Rest() }
