package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// large has a configuration of 10,000 lines for each kind.
var large = map[string]func() string{
	"keyd": func() string {
		var b strings.Builder
		b.WriteString("[ids]\n*\n[main]\n")
		for i := 0; strings.Count(b.String(), "\n") < 10_000; i++ {
			fmt.Fprintf(&b, "f%d = layer(l%d)\n[l%d]\n", i%12+1, i, i)
			for _, k := range manyKeys {
				fmt.Fprintf(&b, "%s = C-%s\n", k, k)
			}
			b.WriteString("[main]\n")
		}
		return b.String()
	},
	"kanata": func() string {
		var b strings.Builder
		b.WriteString("(defsrc)\n(deflayermap (base))\n")
		for i := 0; strings.Count(b.String(), "\n") < 10_000; i++ {
			fmt.Fprintf(&b, "(deflayermap (l%d)\n  f%d (layer-while-held l%d)\n", i, i%12+1, i)
			for _, k := range manyKeys {
				fmt.Fprintf(&b, "  %s C-%s\n", k, k)
			}
			b.WriteString(")\n")
		}
		return b.String()
	},
	"xremap": func() string {
		var b strings.Builder
		b.WriteString("keymap:\n")
		for i := 0; strings.Count(b.String(), "\n") < 10_000; i++ {
			fmt.Fprintf(&b, "- name: k%d\n  application: { only: app%d }\n  remap:\n", i, i)
			for _, k := range manyKeys {
				fmt.Fprintf(&b, "    C-%s: M-%s\n", k, k)
			}
		}
		return b.String()
	},
	"xwaykeyz": func() string {
		var b strings.Builder
		for i := 0; strings.Count(b.String(), "\n") < 10_000; i++ {
			fmt.Fprintf(&b, "keymap('k%d', {\n", i)
			for _, k := range manyKeys {
				fmt.Fprintf(&b, "    C('C-%s'): C('M-%s'),\n", k, k)
			}
			fmt.Fprintf(&b, "}, when=lambda ctx: ctx.wm_class == 'app%d')\n", i)
		}
		return b.String()
	},
	"keymapper": func() string {
		var b strings.Builder
		for i := 0; strings.Count(b.String(), "\n") < 10_000; i++ {
			fmt.Fprintf(&b, "[class = \"app%d\"]\n", i)
			for _, k := range manyKeys {
				fmt.Fprintf(&b, "Control{%s} >> Meta{%s}\n", strings.ToUpper(k), strings.ToUpper(k))
			}
		}
		return b.String()
	},
}

var manyKeys = strings.Split("abcdefghijklmnopqrstuvwxyz", "")

// A configuration of 10,000 lines takes at most a second and 64 MB: go test -bench Large -benchmem.
func BenchmarkLarge(b *testing.B) {
	for name, source := range large {
		b.Run(name, func(b *testing.B) {
			text := []byte(source())
			b.ReportAllocs()
			for b.Loop() {
				r, err := KindNamed(name).Read("large", text, nil)
				if err != nil {
					b.Fatal(err)
				}
				if r.Entries < 8_000 {
					b.Fatalf("only %d entries", r.Entries)
				}
			}
		})
	}
}

// Nothing in a large configuration is lost.
func TestLarge(t *testing.T) {
	for name, source := range large {
		r, err := KindNamed(name).Read("large", []byte(source()), nil)
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		for _, n := range r.Notes {
			if n.Lost {
				lost++
			}
		}
		if r.Entries < 8_000 || lost > 0 {
			t.Errorf("%s: %d entries, %d lost: %+v", name, r.Entries, lost, r.Notes[:min(5, len(r.Notes))])
		}
	}
}

// Whatever a file of any kind contains, the result is a configuration, nothing panics and nothing runs for ever.
func FuzzKinds(f *testing.F) {
	names, err := filepath.Glob("testdata/constructs/*")
	if err != nil || len(names) == 0 {
		f.Fatal(err)
	}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		kind := strings.TrimSuffix(filepath.Base(n), filepath.Ext(n))
		frame, rest, _ := strings.Cut(string(data), "\n---\n")
		for line := range strings.Lines(rest) {
			piece, _, _ := strings.Cut(line, " | ")
			f.Add(kind, strings.Replace(frame, "%s", strings.ReplaceAll(piece, `\n`, "\n"), 1))
		}
	}
	f.Fuzz(func(t *testing.T, kind, source string) {
		k := KindNamed(kind)
		if k == nil {
			return
		}
		r, err := k.Read("x", []byte(source), nil)
		if err != nil {
			if strings.Contains(err.Error(), "report this") {
				t.Error(err)
			}
			return
		}
		for _, p := range refused(string(r.TOML)) {
			t.Errorf("%v\n%s", p, r.TOML)
		}
	})
}
