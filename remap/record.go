package remap

import (
	"slices"
	"time"

	"toshy/remap/key"
)

const (
	// MaxMacros is the number of macros that a program can record.
	MaxMacros = 16
	// maxRecorded bounds the keys of a macro.
	maxRecorded = 500
	// maxRecording bounds the time of a recording. If it takes longer, the user has forgotten it.
	maxRecording = 5 * time.Minute
)

// A recorded key is what the user did while a macro was recorded: a key with modifiers, which goes through the keymaps
// again when the macro is played, or an action that cannot, such as one from a layer.
type recorded struct {
	code    key.Code
	mods    key.ModSet // the held modifiers; for an action, those that passed
	literal bool       // the key went out unchanged, whatever keymaps have for it
	action  *Action
}

// A recorder keeps macros: what the user types during a recording. They are in memory only, and are forgotten when the
// screen is locked.
type recorder struct {
	clock *clock
	scene *scene

	macros [][]recorded // of the program
	now    int          // the macro being recorded, plus 1; 0: none
	until  time.Duration
}

func newRecorder(c *clock, s *scene) recorder { return recorder{clock: c, scene: s} }

// load makes room for a program's macros. Those of the previous program are gone.
func (m *recorder) load() {
	m.forget()
	n := len(m.scene.compiled().program.Macros)
	if m.macros = nil; n == 0 {
		return
	}
	m.macros = make([][]recorded, n)
	for i := range m.macros {
		m.macros[i] = make([]recorded, 0, maxRecorded)
	}
}

// recording says whether a macro is being recorded.
func (m *recorder) recording() bool { return m.now > 0 }

// name is the name of the macro being recorded, "" if there is none.
func (m *recorder) name() string {
	if m.now == 0 {
		return ""
	}
	return m.scene.compiled().program.Macros[m.now-1]
}

// isRecorded says whether this macro is being recorded.
func (m *recorder) isRecorded(i int) bool { return m.now == i+1 }

// due is the time when a forgotten recording ends, Never if there is none.
func (m *recorder) due() time.Duration {
	if m.now > 0 {
		return m.until
	}
	return Never
}

// toggle starts to record a macro, or ends its recording. It ends the recording of any other macro.
func (m *recorder) toggle(i int) {
	begin := !m.isRecorded(i) && !m.isSecret()
	m.now = 0
	if begin {
		m.wipe(i)
		m.now, m.until = i+1, m.clock.now()+maxRecording
		m.clock.expect()
	}
	m.scene.noteChange()
}

// isSecret says whether the window is known to ask for a password.
func (m *recorder) isSecret() bool {
	app := m.scene.focused().App
	return app != "" && asksForPasswords(app)
}

// wipe empties a macro. Nothing of it stays in memory.
func (m *recorder) wipe(i int) {
	clear(m.macros[i])
	m.macros[i] = m.macros[i][:0]
}

// discard ends a recording and does not keep it.
func (m *recorder) discard() {
	i := m.now - 1
	m.now = 0
	m.wipe(i)
	m.scene.noteChange()
}

// forget ends the recording and wipes all macros.
func (m *recorder) forget() {
	if m.now > 0 {
		m.discard()
	}
	for i := range m.macros {
		m.wipe(i)
	}
}

// moved notes that another window has the focus. If the recording continued in a window that asks for passwords, it would
// contain one.
func (m *recorder) moved() {
	if m.now > 0 && m.isSecret() {
		m.discard()
	}
}

// add records one more key. It returns false if there is no room: a macro that is too long is not kept.
func (m *recorder) add(r recorded) bool {
	i := m.now - 1
	if len(m.macros[i]) == maxRecorded {
		m.discard()
		return false
	}
	m.macros[i] = append(m.macros[i], r)
	return true
}

// addKey records a key with modifiers. literal: keymaps do not apply to it.
func (m *recorder) addKey(c key.Code, mods key.ModSet, literal bool) bool {
	return m.add(recorded{code: c, mods: mods, literal: literal})
}

// addAction records an action, with the modifiers that pass.
func (m *recorder) addAction(a *Action, pass key.ModSet) bool {
	return !a.isRecordable() || m.add(recorded{action: a, mods: pass})
}

// addMacro records the keys that another macro plays.
func (m *recorder) addMacro(i int) bool {
	for _, r := range m.macros[i] {
		if !m.add(r) {
			return false
		}
	}
	return true
}

// has says whether a macro has a key n.
func (m *recorder) has(i, n int) bool { return i < len(m.macros) && n < len(m.macros[i]) }

// action is what key n of a macro does with the current keymaps, and the modifiers that pass; nil for a key that goes out
// unchanged.
func (m *recorder) action(i, n int) (a *Action, pass key.ModSet) {
	r := &m.macros[i][n]
	if r.action != nil || r.literal {
		return r.action, r.mods
	}
	return m.scene.now().find(combo(r.mods, m.scene.layout().lookup(r.code)))
}

// key is key n of a macro, with its modifiers.
func (m *recorder) key(i, n int) (key.Code, key.ModSet) {
	return m.macros[i][n].code, m.macros[i][n].mods
}

// forLaterKeys says whether an action only changes what later keys mean. In a macro, those keys are recorded with their
// final meaning.
func (a *Action) forLaterKeys() bool {
	switch a.Kind {
	case DoNested, DoEscapeKey, DoEscapeCombo, DoTaps, DoLayerOn, DoLayerOff, DoLayerToggle, DoLayerOnce, DoLayerHold, DoLayerOnly, DoLayerSwap,
		DoOneShot, DoLock, DoCapsWord, DoPassthrough, DoCancel, DoRecord, DoPlay, DoRepeat, DoThrough:
		return true
	}
	return false
}

