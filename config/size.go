package config

import "strings"

// Limits for the size of a configuration. Each part costs memory and time, about a hundred times its size in the file, and
// a daemon reads what every user sends. People write a few hundred lines.
const (
	maxItems  = 30_000 // keys, values and tables of all files together
	maxParts  = 50_000 // of all conditions together: comparisons, and, or, not
	maxUses   = 64     // a chain of groups that use each other
	maxNeeds  = 32     // a chain of settings that need each other
	maxValues = 256    // of one setting
	maxTypes  = 64     // of keyboards
	maxLevel3 = 64     // keymaps with level3, which have 94 entries each
)

// An extent is what a text would cost the decoder.
type extent struct {
	items int    // approximate number of keys, values and tables, counted until there are too many
	over  int    // offset of the first item above the limit; -1 if all items are allowed
	deep  int    // offset at which the text is nested too deeply for the decoder
	what  string // says what is nested too deeply; "" if nothing is
}

// measure goes through a text as the decoder does, and stops at nested brackets or keys that are too deep. It looks at each
// bracket, comma, equals sign, dot and line end outside strings and comments.
func measure(s string, room int) extent {
	e := extent{over: -1}
	depth, dots := 0, 0
	for i := 0; i < len(s); i++ {
		more := 0
		switch c := s[i]; c {
		case '#':
			for i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			i = skipString(s, i)
		case '[', '{':
			more, dots = 1, 0
			if depth++; depth > maxNesting {
				e.deep, e.what = i, "too many brackets inside each other"
				return e
			}
		case ']', '}':
			depth, dots = max(0, depth-1), 0
		case '=', ',':
			more, dots = 1, 0
		case '\n':
			dots = 0
		case '.':
			more = 2 // a table and its key
			if dots++; dots > maxNesting {
				e.deep, e.what = i, "a key of too many parts"
				return e
			}
		}
		if more > 0 && e.over < 0 {
			if e.items += more; e.items > room {
				e.over = i
			}
		}
	}
	return e
}

// skipString returns the place of the last character of the string that begins at i.
func skipString(s string, i int) int {
	c := s[i]
	if i+2 < len(s) && s[i+1] == c && s[i+2] == c {
		for i += 3; i < len(s); i++ {
			if s[i] == '\\' && c == '"' {
				i++
			} else if s[i] == c && strings.HasPrefix(s[i:], string([]byte{c, c, c})) {
				return i + 2
			}
		}
		return i
	}
	for i++; i < len(s) && s[i] != c && s[i] != '\n'; i++ {
		if s[i] == '\\' && c == '"' {
			i++
		}
	}
	return i
}
