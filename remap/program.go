package remap

import (
	"time"

	"toshy/remap/key"
)

// A Program is a whole configuration in the form that the engine runs. Package config makes it from TOML. It is plain data.
// [Compile] checks it and returns the [Compiled] form that [New] and Engine.Swap take.
type Program struct {
	Modifiers []Modifier  // custom ones, at most key.MaxCustom; key.Custom0+i in combos
	Sets      [][]key.Mod // key.Set0+i is these modifiers as one key; at most key.MaxSets
	Vars      []Var       // settings and states that conditions read and actions change
	Groups    []Group     // named conditions
	Layers    []string    // names of layers
	Macros    []string    // names of macros that can be recorded, at most MaxMacros
	LayerMods []key.Code  // for each layer, a modifier or set that it acts as while it is on; 0, or missing at the end: none

	Hands Hands // which hand presses which key, where that is unusual

	Modmaps  []Modmap     // first active one that has the key wins
	TapHolds []TapHoldMap // the same, looked up with the key after the modmap
	Chords   []ChordMap   // the same
	Keymaps  []Keymap     // first active one that has the combo wins

	Abbreviations []Abbreviations // first active table that has the abbreviation wins

	Timings []Timing // the first active rule that sets a value wins; the last one is the global one
	Pacings []Pacing // the same

	Unicodes []Unicode // the first active rule is used; without one: hex, ended by Enter
	Options  Options
}

// Options are the switches of a whole program.
type Options struct {
	// Masking sends modifiers at once if no suspend time is set. If a combo uses a modifier, the engine hides it with a tap
	// of MaskKey, so that no menu or overview opens. Without Masking, the engine withholds modifiers as the reference does,
	// at least to the end of a batch.
	Masking bool
	MaskKey key.Code // 0: LeftCtrl for Alt and Super, Unknown for Control. A modifier hides only Alt and Super.

	// Reference reproduces xwaykeyz where toshy deliberately differs, apart from Masking: counted taps are sent 150 ms late;
	// a change of focus cancels nothing; a key held for two reasons goes up when the first one ends; a held combo that lifts
	// a bound modifier does not restore it.
	Reference bool

	IgnoreRepeats bool     // drop the keyboard's own autorepeat of remapped keys, forward it for others
	EjectKey      key.Code // gives the keyboards back and exits; 0: none
	DiagnosticKey key.Code // swallowed; requests a dump of the state; 0: none
	Unreachable   Unreachable
	// Placeholder replaces each character that UnreachablePlaceholder cannot type; "" drops it.
	Placeholder string
	// Folded is what UnreachableFold does with characters that have no ASCII form: UnreachableRefuse or
	// UnreachablePlaceholder. Any other value refuses.
	Folded    Unreachable
	TextLimit int  // characters in one text; 0: MaxText
	USLayout  bool // treat the active layout as US
	USCombos  bool // match and send combos by the position of keys on a US keyboard
}

// A Modifier is a custom modifier. A key carries it, and that key is then a modifier everywhere.
type Modifier struct {
	Name    string
	Carrier key.Code
	Hidden  bool // the carrier itself never reaches the output
}

// A Var is a setting (the user's program keeps it) or a state (the engine keeps it). Its value is an index into Values; a
// boolean has the Values "false" and "true".
type Var struct {
	Name    string // "settings.option_layer", "state.rename"
	Values  []string
	Default int
	// Description and Needs are for programs that show settings: a sentence, and the name of the boolean setting without
	// which this one does nothing ("" for none). The engine does not read them.
	Description, Needs string
	// ResetOnFocus, if not nil, restores the default when the focus moves to a window where it is false.
	ResetOnFocus *Cond
	// ResetByApp restores the default when another application gets the focus.
	ResetByApp bool
	// SetBy sets the variable when one of these combos goes out.
	SetBy []SetBy
}

// A Group is a named condition. It is evaluated once per change, and other conditions use it.
type Group struct {
	Name string
	Cond *Cond
}

// Origin is the place where something is written, for messages and explain.
type Origin struct {
	File   string
	Line   int
	Column int
}

// A Modmap turns keys into other keys.
type Modmap struct {
	Name   string
	When   *Cond // nil: always
	Keys   map[key.Code]key.Code
	Origin Origin
	Lines  map[key.Code]Origin // of single entries; may be nil
}

// A TapHoldMap gives keys a second meaning while they are held.
type TapHoldMap struct {
	Name string
	When *Cond
	Keys map[key.Code]TapHold
	// ByPhysicalKey chooses the map by the physical key, then looks up the key after the modmap in it, as the reference
	// does. A key of the map that a modmap changes then has no entry.
	ByPhysicalKey bool
	// Physical looks up keys that no modmap changed by their physical code, instead of all keys after the modmap.
	Physical bool
	Origin   Origin
	Lines    map[key.Code]Origin
}

// A TapHold is one key with two meanings.
type TapHold struct {
	Tap, Hold key.Code
	TapDo     *Action // what a tap runs, instead of sending Tap; nil: sends Tap
	HoldDo    *Action // what it runs when it becomes held, instead of sending Hold
	HoldLayer int     // layer+1 that is on while it is held, instead of Hold; 0: none
	TimeoutDo *Action // what it runs when its time is over, instead of what it does when held; nil: the same as held
	Preset    Preset
	Timeout   time.Duration // 0: Timing.TapHold
	QuickTap  time.Duration // if pressed again within this time after a tap, the key is its tap at once and repeats; 0: off
	Idle      time.Duration // if pressed within this time after a plain key, it is its tap at once; 0: as the preset has it, NoIdle: off

	// What presses of other physical keys decide. HoldKeys make it a hold at once, TapKeys a tap; IgnoreKeys decide nothing.
	// With OppositeHand, a key of the same hand makes it a tap.
	HoldKeys, TapKeys, IgnoreKeys []key.Code
	OppositeHand                  bool
}

