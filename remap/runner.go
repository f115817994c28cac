package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

// runKind is what triggers a run of an action.
type runKind = int32

// outside is a run that no key event triggers, for example one by a timer.
const outside runKind = 4

// A frame is a list of actions that runs. The innermost frame is the last of runner.frames.
type frame struct {
	list   []*Action
	single *Action // instead of list
	macro  int     // instead of both: a macro being played, plus 1
	next   int
	call   bool   // the result of a function: binds nothing
	again  bool   // part of what DoRepeat runs, or of what follows an action: it must not repeat itself
	bind   bool   // the previous element was DoBind
	rest   string // of the text of the next element, whose beginning is typed
}

// A runner runs actions. An action runs to its end at once, unless it contains a wait or sends more than goes out at once.
// Then it is a macro: later keys wait for it and keep their order.
type runner struct {
	clock  *clock
	scene  *scene
	hand   *hand
	next   *next
	ledger *ledger
	layers *layers
	pacer  *pacer
	writer *writer
	macros *recorder

	frames  []frame
	steps   int        // of the current run, since it began or last waited
	pass    key.ModSet // modifiers that the current run does not use: they stay down with its output
	waiting bool       // a macro waits
	until   time.Duration
	taps    []tapCount
	delayed []delayedAction
	steady  []steady // what continues while a key is held
	mark    bool
	cycles  []cycle
	onUp    []onUp // what runs when keys go up
}

func newRunner(e *Engine) runner {
	return runner{
		clock: &e.clock, scene: &e.scene, hand: &e.hand, next: &e.next, ledger: &e.ledger, layers: &e.layers, pacer: &e.pacer, writer: &e.writer, macros: &e.macros,
		frames: make([]frame, 0, 2*maxDepth), taps: make([]tapCount, 0, 16), delayed: make([]delayedAction, 0, maxDelayed), onUp: make([]onUp, 0, maxOnUp), steady: make([]steady, 0, maxSteady),
	}
}

// waits says whether a macro waits.
func (r *runner) waits() bool { return r.waiting }

// due is the time when the waiting macro continues, Never if there is none.
func (r *runner) due() time.Duration {
	if r.waiting {
		return r.until
	}
	return Never
}

// idle says whether nothing runs or waits to run.
func (r *runner) idle() bool { return !r.waiting && len(r.delayed)+len(r.steady) == 0 }

func (r *runner) stop() { r.frames, r.waiting = r.frames[:0], false }

// abandon forgets everything that runs and waits. The ledger restores what a macro has lifted.
func (r *runner) abandon() {
	r.stop()
	r.dropLater()
	r.onUp = r.onUp[:0]
	r.endSteady()
}

// dropLater forgets counted taps and delayed actions.
func (r *runner) dropLater() { r.delayed, r.taps = r.delayed[:0], r.taps[:0] }

// forget forgets everything that belongs to a program: what waits, and the positions of cycles.
func (r *runner) forget() {
	r.dropLater()
	r.endSteady()
	r.cycles = r.cycles[:0]
}

// run runs an action. i is the key that triggers it, -1 for none; how is Press, Repeat, tapped or outside.
func (r *runner) run(a *Action, i int, how runKind, pass key.ModSet) {
	r.hand.extend()
	if a = r.scene.resolve(a); a == nil {
		return
	}
	if _, behind := r.pacer.behind(); how == Repeat && (behind || r.pacer.texts()) {
		return // it would never catch up; if the user still holds the key, it repeats again
	}
	if a.Kind == DoWithout {
		pass = a.without(pass)
		a = a.List[0]
	}
	r.pass = pass
	if c := single(a); c != nil && how == Press {
		if out := r.scene.layout().output(c.Combo.Key); len(c.Combo.Mods) == 0 && !r.scene.options().Reference {
			if _, isMod := r.scene.modOf(out); isMod {
				r.hand.becomes(i, out, pass)
				return
			}
		}
		r.ledger.keep(pass)
		r.holdCombo(c.Combo, i)
		r.ledger.keep(0)
		return
	}
	if len(r.frames) == 0 {
		r.steps = 0
	}
	r.frames = append(r.frames, frame{single: a, again: how == outside})
	r.runFrames(i, how)
}

// single returns the combo if the whole action is just one, else nil.
func single(a *Action) *Action {
	if a.Kind == DoList && len(a.List) == 1 {
		a = a.List[0]
	}
	if a.Kind == DoCombo {
		return a
	}
	return nil
}

// holdCombo sends a combo that stays down until key i goes up or another key goes down.
func (r *runner) holdCombo(c key.Combo, i int) {
	k := r.scene.layout().output(c.Key)
	if k >= key.WheelUp {
		r.ledger.tapCombo(c)
		r.ledger.restoreLifted()
		return
	}
	if r.ledger.holdsCombo() { // another key's combo; this key is a button or the wheel, which do not end combos
		r.hand.endCombo(-1)
	}
	r.ledger.holdCombo(c.Mods, k, r.hand.physical(i))
}

