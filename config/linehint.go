package config

import (
	"fmt"
	"slices"
	"strings"

	"toshy/remap/key"
)

// This file knows what people probably meant by a line that is not TOML.

var header = only(`^\[[\w.-]+\]\s*[^#\s]`)

var unquotedKey = only(`^([^\s"'=\[{#][^"'=]*?)\s*=`)

// signKey is a combo whose key is a sign that TOML uses itself.
var signKey = only(`^(["']?)([^"'\\=]*[-+])(["'\\])(["']?)\s*=`)

// bareWord is a value without quotes.
var bareWord = only(`[=,\[]\s*([^\s"'\[\]{},=#()][^\s"'\]},=#]*)`)

// hexID is a hardware number without 0x.
var hexID = only(`\b(?:vendor|product|version|bus)\s*=\s*([0-9a-fA-F]{3,4})\b`)

// lineHint says what is wrong with a line that is not TOML; "" if that is not known. tail: the line from the mistake on.
func lineHint(message, line, tail string) string {
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "<<<<<<<") || strings.HasPrefix(trimmed, ">>>>>>>") || trimmed == "=======" {
		return "this is a merge conflict: keep one of the two versions, and delete the lines with <<<<<<<, ======= and >>>>>>>"
	}
	if h := lookalike(tail); h != "" {
		return h
	}
	if h := lookalike(trimmed); h != "" {
		return h
	}
	code, _, _ := strings.Cut(trimmed, "#")
	code = strings.TrimSpace(code)
	switch {
	case header().MatchString(trimmed):
		return "write what follows a header on a separate line"
	case strings.HasPrefix(trimmed, "[") && strings.Contains(trimmed, " ") && strings.Contains(trimmed, "]"):
		return `put a name with a space in quotes: [keymap."my rules"]`
	case strings.Contains(message, "end table name"):
		if strings.HasPrefix(trimmed, "[layer.") && strings.Contains(trimmed, ":") {
			return `a layer gets its modifiers in its table: [layer.nav] modifiers = "Ctrl"`
		}
		if strings.Contains(trimmed, "]") {
			return `put a name in quotes if it has characters other than letters, digits, - and _: [keymap."C++"]`
		}
		return "a table's header ends with ]: [keymap.mine]"
	case strings.Contains(message, "end of table array name"):
		return "a header that begins with [[ ends with ]]"
	case strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, ";") || strings.HasPrefix(trimmed, "/*") || strings.HasPrefix(trimmed, "--"):
		return "a comment begins with #"
	case strings.Contains(tail, "//") && strings.HasPrefix(strings.TrimSpace(tail), "//"):
		return "a comment begins with #"
	case strings.Contains(code, "=>") || strings.Contains(code, "->"):
		return `write = between the two: "Cmd-K" = "Ctrl-L"`
	case strings.Contains(code, "+=") || strings.Contains(code, ":="):
		return "write = and nothing else"
	case strings.HasPrefix(strings.TrimSpace(tail), "=") && strings.Contains(code, "=="):
		return `use a single = to set a value; == is for conditions`
	case strings.Contains(message, "'=', but got ':'"):
		return "write = instead of :"
	case strings.Contains(message, "array terminator") && strings.HasPrefix(tail, "["):
		return "the list above has no closing ]"
	case strings.HasPrefix(tail, ";") && strings.Contains(message, "expected a comma"):
		return "put a comma between two values"
	case signHint(code) != "":
		return signHint(code)
	case strings.HasPrefix(tail, `"`) && strings.Contains(message, "expected '.' or '='"):
		return `write = between the two: "Cmd-K" = "Ctrl-L"`
	case strings.HasPrefix(strings.TrimLeft(tail, " ,+"), `"`) && !strings.HasPrefix(strings.TrimLeft(tail, " "), `"`) && strings.Contains(message, "end with a newline"):
		return `several actions are a list in one pair of brackets: ["Ctrl-A", "Ctrl-C"]`
	case strings.HasPrefix(strings.TrimSpace(tail), "and ") || strings.HasPrefix(strings.TrimSpace(tail), "then "):
		return `several actions are a list: ["Ctrl-A", "Ctrl-C"]`
	case strings.HasPrefix(code, "include") && strings.Contains(message, "already been defined"):
		return `write a list: include = ["a.toml", "b.toml"]`
	case strings.HasPrefix(tail, ";"), strings.HasPrefix(tail, ",") && !strings.ContainsAny(code, "[{"):
		return "delete what follows the value: a line does not end with a comma or semicolon"
	case strings.HasPrefix(tail, "(") && strings.Contains(message, "expected value"):
		return `a list has square brackets: ["Ctrl-A", "Ctrl-C"]`
	case strings.HasPrefix(trimmed, "[") && strings.Contains(message, "bare key"):
		return `put a name in quotes if it has characters other than letters, digits, - and _: [keymap."C++"]`
	case strings.Count(code, `"`) > 2 && strings.Contains(message, "end with a newline"):
		return `a " inside "..." needs a backslash (\"), or put the text in 'single quotes'`
	case strings.Count(code, `'`) > 2 && (strings.Contains(message, "end with a newline") || strings.Contains(message, "expected a comma") && strings.Count(code, `'`)%2 == 1):
		return `you cannot use ' inside '...': put the text in "double quotes"`
	}
	if m := hexID().FindStringSubmatch(code); m != nil {
		return "write a hardware number with 0x: 0x" + strings.ToLower(m[1])
	}
	if h := bareHint(code, strings.TrimLeft(line, " \t"), len(tail)); h != "" {
		return h
	}
	switch {
	case strings.Contains(message, "newlines") && strings.Contains(message, "string"):
		return `the closing quote is missing; a new line in a text is \n`
	case strings.Count(code, `"`)%2 == 1:
		return "the closing quote is missing"
	case strings.Contains(message, "expected a comma") && !strings.Contains(message, "end of"):
		return "put a comma between two values"
	case strings.Contains(message, "hexadecimal"):
		return `in "double quotes" a backslash begins an escape: write \\, or put the text in 'single quotes'`
	case !strings.Contains(message, "expected '.' or '='"):
		return ""
	}
	if m := unquotedKey().FindStringSubmatch(code); m != nil {
		if h := autoHotkeyHint(m[1]); h != "" {
			return h
		}
		return fmt.Sprintf(`put a key in quotes if it has characters other than letters, digits, - and _: "%s" = ...`, m[1])
	}
	if !strings.Contains(code, "=") {
		return `a line is a header such as [keymap.mine.keys], or a name, = and a value: Cmd-K = "Ctrl-L"`
	}
	return ""
}

