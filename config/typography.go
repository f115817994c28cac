package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Word processors, chats and web pages replace characters with similar ones. People do not see the difference, so hints
// name it.
var lookalikes = map[rune][2]string{ // what it is, and what to write instead
	'“': {"a typographic quote", `"`}, '”': {"a typographic quote", `"`}, '„': {"a typographic quote", `"`}, '‟': {"a typographic quote", `"`},
	'«': {"a typographic quote", `"`}, '»': {"a typographic quote", `"`}, '″': {"a typographic quote", `"`}, '＂': {"a wide quote", `"`},
	'‘': {"a typographic quote", `'`}, '’': {"a typographic quote", `'`}, '‚': {"a typographic quote", `'`}, '‛': {"a typographic quote", `'`},
	'′': {"a typographic quote", `'`}, '´': {"an accent, not a quote", `'`},
	'–': {"a dash, not a hyphen", "-"}, '—': {"a dash, not a hyphen", "-"}, '−': {"a minus sign, not a hyphen", "-"}, '‐': {"a typographic hyphen", "-"},
	'‑': {"a no-break hyphen", "-"}, '‒': {"a dash, not a hyphen", "-"}, '―': {"a dash, not a hyphen", "-"}, '\u00ad': {"a soft hyphen", "-"},
	'\u00a0': {"a no-break space", " "}, '\u202f': {"a no-break space", " "}, '\u2007': {"a no-break space", " "}, '\u2009': {"a thin space", " "}, '\u3000': {"a wide space", " "},
	'\u200b': {"a space of no width", ""}, '\u200c': {"an invisible character", ""}, '\u200d': {"an invisible character", ""}, '\u2060': {"an invisible character", ""}, '\ufeff': {"an invisible character", ""},
	'＝': {"a wide equals sign", "="}, '＋': {"a wide plus sign", "+"}, '［': {"a wide bracket", "["}, '］': {"a wide bracket", "]"}, '｛': {"a wide bracket", "{"}, '｝': {"a wide bracket", "}"}, '＃': {"a wide number sign", "#"},
	'…': {"three dots in one character", "..."},
}

// lookalike explains the first such character in a text, "" if there is none.
func lookalike(text string) string {
	for _, r := range text {
		l, ok := lookalikes[r]
		switch {
		case r < utf8.RuneSelf || !ok:
		case l[1] == "":
			return fmt.Sprintf("there is %s (U+%04X) in it: delete it", l[0], r)
		case l[1] == " ":
			return fmt.Sprintf("there is %s (U+%04X) in it: write a plain space or leave it out", l[0], r)
		default:
			return fmt.Sprintf("%c is %s (U+%04X): write %s", r, l[0], r, l[1])
		}
	}
	return ""
}

// appleWords are words for the symbols on Apple's keys and in its menus.
var appleWords = strings.NewReplacer("⌘", "Cmd-", "⌥", "Opt-", "⌃", "Ctrl-", "⇧", "Shift-",
	"⎋", "Esc", "⏎", "Enter", "↩", "Enter", "⌤", "KPEnter", "⌫", "Backspace", "⌦", "Delete", "⇥", "Tab", "⇪", "CapsLock", "␣", "Space",
	"←", "Left", "→", "Right", "↑", "Up", "↓", "Down", "⇞", "PageUp", "⇟", "PageDown", "↖", "Home", "↘", "End")

// inWords spells out a combo of Apple's symbols: "⌘K" is "Cmd-K". It is "" if there are no such symbols.
func inWords(combo string) string {
	w := appleWords.Replace(combo)
	if w == combo {
		return ""
	}
	for _, double := range []string{"-+", "--"} { // ⌘-K and ⌘+K, too
		w = strings.ReplaceAll(w, double, "-")
	}
	return strings.ReplaceAll(w, "- ", "-")
}
