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

// items goes through a text as the decoder does. It calls at for each bracket, comma, equals sign, dot and line end outside
// strings and comments, until at returns false.
func items(s string, at func(i int, c byte) bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '#':
			for i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			if i+2 < len(s) && s[i+1] == c && s[i+2] == c {
				for i += 3; i < len(s); i++ {
					if s[i] == '\\' && c == '"' {
						i++
					} else if s[i] == c && strings.HasPrefix(s[i:], string([]byte{c, c, c})) {
						i += 2
						break
					}
				}
				continue
			}
			for i++; i < len(s) && s[i] != c && s[i] != '\n'; i++ {
				if s[i] == '\\' && c == '"' {
					i++
				}
			}
		case '[', '{', ']', '}', ',', '=', '\n', '.':
			if !at(i, c) {
				return
			}
		}
	}
}

// tooDeep finds what would make the decoder recurse or multiply without limit: nested brackets, and keys with very many
// parts.
func tooDeep(s string) (off int, what string) {
	depth, dots := 0, 0
	items(s, func(i int, c byte) bool {
		switch c {
		case '[', '{':
			dots = 0
			if depth++; depth > maxNesting {
				off, what = i, "too many brackets inside each other"
			}
		case ']', '}':
			depth = max(0, depth-1)
			dots = 0
		case ',', '=', '\n':
			dots = 0
		case '.':
			if dots++; dots > maxNesting {
				off, what = i, "a key of too many parts"
			}
		}
		return what == ""
	})
	return off, what
}

// count counts the approximate number of keys, values and tables of a text, until there are more than room. over is the
// place of the first one that is too many, -1 if there is none.
func count(s string, room int) (n, over int) {
	over = -1
	items(s, func(i int, c byte) bool {
		switch c {
		case '=', ',', '[', '{':
			n++
		case '.':
			n += 2 // a table and its key
		}
		if n > room {
			over = i
		}
		return over < 0
	})
	return n, over
}
