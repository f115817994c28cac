package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"toshy/remap/key"
)

// This file knows what people probably meant by something that is not part of the language. Hints never decide anything.

// actionWords are words for actions in other programs and in everyday language.
var actionWords = map[string]string{
	"command": runHint, "cmd": runHint, "shell": runHint, "exec": runHint, "execute": runHint, "spawn": runHint, "launch": runHint, "start": runHint, "open": runHint, "program": runHint, "sh": runHint,
	"type": textHint, "string": textHint, "write": textHint, "insert": textHint, "paste": textHint, "print": textHint, "macro_text": textHint, "snippet": textHint,
	"key": sendHint, "keys": sendHint, "send": sendHint, "combo": sendHint, "remap": sendHint, "to": sendHint, "output": sendHint, "tap_key": sendHint, "shortcut": sendHint,
	"dynamic_macro": macroHint, "dynamic-macro": macroHint, "record_macro": macroHint, "play_macro": macroHint, "macro_record": macroHint, "macro_play": macroHint, "replay": macroHint,
	"macro": listHint, "sequence": listHint, "actions": listHint, "steps": listHint, "multi": listHint, "do": listHint, "list": listHint,
	"sleep": waitHint, "delay": waitHint, "pause": waitHint,
	"momentary": layerHint, "mo": layerHint, "layer_while_held": layerHint, "layer-while-held": layerHint, "switch_layer": layerHint, "layer_switch": layerHint, "layer-switch": layerHint, "layer_toggle": layerHint, "layer-toggle": layerHint, "tg": layerHint,
	"one-shot": oneShotHint, "oneshot": oneShotHint, "osm": oneShotHint, "sticky": oneShotHint,
	"notification": `write { notify = "text" }`, "message": `write { notify = "text" }`, "alert": `write { notify = "text" }`,
	"mouse": `{ move = [10, 0] } moves the pointer, { wheel = 1 } scrolls; a click is "BtnLeft"`, "scroll": "write { wheel = 1 }, or -1 for down", "click": `a click is a key: "BtnLeft", "BtnRight", "BtnMiddle"`,
	"nothing": `to do nothing, write "block" instead of the table`, "noop": `to do nothing, write "block" instead of the table`, "ignore": `to do nothing, write "block" instead of the table`, "block": `write "block" instead of the table`, "none": `to do nothing, write "block" instead of the table`, "disabled": `to do nothing, write "block" instead of the table`,
	"char": `write { unicode = "é" } or { unicode = "U+00E9" }`, "character": `write { unicode = "é" } or { unicode = "U+00E9" }`, "emoji": `write { unicode = "U+1F600" }`,
	"when": "write a condition in the table of the keymap, or in an action as { if = \"...\", then = ..., else = ... }", "condition": "write { if = \"...\", then = ..., else = ... }",
	"held": dualHint, "tap_hold": dualHint, "tap-hold": dualHint, "dual": dualHint, "mt": dualHint, "lt": dualHint, "alone": dualHint, "overload": dualHint,
	"app": openHint, "application": openHint, "url": openHint, "link": openHint, "website": openHint, "file": openHint,
	"double_tap": `write { taps = ["A", "B"] }: as many actions as there are taps`, "tap_dance": `write { taps = ["A", "B"] }: as many actions as there are taps`, "tap-dance": `write { taps = ["A", "B"] }: as many actions as there are taps`,
}

const (
	runHint     = `to start a program, write { run = ["program", "argument"] }; no shell reads it`
	openHint    = `to start a program, write { run = ["firefox"] }; to open a page or a file, write { run = ["xdg-open", "https://example.org"] }`
	textHint    = `to type a text, write { text = "..." }`
	sendHint    = `a combo needs no table: write "Ctrl-T"`
	listHint    = `several actions are a list: ["Ctrl-C", { wait = "50ms" }, "Ctrl-V"]`
	tapsHint    = `a key that is tapped twice: [modmap.mine.keys] LeftShift = { tap = { taps = ["F13", "Esc"] }, hold = "LeftShift" }`
	macroHint   = `{ record = "a" } begins and ends the recording of a macro, { play = "a" } plays it`
	waitHint    = `to wait, write { wait = "50ms" } in a list of actions`
	ifHint      = `write the action after then: { if = "...", then = "Ctrl-A", else = "Ctrl-B" }`
	layerHint   = `{ layer = "nav" } turns a layer on while the key is held; add on = true, toggle = true or once = true for other ways`
	oneShotHint = `write { one_shot = "Shift" }`
	dualHint    = `write a key with two meanings in a modmap: [modmap.mine.keys] CapsLock = { tap = "Esc", hold = "LeftCtrl" }`
)

