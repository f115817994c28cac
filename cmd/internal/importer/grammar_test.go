package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"toshy/remap/key"
)

// A grammar describes the language of one remapper: pieces that each do one simple thing, and how pieces form a file. testdata/grammar
// has the pieces, one per line: the piece, then pairs of the keys to press and what an application sees.
//
//	$1 $2 $3  keys that no other piece uses for its own
//	%1 %2     keys that other pieces may use, too
//	@a @b     keys that are sent, whatever other pieces make of them
//	$x        a key that no piece changes
//	$n        a number that no other piece has
//	#1        the kernel's number of $1
//
// If the file has several parts, each line of a piece begins with a word and a colon, and goes into the part with this name.
type grammar struct {
	kind, file string
	spell      func(kernel string) string // returns a key in the remapper's words
	write      func(parts map[string][]string, owners map[string][]int) (source string, owner []int)
}

type pieceTemplate struct {
	line  int
	text  string
	plays []string // input and expected result in turns
}

// A piece is a template with keys in it.
type piece struct {
	lines []string
	plays []string
}

var (
	triggers = strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w f1 f2 f3 f4 f5 f6 f7 f8 capslock")
	sendable = strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z f1 f5 f12 left right home esc enter")
)

func templates(t testing.TB, kind string) []pieceTemplate {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "grammar", kind+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []pieceTemplate
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "##") {
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) < 3 || len(f)%2 == 0 {
			t.Fatalf("%s:%d: expected piece | input | want | ...", kind, n)
		}
		list = append(list, pieceTemplate{n, strings.ReplaceAll(f[0], `\n`, "\n"), f[1:]})
	}
	return list
}

// drawPieces draws pieces whose own keys are all different.
func drawPieces(rt *rapid.T, g *grammar, from []pieceTemplate) []piece {
	free := rapid.Permutation(triggers).Draw(rt, "keys")
	var list []piece
	for n := range rapid.IntRange(1, 8).Draw(rt, "pieces") {
		tpl := rapid.SampledFrom(from).Draw(rt, "piece")
		words, kernel := []string{"$x", g.spell("x"), "$n", strconv.Itoa(n)}, []string{"$x", "x", "$n", strconv.Itoa(n)}
		add := func(place, k string) {
			c, _ := key.Parse(k)
			words = append(words, place, g.spell(k), "#"+place[1:], strconv.Itoa(int(c)))
			kernel = append(kernel, place, k)
		}
		var own []string
		for i := 1; strings.Contains(tpl.text, fmt.Sprintf("$%d", i)) || strings.Contains(tpl.text, fmt.Sprintf("#%d", i)); i++ {
			if len(free) == 0 {
				return list
			}
			add(fmt.Sprintf("$%d", i), free[0])
			own, free = append(own, free[0]), free[1:]
		}
		for i := 1; strings.Contains(tpl.text, fmt.Sprintf("%%%d", i)); i++ {
			k := rapid.SampledFrom(triggers[:23]).Filter(func(k string) bool { return !slices.Contains(own, k) }).Draw(rt, "any key")
			add(fmt.Sprintf("%%%d", i), k)
			own = append(own, k)
		}
		for _, a := range []string{"@a", "@b"} {
			if strings.Contains(tpl.text, a) {
				add(a, rapid.SampledFrom(sendable).Draw(rt, "sent"))
			}
		}
		p := piece{lines: strings.Split(strings.NewReplacer(words...).Replace(tpl.text), "\n")}
		for _, s := range tpl.plays {
			p.plays = append(p.plays, strings.NewReplacer(kernel...).Replace(s))
		}
		list = append(list, p)
	}
	return list
}

// assemble builds a file from pieces. For each line, from 1, owner is the piece to which it belongs; -1: none.
func (g *grammar) assemble(list []piece) (string, []int) {
	parts, owners := map[string][]string{}, map[string][]int{}
	for i, p := range list {
		for _, l := range p.lines {
			part, rest, ok := strings.Cut(l, ": ")
			if !ok || strings.ContainsAny(part, " {\"([=") {
				part, rest = "", l
			}
			parts[part] = append(parts[part], rest)
			owners[part] = append(owners[part], i)
		}
	}
	return g.write(parts, owners)
}

// fileOf returns a writer of files: text, and between the texts the lines of parts, with a separator between two lines.
func fileOf(between string, layout ...string) func(parts map[string][]string, owners map[string][]int) (string, []int) {
	return func(parts map[string][]string, owners map[string][]int) (string, []int) {
		var lines []string
		owner := []int{-1}
		for i, l := range layout {
			if i%2 == 0 { // text
				for _, x := range strings.Split(l, "\n") {
					if x != "" {
						lines, owner = append(lines, x), append(owner, -1)
					}
				}
				continue
			}
			for j, x := range parts[l] {
				if j+1 < len(parts[l]) {
					x += between
				}
				lines, owner = append(lines, x), append(owner, owners[l][j])
			}
		}
		return strings.Join(lines, "\n") + "\n", owner
	}
}

