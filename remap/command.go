package remap

import (
	"time"

	"toshy/remap/key"
)

// runKind is what an action is run from.
type runKind = int32

// outside is a run that no key event causes: a timer.
const outside runKind = 4

// A frame is a list of actions that is being run. The innermost is the last of macro.frames.
type frame struct {
	list   []*Action
	single *Action // instead of list
	next   int
	call   bool // result of a function: nothing is bound
	again  bool // part of what DoRepeat runs, or of what follows an action: it would repeat itself
	bind   bool // the element before was DoBind
}

// A macro is the action that is being run. It runs to its end at once, unless it has a wait in it:
// then later keys wait with it and keep their order.
type macro struct {
	frames  []frame
	waiting bool
	until   time.Duration
}

func (m *macro) running() bool { return m.waiting }

func (m *macro) stop() { m.frames, m.waiting = m.frames[:0], false }

// run runs an action. i is the key that causes it, -1 for none; how is Press, Repeat, tapped or
// outside.
func (e *Engine) run(a *Action, i int, how runKind) {
	if e.suspend.open {
		e.reopenWindow(windowSuspend, nil)
	}
	if a = e.resolve(a); a == nil {
		return
	}
	if c := single(a); c != nil && how == Press {
		e.holdCombo(c.Combo, &e.held[i])
		return
	}
	e.macro.frames = append(e.macro.frames, frame{single: a, again: how == outside})
	e.runFrames(i, how)
}

// resolve returns what a choice comes to now, nil for nothing. Another action is itself.
func (e *Engine) resolve(a *Action) *Action {
	for a != nil && (a.Kind == DoIf || a.Kind == DoDesktop) {
		a = e.choose(a)
	}
	return a
}

// single returns the combo that a whole action consists of, nil if it is anything else.
func single(a *Action) *Action {
	if a.Kind == DoList && len(a.List) == 1 {
		a = a.List[0]
	}
	if a.Kind == DoCombo {
		return a
	}
	return nil
}

// resumeMacro goes on after a wait.
func (e *Engine) resumeMacro() {
	e.macro.waiting = false
	e.runFrames(-1, outside)
}

// cancelMacro ends a macro that waits; what it has lifted comes back.
func (e *Engine) cancelMacro() {
	if e.macro.waiting {
		e.macro.stop()
		e.restoreLifted()
	}
}

// maxSteps bounds the steps of one run without a wait, so that no program can hold the engine up.
const maxSteps = 10_000

func (e *Engine) runFrames(i int, how runKind) {
	m := &e.macro
	for steps := 0; len(m.frames) > 0 && !m.waiting; steps++ {
		if steps == maxSteps {
			m.stop()
			break
		}
		f := &m.frames[len(m.frames)-1]
		var a *Action
		switch {
		case f.single != nil && f.next == 0:
			a = f.single
		case f.next < len(f.list):
			a = f.list[f.next]
		default:
			m.frames = m.frames[:len(m.frames)-1]
			continue
		}
		f.next++
		bind := f.bind && !f.call
		f.bind = false
		if a != nil {
			e.step(a, i, how, f, bind)
		}
	}
	if !m.waiting {
		e.restoreLifted()
	}
}

// step runs one action. f is its frame; pushing another makes f invalid.
func (e *Engine) step(a *Action, i int, how runKind, f *frame, bind bool) {
	m := &e.macro
	switch a.Kind {
	case DoNothing:
	case DoIgnore:
		m.frames = m.frames[:len(m.frames)-1]
	case DoCombo:
		if bind {
			e.bind(a.Combo)
		} else {
			e.tapCombo(a.Combo)
		}
	case DoTap:
		e.tapCombo(a.Combo)
	case DoBind:
		f.bind = true
	case DoList:
		m.frames = append(m.frames, frame{list: a.List, call: f.call, again: f.again})
	case DoCall:
		m.frames = append(m.frames, frame{list: a.List, call: true, again: f.again})
	case DoCycle:
		m.frames = append(m.frames, frame{single: e.nextOf(a), call: true, again: f.again})
	case DoIf, DoDesktop:
		if x := e.resolve(a); x != nil {
			m.frames = append(m.frames, frame{single: x, call: f.call, again: f.again})
		}
	case DoNested, DoEscapeKey, DoEscapeCombo:
		e.enter(a, i)
	case DoWait:
		m.waiting, m.until = true, max(e.now, e.paceFree)+a.Time
	case DoText:
		e.typeText(a.Text)
	case DoUnicode:
		e.typeUnicode(a.Text)
	case DoTaps:
		if how != Repeat {
			e.countTap(a)
		}
	case DoSetMark:
		e.mark = a.Value != 0
	case DoWithMark, DoSetWithMark:
		e.mark = e.mark || a.Kind == DoSetWithMark
		e.markedCombo(a.List[0].Combo)
	case DoPointer:
		e.emitPointer(key.Code(a.Axis), a.Value)
	case DoInspect:
		e.inspect()
	case DoEffect:
		e.out.Effects = append(e.out.Effects, a.Effect)
	case DoRepeat:
		if !f.again {
			e.repeatLast()
		}
	case DoCancel:
		m.stop()
		e.mode, e.capsWord = mode{}, false
		e.taps, e.delayed = e.taps[:0], e.delayed[:0]
		e.endOneShot()
	default:
		e.changeState(a, i)
	}
}