// keyWords are names of keys in other programs, with the names that toshy uses.
var keyWords = map[string]string{
	"capslk": "CapsLock", "caps_lock": "CapsLock", "caps-lock": "CapsLock", "lctl": "LeftCtrl", "rctl": "RightCtrl", "lsft": "LeftShift", "rsft": "RightShift", "lmet": "LeftMeta", "rmet": "RightMeta",
	"bspc": "Backspace", "back": "Backspace", "spc": "Space", "ret": "Enter", "pgdn": "PageDown", "pgup": "PageUp", "prtsc": "SysRq", "print": "SysRq", "printscreen": "SysRq", "print_screen": "SysRq",
	"underscore": "Shift-Minus", "question": "Shift-Slash", "exclam": "Shift-1", "at": "Shift-2", "asterisk": "Shift-8", "quotedbl": "Shift-Apostrophe", "tilde": "Shift-Grave", "colon": "Shift-Semicolon", "bracketleft": "LeftBrace", "bracketright": "RightBrace",
	"mouse1": "BtnLeft", "mouse2": "BtnRight", "mouse3": "BtnMiddle", "mouse4": "BtnSide", "mouse5": "BtnExtra", "leftclick": "BtnLeft", "rightclick": "BtnRight", "volup": "VolumeUp", "plus": "Shift-Equal, or KPPlus on the keypad", "calculator": "Calc", "eject": "EjectCD", "leftarrow": "Left", "rightarrow": "Right", "uparrow": "Up", "downarrow": "Down", "arrowleft": "Left", "arrowright": "Right", "arrowup": "Up", "arrowdown": "Down", "voldown": "VolumeDown", "vol+": "VolumeUp", "vol-": "VolumeDown", "copilot": "Meta-Shift-F23", "brightness+": "BrightnessUp", "brightness-": "BrightnessDown", "volume+": "VolumeUp", "volume-": "VolumeDown", "click": "BtnLeft", "<": "102nd", "mediaplay": "PlayPause", "mediaplaypause": "PlayPause", "play/pause": "PlayPause", "medianext": "NextSong", "medianexttrack": "NextSong", "mediaprev": "PreviousSong", "mediaprevtrack": "PreviousSong", "windows": "LeftMeta", "alt_l": "LeftAlt", "alt_r": "RightAlt", "control_l": "LeftCtrl", "control_r": "RightCtrl", "shift_l": "LeftShift", "shift_r": "RightShift", "super_l": "LeftMeta", "super_r": "RightMeta", "meta_l": "LeftMeta", "meta_r": "RightMeta", "ent": "Enter", "caps": "CapsLock", "lgui": "LeftMeta", "rgui": "RightMeta", "lalt": "LeftAlt", "ralt": "RightAlt",
}

// modWords are words for modifiers that a configuration must declare, or spells differently.
var modWords = map[string]string{
	"hyper": `declare it: [modifiers] Hyper = { carrier = "F24" }, and make a key of yours F24 in a [modmap]`,
	"meh":   `declare it: [modifiers] Meh = { carrier = "F23" }, or write Ctrl-Alt-Shift`,
	"altgr": "AltGr is the key RightAlt: RightAlt-E", "iso_level3_shift": "write RightAlt", "mod4": "write Super", "mod1": "write Alt", "mod": "write Super, Alt or Cmd", "$mod": "write Super, Alt or Cmd",
	"primary": "write Ctrl", "cmdorctrl": "write Cmd, or Ctrl", "commandorcontrol": "write Cmd, or Ctrl", "ctrlorcmd": "write Cmd, or Ctrl", "c": `write "Ctrl-", not "C-"`, "s": `write "Shift-", not "S-"`, "m": `write "Alt-", not "M-"`, "lc": "write LeftCtrl", "rc": "write RightCtrl", "ls": "write LeftShift", "rs": "write RightShift", "la": "write LeftAlt", "ra": "write RightAlt",
	"double": tapsHint, "doubletap": tapsHint, "twice": tapsHint, "hold": dualHint, "held": dualHint, "long": dualHint, "longpress": dualHint, "tap": dualHint,
	"logo": "write Super", "gui": "write Super", "lgui": "write LeftMeta", "rgui": "write RightMeta", "apple": "write Cmd", "globe": "write Fn", "fn": "most keyboards handle Fn themselves, so toshy never sees it",
}

