package xkb

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// text is a keymap as "xkbcli compile-keymap" (libxkbcommon 1.5, xkeyboard-config 2.35) prints it.
func text(t testing.TB, layout string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", layout+".xkb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	s, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(s)
}

func keymap(t testing.TB, layout string) *Keymap {
	t.Helper()
	k, err := ParseText(text(t, layout))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// chars shows the characters of a key in a group.
func chars(k *Keymap, code uint16, group int) string {
	s := ""
	for _, sym := range k.levels(code, group) {
		if r := sym.Rune(); r != 0 {
			s += string(r)
		} else {
			s += "_"
		}
	}
	return s
}

func TestParseText(t *testing.T) {
	for _, c := range []struct {
		layout string
		names  []string
		code   uint16
		group  int
		want   string
	}{
		{"us", []string{"English (US)"}, 16, 0, "qQ__"},
		{"de", []string{"German"}, 16, 0, "qQ@Ω"},
		{"de", []string{"German"}, 18, 0, "eE€€"},
		{"fr", []string{"French"}, 3, 0, "é2~⅛"},
		{"gb", []string{"English (UK)"}, 4, 0, "3££__"[:6] + "_"},
		{"dvorak", []string{"English (Dvorak)"}, 17, 0, ",<_ˇ"},
		{"ru", []string{"Russian"}, 16, 0, "йЙ__"},
		{"fr,ru", []string{"French", "Russian"}, 16, 0, "aAæÆ"},
		{"fr,ru", []string{"French", "Russian"}, 16, 1, "йЙ__"},
		{"bepo", []string{"French (BEPO)"}, 2, 0, "\"1—„"},
		{"fr,ru", []string{"French", "Russian"}, 57, 1, "    "},
	} {
		k := keymap(t, c.layout)
		if diff := cmp.Diff(c.names, k.Names); diff != "" {
			t.Errorf("%s: names: %s", c.layout, diff)
		}
		if got := chars(k, c.code, c.group); got != c.want {
			t.Errorf("%s: key %d in group %d: %q, want %q", c.layout, c.code, c.group, got, c.want)
		}
	}
}
func TestDump(t *testing.T) {
	for _, l := range []string{"us", "de", "fr", "gb", "dvorak", "ru", "tr", "se", "es", "bepo"} {
		k := keymap(t, l)
		var sb strings.Builder
		m := k.Positions(k.ByLetter(0) & 3)
		for _, c := range charKeys {
			if to, ok := m[c]; ok {
				i := 0
				for j, x := range charKeys {
					if x == to {
						i = j
					}
				}
				u := "?"
				if i < len(usBase) {
					u = usBase[i : i+1]
				}
				p := "?"
				for j, x := range charKeys {
					if x == c && j < len(usBase) {
						p = usBase[j : j+1]
					}
				}
				sb.WriteString(p + "→" + u + " ")
			}
		}
		s := k.Strokes(0)
		t.Log(l, k.ByLetter(0), len(m), sb.String(), len(s), s['é'], s['@'], s['∞'], s['€'], s['ł'], s['^'], s['~'])
	}
}
