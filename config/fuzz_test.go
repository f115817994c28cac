package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"toshy/remap"
)

// seeds adds every file of the corpus and the built-in configuration.
func seeds(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.toml", "testdata/good/*.toml", "mac/*.toml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, n := range names {
			data, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// FuzzParse: no bytes make the path from a file to a program panic, each problem has a place, and the engine accepts what is valid.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Add([]byte("\xfe\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f.toml", data, Options{Files: Texts{}})
		if err != nil {
			for _, p := range err.(*Error).Problems {
				if p.Line < 1 && len(data) <= MaxFileSize || p.Line > 0 && (p.Col < 1 || p.Len < 1) {
					t.Errorf("no place: %+v", p)
				}
				if strings.Contains(p.Message, "cannot be placed") {
					t.Errorf("%v", p)
				}
			}
			_ = err.Error()
			return
		}
		if _, err := remap.Compile(c.Program); err != nil {
			t.Errorf("the engine refuses what config takes: %v", err)
		}
	})
}

// FuzzScan: the scanner finds the same keys as the decoder, in the same order.
func FuzzScan(f *testing.F) {
	seeds(f)
	f.Add([]byte("a.b.c = 1\n[d.'e.f'.\"g\\u0041\"]\nh = [{ i = 1, j.k = 2 }, { i = 2 }]\n[[l]]\nm = '''\nx'''\n[[l.n]]\no = 1979-05-27 07:32:00 # c\n[[l]]\n"))
	f.Add([]byte("a = \"\"\"x\\\"\"\"\"\" # \"\nb = ''''x'''''\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := newSource("f.toml", data)
		if measure(src.text, maxItems).what != "" || !utf8.ValidString(src.text) {
			return
		}
		var values map[string]any
		md, err := toml.Decode(src.text, &values)
		if err != nil {
			return
		}
		root, keys, err := scan(src, true)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, k := range md.Keys() {
			want = append(want, "\x00"+strings.Join(k, "\x00"))
		}
		if !slices.Equal(keys, want) {
			t.Errorf("the scanner sees %q\nthe decoder  %q", keys, want)
		}
		if err := fill(root, values); err != nil {
			t.Error(err)
		}
		checkPlaces(t, root)
	})
}

// FuzzSimple: the decoder reads a file in the same way as the reader for simple files.
func FuzzSimple(f *testing.F) {
	seeds(f)
	f.Add([]byte("a.b.c = 1\n[d.'e.f'.\"g\"]\nh = [{ i = 1, j = \"k\\\"\" }, { i = 2 }]\n[[l]]\nm = ''\n[[l.n]]\no = [[], [1, 2],\n] # c\n[[l]]\np.q = true\np.r = -3\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := newSource("f.toml", data)
		if measure(src.text, maxItems).what != "" {
			return
		}
		got, ok := readSimple(src)
		if !ok {
			return
		}
		var ps problems
		want := decode(src, &ps)
		if want == nil {
			t.Fatalf("the decoder refuses it: %v", ps.sorted(nil))
		}
		if diff := sameTree(want, got); diff != "" {
			t.Error(diff)
		}
		checkPlaces(t, got)
	})
}

// checkPlaces checks that each key is where the tree says.
func checkPlaces(t *testing.T, n *node) {
	t.Helper()
	for _, k := range n.kids {
		if k.koff < 0 || k.kend < k.koff || k.kend > len(k.src.text) || k.voff < 0 || k.vend < k.voff || k.vend > len(k.src.text) {
			t.Fatalf("%q has no place", k.key)
		}
		if n.kind == kindTable {
			if at := k.src.text[k.koff:k.kend]; at != k.key && unescape(strings.Trim(at, `"`)) != k.key && strings.Trim(at, "'") != k.key {
				t.Errorf("%q is at %q", k.key, at)
			}
		}
		checkPlaces(t, k)
	}
}

// FuzzRawOffset: a place in a string's value is a place in the text between its quotes.
func FuzzRawOffset(f *testing.F) {
	f.Add(`"a\u00e4b"`, 3)
	f.Add("\"\"\"\nx\\\n  y\"\"\"", 1)
	f.Fuzz(func(t *testing.T, raw string, want int) {
		if len(raw) == 0 || raw[0] != '"' && raw[0] != '\'' {
			return
		}
		if got := rawOffset(raw, want); got < 0 || got > len(raw) {
			t.Errorf("%d of %d", got, len(raw))
		}
	})
}