// bind sends a combo and keeps its first modifier down until the modifier that triggered it is released. With Cmd-Tab as
// Alt-Tab, the switcher stays open until you release Cmd.
func (r *runner) bind(c key.Combo) {
	if _, bound := r.ledger.boundBy(); !bound && len(c.Mods) > 0 {
		if in := r.hand.firstModifier(); in >= 0 {
			r.hand.bind(in, c.Mods)
		}
	}
	r.ledger.tapCombo(c)
}

// repeats says whether an action runs again while its key repeats. Actions that only send keys, texts and movements do,
// unless they say otherwise. The others run once per press; otherwise they would start, show or switch things again and
// again.
func (r *runner) repeats(a *Action) bool {
	a = r.scene.resolve(a)
	if a == nil {
		return false
	}
	if a.Repeats != RepeatsByKind {
		return a.Repeats == RepeatsAlways
	}
	switch a.Kind {
	case DoCombo, DoTap, DoBind, DoText, DoUnicode, DoPointer, DoRepeat, DoWithMark, DoSetWithMark, DoIgnore, DoNothing, DoWait, DoThrough:
		return true
	case DoCycle:
		return true
	case DoList, DoCall:
		return !slices.ContainsFunc(a.List, func(x *Action) bool { return !r.repeats(x) })
	}
	return false
}

// wait makes the macro continue at a given time.
func (r *runner) wait(until time.Duration) {
	r.waiting, r.until = true, until
	r.clock.expect()
}

// resume continues after a wait.
func (r *runner) resume() {
	r.waiting = false
	r.runFrames(-1, outside)
}

// cancel ends a waiting macro and restores what it has lifted.
func (r *runner) cancel() {
	if r.waiting {
		r.stop()
		r.ledger.restoreLifted()
	}
}

// maxSteps bounds the steps of one run without a wait, so that no program can block the engine or run for ever.
const maxSteps = 10_000

func (r *runner) runFrames(i int, how runKind) {
	r.ledger.keep(r.pass)
	for ; len(r.frames) > 0 && !r.waiting; r.steps++ {
		if r.steps >= maxSteps {
			r.stop()
			break
		}
		f := &r.frames[len(r.frames)-1]
		var a *Action
		switch {
		case f.single != nil && f.next == 0:
			a = f.single
		case f.next < len(f.list):
			a = f.list[f.next]
		case f.macro > 0 && r.macros.has(f.macro-1, f.next):
		default:
			r.frames = r.frames[:len(r.frames)-1]
			continue
		}
		if until, behind := r.pacer.behind(); behind {
			r.wait(until)
			break
		}
		if a != nil && r.awaitsTexts(a) {
			r.wait(r.clock.now() + burstPause)
			break
		}
		f.next++
		bind := f.bind && !f.call
		f.bind = false
		if f.macro > 0 {
			r.playKey(f.macro-1, f.next-1)
		} else if a != nil {
			r.step(a, i, how, f, bind)
		}
	}
	if !r.waiting {
		r.ledger.restoreLifted()
	}
	r.ledger.keep(0)
}

// awaitsTexts says whether an action begins only when the session has typed what is before it: a wait, and a text if it is not certain that
// the session answers.
func (r *runner) awaitsTexts(a *Action) bool {
	switch a.Kind {
	case DoWait:
		return r.pacer.texts()
	case DoText, DoUnicode:
		return r.pacer.tries()
	}
	return false
}

// text types a text, or what is left of it.
func (r *runner) text(a *Action, f *frame) {
	s := a.Text
	if f.rest != "" {
		s, f.rest = f.rest, ""
	}
	r.ledger.keep(0) // a text is the same if you hold Shift
	if a.Kind == DoText {
		f.rest = r.writer.typeText(s)
	} else {
		f.rest = r.writer.typeUnicode(s)
	}
	r.ledger.keep(r.pass)
	if f.rest != "" {
		f.next--
	}
}

