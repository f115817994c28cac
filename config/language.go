package config

import (
	"slices"

	"toshy/remap"
)

// The tables of the language: which keys each may have, the form of their values, and their meaning in a line. Reading a
// file asks them which keys are allowed, and [Schema] is made from them. docs/CONFIG.md has the rest; a test compares it
// with them.

// A schema is a part of a JSON Schema.
type schema map[string]any

// A field is a key of a table.
type field struct {
	name  string
	doc   string
	value schema
}

// A table lists the keys that a table of the language may have.
type table []field

func (t table) names() []string {
	names := make([]string, len(t))
	for i := range t {
		names[i] = t[i].name
	}
	return names
}

// Values. A reference points to a definition of [Schema].
var (
	anyText     = schema{"type": "string", "minLength": 1}
	textOrEmpty = schema{"type": "string"}
	boolean     = schema{"type": "boolean"}
	onlyTrue    = schema{"const": true}
	condition   = ref("condition")
	keyName     = ref("key")
	comboText   = ref("combo")
	duration    = ref("duration")
	actionValue = ref("action")
	actionList  = schema{"type": "array", "items": actionValue, "minItems": 1}
	keyList     = schema{"type": "array", "items": keyName}
	textList    = oneOrMore(anyText)
	value       = schema{"type": []string{"string", "boolean"}}
)

func ref(name string) schema { return schema{"$ref": "#/$defs/" + name} }

func choice(names ...string) schema { return schema{"enum": names} }

// oneOrMore is a value or a list of values.
func oneOrMore(s schema) schema {
	return schema{"anyOf": []schema{s, {"type": "array", "items": s}}}
}

// named is a table whose keys are names that the user chooses.
func named(values schema) schema {
	return schema{"type": "object", "additionalProperties": values}
}

func numbers(low, high int) schema { return schema{"type": "integer", "minimum": low, "maximum": high} }

const identifierPattern = "^[A-Za-z_][A-Za-z0-9_]*$"

// identified is a table whose keys can be used in conditions, which reserve some words.
func identified(values schema, others ...string) schema {
	names := schema{"pattern": identifierPattern}
	if len(others) > 0 {
		names["not"] = schema{"enum": others}
	}
	return restricted(values, names)
}

// restricted is a table whose keys have restrictions.
func restricted(values, names schema) schema {
	return schema{"type": "object", "additionalProperties": values, "propertyNames": names}
}

var fileTable = table{
	{"extends", `what this file builds on: a built-in configuration, "mac" (the default), "mac-minimal" or "windows"; "none"; or the path of a file`, schema{"type": "string", "pattern": `^(mac|mac-minimal|windows|none)$|[./]`}},
	{"include", "files to read, in order; *, ? and [..] match any; relative to this file", oneOrMore(schema{"anyOf": []schema{anyText, ref("includeOn")}})},
	{"settings", "values of settings", named(value)},
	{"setting", "declares settings: switches that conditions read and toshy set changes", identified(ref("setting"))},
	{"state", "declares states, which only actions change", identified(ref("state"))},
	{"groups", "names for conditions", identified(ref("group"), reserved...)},
	{"modifiers", "other names for modifiers, and your own modifiers", restricted(ref("modifier"), schema{"pattern": `^[^-+ ]+$`})},
	{"keyboard", "rules that set the type of a keyboard", schema{"type": "array", "items": ref("keyboard")}},
	{"devices", "which keyboards are taken", ref("devices")},
	{"daemon", "what the system's daemon allows users' programs to request; takes effect only in the administrator's file", ref("daemon")},
	{"timing", "times that decide between tap and hold, and others", ref("timing")},
	{"pacing", "pauses in the output, for programs that lose keys", ref("pacing")},
	{"unicode", "how characters without a key are entered", ref("unicode")},
	{"options", "settings of the whole program", ref("options")},
	{"action", "what actions of the desktop do if its settings have no shortcut for them", named(ref("desktopAction"))},
	{"hands", "which hand strikes which key, for keys with opposite_hand", ref("hands")},
	{"modmap", "keys that become other keys, or have two meanings; if several active modmaps have the key, the first one is used", named(ref("modmap"))},
	{"chord", "keys that are pressed together", named(ref("chord"))},
	{"layer", "keymaps that are active while they are turned on, before all other keymaps", named(ref("layer"))},
	{"compose", "dead keys: what an accent makes from the next key", named(ref("compose"))},
	{"abbreviations", "abbreviations that are replaced when they are typed", named(ref("abbreviations"))},
	{"words", "descriptions of combos, for people to read; they change no keys", named(ref("words"))},
	{"keymap", "combos that become actions; if several active keymaps have the combo, the first one is used", named(ref("keymap"))},
}

var includeTable = table{
	{"file", "as a file of include", anyText},
	{"host", "names of machines: the file is read only on these", textList},
}

var topLevel = fileTable.names()

