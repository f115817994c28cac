package remap

import (
	"slices"
	"strings"
	"time"

	"toshy/remap/key"
)

// modeKind is what the next key is used for.
type modeKind uint8

const (
	modeTop         modeKind = iota // keymaps
	modeNested                      // the second stroke of a sequence
	modeEscapeKey                   // the key goes out unchanged
	modeEscapeCombo                 // the key goes out unchanged, with its modifiers
)

// A mode is a state that the next key ends. Repeats of the key that caused it do not end it.
type mode struct {
	kind     modeKind
	nested   *Nested
	strokes  *strokes
	deadline time.Duration
	trigger  physicalKey
	armed    bool // the key that caused it is up
}

// A next applies to the next key only: a sequence that waits for it, one-shot modifiers, a layer, or capitals.
type next struct {
	clock  *clock
	scene  *scene
	ledger *ledger
	layers *layers

	mode     mode
	oneShot  oneShot
	locked   locked
	mods     key.ModSet // of both
	layer    onceLayer  // a layer that ends with the next key
	capsWord bool

	// What DoRepeat runs again: an action or a key.
	lastAction *Action
	lastKey    key.Code
	lastMods   key.ModSet
}

func newNext(c *clock, s *scene, l *ledger, y *layers) next {
	return next{clock: c, scene: s, ledger: l, layers: y, locked: newLocked()}
}

// kind is what the next key is used for.
func (n *next) kind() modeKind { return n.mode.kind }

// second is the action of a second stroke, nil if there is none, and the modifiers that pass.
func (n *next) second(look comboKey) (*Action, key.ModSet) {
	if n.mode.strokes == nil {
		return nil, 0
	}
	return n.mode.strokes.find(look)
}

// take ends the mode and returns its sequence, if it has one.
func (n *next) take() *Nested {
	nested := n.mode.nested
	n.mode = mode{}
	return nested
}

// isTrigger says whether a key caused the mode and is still down.
func (n *next) isTrigger(p physicalKey) bool {
	return n.mode.kind != modeTop && !n.mode.armed && n.mode.trigger == p
}

// released notes that a key goes up.
func (n *next) released(p physicalKey) {
	if n.isTrigger(p) {
		n.mode.armed = true
	}
}

// enter waits for the next key in the mode of an action. If caused is true, by is the key that caused it.
func (n *next) enter(a *Action, by physicalKey, caused bool) {
	m := mode{kind: modeEscapeKey, deadline: Never, trigger: by, armed: !caused}
	switch a.Kind {
	case DoEscapeCombo:
		m.kind = modeEscapeCombo
	case DoNested:
		m.kind, m.nested, m.strokes = modeNested, a.Nested, n.scene.compiled().nested[a.Nested]
		if a.Nested.Timeout > 0 {
			m.deadline = n.clock.now() + a.Nested.Timeout
		}
	}
	n.mode = m
	n.clock.expect()
}

// sequenceDue is the time when the sequence ends by itself, Never if it does not.
func (n *next) sequenceDue() time.Duration {
	if n.mode.kind == modeNested {
		return n.mode.deadline
	}
	return Never
}

// past finds an entry that one-shot modifiers must not hide: another one-shot, which adds to them, or ends them. look is
// the combo with the modifiers.
func (n *next) past(look comboKey) *Action {
	v := n.scene.now()
	if n.mods == 0 || v.hasCombo[look.key()] == 0 {
		return nil
	}
	a, _ := v.combos.get(look &^ combo(n.mods, 0))
	if a != nil && (a.Kind == DoOneShot || a.Kind == DoCancel) {
		return a
	}
	return nil
}

// ran notes the action for DoRepeat. It does so only if the program has a DoRepeat, because what was typed must not stay in
// memory.
func (n *next) ran(a *Action) {
	if n.scene.compiled().repeats && !isRepeatLast(a) {
		n.lastAction = a
	}
	n.capsWord = n.capsWord && a.Kind == DoCapsWord
}

// typed notes the key for DoRepeat. Keys typed at a locked screen are not noted.
func (n *next) typed(c key.Code) {
	if n.scene.compiled().repeats && !n.scene.locked() {
		n.lastAction, n.lastKey, n.lastMods = nil, c, n.ledger.mods()
	}
}

// last is what DoRepeat runs again: an action, or a key with modifiers, or neither.
func (n *next) last() (*Action, key.Code, key.ModSet) { return n.lastAction, n.lastKey, n.lastMods }

func isRepeatLast(a *Action) bool {
	return a.Kind == DoRepeat || a.Kind == DoList && len(a.List) == 1 && a.List[0].Kind == DoRepeat
}

// toggleCapsWord starts or ends a word in capitals.
func (n *next) toggleCapsWord() { n.capsWord = !n.capsWord }

// inCapitals says whether caps-word is on.
func (n *next) inCapitals() bool { return n.capsWord }

// capitalises says whether to type a key as a capital. Keys other than letters, digits and joiners end caps-word.
func (n *next) capitalises(c key.Code) bool {
	if n.ledger.mods()&^key.Shift.Sides() != 0 {
		n.capsWord = false
		return false
	}
	if letters[c] {
		return true
	}
	n.capsWord = joiners[c]
	return c != key.Backspace && n.capsWord && c == minusKey
}

// forget ends everything meant for the next key.
func (n *next) forget() {
	n.mode = mode{}
	n.endOneShot()
	n.unlockAll()
	n.endOnce()
	n.capsWord = false
}

// cancel ends everything meant for the next key, except a layer.
func (n *next) cancel() {
	n.mode, n.capsWord = mode{}, false
	n.endOneShot()
	n.unlockAll()
}

// forgetLast forgets what DoRepeat would repeat.
func (n *next) forgetLast() { n.lastAction, n.lastKey, n.lastMods = nil, 0, 0 }

// abandon forgets everything meant for the next key. The caller lifts what it holds down.
func (n *next) abandon() {
	n.mode, n.oneShot, n.mods, n.capsWord, n.layer = mode{}, oneShot{}, 0, false, onceLayer{}
	n.locked.keys = n.locked.keys[:0]
}

// Keys that make up words on a US keyboard. A layout only exchanges letters among these.
var letters = keySet("qwertyuiopasdfghjklzxcvbnm")

var joiners = keySet("0123456789", "minus", "backspace", "delete")

var minusKey, _ = key.Parse("minus")

// keySet has the keys of some characters and names.
func keySet(chars string, names ...string) (set [key.Count]bool) {
	for _, name := range slices.Concat(names, strings.Split(chars, "")) {
		k, _ := key.Parse(name)
		set[k] = true
	}
	return set
}
