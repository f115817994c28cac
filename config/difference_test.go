package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	const before = `extends = "mac"
[settings]
a = true
[keymap.mine]
when = 'app == "x"'
keys.Cmd-K = { run = ["a", "b"] }
keys.Cmd-J = "Ctrl-J"
[[keyboard]]
type = "apple"
`
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{`"mac"`, `"windows"`, "extends: mac → windows"},
		{"a = true\n", "", "settings.a: true → <nil>"},
		{`"b"]`, `"c"]`, "keymap.mine.keys.Cmd-K: map[run:[a b]] → map[run:[a c]]"},
		{`{ run = ["a", "b"] }`, `"Ctrl-K"`, "keymap.mine.keys.Cmd-K: map[run:[a b]] → Ctrl-K"},
		{`type = "apple"`, `type = "ibm"`, "keyboard: [map[type:apple]] → [map[type:ibm]]"},
		{"[[keyboard]]", "[words.mine.keys]\nF2 = \"Two\"\nF1 = \"One\"\n[[keyboard]]", "words.mine.keys.F1: <nil> → One|words.mine.keys.F2: <nil> → Two"},
		{"[settings]", "settings = 1\n[other]", "other.a: <nil> → true|settings: map[a:true] → 1"},
	} {
		list, err := Changes(before, strings.Replace(before, c.from, c.to, 1))
		var got []string
		for _, x := range list {
			got = append(got, fmt.Sprintf("%s: %v → %v", strings.Join(x.Path, "."), x.Before, x.After))
		}
		if err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s → %s: %v, %s", c.from, c.to, err, strings.Join(got, "|"))
		}
	}
	for _, texts := range [][2]string{{"x", ""}, {"", "x"}} {
		if list, err := Changes(texts[0], texts[1]); err == nil {
			t.Errorf("%q: %v", texts, list)
		}
	}
}