var (
	whenField     = field{"when", "a condition; without one, always", condition}
	disabledField = field{"disabled", "removes the table", boolean}
	extendField   = field{"extend", "confirms that the table changes the one with the same name in the configuration that the file builds on", boolean}
	keysField     = field{"keys", "combo = action", ref("keys")}
	passField     = field{"pass_modifiers", "whether entries also match while other modifiers are held; these stay down with the output. Default: only entries without modifiers, in a layer or in a keymap that needs one", boolean}
	charsField    = field{"characters", `combo = text that is typed as unicode does; "U+00E9" means é`, named(anyText)}
)

var modmapTable = table{whenField, disabledField, extendField, {"keys", "key = the key that it becomes, or two meanings", ref("modmapKeys")}}

var presets = []string{"default", "hold_on_press", "permissive", "tap_preferred", "balanced"}

var tapHoldTable = table{
	{"tap", "what a press and release without another key sends: a key or an action", actionValue},
	{"hold", "what it is while you hold it: a key, several modifiers (Ctrl-Alt), or an action", actionValue},
	{"layer", "the layer that is on while you hold it", anyText},
	{"on_timeout", "what it is after the timeout, in the form of hold (default: the same as hold)", actionValue},
	{"preset", "how it decides between tap and hold", choice(presets...)},
	{"timeout", "the time after which it is a hold, 1ms to 1m", duration},
	{"quick_tap", "if you press it again within this time, it is a tap at once and repeats, 0s to 1m", duration},
	{"idle", "if you press it within this time after another key, it is a tap at once, 0s to 1m; 0s: never", duration},
	{"opposite_hand", "a key of the same hand makes it a tap at once", boolean},
	{"hold_keys", "keys of the keyboard that make it a hold at once", keyList},
	{"tap_keys", "keys of the keyboard that make it a tap at once", keyList},
	{"ignore_keys", "keys of the keyboard that decide nothing", keyList},
}

// handsTable is [hands].
var handsTable = table{
	{"left", "keys of the keyboard that the left hand strikes", keyList},
	{"right", "keys that the right hand strikes", keyList},
	{"neither", "keys of neither hand, such as those of the thumbs", keyList},
}

var (
	chordTable  = table{whenField, disabledField, extendField, {"window", "the longest time between the presses of its keys, 1ms to 1s", duration}, {"hold", "how long you must hold its keys together before it runs, 1ms to 5s (default: not at all)", duration}, {"keys", "two or more keys joined by + = action", restricted(actionValue, schema{"pattern": `^[-+]*[^-+]+([-+]+[^-+]+)+[-+]*$`})}}
	layerTable  = table{whenField, disabledField, extendField, passField, {"modifiers", "modifiers for the keys that the layer does not name: Ctrl, or Ctrl-Alt", anyText}, keysField, charsField}
	keymapTable = table{whenField, disabledField, extendField, passField, keysField, charsField, {"level3", "left Alt with any character key sends right Alt with it", boolean}}
)

var composeTable = table{
	disabledField,
	{"accent", "typed when the next key is not in the table", anyText},
	{"characters", "combo = what that key types", named(anyText)},
}

var abbreviationsTable = table{
	whenField, disabledField, extendField,
	{"texts", "abbreviation of 2 to 16 characters = the text that replaces it", named(anyText)},
}

var wordsTable = table{
	whenField, disabledField,
	{"group", "the heading that they are listed under (default: that of your own rules)", anyText},
	{"keys", "combo = what it is for", named(textOrEmpty)},
}

var settingTable = table{
	{"values", "the allowed values (default: true and false)", textList},
	{"default", "the value at first", value},
	{"description", "what it is for, in a line", textOrEmpty},
	{"needs", "another setting that is true or false: while it is false, this one is false, too", anyText},
}

var stateTable = table{
	{"values", "the allowed values (default: true and false)", textList},
	{"default", "the value at first", value},
	{"reset", "puts the default back when the focus moves to where this is true", condition},
	{"set_by", "desktop actions whose shortcuts set it, from any keymap, with the value for each", named(value)},
	{"reset_by_app", "puts the default back whenever another application gets the focus", boolean},
}

var matchKeys = []string{"app", "title", "exe", "device", "keyboard", "desktop", "session"}

// groupTable is a table of [groups]. All its keys must match.
var groupTable = func() table {
	var t table
	for _, k := range matchKeys {
		t = append(t, field{k, "an exact name, a /regular expression/, or a list of these", textList}, field{"not_" + k, "none of these", textList})
	}
	return append(t,
		field{"any", "tables; at least one must match", schema{"type": "array", "items": ref("matchTable")}},
		field{"when", "a condition that must hold too", condition},
		field{"add", "application classes to add to the group of the same name in the configuration that the file builds on", textList},
		field{"remove", "application classes, taken out of that group", textList},
		field{"replace", "says that this means to replace the group of that name in the configuration that the file builds on", boolean})
}()

var modifierTable = table{
	{"carrier", "the key that it is", keyName},
	{"hidden", "programs never see that key", boolean},
}

var keyboardTable = table{
	{"match", "the keyboards that are meant: all of it must hold; without it, all keyboards", ref("deviceMatch")},
	{"type", "a name of your choice", schema{"type": "string", "pattern": identifierPattern}},
	{"debounce", "how long its switches chatter, 1ms to 40ms: a key that is pressed again within this time was never up", duration},
}

