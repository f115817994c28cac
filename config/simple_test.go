package config

import "testing"

// If readSimple is not sure, it leaves the text to the decoder.
func TestReadSimple(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                 true,
		"# only a comment":                 true,
		"a = 1 # x\nb=-12\n\tc = true":     true,
		"a.b = 'x'\na.c = \"y\\n\\\"\"":    true,
		"a = [1, 'b', # c\n [], {}, ]":     true,
		"a = { b = 1, 'c d' = [ 2 ] }":     true,
		"[a]\nb = 1\n[a.c]\n[[d]]\n[[d]]":  true,
		"[a.b]\n[a]\n[[l]]\n[l.m]\n[[l]]":  true,
		"[[l]]\n[l.m]\n[[l.n]]\n[[l.n]]\n": true,
		"[ \"a-b\" . c ] # x":              true,
		"a = 'ä\t'":                        true,
		"a = 0x1F":                         true,

		// Text that is not TOML.
		"a = 1 b = 2":              false,
		"a = 1\na = 2":             false,
		"a = 1\n[a]":               false,
		"[a]\n[a]":                 false,
		"[a] b = 1":                false,
		"[[a] ]":                   false,
		"[a\n]":                    false,
		"a =\n1":                   false,
		"a = \nb = 1":              false,
		"a = [,]":                  false,
		"a = [1 2]":                false,
		"a = [1":                   false,
		"a = { b = 1 ":             false,
		"a = { b = 1 c = 2 }":      false,
		"a = { b = 1, b = 2 }":     false,
		"a = { , }":                false,
		"a = 'b":                   false,
		"a = \"b\\":                false,
		"a = \"\\q\"":              false,
		"a = 'b' 'c'":              false,
		"a b = 1":                  false,
		"ä = 1":                    false,
		"a. = 1":                   false,
		"= 1":                      false,
		"a = 01":                   false,
		"a = --1":                  false,
		"a = -":                    false,
		"a = x":                    false,
		"a = 0x":                   false,
		"a = 0xg":                  false,
		"a = -0x1":                 false,
		"a = \x01":                 false,
		"a = '\x7f'":               false,
		"a = '\xff'":               false,
		"a = 1 # \x01":             false,
		"a = {}\na.b = 1":          false,
		"a = {}\n[a.b]":            false,
		"a = []\n[[a]]":            false,
		"a = [{}]\n[a.b]":          false,
		"a.b = 1\n[a]":             false,
		"[a.b]\n[a]\nb.c = 1":      false,
		"[[a]]\n[a]":               false,
		"[a]\n[[a]]":               false,
		"[a.b]\n[[a]]":             false,
		"a.b.c = 1\na.b = 2":       false,
		"a.b = 1\na.b.c = 2":       false,
		"a = { b.c = 1, b.c = 2 }": false,

		// Rare TOML.
		"a = 1\r\n":               false,
		"a = \"\"\"b\"\"\"":       false,
		"a = '''b'''":             false,
		"a = \"\\u00e4\"":         false,
		"a = \"\\e\"":             false,
		"\"a\\tb\" = 1":           false,
		"'' = 1":                  false,
		"a = 1.5":                 false,
		"a = 0xffffffffffffffff":  false,
		"a = 0o17":                false,
		"a = +1":                  false,
		"a = 1_000":               false,
		"a = 9223372036854775807": false,
		"a = 1979-05-27":          false,
		"a = inf":                 false,
		"a = { b = 1, }":          false,
		"a = {\n}":                false,
		"a = { b.c = 1 }":         false,
		"a.b = 1\n[a.c]":          false,
		"[a]\nb.c = 1\n[a.b.d]":   false,
	} {
		src := newSource("f.toml", []byte(text))
		root, ok := readSimple(src)
		if ok != want {
			t.Errorf("%q: %v", text, ok)
		}
		if ok {
			var ps problems
			if diff := sameTree(root, decode(src, &ps)); diff != "" {
				t.Errorf("%q: %s", text, diff)
			}
		}
	}
}
