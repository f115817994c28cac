package config

import (
	"time"

	"toshy/remap"
)

// An actionForm is one kind of table that is an action: its first key, and the other keys that it may have.
type actionForm struct {
	doc   string
	value schema // of the first key
	with  table
	build func(b *builder, n, v *node) *remap.Action // n: the table, v: the value of the first key
}

// forms has every action that is a table, by the key that identifies it. formNames has these keys in search order. An init
// function fills forms, because actions can contain actions.
var forms map[string]actionForm

var formNames = []string{
	"layer", "action", "hold", "tap", "text", "unicode", "run", "notify", "set", "toggle", "wait", "if", "cycle", "one_shot", "lock", "press", "release", "without", "move", "wheel", "hwheel", "pointer", "scroll", "turbo",
	"record", "play", "once", "repeating", "caps_word", "inspect", "repeat", "passthrough", "cancel", "escape", "with_mark", "mark", "taps", "compose", "call", "eject", "dump",
}

var (
	directions = []string{"up", "down", "left", "right"}
	escapes    = []string{"key", "combo"}
	untils     = []string{"press", "release"}
	agains     = []string{"lock", "cancel"}
)

// Limits of single values.
const (
	maxWait  = 10 * time.Second
	maxSteps = 1000 // of a pointer movement
	maxTaps  = 5

	maxScroll       = 200 // steps of a wheel per second
	maxAcceleration = 10 * time.Second
	maxTurbo        = 10 * time.Second
)

