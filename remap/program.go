package remap

import (
	"time"

	"toshy/remap/key"
)

// A Program is a whole configuration in the form the engine runs: what package config makes of TOML.
// It is plain data. [Compile] checks it and returns the [Compiled] form that [New] and Engine.Swap take.
type Program struct {
	Modifiers []Modifier  // custom ones, at most key.MaxCustom; key.Custom0+i in combos
	Sets      [][]key.Mod // key.Set0+i is these modifiers as one key; at most key.MaxSets
	Vars      []Var       // settings and states that conditions read and actions change
	Groups    []Group     // named conditions
	Layers    []string    // names of layers
	Macros    []string    // names of macros that can be recorded, at most MaxMacros
	LayerMods []key.Code  // of each layer, a modifier or set that it is while it is on; 0, or none for the last ones: none

	Hands Hands // which hand strikes which key, where that is not as usual

	Modmaps  []Modmap     // first active one that has the key wins
	TapHolds []TapHoldMap // likewise, looked up with the key that the modmap made
	Chords   []ChordMap   // likewise
	Keymaps  []Keymap     // first active one that has the combo wins

	Abbreviations []Abbreviations // first active table that has the word wins

	Timings []Timing // the first active rule that sets a value wins; the last one is the global one
	Pacings []Pacing // likewise

	Unicodes []Unicode // the first active rule is used; without one: hex, ended by Enter
	Options  Options
}

// Options are the switches of a whole program.
type Options struct {
	// Masking lets modifiers out at once where no suspend time is set, and hides a modifier that a
	// combo consumed behind a tap of MaskKey, so that no menu or overview opens. Without it the
	// engine withholds modifiers as the reference does, at least to the end of a batch.
	Masking bool
	MaskKey key.Code // 0: LeftCtrl

	// Reference reproduces xwaykeyz where toshy departs from it on purpose and the difference is not
	// one of Masking: counted taps are sent 150 ms late, a change of focus cancels nothing, a
	// key that two causes hold goes up with the first of them, and a held combo that puts a bound
	// modifier aside does not put it back.
	Reference bool

	IgnoreRepeats bool     // drop the keyboard's own autorepeat of remapped keys, forward it for others
	EjectKey      key.Code // gives the keyboards back and ends the program; 0: none
	DiagnosticKey key.Code // swallowed; asks for a dump of the state; 0: none
	Unreachable   Unreachable
	// Placeholder is typed for each character that UnreachablePlaceholder cannot type; "" drops it.
	Placeholder string
	// Folded is what UnreachableFold does with what is unreachable even then: UnreachableRefuse or
	// UnreachablePlaceholder. Any other value refuses.
	Folded    Unreachable
	TextLimit int  // characters in one text; 0: MaxText
	USLayout  bool // take the active layout for US, whatever it is
	USCombos  bool // match and send combos by the position of keys on a US keyboard
}

// A Modifier is a modifier of the user's own, carried by a key that is one everywhere then.
type Modifier struct {
	Name    string
	Carrier key.Code
	Hidden  bool // the carrier itself never reaches the output
}

// A Var is a setting (kept by the user) or a state (kept by the engine). Its value is an index into
// Values; a boolean has the Values "false", "true".
type Var struct {
	Name    string // "settings.option_layer", "state.rename"
	Values  []string
	Default int
	// Description and Needs are for who shows settings to people: a sentence, and the name of the boolean
	// setting without which this one does nothing, "" for none. The engine does not read them.
	Description, Needs string
	// ResetOnFocus, when not nil, puts the default back when the focus moves to where it is false.
	ResetOnFocus *Cond
	// ResetByApp puts the default back when another application gets the focus.
	ResetByApp bool
	// SetBy sets it when one of these combos goes out.
	SetBy []SetBy
}

// A Group is a named condition, evaluated once per change and used by other conditions.
type Group struct {
	Name string
	Cond *Cond
}

// Origin says where something was written, for messages and explain.
type Origin struct {
	File   string
	Line   int
	Column int
}

// A Modmap makes keys into other keys.
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
	// ByPhysicalKey chooses the map by the physical key and looks up in it what the modmap made of
	// that, as the reference does: a key of it that a modmap changes then is in no map.
	ByPhysicalKey bool
	// Physical looks keys up as they are on the keyboard, where no modmap changed them, instead of
	// as the modmaps made them.
	Physical bool
	Origin   Origin
	Lines    map[key.Code]Origin
}

