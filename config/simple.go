package config

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Nearly all files use a small part of TOML: tables, and keys whose values are strings on one line, whole numbers, booleans,
// lists and inline tables. readSimple reads such a text once, in a fraction of the time that the decoder and the scanner need.
//
// It refuses everything else, and everything that may be wrong. The decoder then reads the text, or reports the mistake.
// FuzzSimple checks that the decoder accepts whatever readSimple accepts, with the same result.
func readSimple(src *source) (root *node, ok bool) {
	if !simpleBytes(src.text) {
		return nil, false
	}
	sc := &scanner{src: src, s: src.text, strict: true}
	root, _, err := sc.scan()
	return root, err == nil
}

// simpleBytes says whether a text is UTF-8 without control characters.
func simpleBytes(s string) bool {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' && c != '\t' && c != '\n' || c == 0x7f:
			return false
		}
	}
	return ascii || utf8.ValidString(s) && !strings.HasPrefix(s, bom)
}

// must ends a strict scan if the text may not be TOML.
func (sc *scanner) must(sure bool) {
	if sc.strict && !sure {
		panic(scanError{sc.i})
	}
}

// lineEnds ends a strict scan if the line continues.
func (sc *scanner) lineEnds() {
	if sc.strict {
		sc.blank(false)
		sc.must(sc.i >= len(sc.s) || sc.s[sc.i] == '\n' || sc.s[sc.i] == '#')
	}
}

// made is how a file creates a table. A strict scan needs it to find tables that are defined twice.
type made uint8

const (
	byHeader made = iota // [a], also an element of [[a]], and the file itself
	byDots               // a.b = 1
	implied              // [a.b]
	byValue              // a = { }, and every other value
)

// takes says whether a header or a dotted key may name a table, or list of tables, that exists already.
func (n *node) takes(element bool, how made) bool {
	switch {
	case element:
		return n.tables
	case how == byHeader:
		return n.kind == kindTable && n.made == implied
	case how == byDots:
		return n.kind == kindTable && n.made == byDots
	}
	return n.tables || n.kind == kindTable && (n.made == byHeader || n.made == implied)
}

// simpleKey says whether a part of a key has no escapes and is not empty.
func simpleKey(raw string) bool {
	if raw[0] == '"' || raw[0] == '\'' {
		return len(raw) > 2 && !strings.Contains(raw, `\`)
	}
	for i := range len(raw) {
		switch c := raw[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// simpleValue reads a value that is neither a table nor a list.
func (sc *scanner) simpleValue(n *node) {
	raw := sc.s[n.voff:n.vend]
	switch {
	case raw == "":
		sc.must(false)
	case strings.HasPrefix(raw, `"""`), strings.HasPrefix(raw, "'''"):
		sc.must(false)
	case raw[0] == '\'':
		n.value = raw[1 : len(raw)-1]
	case raw[0] == '"':
		sc.must(simpleEscapes(raw))
		n.value = unescape(raw[1 : len(raw)-1])
	case raw == "true", raw == "false":
		n.kind, n.value = kindBool, raw == "true"
	default:
		sc.must(simpleNumber(raw))
		n.value, _ = strconv.ParseInt(raw, 0, 64)
	}
}

// simpleEscapes says whether a string has only escapes of one character. unescape reads these as the decoder does.
func simpleEscapes(s string) bool {
	for {
		at := strings.IndexByte(s, '\\')
		if at < 0 {
			return true
		}
		if at+1 == len(s) || strings.IndexByte(`btnfr"\`, s[at+1]) < 0 {
			return false
		}
		s = s[at+2:]
	}
}

// simpleNumber says whether a text is a whole number, in decimal or hexadecimal digits, with room to spare in 64 bits.
func simpleNumber(s string) bool {
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		return hex != "" && len(hex) <= 15 && strings.Trim(hex, "0123456789abcdefABCDEF") == ""
	}
	digits := strings.TrimPrefix(s, "-")
	return s == "0" || digits != "" && len(digits) <= 18 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}
