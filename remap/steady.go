package remap

import (
	"slices"
	"time"
	"unicode/utf8"

	"toshy/remap/key"
)

// A steady action continues while its key is held: it runs again and again, or moves the pointer or wheel.
type steady struct {
	action *Action
	by     physicalKey
	began  time.Duration
	at     time.Duration // when it continues
	every  time.Duration
	window Window     // the focused window at its start
	pass   key.ModSet // as in runner
	rest   int64      // of a movement: remaining millionths of a step
}

const (
	// maxSteady bounds the number of steady actions at a time. A hand holds fewer keys.
	maxSteady = 16
	// glideStep is the time between two steps of a movement.
	glideStep = 10 * time.Millisecond
	// eventShare is the time that each event of a turbo gets; its events need only a quarter of it to go out.
	eventShare = 4 * burstPause / burstPiece
	// maxBehind bounds how much a steady action catches up: a machine that slept must not send everything it missed.
	maxBehind = time.Second
)

// ShortestTurbo is the shortest time between two runs of a DoTurbo.
const ShortestTurbo = 10 * time.Millisecond

// MaxSpeed is the highest speed of a DoGlide, in steps per second.
const MaxSpeed = 10_000

// keepDoing starts an action that continues while key i is held.
func (r *runner) keepDoing(a *Action, i int) {
	if i < 0 || len(r.steady) == maxSteady {
		return
	}
	s := steady{action: a, by: r.hand.physical(i), began: r.clock.now(), window: r.scene.focused(), pass: r.pass}
	if slices.ContainsFunc(r.steady, func(t steady) bool { return t.by == s.by && t.action == a }) {
		return // the key repeats
	}
	s.every = r.turn(a)
	s.at = s.began + s.every
	r.steady = append(r.steady, s)
	r.clock.expect()
}

// turn is the time between two runs of an action. All output of a run goes out before the next one begins.
func (r *runner) turn(a *Action) time.Duration {
	if a.Kind == DoGlide {
		return glideStep
	}
	n := a.List[0].events()
	return max(a.Time, ShortestTurbo, r.pacer.needs(n), time.Duration(n)*eventShare)
}

// events is the approximate maximum number of events that an action sends.
func (a *Action) events() int {
	n := 0
	switch a.Kind {
	case DoText, DoUnicode:
		for _, c := range a.Text {
			if c < utf8.RuneSelf && a.Kind == DoText {
				n += 4
			} else {
				n += 24
			}
		}
	case DoList, DoCall, DoCycle, DoIf:
		for _, x := range a.List {
			if x != nil {
				n += x.events()
			}
		}
	default:
		n = 4 + 2*len(a.Combo.Mods)
	}
	return n
}

// letGo notes that a key goes up.
func (r *runner) letGo(p physicalKey) {
	if len(r.steady) > 0 {
		r.endSteadyOf(p)
	}
}

func (r *runner) endSteadyOf(p physicalKey) {
	r.steady = slices.DeleteFunc(r.steady, func(s steady) bool { return s.by == p })
}

// endSteady ends all steady actions.
func (r *runner) endSteady() { r.steady = r.steady[:0] }

// endTurbo ends actions that type into the window that had the focus. A pointer keeps moving: it may have moved the focus
// itself.
func (r *runner) endTurbo() {
	r.steady = slices.DeleteFunc(r.steady, func(s steady) bool { return s.action.Kind == DoTurbo })
}

// steadyDue is the time when a steady action continues, Never if there is none. A macro that waits comes first.
func (r *runner) steadyDue() time.Duration {
	if len(r.steady) == 0 || r.waiting {
		return Never
	}
	return r.firstSteady()
}

func (r *runner) firstSteady() time.Duration {
	at := Never
	for i := range r.steady {
		at = min(at, r.steady[i].at)
	}
	return at
}

// goOn runs what is due.
func (r *runner) goOn() {
	r.steady = slices.DeleteFunc(r.steady, func(s steady) bool { return r.hand.find(s.by) < 0 })
	for n := 0; n < len(r.steady) && !r.waiting; n++ {
		s := &r.steady[n]
		if s.at > r.clock.now() {
			continue
		}
		if s.at = r.clock.now() + s.every; s.at < r.clock.call()-maxBehind {
			s.at = r.clock.call() + s.every
		}
		if s.action.Kind == DoGlide {
			r.glide(s)
			continue
		}
		r.scene.askAbout(s.window)
		r.run(s.action.List[0], -1, outside, s.pass)
		r.scene.askNow()
	}
}

// glide makes one step of the movement. Its speed grows evenly from a tenth.
func (r *runner) glide(s *steady) {
	a := s.action
	permille := int64(1000)
	if gone := r.clock.now() - s.began; gone < a.Time {
		permille = max(100, int64(gone*1000/a.Time))
	}
	const steps = int64(time.Second / glideStep) // per second
	s.rest += int64(a.Value) * permille * 1000 / steps
	if whole := s.rest / 1_000_000; whole != 0 {
		s.rest -= whole * 1_000_000
		r.pacer.pointer(key.Code(a.Axis), int32(whole))
	}
}

func sign(n int32) int32 {
	if n < 0 {
		return -1
	}
	return 1
}

// unsteady finds a part of an action that must not run again and again while a key is held, because it starts or switches
// something or waits; nil if there is none.
func (a *Action) unsteady() *Action {
	if a == nil {
		return nil
	}
	switch a.Kind {
	case DoNothing, DoIgnore, DoCombo, DoTap, DoText, DoUnicode, DoPointer, DoWithMark, DoSetWithMark:
		return nil
	case DoList, DoCall, DoCycle, DoIf:
		for _, x := range a.List {
			if u := x.unsteady(); u != nil {
				return u
			}
		}
		return nil
	}
	return a
}

// Steady says whether a DoTurbo can run the action.
func (a *Action) Steady() bool { return a.unsteady() == nil }