func spelled(own map[string]string, other func(string) string) func(string) string {
	return func(k string) string {
		if s, ok := own[k]; ok {
			return s
		}
		return other(k)
	}
}

func asIs(k string) string { return k }

var grammars = []*grammar{
	{"keyd", "x.conf", asIs, fileOf("", "[ids]\n*\n[main]", "")},
	{"kanata", "x.kbd", spelled(map[string]string{"capslock": "caps", "enter": "ret"}, asIs), fileOf("", "(defsrc)\n(deflayermap (base)", "base", ")", "top")},
	{"kmonad", "x.kbd", spelled(map[string]string{"capslock": "caps", "enter": "ret"}, asIs), writeKmonad},
	{"karabiner", "x.json", spelled(map[string]string{"capslock": "caps_lock", "enter": "return_or_enter", "esc": "escape", "left": "left_arrow", "right": "right_arrow"}, asIs), fileOf(",", `{"title":"x","rules":[{"manipulators":[`, "", `]}]}`)},
	{"keymapper", "x.conf", spelled(map[string]string{"capslock": "CapsLock", "esc": "Escape", "left": "ArrowLeft", "right": "ArrowRight"}, func(k string) string {
		return strings.ToUpper(k[:1]) + k[1:]
	}), fileOf("", "@forward-modifiers Shift Control Alt", "", "[class=\"other\"]", "context", "[default]", "last")},
	{"input-remapper", "x.json", spelled(map[string]string{"esc": "Escape", "left": "Left", "right": "Right", "home": "Home", "enter": "Return", "f1": "F1", "f5": "F5", "f12": "F12"}, asIs), fileOf(",", "[", "", "]")},
	{"evremap", "x.toml", func(k string) string { return "KEY_" + strings.ToUpper(k) }, fileOf("", `device_name = "k"`, "")},
	{"dual-function-keys", "x.yaml", func(k string) string { return "KEY_" + strings.ToUpper(k) }, fileOf("", "TIMING:\n  DOUBLE_TAP_MILLISEC: 0\nMAPPINGS:", "")},
	{"xremap", "x.yml", asIs, fileOf("", "shared: {}\nmodmap:\n- remap: {f20: f21}", "modmap", "keymap:\n- remap: {f22: f23}", "keymap")},
	{"xwaykeyz", "x.py", asIs, fileOf("", "from xwaykeyz.config_api import *", "")},
}

// writeKmonad turns lines KEY ACTION for a layer into layers, which have an action for each key of defsrc.
func writeKmonad(parts map[string][]string, owners map[string][]int) (string, []int) {
	layers := map[string]map[string]string{}
	of := map[string]map[string]int{}
	var names, keys []string
	for _, part := range slices.Sorted(mapKeys(parts)) {
		if !slices.Contains(names, part) {
			names = append(names, part)
			layers[part], of[part] = map[string]string{}, map[string]int{}
		}
		for i, l := range parts[part] {
			k, action, _ := strings.Cut(l, " ")
			layers[part][k], of[part][k] = action, owners[part][i]
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	lines := []string{`(defcfg input (device-file "/x") output (uinput-sink "x") fallthrough true)`, "(defsrc " + strings.Join(keys, " ") + ")"}
	owner := []int{-1, -1, -1}
	put := func(l string, o int) { lines, owner = append(lines, l), append(owner, o) }
	for _, n := range names { // base is the first
		put("(deflayer "+n, -1)
		for _, k := range keys {
			if a, ok := layers[n][k]; ok {
				put(a, of[n][k])
			} else {
				put("_", -1)
			}
		}
		put(")", -1)
	}
	return strings.Join(lines, "\n") + "\n", owner
}

// Whatever the pieces of a configuration are, each of them does what it says or is named on its line, and the report contains
// everything that toshy check warns about. For more files than usual: go test -run Grammar -rapid.checks=10000.
func TestGrammar(t *testing.T) {
	for _, g := range grammars {
		t.Run(g.kind, func(t *testing.T) {
			from := templates(t, g.kind)
			same, named := 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				s, n := grammatical(t, rt, g, drawPieces(rt, g, from), rapid.Bool().Draw(rt, "Shift"))
				same, named = same+s, named+n
			})
			t.Logf("%s: %d the same, %d named", g.kind, same, named)
			if named > same/10 {
				t.Errorf("%s: %d of %d are named: expected at most a tenth", g.kind, named, same+named)
			}
		})
	}
}