var deviceTable = table{
	{"vendor", "number of the maker, such as 0x05ac", oneOrMore(numbers(0, 0xffff))},
	{"product", "number of the product", oneOrMore(numbers(0, 0xffff))},
	{"bus", "how it is connected", oneOrMore(schema{"anyOf": []schema{choice(busNames...), numbers(0, 0xffff)}})},
	{"name", "exact, or /regular expression/", textList},
	{"phys", "exact, or /regular expression/", textList},
	{"machine", "maker of the computer, exact, or /regular expression/", textList},
}

var devicesTable = table{
	{"allow", "only these keyboards are taken", ref("devicesList")},
	{"also", "toshy also takes these devices, whatever they are", ref("devicesList")},
	{"ignore", "these keyboards are never taken", ref("devicesList")},
}

var actionTable = table{
	{"do", "action to run, whatever shortcut the desktop has", actionValue},
	{"rule", "what it is where the desktop's settings do not say; the first active rule wins", schema{"type": "array", "items": ref("actionRule")}},
}

var actionRuleTable = table{whenField, {"do", "the action", actionValue}}

var timingFields = table{
	{"suspend", "how long a modifier is held back to wait for a combo, 0s to 10s", duration},
	{"tap_hold", "after this time, an undecided key is a hold, 0s to 1m", duration},
	{"tap_interval", "how far apart the presses of taps may be, 150ms to 1.5s", duration},
	{"min_tap_delay", "the shortest time between them, 50ms to 500ms", duration},
}

var pacingFields = table{
	{"pre", "a pause before each event that is sent, 0s to 150ms", duration},
	{"post", "a pause after each event that is sent, 0s to 150ms", duration},
}

var (
	timingTable     = slices.Concat(timingFields, table{{"rule", "times for some situations; the first active rule that has a value wins", schema{"type": "array", "items": ref("timingRule")}}})
	timingRuleTable = slices.Concat(timingFields, table{whenField})
	pacingTable     = slices.Concat(pacingFields, table{{"rule", "pauses for some situations; the first active rule wins", schema{"type": "array", "items": ref("pacingRule")}}})
	pacingRuleTable = slices.Concat(pacingFields, table{whenField})
)

var unicodeMethods = []string{"auto", "hex", "refuse", "compose"}

var unicodeFields = table{
	{"method", "by the desktop if it can, else as hex; Ctrl-Shift-U and digits; not at all; or a sequence of the user's compose file", choice(unicodeMethods...)},
	{"end", "the key that ends a hex entry; Enter", keyName},
}

var (
	unicodeTable     = slices.Concat(unicodeFields, table{{"rule", "methods for some situations; the first active rule wins", schema{"type": "array", "items": ref("unicodeRule")}}})
	unicodeRuleTable = slices.Concat(unicodeFields, table{whenField})
)

// The choices of [options].
var (
	unreachables = []string{"hex", "refuse", "fold", "placeholder"}
	foldeds      = []string{"refuse", "placeholder"}
	layouts      = []string{"auto", "us"}
)

var optionsTable = table{
	{"masking", "modifiers go out at once, and one that a combo used is hidden behind a tap of mask_key", boolean},
	{"mask_key", "the key that hides a modifier; LeftCtrl, and Unknown for Control", keyName},
	{"ignore_repeats", "drops the keyboard's own repetition of keys that are mapped", boolean},
	{"eject_key", `gives the keyboards back and ends toshy; or "none"`, keyName},
	{"panic_chords", `chords of 3 to 6 keys; each gives the keyboards back, and takes them again: "Backspace+Esc+Enter"`, schema{"type": "array", "items": schema{"type": "string", "pattern": `^[^-+]+([-+][^-+]+){2,5}$`}, "minItems": 1, "maxItems": maxPanicChords}},
	{"diagnostic_key", `shows the engine's state; or "none"`, keyName},
	{"unreachable", "what happens to characters of a text that the layout has not", choice(unreachables...)},
	{"placeholder", "what replaces them", textOrEmpty},
	{"folded", "what happens to those that have no plain form", choice(foldeds...)},
	{"text_limit", "characters that one text may have", numbers(1, remap.MaxText)},
	{"layout", "whether texts and combos follow the active keyboard layout, or take it for US", choice(layouts...)},
	{"layout_combos", "whether combos follow the symbols of the active layout, or the positions of a US keyboard", choice(layouts...)},
	{"reference", "as xwaykeyz does where toshy departs from it", boolean},
}

var optionKeys = optionsTable.names()

// Keys that are allowed beside the strokes of a sequence.
var (
	otherwises    = []string{"swallow", "pass", "again", "give_back"}
	sequenceTable = table{
		{"immediately", "action at the first stroke", actionValue},
		{"timeout", "how long the second stroke may take; without it, for ever", duration},
		{"on_timeout", "action if it did not come", actionValue},
		{"otherwise", "what happens to a stroke without an entry", choice(otherwises...)},
	}
	nestedKeys = sequenceTable.names()
)