// NoIdle is a TapHold.Idle that turns the check off.
const NoIdle time.Duration = -1

// idle is how much time must have passed since the last plain key.
func (t *TapHold) idle() time.Duration {
	if t.Idle == 0 && t.Preset == Balanced {
		return typingIdle
	}
	return t.Idle
}

// listens says whether other keys decide by which keys they are.
func (t *TapHold) listens() bool {
	return t.OppositeHand || len(t.HoldKeys)+len(t.TapKeys)+len(t.IgnoreKeys) > 0
}

// Preset is how a tap-hold key is decided; docs/ENGINE.md has the decision tables.
type Preset uint8

const (
	// HoldDefault: hold when any other key that is not itself undecided is pressed, when a modifier is released, and when
	// the time is over; tap when the key is released before that.
	HoldDefault  Preset = iota
	HoldOnPress         // hold when any other key is pressed, and when the time is over
	Permissive          // hold when another key is pressed and released inside, and when the time is over
	TapPreferred        // hold only when the time is over
	Balanced            // like Permissive, but a tap shortly after another typed key (home-row keys)
)

// A ChordMap maps keys that are pressed together to an action.
type ChordMap struct {
	Name   string
	When   *Cond
	Chords []Chord
	Window time.Duration // 0: 50 ms
	Hold   time.Duration // how long the keys must be held together before the chord runs; 0: runs at once
	Origin Origin
}

// window is the longest time between the presses of a chord of this map.
func (m *ChordMap) window() time.Duration {
	if m.Window == 0 {
		return defaultChordWindow
	}
	return m.Window
}

// A Chord is two or more keys, in any order.
type Chord struct {
	Keys   []key.Code
	Action *Action
	Origin Origin
}

// A Keymap maps combos to actions.
type Keymap struct {
	Name    string
	When    *Cond
	Layer   int     // layer+1 of its layer; if several layers are on, the one that was turned on last comes first
	Passing Passing // which entries let other modifiers pass
	Entries []Entry // if two name the same combo, the later one is used
	Level3  bool    // generated entries: left Alt sends right Alt (see Level3Entries)
	Origin  Origin
}

// Passing says for which entries of a keymap you may hold modifiers that they do not name. These modifiers pass: they stay
// down with the output. An entry whose combo says so ([key.Combo].Any) always lets them pass.
type Passing uint8

const (
	// PassByLayer: entries without modifiers if a layer activates the keymap, and entries that turn on a layer or one-shot
	// modifiers.
	PassByLayer Passing = iota
	PassAlways          // all entries
	PassNever           // none
)

// An Entry is one line of a keymap.
type Entry struct {
	Combo  key.Combo
	Action *Action
	Origin Origin
}

// A Nested keymap holds the second strokes of a sequence.
type Nested struct {
	Name      string
	Immediate *Action // run at the first stroke; nil: nothing
	Entries   []Entry
	Timeout   time.Duration // 0: waits for ever
	OnTimeout *Action
	OnMiss    *Action // run first if the second stroke has no entry, for example the accent of a dead key
	Otherwise Otherwise
}

// Otherwise is what happens to a second stroke that has no entry.
type Otherwise uint8

const (
	Swallow     Otherwise = iota // discarded, as in the reference
	PassThrough                  // goes out unchanged
	LookUpAgain                  // looked up as a first stroke
)

// Timing has the times of one rule. A nil value leaves the decision to the next rule.
type Timing struct {
	When        *Cond // nil: global
	Suspend     *time.Duration
	TapHold     *time.Duration
	TapInterval *time.Duration // 150 ms to 1.5 s; other values are ignored
	MinTapDelay *time.Duration // 50 to 500 ms; other values are ignored
}

// Pacing slows down the output for programs that lose keys which arrive too fast. Each pause is 0 to 150 ms.
type Pacing struct {
	When     *Cond
	Pre      time.Duration // before each event of a combo, macro or modifier
	Post     time.Duration // after it
	FastPre  time.Duration // before each forwarded key (conformance only; 0 in configurations)
	FastPost time.Duration
}

// Unicode says how to type a character without a key.
type Unicode struct {
	When   *Cond // nil: everywhere
	Method UnicodeMethod
	End    key.Code // ends a hex entry; 0: Enter
}

// UnicodeMethod is a way to type a character without a key.
type UnicodeMethod uint8

const (
	UnicodeAuto    UnicodeMethod = iota // by the session if it can (Engine.SetTypes), else UnicodeHex
	UnicodeHex                          // Ctrl-Shift-U, hex digits, Unicode.End (GTK, IBus, Fcitx)
	UnicodeRefuse                       // nothing is typed
	UnicodeCompose                      // a sequence of the user's compose file: see ComposeFile
)

// Unreachable is what to do with a text that the active layout cannot type.
type Unreachable uint8

const (
	UnreachableHex         Unreachable = iota // enter such characters by the Unicode method
	UnreachableRefuse                         // refuse the whole text
	UnreachableFold                           // transliterate to ASCII, else refuse
	UnreachablePlaceholder                    // replace each such character with Options.Placeholder
)