// step runs one action. f is its frame. Pushing another frame makes f invalid.
func (r *runner) step(a *Action, i int, how runKind, f *frame, bind bool) {
	if a.forLaterKeys() && r.playing() {
		if a.Kind == DoNested && a.Nested.Immediate != nil {
			r.frames = append(r.frames, frame{single: a.Nested.Immediate, call: true, again: true})
		}
		return
	}
	switch a.Kind {
	case DoNothing:
	case DoIgnore:
		r.frames = r.frames[:len(r.frames)-1]
	case DoCombo:
		if bind {
			r.bind(a.Combo)
		} else {
			r.ledger.tapCombo(a.Combo)
		}
	case DoTap:
		r.ledger.tapCombo(a.Combo)
	case DoWithout:
		r.ledger.keep(a.without(r.pass))
		r.ledger.tapAside(a.List[0].Combo)
		r.ledger.keep(r.pass)
	case DoPress:
		r.press(a, i, how, f.again)
	case DoThrough:
		if i >= 0 && r.hand.is(i) != 0 {
			r.ledger.keep(r.hand.mods(i))
			r.ledger.tapCode(nil, r.hand.is(i))
			r.ledger.keep(r.pass)
		}
	case DoBind:
		f.bind = true
	case DoList:
		r.frames = append(r.frames, frame{list: a.List, call: f.call, again: f.again})
	case DoCall:
		r.frames = append(r.frames, frame{list: a.List, call: true, again: f.again})
	case DoCycle:
		r.frames = append(r.frames, frame{single: r.nextOf(a), call: true, again: f.again})
	case DoIf, DoDesktop:
		if x := r.scene.resolve(a); x != nil {
			r.frames = append(r.frames, frame{single: x, call: f.call, again: f.again})
		}
	case DoNested, DoEscapeKey, DoEscapeCombo:
		r.enter(a, i)
	case DoWait:
		r.steps = 0
		r.wait(r.pacer.freeAt() + a.Time)
	case DoText, DoUnicode:
		r.text(a, f)
	case DoTaps:
		if how == Repeat {
			break
		}
		if x := r.countTap(a); x != nil {
			r.recordTap(x)
			r.frames = append(r.frames, frame{single: x, call: f.call, again: f.again})
		}
	case DoSetMark:
		r.mark = a.Value != 0
	case DoWithMark, DoSetWithMark:
		r.mark = r.mark || a.Kind == DoSetWithMark
		r.markedCombo(a.List[0].Combo)
	case DoPointer:
		r.pacer.pointer(key.Code(a.Axis), a.Value)
	case DoTurbo:
		r.keepDoing(a, i)
		r.frames = append(r.frames, frame{single: a.List[0], call: true, again: true})
	case DoGlide:
		r.keepDoing(a, i)
		r.pacer.pointer(key.Code(a.Axis), sign(a.Value))
	case DoInspect:
		r.pacer.effect(r.scene.inspect())
	case DoEffect:
		r.pacer.effect(a.Effect)
	case DoRepeat:
		if !f.again {
			r.repeatLast()
		}
	case DoCancel:
		r.stop()
		r.dropLater()
		r.endSteady()
		r.next.cancel()
	default:
		r.changeState(a, i)
	}
}

// enter waits for the next key in another mode. The rest of all lists is skipped.
func (r *runner) enter(a *Action, i int) {
	var by physicalKey
	if i >= 0 {
		by = r.hand.physical(i)
	}
	r.next.enter(a, by, i >= 0)
	r.frames = r.frames[:0]
	if a.Kind == DoNested && a.Nested.Immediate != nil {
		r.frames = append(r.frames, frame{single: a.Nested.Immediate, call: true, again: true})
	}
}

// branch is the part of a choice that applies in an environment, nil if none does.
func (a *Action) branch(at *env) *Action {
	if a.Kind == DoDesktop {
		for i, c := range a.Conds {
			if c.eval(at) {
				return a.List[i]
			}
		}
		return nil
	}
	if a.Cond.eval(at) {
		return a.List[0]
	}
	if len(a.List) > 1 {
		return a.List[1]
	}
	return nil
}

// cycle is the position of a DoCycle.
type cycle struct {
	action *Action
	next   int
}

func (r *runner) nextOf(a *Action) *Action {
	for i := range r.cycles {
		if c := &r.cycles[i]; c.action == a {
			x := a.List[c.next%len(a.List)]
			c.next++
			return x
		}
	}
	r.cycles = append(r.cycles, cycle{a, 1})
	return a.List[0]
}

// markedCombo sends a combo, with Shift if the mark is set.
func (r *runner) markedCombo(c key.Combo) {
	if !r.mark {
		r.ledger.tapCombo(c)
		return
	}
	var mods [8]key.Mod
	n := copy(mods[:7], c.Mods)
	for _, m := range c.Mods {
		if m == key.Shift || m == key.LShift || m == key.RShift {
			r.ledger.tapCombo(c)
			return
		}
	}
	mods[n] = key.Shift
	r.ledger.tapCombo(key.Combo{Mods: mods[:n+1], Key: c.Key})
}

// repeatLast runs the last action again, or types the last key.
func (r *runner) repeatLast() {
	switch a, c, set := r.next.last(); {
	case a != nil:
		r.frames = append(r.frames, frame{single: a, call: true, again: true})
	case c != 0:
		var mods [16]key.Mod
		r.ledger.tapCombo(key.Combo{Mods: modsOf(set, &mods), Key: c})
	}
}