// isRecordable says whether an action does something when its macro is played. Actions that start or end a recording do not
// belong to it.
func (a *Action) isRecordable() bool {
	if a.Kind == DoNested {
		return a.Nested.Immediate != nil
	}
	return !a.forLaterKeys() && !a.records()
}

func (a *Action) records() bool {
	return a != nil && (a.Kind == DoRecord || slices.ContainsFunc(a.List, (*Action).records))
}

var (
	tooLongEffect = &Effect{Kind: EffectNotify, Text: "The macro was too long and is not kept: a macro has at most 500 keys."}
	tooLateEffect = &Effect{Kind: EffectNotify, Text: "The recording of the macro was not ended for five minutes and is not kept."}
)

// recordKey records key i, which goes out as id.
func (e *Engine) recordKey(i int, id key.Code, capital bool) {
	if e.scene.passing() {
		return
	}
	mods := e.hand.mods(i) | e.next.held() | e.layers.mods()
	a, _ := e.scene.now().find(combo(mods, e.scene.layout().lookup(id)))
	if capital {
		mods |= 1 << key.LShift
	}
	if !e.macros.addKey(id, mods, capital || a != nil && a.Kind != DoThrough) {
		e.pacer.effect(tooLongEffect)
	}
}

// recordMatch records an action that key i has triggered. If the keymaps alone decide what the key does, it records the
// key.
func (e *Engine) recordMatch(a *Action, i int, pass key.ModSet) {
	if e.scene.passing() {
		return
	}
	ok := true
	if isRepeatLast(a) {
		switch last, c, mods := e.next.last(); {
		case last != nil:
			ok = e.macros.addAction(last, 0)
		case c != 0:
			ok = e.macros.addKey(c, mods, true)
		}
	} else if c, mods := e.hand.is(i), e.hand.mods(i)|e.next.held(); a.isRecordable() && !e.scene.inLayer() && e.finds(a, combo(mods, e.scene.layout().lookup(c))) {
		ok = e.macros.addKey(c, mods, false)
	} else {
		ok = e.macros.addAction(a, pass)
	}
	if !ok {
		e.pacer.effect(tooLongEffect)
	}
}

// finds says whether the keymaps have an entry for a combo.
func (e *Engine) finds(a *Action, look comboKey) bool {
	found, _ := e.scene.now().find(look)
	return found == a
}

// recordLater records an action that a timer runs, or that another key triggers.
func (e *Engine) recordLater(a *Action) {
	if e.macros.recording() && !e.macros.addAction(a, 0) {
		e.pacer.effect(tooLongEffect)
	}
}

// recordingTimeout ends a forgotten recording.
func (e *Engine) recordingTimeout() {
	e.macros.discard()
	e.pacer.effect(tooLateEffect)
}

// recordTap records the action that the number of taps chose.
func (r *runner) recordTap(a *Action) {
	if r.macros.recording() && !r.playing() && !r.macros.addAction(a, r.pass) {
		r.pacer.effect(tooLongEffect)
	}
}

// play plays a macro. A macro that plays itself, or plays while it is recorded, would never end.
func (r *runner) play(i int) {
	if r.playing() || r.macros.isRecorded(i) {
		return
	}
	if r.macros.recording() && !r.macros.addMacro(i) {
		r.pacer.effect(tooLongEffect)
	}
	r.frames = append(r.frames, frame{macro: i + 1, again: true})
}

// playing says whether the current action belongs to a macro that is played.
func (r *runner) playing() bool {
	return slices.ContainsFunc(r.frames, func(f frame) bool { return f.macro > 0 })
}

// playKey plays key n of a macro, as a tap.
func (r *runner) playKey(i, n int) {
	var all [16]key.Mod
	r.pass = 0
	r.ledger.keep(0)
	a, pass := r.macros.action(i, n)
	if a == nil || a.Kind == DoThrough {
		c, mods := r.macros.key(i, n)
		r.ledger.tapCode(modsOf(mods, &all), c)
		return
	}
	if a = r.scene.resolve(a); a == nil {
		return
	}
	c := single(a)
	switch {
	case c == nil:
		r.frames = append(r.frames, frame{single: a, call: true, again: true})
	case r.isModifier(c.Combo):
	default:
		r.ledger.tapCombo(key.Combo{Mods: append(modsOf(pass&^modsIn(c.Combo), &all), c.Combo.Mods...), Key: c.Combo.Key})
	}
}

// isModifier says whether a combo makes its key a modifier while it is held.
func (r *runner) isModifier(c key.Combo) bool {
	_, is := r.scene.modOf(r.scene.layout().output(c.Key))
	return is && len(c.Mods) == 0
}

// modsOf lists modifiers.
func modsOf(set key.ModSet, all *[16]key.Mod) []key.Mod {
	n := 0
	for m := range key.Mod(16) {
		if set>>m&1 != 0 {
			all[n] = m
			n++
		}
	}
	return all[:n]
}

// modsIn are the modifiers of a combo, on both sides.
func modsIn(c key.Combo) (set key.ModSet) {
	for _, m := range c.Mods {
		set |= m.Sides()
		if m < key.ModFn {
			set |= 3 << (m &^ 1)
		}
	}
	return set
}