// TapHold is one key with two meanings.
type TapHold struct {
	Tap, Hold key.Code
	TapDo     *Action // what a tap runs instead of being Tap; nil: nothing else
	HoldDo    *Action // what it runs when it becomes held, instead of being Hold
	HoldLayer int     // layer+1 that is on while held, instead of Hold; 0: none
	TimeoutDo *Action // what it runs when its time is over, instead of what it is when it is held; nil: that
	Preset    Preset
	Timeout   time.Duration // 0: Timing.TapHold
	QuickTap  time.Duration // pressed again within this time after a tap, the key is its tap at once and repeats; 0: off
	Idle      time.Duration // pressed within this time after a plain key, it is its tap at once; 0: as the preset has it, NoIdle: off

	// What the press of other keys says, physical ones. HoldKeys make it its hold at once, TapKeys its tap; IgnoreKeys decide
	// nothing. With OppositeHand a key of the same hand makes it its tap.
	HoldKeys, TapKeys, IgnoreKeys []key.Code
	OppositeHand                  bool
}

// NoIdle is a TapHold.Idle: however short ago a key was typed.
const NoIdle time.Duration = -1

// idle is how long ago the last plain key must lie.
func (t *TapHold) idle() time.Duration {
	if t.Idle == 0 && t.Preset == Balanced {
		return typingIdle
	}
	return t.Idle
}

// listens says whether other keys decide by what they are.
func (t *TapHold) listens() bool {
	return t.OppositeHand || len(t.HoldKeys)+len(t.TapKeys)+len(t.IgnoreKeys) > 0
}

// Preset is how a tap-hold key decides; docs/ENGINE.md has the decision tables.
type Preset uint8

const (
	// HoldDefault: hold on the press of any other key that is not itself undecided, on the release
	// of a modifier, and when the time is over; tap on its own release before that.
	HoldDefault  Preset = iota
	HoldOnPress         // hold on any other press and when the time is over
	Permissive          // hold when another key is pressed and released inside, and when the time is over
	TapPreferred        // hold only when the time is over
	Balanced            // as Permissive, but a key that was typed shortly before keeps it a tap (home-row keys)
)

// A ChordMap makes keys that are pressed together into an action.
type ChordMap struct {
	Name   string
	When   *Cond
	Chords []Chord
	Window time.Duration // 0: 50 ms
	Hold   time.Duration // how long the keys must be down together before the chord runs; 0: not at all
	Origin Origin
}

// window is how far apart the keys of the map's chords may come.
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

// A Keymap makes combos into actions.
type Keymap struct {
	Name    string
	When    *Cond
	Layer   int     // layer+1 of the layer that it belongs to; if several are on, the one that was turned on last comes first
	Passing Passing // which entries other modifiers pass
	Entries []Entry // if two name the same combo, the later one is used
	Level3  bool    // generated entries: left Alt sends right Alt (see Level3Entries)
	Origin  Origin
}

// Passing says for which entries of a keymap other modifiers may be held than those that they name. These modifiers
// pass: they stay down with what comes out. An entry whose combo says so ([key.Combo].Any) is always one.
type Passing uint8

const (
	// PassByLayer: entries without modifiers where a layer decides, and those that turn on a layer or one-shot modifiers.
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
	Immediate *Action // run when the first stroke is made; nil: nothing
	Entries   []Entry
	Timeout   time.Duration // 0: waits for ever
	OnTimeout *Action
	OnMiss    *Action // run first when a second stroke is not known, as the accent of a dead key
	Otherwise Otherwise
}

// Otherwise is what happens to a second stroke that a sequence does not know.
type Otherwise uint8

const (
	Swallow     Otherwise = iota // the reference's way
	PassThrough                  // goes out as it is
	LookUpAgain                  // looked up as a first stroke
)

// Timing are the times of one rule. A nil value leaves the decision to the next rule.
type Timing struct {
	When        *Cond // nil: global
	Suspend     *time.Duration
	TapHold     *time.Duration
	TapInterval *time.Duration // 150 ms to 1.5 s; another value is ignored
	MinTapDelay *time.Duration // 50 to 500 ms; another value is ignored
}

// Pacing slows the output down for programs that lose keys which come too fast. Each is 0 to 150 ms.
type Pacing struct {
	When     *Cond
	Pre      time.Duration // before each event of a combo, macro or modifier
	Post     time.Duration // after it
	FastPre  time.Duration // before each forwarded key (conformance only; 0 in configurations)
	FastPost time.Duration
}

// Unicode says how a character without a key is typed.
type Unicode struct {
	When   *Cond // nil: everywhere
	Method UnicodeMethod
	End    key.Code // ends a hex entry; 0: Enter
}

// UnicodeMethod is how a character without a key is typed.
type UnicodeMethod uint8

const (
	UnicodeHex     UnicodeMethod = iota // Ctrl-Shift-U, hex digits, Unicode.End (GTK, IBus, Fcitx)
	UnicodeRefuse                       // nothing is typed
	UnicodeCompose                      // a sequence of the user's compose file: see ComposeFile
)

// Unreachable is what happens to a text that the active layout cannot type.
type Unreachable uint8

const (
	UnreachableHex         Unreachable = iota // such characters are entered by the Unicode method
	UnreachableRefuse                         // the whole text is refused
	UnreachableFold                           // transliterated to ASCII, then refused
	UnreachablePlaceholder                    // Options.Placeholder stands for each such character
)
