package importer

import (
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files of other remappers with lines that are missing, doubled, cut, mixed or have odd characters: nothing panics, no error blames
// toshy, and the result is a configuration.

var oddities = []string{
	"(", ")", "[", "]", "{", "}", "'", "\"", "'''", "\\", ":", ",", "C('a')", "lambda ctx: ", " and ", " or ", "not ", "*", "**", "f'{x}'", "+", "%", ".format(",
	" for x in y", "if ", "\x00", "\xff", "\x1a", "\x1b[2J", "\t", "\u2028", "0x", "1e999", "u'", "&a ", "*a", "- ", "? ", "!!", "layer(", "macro(", "overload(",
}

func FuzzChaos(f *testing.F) {
	kinds := []struct {
		end     string
		convert func(string, []byte) (*Result, error)
		files   [][]string // by line
	}{{end: ".py", convert: Python}, {end: ".yml", convert: Xremap}, {end: ".conf", convert: keydAlone}}
	for i := range kinds {
		names, err := filepath.Glob("testdata/*" + kinds[i].end)
		if err != nil || len(names) == 0 {
			f.Fatalf("no files %s: %v", kinds[i].end, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			kinds[i].files = append(kinds[i].files, strings.Split(string(b), "\n"))
		}
	}
	for seed := range int64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		r := rand.New(rand.NewSource(seed))
		kind := kinds[r.Intn(len(kinds))]
		lines := append([]string(nil), kind.files[r.Intn(len(kind.files))]...)
		for range 1 + r.Intn(20) {
			i := r.Intn(len(lines))
			at := r.Intn(len(lines[i]) + 1)
			switch r.Intn(6) {
			case 0:
				if len(lines) > 1 {
					lines = append(lines[:i], lines[i+1:]...)
				}
			case 1:
				lines[i] = lines[r.Intn(len(lines))]
			case 2:
				lines[i] = lines[i][:at] + strings.Repeat(oddities[r.Intn(len(oddities))], 1+r.Intn(3)) + lines[i][at:]
			case 3:
				lines[i] = lines[i][:at]
			case 4:
				other := kind.files[r.Intn(len(kind.files))]
				lines[i] = other[r.Intn(len(other))]
			case 5:
				if b := []byte(lines[i]); at < len(b) {
					b[at] ^= 1 << r.Intn(8)
					lines[i] = string(b)
				} else {
					lines[i] = strings.Repeat(lines[i]+"\n", 1+r.Intn(40))
				}
			}
		}
		source := strings.Join(lines, "\n")
		result, err := kind.convert("x"+kind.end, []byte(source))
		if err != nil {
			if strings.Contains(err.Error(), "report this") {
				t.Errorf("%v\n%q", err, source)
			}
			return
		}
		for _, p := range refused(string(result.TOML)) {
			t.Errorf("%v\n%s", p, result.TOML)
		}
	})
}

// Whatever bytes a file or an included file contains, the message names the mistake in it and does not blame toshy.
func TestControlBytes(t *testing.T) {
	names, err := filepath.Glob("testdata/constructs/*")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	odd := []string{"\x00", "\x07", "\x1a", "\x1b[2J", "\x7f", "\x80", "\xff", "\u0085", "\u2028", "\u202e", "\ufffe", "\ufeff"}
	r := rand.New(rand.NewSource(1))
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		kind := KindNamed(strings.TrimSuffix(filepath.Base(n), filepath.Ext(n)))
		frame, rest, _ := strings.Cut(string(data), "\n---\n")
		for line := range strings.Lines(rest) {
			piece, _, _ := strings.Cut(line, " | ")
			source := strings.Replace(frame, "%s", strings.ReplaceAll(piece, `\n`, "\n"), 1)
			for range 3 {
				at := r.Intn(len(source) + 1)
				changed := source[:at] + odd[r.Intn(len(odd))] + source[at:]
				result, err := kind.Convert("x\x1b\xff", []byte(changed), func(string) ([]byte, error) { return []byte(changed), nil })
				if err != nil {
					if strings.Contains(err.Error(), "report this") {
						t.Errorf("%v\n%q", err, changed)
					}
					continue
				}
				for _, p := range refused(string(result.TOML)) {
					t.Errorf("%v\n%s", p, result.TOML)
				}
			}
		}
	}
}
