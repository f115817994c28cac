package remap

import (
	"time"

	"toshy/remap/key"
)

// ActionKind says what an Action does and which of its fields are used.
type ActionKind uint8

const (
	// DoNothing runs nothing; the press is consumed.
	DoNothing ActionKind = iota
	// DoIgnore consumes the press and ends the list that contains it ("block").
	DoIgnore
	// DoCombo sends Combo. Alone in an entry it stays down while its trigger is held.
	DoCombo
	// DoTap sends Combo as a tap, never held.
	DoTap
	// DoBind, before a DoCombo in a list, keeps the combo's first modifier down until the modifier
	// that triggered it is released ("hold").
	DoBind
	// DoList runs List in order.
	DoList
	// DoCall runs List like the result of a function: it never holds keys, and binds nothing.
	DoCall
	// DoCycle runs the next element of List at each use.
	DoCycle
	// DoIf runs List[0] if Cond is true, else List[1]. Either may be missing.
	DoIf
	// DoNested waits for the next stroke in Nested.
	DoNested
	// DoEscapeKey lets the next key through unchanged, DoEscapeCombo the next combo.
	DoEscapeKey
	DoEscapeCombo
	// DoWait waits for Time before the rest of the list.
	DoWait
	// DoText types Text with the active layout.
	DoText
	// DoUnicode enters the characters of Text by the Unicode method.
	DoUnicode
	// DoTaps counts taps: List[n-1] runs after n taps (1 to 5). Nil elements do nothing. Time and Time2 are the tap interval
	// and the shortest delay; 0 takes them from the timing. If Value is not 0, List[n-1] runs at tap n itself.
	DoTaps
	// DoSetMark sets the mark to Value != 0. DoWithMark runs List[0], with Shift added if the mark is set. DoSetWithMark
	// sets it first.
	DoSetMark
	DoWithMark
	DoSetWithMark
	// DoSet sets Var to Value; DoNext steps it to its next value (a boolean flips).
	DoSet
	DoNext
	// DoLayerOn, DoLayerOff and DoLayerToggle change layer Value. DoLayerOnce turns it on for the next key, with Time and
	// the OneShot bits in Var, as in DoOneShot. DoLayerHold turns it on while the trigger is held.
	DoLayerOn
	DoLayerOff
	DoLayerToggle
	DoLayerOnce
	DoLayerHold
	// DoLayerOnly turns layer Value on and all others off. DoLayerSwap replaces the layer that was turned on last, and is
	// still held by a key, with layer Value.
	DoLayerOnly
	DoLayerSwap
	// DoOneShot holds Combo's modifiers for the next key, for at most Time; 0 means no limit. Value has the OneShot bits.
	DoOneShot
	// DoLock keeps Combo's modifiers, or its key, down until it runs again.
	DoLock
	// DoThrough lets the key that triggers it through unchanged.
	DoThrough
	// DoPress runs List[0] when its key goes down, and List[1] when the key goes up. Either may be nil.
	DoPress
	// DoWithout sends the combo List[0] without Combo's modifiers, if they are held and pass. If Combo has none, it sends it
	// without any.
	DoWithout
	// DoPointer moves the pointer or turns a wheel: relative axis Axis (REL_*) by Value.
	DoPointer
	// DoTurbo runs List[0] every Time while the trigger is held.
	DoTurbo
	// DoGlide moves axis Axis while the trigger is held. It reaches a speed of Value per second after Time.
	DoGlide
	// DoCapsWord types capitals until a key that is not a letter, a digit or a joiner.
	DoCapsWord
	// DoRepeat runs the last action or key again.
	DoRepeat
	// DoPassthrough turns remapping off and on again: Value 0 off, 1 on, 2 toggle.
	DoPassthrough
	// DoCancel ends macros, sequences, one-shots and pending multi-taps.
	DoCancel
	// DoDesktop runs the desktop's shortcut for the action named Text: the first action of List whose condition in Conds is
	// true (nil is always true).
	DoDesktop
	// DoInspect shows a notification with the facts about the focused window and the keyboard that conditions can test.
	DoInspect
	// DoRecord starts or stops the recording of macro Value. DoPlay plays it.
	DoRecord
	DoPlay
	// DoEffect asks the daemon for Effect.
	DoEffect
)

// An Action is what a combo does. Kind decides which fields are used.
type Action struct {
	Kind   ActionKind
	Combo  key.Combo
	List   []*Action
	Cond   *Cond
	Conds  []*Cond // of DoDesktop, one for each element of List
	Nested *Nested
	Text   string
	Time   time.Duration
	Time2  time.Duration
	Var    int // index into Program.Vars
	Value  int32
	Axis   uint16
	Effect *Effect
	// Repeats says whether the action runs again while its key repeats.
	Repeats Repeats
}

// Bits of a DoOneShot's Value.
const (
	OneShotUntilRelease int32 = 1 << iota // the modifiers stay until the next key goes up
	OneShotLocks                          // a second run keeps the modifiers down until the third
	OneShotCancels                        // a second run ends it
)

// Repeats says whether an action runs again while its key repeats.
type Repeats uint8

const (
	RepeatsByKind Repeats = iota // actions that send keys, texts and movements do; actions that start, show or switch something do not
	RepeatsAlways
	RepeatsNever
)

// EffectKind is the kind of an Effect.
type EffectKind uint8

const (
	EffectRun     EffectKind = iota // start Args[0] with its arguments, as the user, without a shell
	EffectNotify                    // show Text
	EffectDesktop                   // the desktop has no shortcut for the action named Text
	EffectVar                       // variable Var has a new Value, which the program saves and shows
	EffectEject                     // give the keyboards back and exit
	EffectDump                      // show the engine's state
	EffectRefused                   // Text could not be typed for the reason in Args[0]
)

// An Effect is something that the engine asks the program around it to do.
type Effect struct {
	Kind  EffectKind
	Text  string
	Args  []string
	Var   int
	Value int32
}

// Helpers for building programs by hand.

// Send is the action that sends a combo.
func Send(c key.Combo) *Action { return &Action{Kind: DoCombo, Combo: c} }

// List is the action that runs other actions in order.
func List(a ...*Action) *Action { return &Action{Kind: DoList, List: a} }

// Hold is the action that sends a combo and keeps its first modifier down until the modifier that triggered it is released.
func Hold(c key.Combo) *Action { return List(&Action{Kind: DoBind}, Send(c)) }