// tableKeys are keys of a keymap's table that are among the entries by mistake.
var tableKeys = []string{"when", "disabled", "extend", "pass_modifiers", "level3", "window", "modifiers"}

// ComboHint says what was probably meant by a combo that is not valid, wherever it is written; "" if that is not known. word: the
// part that is wrong.
func ComboHint(s, word string) string {
	low := strings.ToLower(strings.TrimSpace(word))
	if h := lookalike(s); h != "" {
		return h
	}
	if w := inWords(s); w != "" {
		return fmt.Sprintf("write the words: %q", w)
	}
	if h := modWords[low]; h != "" && strings.TrimSpace(s) != word {
		return h
	}
	if h := joinHint(s); h != "" {
		return h
	}
	if strings.HasPrefix(strings.ToUpper(s), "U+") {
		return fmt.Sprintf("a character is typed with { unicode = %q }", s)
	}
	if w := keyWords[low]; w != "" {
		return "write " + w
	}
	if _, isKey := key.Parse(word); isKey && strings.ContainsAny(s, "-+") {
		return keyAsModifier(s, word)
	}
	return cmp.Or(labelHint(low), numberHint(low), padHint(low), prefixHint(low), autoHotkeyHint(s), waitingHint(s))
}

// keyAsModifier is for a combo with a key where a modifier is expected.
func keyAsModifier(s, word string) string {
	_, last, _ := strings.Cut(s, word)
	last = strings.Trim(last, "-+ ")
	if _, is := key.ParseMod(last); is {
		return fmt.Sprintf("write the modifier first: \"%s-%s\"", last, word)
	}
	return fmt.Sprintf(`%[1]s is a key and no modifier. To hold it, write a layer: [layer.mine.keys] %[2]s = ..., and [modmap.mine.keys] %[1]s = { tap = "%[1]s", layer = "mine" }; to press both at once: [chord.mine.keys] "%[1]s+%[2]s" = ...`, word, last)
}

// waitingHint is for a time among the combos of a list; "" for another text.
func waitingHint(s string) string {
	if d, err := time.ParseDuration(s); err != nil || d <= 0 {
		return ""
	}
	return fmt.Sprintf("to wait, write { wait = %q }", s)
}

// joinHint is for a combo whose keys are joined with something other than -; "" for another text.
func joinHint(s string) string {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '_' })
	joined := strings.Join(fields, "-")
	c, err := key.ParseCombo(joined, nil)
	if err != nil || len(fields) < 2 || len(c.Mods) != len(fields)-1 || slices.ContainsFunc(fields[:len(fields)-1], func(f string) bool { return len(f) < 3 }) { // "A" is short for Alt
		return ""
	}
	return fmt.Sprintf("join the keys of a combo with -: %q", joined)
}

// spacedHint is for a combo with a space in it: a key whose label has one, or keys that are not joined; "" for another text.
func spacedHint(s, word string) string {
	low := strings.ToLower(word)
	if w := keyWords[strings.ReplaceAll(low, " ", "")]; w != "" {
		return "write " + w
	}
	return cmp.Or(labelHint(low), joinHint(s))
}