// Each piece alone does what it says, even while Shift is held.
func TestPieces(t *testing.T) {
	for _, g := range grammars {
		t.Run(g.kind, func(t *testing.T) {
			for _, tpl := range templates(t, g.kind) {
				one := rapid.Custom(func(rt *rapid.T) []piece { return drawPieces(rt, g, []pieceTemplate{tpl})[:1] })
				for seed := range 6 {
					list := one.Example(seed)
					if _, named := grammatical(t, t, g, list, seed%2 == 1); named > 0 {
						source, _ := g.assemble(list)
						t.Errorf("%s.txt:%d is named and does something else\n%s", g.kind, tpl.line, source)
					}
				}
			}
		})
	}
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func grammatical(t *testing.T, rt fataler, g *grammar, list []piece, shift bool) (same, named int) {
	source, owner := g.assemble(list)
	r, err := KindNamed(g.kind).Read(g.file, []byte(source), nil)
	if err != nil && r == nil {
		rt.Fatalf("%v\n%s", err, source)
	}
	said := map[int]bool{}
	for _, n := range r.Notes {
		if n.Line > 0 && n.Line < len(owner) {
			said[owner[n.Line]] = true
		}
	}
	problems, warnings := checked(string(r.TOML))
	if len(problems) > 0 {
		rt.Fatalf("toshy does not take it: %v\n%s\n%s", problems, source, r.TOML)
	}
	for _, w := range warnings {
		if !slices.ContainsFunc(r.Notes, func(n Note) bool { return strings.Contains(n.Reason, w.Message) }) {
			rt.Fatalf("the report does not have the warning %s\n%s\n%s", w.Message, source, r.TOML)
		}
	}
	play := player(t, r)
	for i, p := range list {
		for j := 0; j < len(p.plays); j += 2 {
			input := p.plays[j]
			want, alone := strings.CutSuffix(p.plays[j+1], " alone")
			if !alone && shift {
				input, want = "+leftshift "+input+" 2s -leftshift 2s "+input, strings.TrimSpace(with("Shift", want)+" "+want)
			}
			switch got := seen(play(input)); {
			case got == want:
				same++
			case said[i]:
				named++
			default:
				rt.Fatalf("%s\n got %s\nwant %s\n%s%s\n%s", input, got, want, notesText(r), source, r.TOML)
			}
		}
	}
	return same, named
}

// Files whose bytes are changed, or whose lines are doubled, swapped or cut, give an error or a result that toshy accepts.
func TestMutated(t *testing.T) {
	for _, g := range grammars {
		t.Run(g.kind, func(t *testing.T) {
			from := templates(t, g.kind)
			rapid.Check(t, func(rt *rapid.T) {
				source, _ := g.assemble(drawPieces(rt, g, from))
				source = mutated(rt, source)
				r, err := KindNamed(g.kind).Read(g.file, []byte(source), nil)
				if err != nil {
					if strings.Contains(err.Error(), "report this") {
						rt.Fatalf("%v\n%s", err, source)
					}
					return
				}
				for _, p := range refused(string(r.TOML)) {
					rt.Fatalf("%v\n%s\n%s", p, source, r.TOML)
				}
			})
		})
	}
}

func mutated(rt *rapid.T, source string) string {
	for range rapid.IntRange(1, 6).Draw(rt, "mutations") {
		lines := strings.SplitAfter(source, "\n")
		i := rapid.IntRange(0, len(lines)-1).Draw(rt, "line")
		switch rapid.IntRange(0, 5).Draw(rt, "mutation") {
		case 0:
			b := []byte(source)
			if len(b) > 0 {
				b[rapid.IntRange(0, len(b)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
			}
			source = string(b)
			continue
		case 1:
			lines = slices.Insert(lines, i, lines[i])
		case 2:
			j := rapid.IntRange(0, len(lines)-1).Draw(rt, "other line")
			lines[i], lines[j] = lines[j], lines[i]
		case 3:
			lines[i] = lines[i][:rapid.IntRange(0, len(lines[i])).Draw(rt, "end")]
		case 4:
			lines = slices.Delete(lines, i, i+1)
		case 5:
			odd := rapid.SampledFrom(oddities).Draw(rt, "oddity")
			at := rapid.IntRange(0, len(lines[i])).Draw(rt, "place")
			lines[i] = lines[i][:at] + odd + lines[i][at:]
		}
		source = strings.Join(lines, "")
	}
	return source
}