func init() {
	forms = map[string]actionForm{
		"hold":    {"sends the combo; its first modifier stays down until you release yours", comboText, nil, (*builder).holdAction},
		"tap":     {"sends the combo once, never held", comboText, nil, comboAction(remap.DoTap)},
		"text":    {"types a text with the keys of the layout", anyText, nil, textAction(remap.DoText)},
		"unicode": {`types characters with a key of the keymap, else by Unicode entry; also "U+221E"`, anyText, nil, textAction(remap.DoUnicode)},
		"run":     {"starts a program as the user, without a shell: the program, then its arguments", schema{"type": "array", "items": textOrEmpty, "minItems": 1}, nil, (*builder).runAction},
		"notify":  {"shows a notification", anyText, nil, effectAction(remap.EffectNotify)},
		"action":  {"the shortcut that the running desktop has for this action, such as launcher", anyText, table{{"hold", "keeps the first modifier down until yours is released", boolean}, {"else", "action if the desktop has no shortcut for it", actionValue}}, (*builder).desktopForm},
		"set":     {"sets states and settings: name = value", named(value), nil, (*builder).setAction},
		"toggle":  {"the next value of a state or setting", anyText, nil, (*builder).toggleAction},
		"wait":    {"waits before the rest of the list, 0s to 10s", duration, nil, (*builder).waitAction},
		"if":      {"runs then if the condition is true, otherwise else", condition, table{{"then", "action if the condition is true", actionValue}, {"else", "action if it is false", actionValue}}, (*builder).ifAction},
		"cycle":   {"a different action each time", actionList, nil, listAction(remap.DoCycle)},
		"call":    {"like a list, but no key in it is held down", actionList, nil, listAction(remap.DoCall)},
		"one_shot": {"modifiers that apply to the next key", anyText, table{
			{"timeout", "how long; without it, until the next key", duration},
			{"until", "whether they end when the next key is pressed, or when it is released", choice(untils...)},
			{"again", "what a second tap does: it locks them until the third, or ends them", choice(agains...)},
		}, (*builder).oneShotAction},
		"lock":    {"keeps modifiers or a key down until it runs again", anyText, nil, (*builder).lockAction},
		"press":   {"action when the key goes down; nothing in it is held", actionValue, table{{"release", "action when the key goes up", actionValue}}, (*builder).pressAction},
		"release": {"action when the key goes up, and none when it goes down", actionValue, nil, (*builder).pressAction},
		"without": {"sends the combo without these modifiers, even while you hold them", anyText, table{{"send", "the combo that is sent", comboText}}, (*builder).withoutAction},
		"move":    {"moves the pointer: right and down", schema{"type": "array", "items": numbers(-maxSteps, maxSteps), "minItems": 2, "maxItems": 2}, nil, (*builder).moveAction},
		"wheel":   {"turns the wheel up", numbers(-maxSteps, maxSteps), nil, wheelAction(relWheel)},
		"hwheel":  {"turns the wheel to the right", numbers(-maxSteps, maxSteps), nil, wheelAction(relHWheel)},
		"pointer": {"moves the pointer while the key is held", choice(directions...), table{
			{"speed", "points per second", numbers(1, remap.MaxSpeed)},
			{"acceleration", "how long it takes to reach that speed, 0s to 10s", duration},
		}, glideAction(1000, relX, relY)},
		"scroll": {"turns the wheel while the key is held", choice(directions...), table{
			{"speed", "steps per second", numbers(1, maxScroll)},
			{"acceleration", "how long it takes to reach that speed, 0s to 10s", duration},
		}, glideAction(20, relHWheel, relWheel)},
		"turbo":       {"action that runs again and again while the key is held", actionValue, table{{"every", "the time between two runs, 10ms to 10s; 50ms", duration}}, (*builder).turboAction},
		"record":      {"begins to record a macro, or ends the recording", anyText, nil, macroAction(remap.DoRecord)},
		"play":        {"plays a macro that was recorded", anyText, nil, macroAction(remap.DoPlay)},
		"caps_word":   {"capitals until the word ends", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoCapsWord})},
		"inspect":     {"shows what rules can ask of the focused window and the keyboard", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoInspect})},
		"repeat":      {"the last action or key again", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoRepeat})},
		"cancel":      {"ends macros, sequences and one-shots", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoCancel})},
		"eject":       {"gives the keyboards back and ends the program", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectEject}})},
		"dump":        {"shows the state of the engine", onlyTrue, nil, plainAction(remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectDump}})},
		"passthrough": {"keys go through unmapped", schema{"enum": []any{true, false, "toggle"}}, nil, (*builder).passthroughAction},
		"escape":      {"the next key, or combo, goes through unchanged", choice(escapes...), nil, (*builder).escapeAction},
		"once":        {"action that runs once per press, also while the key repeats", actionValue, nil, repeatsAction(remap.RepeatsNever)},
		"repeating":   {"action that runs again while the key repeats, even if it otherwise runs once per press", actionValue, nil, repeatsAction(remap.RepeatsAlways)},
		"mark":        {"sets the mark", boolean, nil, (*builder).markAction},
		"with_mark":   {"sends the combo, with Shift while the mark is set", comboText, table{{"mark", "sets the mark first", onlyTrue}}, (*builder).withMarkAction},
		"taps":        {"as many actions as there are taps", schema{"type": "array", "items": actionValue, "minItems": 1, "maxItems": maxTaps}, table{{"interval", "how far apart the taps may be, 150ms to 1.5s", duration}, {"min_delay", "the shortest time between them, 50ms to 500ms", duration}, {"each", "each tap runs its action at once", onlyTrue}}, (*builder).tapsAction},
		"layer": {"the layer is on while the key is held", anyText, table{
			{"once", "for the next key", onlyTrue},
			{"timeout", "with once: how long; without it, until the next key", duration},
			{"until", "with once: whether it ends when the next key goes down, or when it goes up", choice(untils...)},
			{"again", "with once: what a second tap does: it locks the layer until the third, or ends it", choice(agains...)},
			{"on", "until changed", onlyTrue},
			{"off", "no longer", onlyTrue},
			{"toggle", "turns it on or off, until it is changed", onlyTrue},
			{"only", "turns it on and all others off, until it is changed", onlyTrue},
			{"swap", "replaces the layer of the key that is held", onlyTrue},
		}, (*builder).layerAction},
		"compose": {"a dead key, see [compose]", anyText, nil, (*builder).composeAction},
	}
}