// signHint names the key of a combo with a quote or a backslash, which TOML needs for texts; "" for another line.
func signHint(code string) string {
	m := signKey().FindStringSubmatch(code)
	if m == nil || m[1] == m[3] && m[4] == "" { // a combo that ends with - or +, in quotes
		return ""
	}
	name := map[string]string{`'`: "Apostrophe", `"`: "Shift-Apostrophe", `\`: "Backslash"}[m[3]]
	return fmt.Sprintf("write the name of the key: %s%s = ...", strings.ReplaceAll(m[2], "+", "-"), name)
}

// bareHint is for a value without quotes; "" for another mistake. fromEnd: how far from the end of the line the mistake is.
func bareHint(code, line string, fromEnd int) string {
	at := len(line) - fromEnd
	word := ""
	for _, m := range bareWord().FindAllStringSubmatchIndex(code, -1) {
		if m[2] <= at && at <= m[3] {
			word = code[m[2]:m[3]]
		}
	}
	if word == "" || strings.HasPrefix(code, "[") {
		return ""
	}
	switch strings.ToLower(word) {
	case "null", "nil", "none":
		return `leave the line out, or write "block" for a combo that does nothing`
	case "true", "yes", "on", "enabled", "y":
		return "write true, in small letters and without quotes"
	case "false", "no", "off", "disabled", "n":
		return "write false, in small letters and without quotes"
	}
	if h := callHint(word); h != "" {
		return h
	}
	name, value, _ := strings.Cut(code, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if slices.Contains([]string{"when", "if"}, name) && !strings.Contains(value, "'") {
		return "put the whole condition in single quotes: " + name + " = '" + value + "'"
	}
	if strings.HasPrefix(value, word) && !strings.ContainsAny(value, `"'{},`) { // with brackets: Ctrl-[
		word = value
	}
	if w := inWords(word); w != "" {
		word = w
	}
	return fmt.Sprintf("put text in quotes: %q", word)
}

