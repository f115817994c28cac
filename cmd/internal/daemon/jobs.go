package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/memory"
	"toshy/remap"
	"toshy/remap/key"
)

// A job is something that a client has asked to type. It goes out in steps, each of which presses and releases all of its
// keys. So the user's own keys pass between the steps, and whenever a job ends, nothing is down.
type job struct {
	all   []remap.Action
	steps []remap.Action // the remaining ones
	gap   time.Duration  // between steps
	ended chan error
}

const (
	// textPiece is the number of characters that go out at once, far fewer than a reader of the virtual keyboard can take.
	textPiece = 4
	textGap   = 4 * time.Millisecond
	// comboGap is how long programs have to handle a shortcut before the next: menus open, windows appear.
	comboGap = 20 * time.Millisecond
	maxJobs  = 8
	// MaxText is the longest text, in characters, that one request may type.
	MaxText = 1000
	// maxCombos is how many combos one request may press.
	maxCombos = 100
	// forgetAfter is how long after a request the typed text is wiped from memory.
	forgetAfter = 10 * time.Second
)

// Reasons why a job ends early.
var (
	errNotNow     = errors.New("nothing can be typed now")
	errFocusMoved = notNow("the focus moved to another application before everything was typed")
	errNotHere    = notNow("the keys no longer belong to this session")
	errPaused     = notNow("toshy was paused before everything was typed")
	errReloaded   = notNow("the configuration changed before everything was typed")
	errReleased   = notNow("all keys were lifted before everything was typed")
	errClientGone = notNow("the client disconnected before everything was typed")
)

func notNow(why string) error { return fmt.Errorf("%w: %s", errNotNow, why) }

// work types what a client asked for, and returns when that is done or not possible. If ctx ends first, no further step
// begins.
func (d *daemon) work(ctx context.Context, r control.Request) control.Response {
	defer d.forgetSoon()
	j := &job{ended: make(chan error, 1)}
	d.post(func() {
		if err := d.begin(j, r); err != nil {
			j.ended <- err
		}
	})
	select {
	case err := <-j.ended:
		if err == nil {
			return control.Response{OK: true}
		}
		a := control.Response{Error: err.Error(), Kind: control.KindRequest}
		if errors.Is(err, errNotNow) {
			a.Kind = control.KindState
		}
		var word *key.WordError
		if errors.As(err, &word) {
			a.Hint = hint(word)
		}
		return a
	case <-ctx.Done():
		d.post(func() { d.endJob(j, errClientGone) })
		return control.Response{Error: "the daemon is ending or does not answer"}
	}
}

// begin queues a job, on the loop.
func (d *daemon) begin(j *job, r control.Request) (err error) {
	switch {
	case d.at != Here:
		return notNow("keys are not mapped, " + d.why)
	case d.paused:
		return notNow("toshy is paused")
	case len(d.jobs) >= maxJobs:
		return notNow("too much is being typed already")
	case r.Command == "type":
		j.gap = textGap
		j.all, err = d.textSteps(r.Text)
	default:
		j.gap = comboGap
		j.all, err = d.comboSteps(r.Combos)
	}
	if err != nil {
		return err
	}
	j.steps = j.all
	d.jobs = append(d.jobs, j)
	if len(d.jobs) == 1 {
		d.jobDue = 0
	}
	return nil
}

// textSteps splits a text. Either all of a text can be typed, or nothing is.
func (d *daemon) textSteps(text string) (steps []remap.Action, err error) {
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return nil, errors.New("there is nothing to type")
	case n > MaxText:
		return nil, fmt.Errorf("the text has %d characters and at most %d are typed at once", n, MaxText)
	case !utf8.ValidString(text):
		return nil, errors.New("the text is not UTF-8")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return nil, errors.New("the text has control characters other than tab and newline")
	}
	if why := d.engine.Refuses(text); why != "" {
		return nil, errors.New(why)
	}
	steps = make([]remap.Action, 0, utf8.RuneCountInString(text)/textPiece+1)
	for begin, n := 0, 0; text != ""; n++ { // pieces of the text itself, so that it is in memory only once
		_, size := utf8.DecodeRuneInString(text[begin:])
		if begin += size; n%textPiece == textPiece-1 || begin == len(text) {
			steps = append(steps, remap.Action{Kind: remap.DoText, Text: text[:begin]})
			text, begin = text[begin:], 0
		}
	}
	return steps, nil
}

// comboSteps reads combos.
func (d *daemon) comboSteps(combos []string) (steps []remap.Action, err error) {
	if len(combos) == 0 {
		return nil, errors.New("there is nothing to press")
	}
	if len(combos) > maxCombos {
		return nil, fmt.Errorf("at most %d combos are pressed at once", maxCombos)
	}
	steps = make([]remap.Action, 0, len(combos))
	for _, text := range combos {
		c, err := key.ParseCombo(text, d.setup.Modifier)
		if err != nil {
			return nil, fmt.Errorf("combo %q: %w", text, err)
		}
		if c.Key.IsButton() {
			return nil, fmt.Errorf("combo %q: %s is a button of a mouse", text, c.Key)
		}
		steps = append(steps, remap.Action{Kind: remap.DoTap, Combo: c})
	}
	return steps, nil
}

// hint is the nearest valid word.
func hint(w *key.WordError) string {
	var names []string
	if errors.Is(w, key.ErrUnknownMod) {
		for n := range key.ModNames {
			names = append(names, n)
		}
	} else {
		for n := range key.Names {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	if near := key.Nearest(w.Word, slices.Values(names)); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "toshy keys lists the names of keys"
}

// stepJobs types the next piece, once everything before it is out.
func (d *daemon) stepJobs(now time.Duration) {
	for len(d.jobs) > 0 && now >= d.jobDue && d.engine.Idle() {
		j := d.jobs[0]
		if len(j.steps) == 0 {
			d.endJob(j, nil)
			continue
		}
		d.wake = d.engine.Perform(&j.steps[0], now, d.out)
		if d.wake <= now {
			d.wake = d.engine.Tick(now, d.out)
		}
		j.steps = j.steps[1:]
		d.jobDue = now + j.gap
	}
}

// jobDeadline is when stepJobs has something to do. While the engine still has output waiting, its own deadlines come
// first.
func (d *daemon) jobDeadline() time.Duration {
	if len(d.jobs) == 0 || !d.engine.Idle() {
		return remap.Never
	}
	return d.jobDue
}

// endJob forgets a job and tells whoever waits for it. The next one may begin at once. The engine may still point to the
// action, which now does nothing.
func (d *daemon) endJob(j *job, err error) {
	if i := slices.Index(d.jobs, j); i >= 0 {
		clear(j.all)
		d.jobs = slices.Delete(d.jobs, i, i+1)
		j.ended <- err
	}
}

// endJobs ends everything that is being typed.
func (d *daemon) endJobs(err error) {
	for len(d.jobs) > 0 {
		d.endJob(d.jobs[0], err)
	}
}

// forgetSoon wipes from memory what clients asked to type, and what was reported to them, while no key waits.
func (d *daemon) forgetSoon() {
	if d.forgetting.CompareAndSwap(false, true) {
		time.AfterFunc(forgetAfter, func() {
			d.forgetting.Store(false)
			memory.Wipe()
		})
	}
}