// modifierHint says what was meant by an entry for a modifier alone. k: its key.
func modifierHint(n *node, k key.Code) string {
	parts := strings.FieldsFunc(n.key, func(r rune) bool { return r == '-' || r == '+' || r == ' ' })
	joined := n.key
	for t := n; t.kind == kindTable && len(t.kids) == 1 && t.kids[0].koff == t.kend+1 && t.src.text[t.kend] == '.'; t = t.kids[0] {
		joined += "-" + t.kids[0].key
	}
	switch {
	case joined != n.key:
		return fmt.Sprintf("join the keys of a combo with -: %q", joined)
	case taps(parts):
		return tapsHint
	case len(parts) > 1:
		return fmt.Sprintf("end the combo with a key: %q; a modmap changes a modifier key", n.key+"-K")
	}
	return fmt.Sprintf(`a modmap changes a modifier key, or what it does when it is tapped: [modmap.mine.keys] %s = { tap = "F13", hold = %[1]q }`, k)
}

// taps says whether the parts of a combo are one key, pressed several times.
func taps(words []string) bool {
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !strings.EqualFold(w, words[0]) })
}

// comboHint says what was probably meant by a combo that is not valid; "" if that is not known. pressed: it is the key of
// an entry.
func (b *builder) comboHint(s, word string, pressed bool) string {
	low := strings.ToLower(strings.TrimSpace(word))
	if h := ComboHint(s, word); h != "" && keyWords[low] == "" {
		return h
	}
	if !pressed && b.hasLayer(s) {
		return fmt.Sprintf("%q is a layer: write { layer = %q }", s, s)
	}
	if !pressed {
		if h := cmp.Or(callHint(s), closedUp(s), spokenHint(s)); h != "" {
			return h
		}
	}
	switch {
	case pressed && (low == "extends" || low == "include"):
		return low + " must come before the first [table]: move it to the top of the file"
	case pressed && slices.Contains(tableKeys, low):
		return low + " belongs in the table itself, above [....keys]"
	case pressed && low == "app":
		return `a condition is written when = 'app == "..."', in the table itself, above [....keys]`
	case !pressed && (low == "none" || low == "noop" || low == "off" || low == "disable" || low == "nothing" || low == "disabled" || low == "ignore" || low == "null" || low == "nil" || low == "void" || low == "false" || low == "no"):
		return `to do nothing, write "block"`
	case !pressed && (low == "passthrough" || low == "pass_through" || low == "through" || low == "transparent" || low == "trns" || low == "_"):
		return `"pass" sends the combo unchanged`
	case strings.Contains(word, "..") || strings.ContainsAny(word, "{}"):
		return "write one entry for each key"
	case !pressed && (low == "remove" || low == "delete this" || low == "default"):
		return `"unset" removes an entry of another file`
	case !pressed && strings.ContainsAny(s, "/~") && len(s) > 1:
		return runHint
	case keyWords[low] != "":
		return "write " + keyWords[low]
	case strings.HasPrefix(low, "key_") && len(low) > 4:
		if n := nearest(low[4:], keyNames()); n != "" {
			return fmt.Sprintf("did you mean %q? ", n) + allKeys
		}
	case strings.HasPrefix(low, "xf86"):
		if n := nearest(xf86(low[4:]), keyNames()); n != "" {
			return fmt.Sprintf("did you mean %q? toshy names keys as the kernel does; ", n) + allKeys
		}
		return "toshy names keys as the kernel does: " + allKeys
	case !pressed && b.joinedStrokes(s) != "":
		return b.joinedStrokes(s)
	case strings.ContainsAny(s, "<>"):
		return `combos have no <>: write "Ctrl-T"`
	case strings.Contains(s, ","):
		return `several strokes are a list: ["A", "B"]; pressed one after the other, a table in a table: "Cmd-K" = { "Cmd-C" = ... }`
	case !pressed && strings.Contains(strings.TrimSpace(s), " ") && !b.strokesOf(s):
		return `to type a text, write { text = "..." }; several strokes are a list: ["A", "B"]`
	}
	if r, n := utf8.DecodeRuneInString(word); n == len(word) && r < utf8.RuneSelf && strings.ContainsRune(`!"#$%&()*:<>?@^_{|}~`, r) {
		if pressed {
			return "name the key and Shift, as on a US keyboard: " + shifted[r]
		}
		return fmt.Sprintf("name the key and Shift, as on a US keyboard: %s; or type the character: { text = %q }", shifted[r], string(r))
	}
	return ""
}

