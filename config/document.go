package config

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// Only this file uses the TOML library.

// parse reads one file's text into a tree. It adds mistakes to ps and then returns nil. room is how many more items are
// allowed.
func parse(src *source, room *int, ps *problems) *node {
	e := measure(src.text, *room)
	if e.what != "" {
		ps.error(span{src, e.deep, e.deep + 1}, fmt.Sprintf("at most %d are allowed", maxNesting), "%s", e.what)
		return nil
	}
	if e.over >= 0 {
		ps.error(span{src, e.over, e.over + 1}, "leave out what is not used", "the configuration is too large: it has more than %d keys, values and tables", maxItems)
		return nil
	}
	*room -= e.items
	if root, ok := readSimple(src); ok {
		return root
	}
	return decode(src, ps)
}

// decode reads a text with the decoder, which knows all of TOML.
func decode(src *source, ps *problems) *node {
	if strings.HasPrefix(src.text, "\xfe\xff") || strings.HasPrefix(src.text, "\xff\xfe") { // the decoder skips it
		ps.error(span{src, 0, 1}, "save the file as UTF-8 text", "the file is in UTF-16")
		return nil
	}
	var values map[string]any
	if _, err := toml.Decode(src.text, &values); err != nil {
		syntaxError(src, err, ps)
		return nil
	}
	root, _, err := scan(src, false)
	if err == nil {
		err = fill(root, values)
	}
	if err != nil {
		ps.error(span{src, 0, 0}, "please report this with the file: the mistake is in toshy, not in the file", "the file's values cannot be placed: %v", err)
		return nil
	}
	return root
}

func syntaxError(src *source, err error, ps *problems) {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		ps.error(span{src, 0, 0}, "", "%s", strings.TrimPrefix(err.Error(), "toml: "))
		return
	}
	off := pe.Position.Start
	if l := pe.Position.Line; l >= 1 && l <= len(src.lines) {
		// Start may point after the newline that ended the line too early.
		end := len(src.text)
		if l < len(src.lines) {
			end = src.lines[l] - 1
		}
		off = max(src.lines[l-1], min(off, end))
	}
	message := strings.TrimSuffix(pe.Message, ".")
	message = strings.ReplaceAll(message, `'\x00' instead`, "the end of the file")
	_, col, line := src.position(off)
	tail := string([]rune(line)[min(col-1, utf8.RuneCountInString(line)):])
	hint := cmp.Or(foreignHint(src), lineHint(message, line, tail), syntaxHint(message))
	ps.error(span{src, off, off + max(1, pe.Position.Len)}, hint, "%s", message)
}

// syntaxHint says what was probably meant by text that is not valid TOML.
func syntaxHint(message string) string {
	switch {
	case strings.Contains(message, "already been defined") || strings.Contains(message, "already defined") || strings.Contains(message, "duplicate"):
		return "a name can be in a file only once: merge the two"
	case strings.Contains(message, "escape"):
		return `in "double quotes" a backslash begins an escape; 'single quotes' keep every character`
	case strings.Contains(message, "NULL") || strings.Contains(message, "UTF-8") || strings.Contains(message, "control char"):
		return "save the file as UTF-8 text"
	case strings.Contains(message, "expected value but found"):
		return `put text in quotes: name = "text"`
	case strings.Contains(message, "EOF") || strings.Contains(message, "end of"):
		return "the file ends in the middle of something: a quote, bracket or value is missing"
	case strings.Contains(message, "newline") && strings.Contains(message, "string"):
		return "the closing quote is missing"
	case strings.Contains(message, "bare key") || strings.Contains(message, "expected '.' or '='"):
		return `put a key in quotes if it has characters other than letters, digits, - and _: "Ctrl+T" = ...`
	}
	return ""
}

var errPlaces = errors.New("places and values differ")

// fill puts the decoder's values into the tree of places.
func fill(n *node, v any) error {
	switch v := v.(type) {
	case map[string]any:
		if n.kind != kindTable || len(v) != len(n.kids) {
			return errPlaces
		}
		for _, k := range n.kids {
			kv, ok := v[k.key]
			if !ok {
				return errPlaces
			}
			if err := fill(k, kv); err != nil {
				return err
			}
		}
	case []any:
		if n.kind != kindArray || len(v) != len(n.kids) {
			return errPlaces
		}
		for i, k := range n.kids {
			if err := fill(k, v[i]); err != nil {
				return err
			}
		}
	case []map[string]any:
		if n.kind != kindArray || len(v) != len(n.kids) {
			return errPlaces
		}
		for i, k := range n.kids {
			if err := fill(k, v[i]); err != nil {
				return err
			}
		}
	default:
		if n.kind == kindTable || n.kind == kindArray {
			return errPlaces
		}
		n.value = v
		switch v.(type) {
		case string:
			n.kind = kindString
		case int64:
			n.kind = kindInt
		case float64:
			n.kind = kindFloat
		case bool:
			n.kind = kindBool
		case time.Time:
			n.kind = kindTime
		default:
			return errPlaces
		}
	}
	return nil
}
