package config

import (
	"fmt"
	"strings"
	"testing"
)

// A tree has the keys, values and lines of a text, in order.
func TestReadTree(t *testing.T) {
	root, err := ReadTree("x.toml", "a = 1\n\n[[list]]\nname = \"x\"\n[[list]]\nitems = [true, 1.5]\n")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(x *Tree, depth int)
	walk = func(x *Tree, depth int) {
		fmt.Fprintf(&b, "%s%s@%d %v %v\n", strings.Repeat(" ", depth), x.Key, x.Line, x.Value, x.List)
		for _, k := range x.Kids {
			walk(k, depth+1)
		}
	}
	walk(root, 0)
	const want = "@1 <nil> false\n a@1 1 false\n list@3 <nil> true\n  @3 <nil> false\n   name@4 x false\n  @5 <nil> false\n   items@6 <nil> true\n    @6 true false\n    @6 1.5 false\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if _, err := ReadTree("x.toml", "a = = 1\n"); err == nil || !strings.Contains(err.Error(), "x.toml:1") {
		t.Errorf("a mistake is reported without its line: %v", err)
	}
	if _, err := ReadTree("x.toml", "a = \"\xff\"\n"); err == nil {
		t.Error("text that is not UTF-8 is read")
	}
}
