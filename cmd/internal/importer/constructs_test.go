package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A construct is a piece of a configuration, the keys to press, and what an application then sees.
type construct struct {
	line        int
	config      string
	first, last int // lines of the piece in config
	input, want string
	alone       bool // a held modifier changes more than the presses
}

// constructs reads a file of constructs: a frame with %s for the piece, a line ---, then lines of piece | input | want.
func constructs(t *testing.T, name string) []construct {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	frame, rest, ok := strings.Cut(string(data), "\n---\n")
	if !ok {
		t.Fatalf("%s has no line ---", name)
	}
	var list []construct
	n := strings.Count(frame, "\n") + 2
	before, _, _ := strings.Cut(frame, "%s")
	first := strings.Count(before, "\n") + 1
	for line := range strings.Lines(rest) {
		n++
		f := strings.Split(strings.TrimSpace(line), " | ")
		if len(f) != 3 {
			t.Fatalf("%s:%d: expected piece | input | want", name, n)
		}
		want, alone := strings.CutSuffix(f[2], " alone")
		piece := strings.ReplaceAll(f[0], `\n`, "\n")
		list = append(list, construct{n, fmt.Sprintf(frame, piece), first, first + strings.Count(piece, "\n"), f[1], want, alone})
	}
	return list
}

// with returns what an application sees while a modifier is held that passes.
func with(modifier, want string) string {
	const order = "Ctrl Shift Alt AltGr Super"
	words := strings.Fields(want)
	for i, w := range words {
		if w == "rel" || w == "run" || strings.HasPrefix(w, "tap-") {
			break
		}
		parts := strings.Split(w, "-")
		var out []string
		for _, m := range strings.Fields(order) {
			has := m == modifier
			for _, p := range parts[:len(parts)-1] {
				has = has || p == m
			}
			if has {
				out = append(out, m)
			}
		}
		words[i] = strings.Join(append(out, parts[len(parts)-1]), "-")
	}
	if len(words) > 0 && words[0] == "rel" {
		words[0] = modifier + "-rel"
	}
	return strings.Join(words, " ")
}

// Constructs of each kind do what the original does, even while Shift or Ctrl is held, or the importer names the difference.
func TestConstructs(t *testing.T) {
	for _, c := range []struct {
		file                   string
		same, named, different int // if you improve these numbers, write the new ones here
	}{
		{"kanata.kbd", 346, 0, 0},
		{"keyd.conf", 188, 1, 0},
		{"xremap.yml", 157, 0, 0},
		{"xwaykeyz.py", 70, 0, 0},
		{"kmonad.kbd", 159, 0, 0},
		{"keymapper.conf", 189, 0, 0},
		{"input-remapper.json", 132, 0, 0},
		{"karabiner.json", 156, 0, 0},
		{"evremap.toml", 100, 0, 0},
		{"dual-function-keys.yaml", 110, 0, 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			list := constructs(t, filepath.Join("testdata", "constructs", c.file))
			if len(list) < 40 {
				t.Errorf("%d constructs, expected 40", len(list))
			}
			var got replayed
			for _, x := range list {
				got.construct(t, c.file, x)
			}
			t.Logf("%s: %d constructs, %d the same, %d named, %d different", c.file, len(list), got.same, got.named, len(got.different))
			if got.same != c.same || got.named != c.named || len(got.different) != c.different {
				t.Errorf("expected %d the same, %d named, %d different\n%s", c.same, c.named, c.different, strings.Join(got.different, "\n"))
			}
		})
	}
}

// construct plays one construct alone, after Shift and after Ctrl, each followed by the construct itself again.
func (g *replayed) construct(t *testing.T, file string, x construct) {
	k := KindNamed(strings.TrimSuffix(file, filepath.Ext(file)))
	r, err := k.Read(file, []byte(x.config), nil)
	if r == nil {
		t.Fatalf("%s:%d: %v", file, x.line, err)
	}
	named := false
	for _, n := range r.Notes {
		named = named || n.Line >= x.first && n.Line <= x.last && !strings.HasPrefix(n.Reason, checkWarns)
	}
	g.compare(t, file, x, r, named, x.input, x.want)
	if x.alone {
		return
	}
	for _, m := range [][2]string{{"Shift", "leftshift"}, {"Ctrl", "leftctrl"}} {
		input := "+" + m[1] + " " + x.input + " 2s -" + m[1] + " 2s " + x.input
		g.compare(t, file, x, r, named, input, strings.TrimSpace(with(m[0], x.want)+" "+x.want))
	}
}

func (g *replayed) compare(t *testing.T, file string, x construct, r *Result, named bool, input, want string) {
	switch out := seen(play(t, r, input)); {
	case out == want:
		g.same++
	case named:
		g.named++
		t.Logf("named: %s:%d: %s\n%s got %s\nwant %s", file, x.line, input, notesText(r), out, want)
	default:
		g.different = append(g.different, fmt.Sprintf("%s:%d: %s\n%sinput %s\n got %s\nwant %s", file, x.line, x.config, notesText(r), input, out, want))
	}
}