// changeState runs the actions that change variables, layers and switches.
func (e *Engine) changeState(a *Action, i int) {
	switch a.Kind {
	case DoSet:
		e.changeVar(a.Var, a.Value)
	case DoNext:
		e.changeVar(a.Var, (e.vars[a.Var]+1)%int32(len(e.compiled.program.Vars[a.Var].Values)))
	case DoLayerOn:
		e.layerOn(int(a.Value))
	case DoLayerOff:
		e.layerOff(int(a.Value))
	case DoLayerToggle:
		if e.layers[a.Value] {
			e.layerOff(int(a.Value))
		} else {
			e.layerOn(int(a.Value))
		}
	case DoLayerOnce:
		if l := int(a.Value) + 1; e.layerOnce != l {
			e.endLayerOnce()
			e.layerOnce = l
		}
		e.layerOn(int(a.Value))
	case DoLayerHold:
		if i >= 0 {
			e.holdLayer(&e.held[i], int(a.Value))
		}
	case DoOneShot:
		e.beginOneShot(a)
		e.oneShot.fresh = i >= 0 // a timer's is there for the very next key
	case DoCapsWord:
		e.capsWord = !e.capsWord
	case DoPassthrough:
		e.userPass = a.Value == 1 || a.Value == 2 && !e.userPass
		e.changes++
	}
}

// changeVar sets a variable from a key, and tells those who keep and show settings.
func (e *Engine) changeVar(i int, value int32) {
	if e.vars[i] != value {
		e.setVar(i, value)
		e.tellVar(i)
	}
}

// tellVar tells those who keep and show settings of the value that one has now.
func (e *Engine) tellVar(i int) {
	if told := e.compiled.varEffects[i]; told != nil {
		e.out.Effects = append(e.out.Effects, &told[e.vars[i]])
	}
}

// enter waits for the next key in another mode. The rest of all lists is skipped.
func (e *Engine) enter(a *Action, i int) {
	m := mode{kind: modeEscapeKey, deadline: Never, armed: true}
	if i >= 0 {
		m.dev, m.code, m.armed = e.held[i].dev, e.held[i].code, false
	}
	e.macro.frames = e.macro.frames[:0]
	switch a.Kind {
	case DoEscapeCombo:
		m.kind = modeEscapeCombo
	case DoNested:
		m.kind, m.nested, m.table = modeNested, a.Nested, e.compiled.nested[a.Nested]
		if a.Nested.Timeout > 0 {
			m.deadline = e.now + a.Nested.Timeout
		}
		if x := a.Nested.Immediate; x != nil {
			e.macro.frames = append(e.macro.frames, frame{single: x, call: true, again: true})
		}
	}
	e.mode = m
}

// choose returns the branch of a condition, or the action of a desktop.
func (e *Engine) choose(a *Action) *Action {
	d := e.device()
	at := env{window: &e.window, device: &d.info, vars: e.vars, layers: e.layers, groups: d.groups, program: e.compiled.program}
	if e.asked {
		at.window, at.groups = &e.askedFor, e.scratch[:0]
		for i := range at.program.Groups {
			at.groups = append(at.groups, at.program.Groups[i].Cond.eval(&at))
		}
		e.scratch = at.groups
	}
	return a.branch(&at)
}

// branch is the part of a choice that counts in an environment, nil for none.
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

// cycle remembers how far a DoCycle has come.
type cycle struct {
	action *Action
	next   int
}

func (e *Engine) nextOf(a *Action) *Action {
	for i := range e.cycles {
		if c := &e.cycles[i]; c.action == a {
			x := a.List[c.next%len(a.List)]
			c.next++
			return x
		}
	}
	e.cycles = append(e.cycles, cycle{a, 1})
	return a.List[0]
}

// markedCombo sends a combo, with Shift when the mark is set.
func (e *Engine) markedCombo(c key.Combo) {
	if !e.mark {
		e.tapCombo(c)
		return
	}
	var mods [8]key.Mod
	n := copy(mods[:7], c.Mods)
	for _, m := range c.Mods {
		if m == key.Shift || m == key.LShift || m == key.RShift {
			e.tapCombo(c)
			return
		}
	}
	mods[n] = key.Shift
	e.tapCombo(key.Combo{Mods: mods[:n+1], Key: c.Key})
}

// lastAction is what DoRepeat runs again, and the last tap of a tap-hold key.
type lastAction struct {
	action  *Action
	key     key.Code
	mods    key.ModSet
	tapHold *TapHold
	tapAt   time.Duration
}

func isRepeatLast(a *Action) bool {
	return a.Kind == DoRepeat || a.Kind == DoList && len(a.List) == 1 && a.List[0].Kind == DoRepeat
}

func (e *Engine) repeatLast() {
	switch l := &e.last; {
	case l.action != nil:
		e.macro.frames = append(e.macro.frames, frame{single: l.action, call: true, again: true})
	case l.key != 0:
		var mods [16]key.Mod
		n := 0
		for m := range key.Mod(16) {
			if l.mods>>m&1 != 0 {
				mods[n] = m
				n++
			}
		}
		e.tapCombo(key.Combo{Mods: mods[:n], Key: l.key})
	}
}

// wheelOut turns the wheel one step.
func (e *Engine) wheelOut(k key.Code) {
	axis, step := relWheel, int32(1)
	switch k {
	default:
		return // no key at all: a layout's table may name one
	case key.WheelUp:
	case key.WheelDown:
		step = -1
	case key.WheelLeft:
		axis, step = relHWheel, -1
	case key.WheelRight:
		axis = relHWheel
	}
	e.emitPointer(axis, step)
}