// strokesOf says whether all words of a text are combos.
func (b *builder) strokesOf(s string) bool {
	return !slices.ContainsFunc(strings.Fields(s), func(w string) bool {
		_, err := key.ParseCombo(w, b.lookupMod)
		return err != nil
	})
}

// shifted is how to type a character on a US keyboard.
var shifted = map[rune]string{
	'!': "Shift-1", '"': "Shift-Apostrophe", '#': "Shift-3", '$': "Shift-4", '%': "Shift-5", '&': "Shift-7", '(': "Shift-9", ')': "Shift-0", '*': "Shift-8", ':': "Shift-Semicolon",
	'<': "Shift-Comma", '>': "Shift-Dot", '?': "Shift-Slash", '@': "Shift-2", '^': "Shift-6", '_': "Shift-Minus", '{': "Shift-LeftBrace", '|': "Shift-Backslash", '}': "Shift-RightBrace", '~': "Shift-Grave",
}

// xf86 removes the parts of X's names of keys that the kernel's names do not have.
func xf86(name string) string {
	return strings.NewReplacer("audioraisevolume", "volumeup", "audiolowervolume", "volumedown", "audiomute", "mute", "audioplay", "playpause", "audionext", "nextsong", "audioprev", "previoussong",
		"monbrightnessup", "brightnessup", "monbrightnessdown", "brightnessdown", "audiomicmute", "micmute", "calculator", "calc").Replace(name)
}

// looksPressed says whether a key of a table is a combo, or several keys.
func (b *builder) looksPressed(name string) bool {
	if name == "" || strings.HasPrefix(name, "-") {
		return false
	}
	_, err := key.ParsePressed(name, b.lookupMod)
	return err == nil || strings.ContainsAny(name[1:], "-+") || inWords(name) != ""
}

// tableHint says what was probably meant by a key that a table does not have; "" if that is not known.
func (b *builder) tableHint(n *node, what string, names []string) string {
	has := func(s string) bool { return slices.Contains(names, s) }
	low := strings.ToLower(n.key)
	if h := lookalike(n.key); h != "" {
		return h
	}
	table := strings.Trim(what, "[]")
	switch {
	case (low == "extends" || low == "include") && !has(low):
		return low + " must come before the first [table]: move it to the top of the file"
	case has("when") && has("keys") && slices.Contains(matchKeys, low), has("when") && has("keys") && low == "class", has("when") && has("keys") && low == "application":
		field := low
		if low == "class" || low == "application" {
			field = "app"
		}
		if n.kind == kindString {
			return fmt.Sprintf("write it as a condition: when = '%s == %q'", field, n.str())
		}
		return fmt.Sprintf(`write it as a condition: when = '%s in ["a", "b"]'`, field)
	case has("when") && (low == "if" || low == "condition" || low == "on" || low == "only" || low == "filter" || low == "application"):
		return "a condition is written when = '...'"
	case has("keys") && (low == "map" || low == "mappings" || low == "bindings" || low == "entries" || low == "remap" || low == "combos"):
		return fmt.Sprintf("write the entries in [%s.keys]", table)
	case has("disabled") && (low == "enabled" || low == "active" || low == "enable" || low == "disable"):
		return "to remove a table, write disabled = true"
	case has("keys") && n.kind != kindTable && b.looksPressed(n.key), has("keys") && n.kind == kindTable && b.looksPressed(n.key):
		return fmt.Sprintf("entries belong in the part keys: write it below [%s.keys]", table)
	case has("keymap") && b.looksPressed(n.key):
		return "an entry belongs in a keymap: write it below [keymap.mine.keys]"
	case has("extends") && (low == "inherits" || low == "inherit" || low == "base" || low == "preset" || low == "import" || low == "imports" || low == "source" || low == "profile"):
		return `write extends = "mac" for a built-in configuration, include = "FILE" for a file of your own`
	case has("ignore") && has("allow") && deviceWords[low] != "":
		return deviceWords[low]
	case what == "[options]" && b.declares("setting", n.key), has("keymap") && b.declares("setting", n.key):
		return fmt.Sprintf("it is a setting: [settings] %s = %s", n.key, shown(n))
	case has("keymap") && slices.Contains(optionKeys, low):
		return fmt.Sprintf("write [options] %s = %s", low, shown(n))
	case has("keymap") && strings.Contains(n.key, "."):
		return fmt.Sprintf("leave the quotes out: [%s]", n.key)
	case has("when") && has("keys") && n.kind == kindTable && strings.HasSuffix(what, ".keys]"):
		return fmt.Sprintf("the name comes first: [%s.%s.keys]", strings.TrimSuffix(table, ".keys"), n.key)
	case has("texts") && n.kind == kindString && what != "":
		return fmt.Sprintf("write it below [%s.texts]", table)
	case has("tap_hold") && timeWords[low]:
		return `write tap_hold = "300ms": after this time, a key with two meanings is a hold`
	case has("tap") && has("hold") && dualWords[low] != "":
		return "write " + dualWords[low]
	case has("keymap") && topWords[low] != "":
		return topWords[low]
	case has("default") && low == "value" && n.kind != kindArray:
		return "write default = ..."
	case has("match") && has("type") && slices.Contains(deviceTable.names(), low):
		return fmt.Sprintf("it belongs in match: match = { %s = %s }", n.key, shown(n))
	}
	return ""
}

