package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Edits of a file's text. They keep everything else byte by byte: comments, order and spaces. No library does that:
// libraries that write TOML change its layout.

// ErrUneditable says that an edit cannot change a text.
var ErrUneditable = errors.New("toshy cannot change this file by itself; change the text")

// Quote writes a text as a string of TOML.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// QuoteKey writes a name as a key of TOML.
func QuoteKey(s string) string {
	for _, r := range s {
		if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return Quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// tree parses a text into its places.
func tree(text string) (*node, error) {
	src := newSource("text", []byte(text))
	if src.text != text { // a byte order mark would move every place
		return nil, ErrUneditable
	}
	var ps problems
	room := maxItems
	root := parse(src, &room, &ps)
	if root == nil {
		return nil, &Error{ps.sorted(nil)}
	}
	return root, nil
}

func find(root *node, path []string) *node {
	for _, p := range path {
		root = root.get(p)
	}
	return root
}

// SetValue sets a key of a table to a value, which is written in TOML: ["keymap", "mine", "keys", "Cmd-K"] and
// "\"Ctrl-L\"". It adds the table and the key if they are missing.
func SetValue(text string, path []string, value string) (string, error) {
	root, err := tree(text)
	if err != nil {
		return "", err
	}
	table, name := path[:len(path)-1], path[len(path)-1]
	changed := ""
	switch t := find(root, table); {
	case t != nil && t.kind != kindTable:
		return "", ErrUneditable
	case t.get(name) != nil:
		n := t.get(name)
		if n.tables || n.kind == kindTable && !isInline(n) {
			return "", ErrUneditable // it is written in several places
		}
		changed = text[:n.voff] + value + text[n.vend:]
	default:
		changed, err = insert(text, root, table, name, value)
		if err != nil {
			return "", err
		}
	}
	return changed, verify(text, changed, path, value)
}

func isInline(n *node) bool { return n.voff < n.vend && n.src.text[n.voff] == '{' }

// insert adds a key to a table.
func insert(text string, root *node, table []string, name, value string) (string, error) {
	line := QuoteKey(name) + " = " + value
	if t := find(root, table); t != nil && isInline(t) {
		return insertInline(text, t, line), nil
	}
	for depth := len(table); depth >= 0; depth-- {
		if depth == 0 && len(table) > 0 {
			break // a separate table reads better than a long key at the top
		}
		t := find(root, table[:depth])
		if t == nil {
			continue
		}
		if t.kind != kindTable || isInline(t) { // a table in braces cannot be extended elsewhere
			return "", ErrUneditable
		}
		rest := ""
		for _, p := range table[depth:] {
			rest += QuoteKey(p) + "."
		}
		if last := lastPair(t); last != nil {
			begins := lineStart(text, last.koff)
			return insertLine(text, last.vend, text[begins:last.koff]+rest+line), nil
		}
		if depth > 0 && t.voff < t.vend && text[t.voff] == '[' {
			return insertLine(text, t.vend, rest+line), nil
		}
	}
	return appendTable(text, table, line), nil
}

// lastPair is the last key = value directly in a table, nil if there is none.
func lastPair(t *node) *node {
	var last *node
	for _, k := range t.kids {
		if pair := k.kind != kindTable && !k.tables || isInline(k); pair && (last == nil || k.vend > last.vend) {
			last = k
		}
	}
	return last
}

func lineStart(text string, off int) int { return strings.LastIndexByte(text[:off], '\n') + 1 }

// insertLine adds a line after the line that contains off.
func insertLine(text string, off int, line string) string {
	i := strings.IndexByte(text[off:], '\n')
	if i < 0 {
		return text + newline(text) + line + newline(text)
	}
	at := off + i + 1
	return text[:at] + line + newline(text) + text[at:]
}

// newline is the line ending of a text.
func newline(text string) string {
	if strings.Contains(text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// insertInline adds a key to a table in braces.
func insertInline(text string, t *node, line string) string {
	if len(t.kids) == 0 {
		return text[:t.voff] + "{ " + line + " }" + text[t.vend:]
	}
	last := t.kids[0]
	for _, k := range t.kids {
		if k.vend > last.vend {
			last = k
		}
	}
	return text[:last.vend] + ", " + line + text[last.vend:]
}

// appendTable adds a new table at the end of the text.
func appendTable(text string, table []string, line string) string {
	nl := newline(text)
	if len(table) == 0 { // before the first table
		return line + nl + text
	}
	var b strings.Builder
	b.WriteString(text)
	if text != "" {
		if !strings.HasSuffix(text, "\n") {
			b.WriteString(nl)
		}
		b.WriteString(nl)
	}
	names := make([]string, len(table))
	for i, p := range table {
		names[i] = QuoteKey(p)
	}
	b.WriteString("[" + strings.Join(names, ".") + "]" + nl + line + nl)
	return b.String()
}

// RemoveValue removes a key from a table, including its line.
func RemoveValue(text string, path []string) (string, error) {
	root, err := tree(text)
	if err != nil {
		return "", err
	}
	n := find(root, path)
	if n == nil || n.tables || n.kind == kindTable && !isInline(n) {
		return "", ErrUneditable
	}
	begins, ends := lineStart(text, n.koff), len(text)
	if i := strings.IndexByte(text[n.vend:], '\n'); i >= 0 {
		ends = n.vend + i + 1
	}
	if strings.ContainsAny(text[begins:n.koff], "{[") { // one of several in braces
		return "", ErrUneditable
	}
	changed := text[:begins] + text[ends:]
	return changed, verify(text, changed, path, "")
}

// verify checks an edit: all other values must be unchanged.
func verify(before, after string, path []string, value string) error {
	var was, is, want map[string]any
	if _, err := toml.Decode(before, &was); err != nil {
		return err
	}
	if _, err := toml.Decode(after, &is); err != nil {
		return fmt.Errorf("%w: %w", ErrUneditable, err)
	}
	if value != "" {
		if _, err := toml.Decode("value = "+value, &want); err != nil {
			return fmt.Errorf("the value %s cannot be read: %w", value, err)
		}
	}
	put(was, path, want["value"])
	prune(was)
	prune(is)
	if fmt.Sprint(was) != fmt.Sprint(is) { // maps are printed in order of their keys
		return ErrUneditable
	}
	return nil
}

// put sets a value in nested tables, or removes it if it is nil.
func put(m map[string]any, path []string, value any) {
	for _, p := range path[:len(path)-1] {
		next, ok := m[p].(map[string]any)
		if !ok {
			if m[p] != nil {
				return
			}
			next = map[string]any{}
			m[p] = next
		}
		m = next
	}
	if value == nil {
		delete(m, path[len(path)-1])
		return
	}
	m[path[len(path)-1]] = value
}

// prune removes empty tables: an edit may leave one, or fill one.
func prune(m map[string]any) {
	for k, v := range m {
		if t, ok := v.(map[string]any); ok {
			if prune(t); len(t) == 0 {
				delete(m, k)
			}
		}
	}
}

// A FileKeymap is a keymap as one file has it.
type FileKeymap struct {
	Name, When string
	Disabled   bool
	Offset     int // of its first line
	Keys       []FileKey
}

// A FileKey is one entry of such a keymap.
type FileKey struct {
	Combo string
	Value string // as written
	Line  int
}

// FileKeymaps are the keymaps in a text, in order.
func FileKeymaps(text string) ([]FileKeymap, error) {
	root, err := tree(text)
	if err != nil {
		return nil, err
	}
	var list []FileKeymap
	t := root.get("keymap")
	if t == nil || t.kind != kindTable {
		return nil, nil
	}
	for _, n := range t.kids {
		if n.kind != kindTable {
			continue
		}
		m := FileKeymap{Name: n.key, When: n.get("when").text(), Offset: lineStart(text, n.koff)}
		if d := n.get("disabled"); d != nil {
			m.Disabled, _ = d.value.(bool)
		}
		if keys := n.get("keys"); keys != nil {
			for _, k := range keys.kids {
				line, _, _ := k.src.position(k.koff)
				value := text[k.voff:k.vend]
				if k.kind == kindTable && !isInline(k) {
					value = "{ ... }"
				}
				m.Keys = append(m.Keys, FileKey{k.key, value, line})
			}
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b FileKeymap) int { return a.Offset - b.Offset })
	return list, nil
}

// text is the text of a string value, "" for none.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	return n.str()
}
