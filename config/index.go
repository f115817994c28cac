package config

import (
	"fmt"
	"strings"
)

// The TOML decoder knows values but not their places. It stores positions by dotted key, so all elements of an array of
// tables share one position, and unknown keys have none. So after the decoder has accepted a document, the scanner of
// scan.go reads it again. It knows places but not values; fill joins the two. The fuzz test checks that both see the same
// keys in the same order.
// Most documents need neither of the two (readSimple).

type kind uint8

const (
	kindTable kind = iota
	kindArray
	kindString
	kindInt
	kindFloat
	kindBool
	kindTime
)

func (k kind) String() string {
	return [...]string{"a table", "a list", "a string", "a number", "a number", "true or false", "a date"}[k]
}

// A node is a value of a TOML document with its place.
type node struct {
	src        *source
	kind       kind
	key        string
	koff, kend int // the key, as written; for an element of an array, the same as voff and vend
	voff, vend int // the value; for a [table], its header
	value      any // string, int64, float64, bool or time.Time
	kids       []*node
	byKey      map[string]*node // of a large table
	tables     bool             // an array made by [[headers]]
	made       made
}

func (n *node) keySpan() span   { return span{n.src, n.koff, n.kend} }
func (n *node) valueSpan() span { return span{n.src, n.voff, n.vend} }

// get returns the value of a key in a table, nil if it has none.
func (n *node) get(key string) *node {
	if n == nil || n.kind != kindTable {
		return nil
	}
	if n.byKey != nil {
		return n.byKey[key]
	}
	for _, k := range n.kids {
		if k.key == key {
			return k
		}
	}
	return nil
}

func (n *node) add(kid *node) *node {
	n.kids = append(n.kids, kid)
	if n.byKey != nil {
		n.byKey[kid.key] = kid
	} else if len(n.kids) > 12 {
		n.byKey = make(map[string]*node, 2*len(n.kids))
		for _, k := range n.kids {
			n.byKey[k.key] = k
		}
	}
	return kid
}

// str returns the text of a string value.
func (n *node) str() string { s, _ := n.value.(string); return s }

// within returns the place of a part of a string value: from and to are byte offsets in the
// decoded string.
func (n *node) within(from, to int) span {
	raw := n.src.text[n.voff:n.vend]
	return span{n.src, n.voff + rawOffset(raw, from), n.voff + rawOffset(raw, to)}
}

// rawOffset finds the byte of a TOML string token that corresponds to byte want of its value.
func rawOffset(raw string, want int) int {
	quote := ""
	for _, q := range []string{`"""`, `'''`, `"`, `'`} {
		if strings.HasPrefix(raw, q) {
			quote = q
			break
		}
	}
	i := len(quote)
	if len(quote) == 3 { // a newline right after the quotes is not part of the value
		if strings.HasPrefix(raw[i:], "\r\n") {
			i += 2
		} else if strings.HasPrefix(raw[i:], "\n") {
			i++
		}
	}
	got := 0
	for i < len(raw) && got < want {
		if raw[i] == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
			i++ // the decoder turns CRLF into one newline
			continue
		}
		if raw[i] != '\\' || quote[0] == '\'' || i+1 >= len(raw) {
			i++
			got++
			continue
		}
		switch c := raw[i+1]; c {
		case 'u', 'U', 'x':
			n := map[byte]int{'u': 4, 'U': 8, 'x': 2}[c]
			var r rune
			fmt.Sscanf(raw[i+2:min(len(raw), i+2+n)], "%x", &r) // the decoder has checked that it is valid
			got += len(string(r))
			i += 2 + n
		case '\n', ' ', '\t', '\r': // a backslash at the end of a line removes the space after it
			i += 1
			for i < len(raw) && strings.IndexByte(" \t\r\n", raw[i]) >= 0 {
				i++
			}
		default:
			i += 2
			got++
		}
	}
	return min(i, len(raw))
}