// topWords are tables of other programs, with the place for their content in toshy.
var topWords = map[string]string{
	"remap": "write keys that become other keys in [modmap.mine.keys], combos in [keymap.mine.keys]", "bindings": "write combos in [keymap.mine.keys]", "shortcuts": "write combos in [keymap.mine.keys]",
	"main": "write keys that become other keys in [modmap.mine.keys]", "keys": "write keys that become other keys in [modmap.mine.keys], combos in [keymap.mine.keys]", "ids": "[devices] says which keyboards toshy takes", "device": "[devices] says which keyboards toshy takes",
	"global": "write switches for the whole program in [options], times in [timing]", "config": "write switches for the whole program in [options], times in [timing]", "defaults": "write switches for the whole program in [options], times in [timing]",
	"layers": "write [layer.NAME] for each layer", "aliases": "write names for conditions in [groups], other names for modifiers in [modifiers]", "apps": "write names for applications in [groups]", "combos": "write keys that you press together in [chord.NAME.keys]",
	"tap_hold": dualHint, "tapholds": dualHint, "macros": "write the list of actions where it is used: \"Cmd-K\" = [\"Ctrl-C\", \"Ctrl-V\"]", "snippets": `write [keymap.mine.keys] "Cmd-K" = { text = "..." }`,
}

// timeWords are words of other programs for [timing] tap_hold.
var timeWords = map[string]bool{"tap": true, "hold": true, "tap_timeout": true, "hold_timeout": true, "timeout": true, "tapping_term": true, "tap_time": true, "hold_time": true, "tap-timeout": true, "hold-timeout": true, "delay": true, "tapholdtimeout": true, "overload_tap_timeout": true}

// dualWords are words of other programs for parts of a key with two meanings.
var dualWords = map[string]string{
	"on_tap": "tap", "on-tap": "tap", "tapped": "tap", "alone": "tap", "press": "tap", "to_if_alone": "tap", "on_hold": "hold", "on-hold": "hold", "held": "hold", "modifier": "hold", "mod": "hold", "holding": "hold",
	"after": "timeout", "delay": "timeout", "time": "timeout", "term": "timeout", "tapping_term": "timeout", "hold_time": "timeout", "layer_hold": "layer", "on_hold_layer": "layer",
}

// deviceWords are words of other programs for what [devices] says.
var deviceWords = map[string]string{
	"exclude": "write ignore = [...]", "skip": "write ignore = [...]", "blacklist": "write ignore = [...]", "denylist": "write ignore = [...]", "deny": "write ignore = [...]", "disable": "write ignore = [...]", "except": "write ignore = [...]",
	"only": "write allow = [...]", "include": "write allow = [...]", "whitelist": "write allow = [...]", "allowlist": "write allow = [...]", "use": "write allow = [...]", "match": "write allow = [...]",
}