// callWords are functions of keyd and of firmware that are not also words for actions.
var callWords = map[string]string{
	"overload": dualHint, "overloadt": dualHint, "overloadt2": dualHint, "lettermod": dualHint, "timeout": dualHint, "mod_tap": dualHint, "layer_tap": dualHint,
	"layer": layerHint, "layerm": layerHint, "toggle": layerHint, "togglem": layerHint, "oneshotm": oneShotHint, "macro2": listHint, "macrom": listHint,
	"swap": layerHint, "setlayout": layerHint,
}

// callHint is for a function such as keyd's overload(control, esc): toshy's actions are tables. It is "" for another text.
func callHint(text string) string {
	name, _, called := strings.Cut(strings.ToLower(text), "(")
	if h := callWords[name]; called && h != "" {
		return h
	}
	if called {
		return actionWords[name]
	}
	return ""
}

// autoHotkey is a combo in the signs of AutoHotkey.
var autoHotkey = only(`^[~*$<>]*([\^!#+]+)(\w+)$`)

// autoHotkeyHint spells out "^c" as "Ctrl-C"; "" for another text.
func autoHotkeyHint(s string) string {
	m := autoHotkey().FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	if _, is := key.Parse(m[2]); !is {
		return ""
	}
	combo := ""
	for _, sign := range m[1] {
		combo += map[rune]string{'^': "Ctrl-", '!': "Alt-", '#': "Super-", '+': "Shift-"}[sign]
	}
	return fmt.Sprintf("write the names of the modifiers: %q", combo+strings.ToUpper(m[2][:1])+m[2][1:])
}

// prefixHint is for names of keys from firmware and from Windows: KC_ESC, VK_ESCAPE. It is "" for another word.
func prefixHint(low string) string {
	for _, prefix := range []string{"kc_", "vk_", "xk_"} {
		rest, found := strings.CutPrefix(low, prefix)
		if !found {
			continue
		}
		if w := keyWords[rest]; w != "" {
			return "write " + w
		}
		if c, is := key.Parse(rest); is {
			return fmt.Sprintf("write %s", c)
		}
		if n := nearest(rest, keyNames()); n != "" {
			return fmt.Sprintf("did you mean %q? ", n) + allKeys
		}
	}
	return ""
}

// closedUp is for the name of a key with spaces: "Volume Up". It is "" for another text.
func closedUp(s string) string {
	fields := strings.Fields(s)
	if len(fields) < 2 {
		return ""
	}
	if _, is := key.Parse(strings.Join(fields, "")); is {
		return "write " + strings.Join(fields, "")
	}
	return ""
}

// spokenHint is for an action in words: "run nautilus". It is "" for another text.
func spokenHint(s string) string {
	fields := strings.Fields(s)
	if len(fields) < 2 {
		return ""
	}
	switch h := actionWords[strings.ToLower(strings.TrimSuffix(fields[0], ":"))]; {
	case h == runHint, strings.EqualFold(strings.TrimSuffix(fields[0], ":"), "run"):
		return "to start a program, write { run = [" + quoted(fields[1:]) + "] }"
	case h == textHint:
		return fmt.Sprintf("to type a text, write { text = %q }", strings.Join(fields[1:], " "))
	default:
		return h
	}
}

// joinedStrokes is for several strokes in one text: "Ctrl-A; Ctrl-C". It is "" for another text.
func (b *builder) joinedStrokes(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";>|&,", r) })
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
		if parts[i] == "" || !b.strokesOf(parts[i]) || strings.Contains(parts[i], " ") {
			return ""
		}
	}
	if len(parts) < 2 {
		return ""
	}
	return "several strokes are a list: [" + quoted(parts) + "]"
}
