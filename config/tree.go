package config

import (
	"fmt"
	"unicode/utf8"
)

// A Tree is a TOML text as written, for code that reads other programs' files.
type Tree struct {
	Key   string
	Line  int     // from 1
	Value any     // string, int64, float64, bool or time.Time; nil for a table or list
	List  bool    // Kids are a list's elements
	Kids  []*Tree // of a table or list, in order
}

// ReadTree reads a text in TOML. The error is an *Error with every mistake and its line.
func ReadTree(name, text string) (*Tree, error) {
	ps := &problems{}
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("%s: not UTF-8 text", name)
	}
	room := maxItems
	root := parse(newSource(name, []byte(text)), &room, ps)
	if root == nil || ps.errors > 0 {
		return nil, &Error{ps.sorted([]string{name})}
	}
	return treeOf(root), nil
}

func treeOf(n *node) *Tree {
	line, _, _ := n.src.position(n.koff)
	t := &Tree{Key: n.key, Line: line}
	switch n.kind {
	case kindTable, kindArray:
		t.List = n.kind == kindArray
		for _, k := range n.kids {
			t.Kids = append(t.Kids, treeOf(k))
		}
	default:
		t.Value = n.value
	}
	return t
}
