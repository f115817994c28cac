package xkb

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"toshy/remap/key"
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

// chars returns the characters of a key in a group.
func chars(k *Keymap, code uint16, group int) string {
	s := ""
	for _, sym := range k.Keys[code][group%len(k.Keys[code])][:withLevel5] {
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
		{"us", []string{"English (US)"}, 16, 0, "qQqQ"},
		{"de", []string{"German"}, 16, 0, "qQ@Ω"},
		{"de", []string{"German"}, 18, 0, "eE€€"},
		{"fr", []string{"French"}, 3, 0, "é2~⅛"},
		{"gb", []string{"English (UK)"}, 40, 0, "'@__"}, // the third and fourth are dead keys
		{"dvorak", []string{"English (Dvorak)"}, 17, 0, ",<__"},
		{"ru", []string{"Russian"}, 16, 0, "йЙйЙ"},
		{"fr,ru", []string{"French", "Russian"}, 16, 0, "aAæÆ"},
		{"fr,ru", []string{"French", "Russian"}, 16, 1, "йЙйЙ"},
		{"bepo", []string{"French (BEPO)"}, 2, 0, "\"1—„"},
		{"fr,ru", []string{"French", "Russian"}, 57, 1, "    "}, // one group for both
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

// TestForms reads forms that the recorded texts do not contain.
func TestForms(t *testing.T) {
	k, err := ParseText(`xkb_keymap { // comment
		xkb_keycodes { minimum = 8; <A> = 38; <B> = 39; <C> = 40; <RALT> = 108; alias <D> = <C>; indicator 1 = "Caps"; };
		xkb_types { virtual_modifiers LevelThree;
			type "ODD" { modifiers = Shift+LevelThree; map[LevelThree] = Level2; map[Shift+LevelThree] = 3; map[Control] = 4; level_name[1] = "x;}"; };
			type "BLIND" { modifiers = Shift; map[Shift] = 2; };
		};
		xkb_compatibility { interpret Any+AnyOf(all) { action = SetMods(modifiers = modMapMods, clearLocks); }; };
		xkb_symbols { name[1] = "One"; name[Group2] = "Two";
			key <A> { type[1] = "ODD", [ a, b, c, d ], [ U0436, 0x1000416 ] };
			key <B> { type = "BLIND", symbols[Group1] = [ x, Y, z, Z ], actions[Group1] = [ NoAction(), SetMods(x = 1) ], repeat = no };
			key <D> { [ { a, b }, A ] };
			key <RALT> { [ ISO_Level3_Shift ], virtualMods = LevelThree };
			key <NOWHERE> { [ a ] };
			modifier_map Mod5 { <RALT> };
		};
	};` + "\x00rest")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code  uint16
		group int
		want  string
	}{{30, 0, "aabc"}, {30, 1, "жЖжЖ"}, {31, 0, "xYxY"}, {32, 0, "_A_A"}, {31, 1, "xYxY"}} {
		if got := chars(k, c.code, c.group); got != c.want {
			t.Errorf("key %d in group %d: %q, want %q", c.code, c.group, got, c.want)
		}
	}
	if k.Groups() != 2 || k.Name(1) != "Two" || k.Name(2) != "" {
		t.Errorf("%d groups, %q", k.Groups(), k.Names)
	}
}

func TestNotAKeymap(t *testing.T) {
	whole := text(t, "de")
	for name, s := range map[string]string{
		"empty": "", "something else": "hello", "no keys": "xkb_keymap { xkb_keycodes { }; };",
		"long": strings.Repeat(" ", MaxText+1), "cut short": whole[:len(whole)/2], "no braces": "xkb_keymap",
	} {
		if k, err := ParseText(s); err == nil && len(k.Keys) == 0 || err == nil && name != "cut short" {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParseText(f *testing.F) {
	f.Add("xkb_keymap { xkb_keycodes { <A> = 38; }; xkb_symbols { key <A> { [ a, A ] }; }; };")
	f.Add(text(f, "fr,ru"))
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseText(s)
		if err != nil {
			return
		}
		for g := range k.Groups() {
			k.Strokes(g)
			k.Positions(g)
		}
	})
}

// typed returns what keystrokes type, as a desktop computes it: with the keymap, then with the dead keys.
func typed(k *Keymap, group int, strokes []Stroke) string {
	out := ""
	var dead Sym
	for _, s := range strokes {
		level := 0
		for _, m := range s.Mods {
			switch {
			case m == codeLeftShift:
				level |= withShift
			case k.levels(m, group)[0] == Level3Shift:
				level |= withLevel3
			}
		}
		sym := k.levels(s.Key, group)[level]
		switch {
		case s.Key == codeEnter:
			out += "\n"
		case s.Key == codeTab:
			out += "\t"
		case dead != 0:
			out += string(Compose(dead, sym.Rune()))
			dead = 0
		case sym.Rune() != 0:
			out += string(sym.Rune())
		default:
			dead = sym
		}
	}
	return out
}

func TestStrokes(t *testing.T) {
	for _, c := range []struct{ layout, has, hasNot string }{
		{"us", "aA1!~\n\t ", "é€∞"},
		{"de", "zZüß@€é^`~{}[]\\|êÂ°ð½ł", "∞"},
		{"fr", "aqwzm;:!éèàçù1234567890@#{}[]\\|€êëÔ", "∞я"},
		{"gb", "\"@£#~\\|€éÉ", "∞"},
		{"dvorak", "aoeu',.pyf-_=+", "é"},
		{"ru", "Привет, ё№!?", "aZ@"},
		{"tr", "iıİIğşçö@", "∞"},
	} {
		k := keymap(t, c.layout)
		table := k.Strokes(0)
		for r, strokes := range table {
			if got := typed(k, 0, strokes); got != string(r) {
				t.Errorf("%s: %q comes out as %q by %v", c.layout, r, got, strokes)
			}
		}
		for _, r := range c.has {
			if table[r] == nil {
				t.Errorf("%s: %q has no keystrokes", c.layout, r)
			}
		}
		for _, r := range c.hasNot {
			if table[r] != nil {
				t.Errorf("%s: %q has keystrokes: %v", c.layout, r, table[r])
			}
		}
	}
	fr := keymap(t, "fr").Strokes(0)
	for r, want := range map[rune][]Stroke{
		'a': {{nil, 16}}, 'A': {{[]uint16{42}, 16}}, '1': {{[]uint16{42}, 2}}, '@': {{[]uint16{100}, 11}}, 'ê': {{nil, 26}, {nil, 18}},
	} {
		if got := fr[r]; !slices.EqualFunc(got, want, func(a, b Stroke) bool { return a.Key == b.Key && slices.Equal(a.Mods, b.Mods) }) {
			t.Errorf("fr: %q is typed by %v, want %v", r, got, want)
		}
	}
}

func TestPositions(t *testing.T) {
	us := func(c byte) uint16 { return charKeys[strings.IndexByte(usBase, c)] }
	for _, c := range []struct {
		layout string
		moved  string // pairs: the key on a US keyboard, and the key that it is treated as
		stays  string
	}{
		{"us", "", usBase},
		{"de", "yzzy]=/-", "qwert1234567890,."},
		{"fr", "qaaqwzzw;mm,,;", "1234567890ertyuiop[].k"},
		{"gb", "", "1234567890-=qwertyuiop[]asdfghjkl;'`zxcvbnm,./"},
		{"dvorak", "q'w,e.rptyyf-[=]so", "am1234567890"},
		{"ru", "", "qwertyuiop"},
		{"bepo", "qbepro", "1234567890"},
	} {
		k := keymap(t, c.layout)
		moved := k.Positions(0)
		if c.layout == "ru" {
			if k.ByLetter(0) != -1 {
				t.Error("ru is taken for Latin")
			}
			continue
		}
		if k.ByLetter(0) != 0 {
			t.Errorf("%s is not taken for Latin", c.layout)
		}
		for i := 0; i < len(c.moved); i += 2 {
			if got := moved[us(c.moved[i])]; got != us(c.moved[i+1]) {
				t.Errorf("%s: %c is %d, want %c", c.layout, c.moved[i], got, c.moved[i+1])
			}
		}
		for i := range len(c.stays) {
			if got, ok := moved[us(c.stays[i])]; ok {
				t.Errorf("%s: %c is %d", c.layout, c.stays[i], got)
			}
		}
		from := map[uint16]bool{}
		for code, to := range moved {
			if _, also := moved[to]; !also || from[to] || code == to {
				t.Errorf("%s: not a permutation: %v", c.layout, moved)
			}
			from[to] = true
		}
	}
	if g := keymap(t, "ru,us").ByLetter(0); g != 1 {
		t.Errorf("ru,us: letters are those of group %d", g)
	}
}

func TestKeysyms(t *testing.T) {
	for name, want := range map[string]rune{
		"a": 'a', "7": '7', "EuroSign": '€', "Cyrillic_io": 'ё', "U221E": '∞', "U00E9": 'é',
		"0x1002212": '−', "infinity": '∞', "ISO_Level3_Shift": 0, "dead_acute": 0, "XF86AudioMute": 0, "NoSymbol": 0,
	} {
		if got := SymNamed(name).Rune(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func BenchmarkKeymap(b *testing.B) {
	s := text(b, "fr,ru")
	b.ReportAllocs()
	for b.Loop() {
		k, err := ParseText(s)
		if err != nil {
			b.Fatal(err)
		}
		k.Strokes(0)
		k.Positions(0)
	}
}

// TestSpare: the eight levels of a spare code, with modifiers on spare codes. Without these modifiers, it is empty.
func TestSpare(t *testing.T) {
	const text = `xkb_keymap {
		xkb_keycodes { <AC01> = 38; <I120> = 120; <I149> = 149; <I154> = 154; <I451> = 451; <FK13> = 191; <FK14> = 192; };
		xkb_types { type "EIGHT" { modifiers = Shift+LevelThree+LevelFive; map[Shift] = 2; map[LevelThree] = 3; map[Shift+LevelThree] = 4;
			map[LevelFive] = 5; map[Shift+LevelFive] = 6; map[LevelThree+LevelFive] = 7; map[Shift+LevelThree+LevelFive] = 8; };
			type "FIVE" { modifiers = Shift+LevelThree+LevelFive; map[Shift] = 1; preserve[Shift] = Shift; map[LevelFive] = 2; map[Shift+LevelFive] = 3; }; };
		xkb_compatibility { };
		xkb_symbols {
			key <AC01> { [ a, eacute ] };
			key <I120> { type = "EIGHT", [ U221E, eacute, U03B1, b, U0001F600, XF86Tools, dead_acute, U2026 ] };
			key <I149> { [ ISO_Level3_Shift ] };
			key <I154> { [ ISO_Level5_Shift ] };
			key <FK13> { type = "FIVE", [ XF86Tools, U2211, U222B ] };
			key <FK14> { [ U2202 ] }; 
		};
	};`
	k, err := ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	const shift, three, five = codeLeftShift, uint16(key.SpareLevel3), uint16(key.SpareLevel5)
	want := map[rune][]Stroke{
		'a': {{Key: 30}}, 'é': {{Mods: []uint16{shift}, Key: 30}}, '∞': {{Key: 112}}, 'α': {{Mods: []uint16{three}, Key: 112}},
		'😀': {{Mods: []uint16{five}, Key: 112}}, '…': {{Mods: []uint16{shift, three, five}, Key: 112}},
		'∑': {{Mods: []uint16{five}, Key: 183}}, '∫': {{Mods: []uint16{shift, five}, Key: 183}},
		'∂':  {{Mods: []uint16{five}, Key: 184}}, // whatever is held
		'\n': {{Key: codeEnter}}, '\t': {{Key: codeTab}},
	}
	if diff := cmp.Diff(want, k.Strokes(0)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if k, err = ParseText(strings.Replace(text, "ISO_Level5_Shift", "NoSymbol", 1)); err != nil {
		t.Fatal(err)
	}
	if s := k.Strokes(0); s['😀'] != nil || s['…'] != nil || s['α'] == nil {
		t.Errorf("without a key for level five: %v", s)
	}
}
