package importer

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// converters by file extension
var converters = []struct {
	end     string
	convert func(string, []byte) (*Result, error)
}{{".py", Python}, {".yml", Xremap}, {".conf", keydAlone}}

func keydAlone(name string, source []byte) (*Result, error) { return Keyd(name, source, nil) }

func convert(t testing.TB, name string, source []byte) *Result {
	t.Helper()
	for _, c := range converters {
		if strings.HasSuffix(name, c.end) {
			r, err := c.convert(name, source)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("%s is of no known kind", name)
	return nil
}

func notesText(r *Result) string {
	var b strings.Builder
	for _, n := range r.Notes {
		what := "note"
		if n.Lost {
			what = "lost"
		}
		fmt.Fprintf(&b, "%d: %s: %s\n", n.Line, what, n.Reason)
	}
	return b.String()
}

// Each sample becomes the configuration and the list of differences in its golden files, and toshy accepts it.
func TestSamples(t *testing.T) {
	names, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		if end := filepath.Ext(name); end == "" || end == ".toml" || end == ".notes" || end == ".test" {
			continue
		}
		n++
		t.Run(filepath.Base(name), func(t *testing.T) {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			r := convert(t, filepath.Base(name), source)
			for end, got := range map[string]string{".toml": string(r.TOML), ".notes": notesText(r)} {
				if *update {
					if err := os.WriteFile(name+end, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(name + end)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s differs (-want +got):\n%s", name+end, diff)
				}
			}
			for _, p := range refused(string(r.TOML)) {
				t.Errorf("toshy refuses the result: %v", p)
			}
			lines := strings.Count(string(source), "\n")
			for _, n := range r.Notes {
				if n.Line < 0 || n.Line > lines {
					t.Errorf("line %d of %d: %s", n.Line, lines, n.Reason)
				}
			}
		})
	}
	if n < 5 {
		t.Errorf("only %d samples", n)
	}
}

// when converts a Python function of the context to a condition. If it cannot, it says why.
func TestConditions(t *testing.T) {
	const before = "terminals = ['a', 'b']\nname = 'x.*'\nkb = isKBtype('Apple')\ndef remote(ctx):\n    '''Elsewhere.'''\n    return ctx.wm_class in ['r']\n" +
		"def loops(ctx):\n    return loops(ctx)\n"
	for _, c := range []struct{ python, want string }{
		{`lambda ctx: ctx.wm_class == "A"`, `app == "A"`},
		{`lambda ctx: "A" != ctx.wm_class`, `app != "A"`},
		{`lambda ctx: not ctx.wm_class == "A"`, `app != "A"`},
		{`lambda ctx: ctx.wm_class in terminals`, `list_terminals`},
		{`lambda ctx: ctx.wm_class not in ("a", "b")`, `app not in ["a", "b"]`},
		{`lambda ctx: ctx.wm_class.casefold() == "a" or ctx.wm_name is not None`, `app == "a" or title != ""`},
		{`lambda ctx: (ctx.wm_class == "a" or ctx.wm_class == "b") and ctx.numlock_on`, `(app == "a" or app == "b") and numlock`},
		{`lambda ctx: not (ctx.wm_class == "a" or ctx.capslock_on)`, `not (app == "a" or capslock)`},
		{`lambda ctx: not not (ctx.wm_class == "a" or ctx.capslock_on)`, `app == "a" or capslock`},
		{`lambda ctx: ctx.wm_name.startswith("a") and ctx.wm_name.endswith('b"')`, `title startsWith "a" and title endsWith "b\""`},
		{`lambda ctx: "vim" in ctx.wm_name`, `title contains "vim"`},
		{`lambda ctx: re.search(name, ctx.wm_class)`, `app matches "(?-i)x.*"`},
		{`lambda ctx: re.search("^a" "|b$", ctx.wm_class, re.I)`, `app matches "^a|b$"`},
		{`lambda ctx: re.match(r"a\.b", ctx.wm_class, flags=re.IGNORECASE)`, "app matches `^(?:a\\.b)`"},
		{`lambda ctx: re.compile("a+", re.I).search(ctx.device_name)`, `device matches "a+"`},
		{`lambda ctx: remote(ctx) and not remote(ctx)`, `app == "r" and app != "r"`},
		{`lambda ctx: any([ctx.wm_class == "a", ctx.wm_class == "b"])`, `app == "a" or app == "b"`},
		{`lambda ctx: True`, ``},
		{`lambda ctx: DESKTOP_ENV == "kde" and SESSION_TYPE != "x11"`, `desktop == "kde" and session != "x11"`},
		{`wm_class_match("^A")`, `app matches "(?-i)^A"`},
		{`not_wm_class_match("^A")`, `not (app matches "(?-i)^A")`},
		{`matchProps(clas="^a$")`, `app == "a"`},
		{`matchProps(clas="^(?:a|b c)$", not_name="x+")`, `app in ["a", "b c"] and not (title matches "x+")`},
		{`matchProps(clas="a", cse=True)`, `app matches "(?-i)a"`},
		{`matchProps(capslk=True, numlk=False)`, `capslock and not numlock`},
		{`matchProps(not_lst=[{"clas": "^a$"}, {"clas": "^b$", "name": "c"}])`, `not (app == "a" or (app == "b" and title matches "c"))`},
		{`lambda ctx: matchProps(clas="^a$")(ctx) and matchProps(name="b")(ctx)`, `app == "a" and title matches "b"`},
		{`re.compile("a|b", re.I)`, `app matches "a|b"`},
		{`lambda wm_class, device_name: wm_class == "a" and device_name == "b"`, `app == "a" and device == "b"`},
		{`lambda ctx: cnfg.screen_has_focus and ctx.wm_class == "a"`, `app == "a"`},

		{`matchProps(clas="^jetbrains-(?!.*toolbox).*$")`, `app matches "^jetbrains-" and not (app matches "^jetbrains-(?:.*toolbox)")`},

		{`lambda ctx: re.search("(?<!a)b", ctx.wm_class)`, `! the regular expression "(?<!a)b" has look-around ((?<!...), which toshy does not have: write two conditions, one of them with not`},
		{`lambda ctx: re.search("(a", ctx.wm_class)`, "! the regular expression \"(a\" is not valid in Go: error parsing regexp: missing closing ): `(?i)(a`"},
		{`lambda ctx: kb(ctx)`, `! the type of keyboard "Apple": write [[keyboard]] rules with type = "apple" and ask keyboard == "apple"`},
		{`lambda ctx: cnfg.multi_lang`, `! the preference multi_lang is one of Toshy's: extend "mac" and use settings.multi_lang`},
		{`lambda ctx: datetime.now().hour > 18`, `! .hour is computed while the file runs`},
		{`lambda ctx: loops(ctx)`, `! the function loops calls itself`},
		{`elsewhere`, `! the condition elsewhere is a function that toshy cannot read`},
		{`matchProps(colour="red")`, `! matchProps(colour=...) is not known`},
	} {
		source := before + "keymap('k', {C('a'): C('b')}, when=" + c.python + ")\n"
		r, err := Python("x.py", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, rest, ok := strings.Cut(string(r.TOML), "\n[keymap.k]\nwhen = "); ok {
			got, _, _ = strings.Cut(rest, "\n")
			got = strings.ReplaceAll(strings.ReplaceAll(got[1:len(got)-1], `\"`, `"`), `\\`, `\`)
		} else if i := len(r.Notes) - 1; !strings.Contains(string(r.TOML), "[keymap.k") && i >= 0 {
			for _, n := range r.Notes {
				if w, ok := strings.CutPrefix(n.Reason, `the whole of "k": `); ok {
					got = "! " + w
				}
			}
		}
		if want := strings.ReplaceAll(c.want, `\"`, `"`); got != want {
			t.Errorf("%s\n got %s\nwant %s\n%s", c.python, got, want, r.TOML)
		}
	}
}

// The scanner's result for Python that Starlark writes differently.
func TestStatements(t *testing.T) {
	const source = "#!/usr/bin/env python3\n" +
		"x: list[str] = ['a' 'b',\n" +
		"     # a comment with a ' quote\n" +
		"     r'\\d', '\\d', u\"c\\\"d\"]\n" +
		"def f(a: int, b: str = 'x') -> bool:\n    return a is not b\n\n    # end\n" +
		"if x is None:\n    pass\nelse:\n    y = 1\n" +
		"z = '''two\nlines'''\n" +
		"w = \"|\".join(f'{v}' for v in x)\n"
	var got []string
	for _, s := range pythonStatements(source) {
		if _, err := s.parse("x.py"); err != nil {
			t.Errorf("%v\n%s", err, s.text)
		}
		got = append(got, fmt.Sprintf("%d: %s", s.line, strings.TrimSpace(s.text)))
	}
	want := []string{
		"2: x = [\"a\" + \"b\",\n     \n     \"\\\\d\", \"\\\\d\", \"c\\\"d\"]",
		"5: def f(a, b= \"x\"):\n    return a != b",
		"9: if x == None:\n    pass\nelse:\n    y = 1",
		"13: z = (\"two\\nlines\"\n)",
		"15: w = \"|\".join([formatted_text(\"{v}\") for v in x])",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever a file contains, the result is a configuration, nothing panics and nothing runs for ever.
func fuzz(f *testing.F, end string, convert func(string, []byte) (*Result, error)) {
	names, err := filepath.Glob("testdata/*" + end)
	if err != nil || len(names) == 0 {
		f.Fatal(err)
	}
	for _, n := range names {
		source, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Fuzz(func(t *testing.T, source string) {
		r, err := convert("x"+end, []byte(source))
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

func FuzzPython(f *testing.F) {
	for _, s := range []string{
		"a = [1]\na = a + a\n", "def f(ctx):\n    return f(ctx)\nkeymap('x', {C('a'): C('b')}, when=f)", "keymap('x', {C('-'): C('--')})",
		"x = x\nkeymap(x, {C(x): x})", "modmap('m', {Key.A: Key.A, Key.LEFT_CTRL: Key.B})", "timeouts(suspend=-1, multipurpose=1e300)", "'''", "\\", "keymap('a', {C('C-LEFT_CTRL'): [bind]})",
	} {
		f.Add(s)
	}
	fuzz(f, ".py", Python)
}

func FuzzXremap(f *testing.F) {
	for _, s := range []string{"a: &a [*a]", "keymap: [{remap: {a: {remap: {}}}}]", "modmap: {remap: {C-: {held: A}}}", "keymap: x", "<<: 1"} {
		f.Add(s)
	}
	fuzz(f, ".yml", Xremap)
}

func FuzzKeyd(f *testing.F) {
	for _, s := range []string{"[main]\na = overload()\n", "[main]\n= = =\n", "[x:y:z]\na=b", "[main]\na = macro()\nb = layer(\n", "[ids]\n*\n0000:0000"} {
		f.Add(s)
	}
	fuzz(f, ".conf", keydAlone)
}

// xremap shows Alt or Super alone to programs before the keys of a combo, unless the combo has the same modifier.
func TestXremapLoneModifier(t *testing.T) {
	r := convert(t, "x.yml", []byte("keymap:\n  - remap:\n      M-b: left\n      Super_R-x: [y, z]\n      M-c: M-d\n      C-M-d: e\n      C-e: f\n      M-f: { launch: [a] }\n      M-g: null\n      M-h: { with_mark: left }\n"))
	if got := linesWith(r, "tapped alone"); !slices.Equal(got, []int{3, 4, 10}) {
		t.Errorf("named on the lines %v\n%s", got, notesText(r))
	}
}

// If toshy refuses an entry, the other entries of its line stay.
func TestRefusedEntryOfALine(t *testing.T) {
	r := convert(t, "x.yml", []byte("keymap: [{remap: {Shift_L: a, b: c, d: e}}]\n"))
	if got := seen(play(t, r, "+b -b +d -d")); got != "c e" {
		t.Errorf("b d is %s\n%s", got, r.TOML)
	}
	if got := notesText(r); got != "1: lost: \"LeftShift\" never triggers an entry by itself: it is a modifier\n" {
		t.Errorf("the report is %q", got)
	}
}

// What xremap's keys do in addition, or with times, is converted with a remark.
func TestXremapDifferences(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{"modmap: [{remap: {a: {press: {launch: [x]}}}}]", "the key is tapped after the action"},
		{"modmap: [{remap: {a: {press: b, repeat: c, skip_key_event: true}}}]", "write { turbo = ... }"},
		{"modmap: [{remap: {a: {tap: a, hold: Shift_L, hold_threshold_millis: 200, tap_timeout_millis: 200}}}]", "in xremap it makes the key a tap at once"},
		{"modmap: [{remap: {a: {tap: a, hold: Shift_L, hold_threshold_millis: 100, tap_timeout_millis: 200}}}]", "in xremap it can still be tapped"},
		{"modmap: [{remap: {a: {tap: a, hold: Shift_L, interruptable: false}}}]", "write ignore_keys"},
		{"modmap: [{device: {only: 'props:ID_BUS:usb'}, remap: {a: b}}]", "udev properties"},
		{"keymap: [{remap: {ANY: a}}]", "modifiers and the wheel do not run this action"},
		{"keymap: [{remap: {a: {remap: {ANY: b}}}}]", "it means every other key"},
	} {
		r := convert(t, "x.yml", []byte(c.config+"\n"))
		if got := notesText(r); !strings.Contains(got, "1: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in the report %q", c.config, c.want, got)
		}
	}
}

// A combination in input-remapper consists of keys of the keyboard, even if another mapping changes its modifier.
func TestInputRemapperModifiers(t *testing.T) {
	mapping := func(symbol string, codes ...int) string {
		var in []string
		for _, c := range codes {
			in = append(in, fmt.Sprintf(`{"type": 1, "code": %d}`, c))
		}
		return fmt.Sprintf(`{"input_combination": [%s], "target_uinput": "keyboard", "output_symbol": %q}`, strings.Join(in, ", "), symbol)
	}
	source := "[" + strings.Join([]string{mapping("Alt_L", 29), mapping("Control_L", 58), mapping("Home", 29, 30)}, ", ") + "]"
	r, err := KindNamed("input-remapper").Read("x.json", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := seen(play(t, r, "+leftctrl +a -a -leftctrl +capslock +a -a -capslock +leftctrl +b -b -leftctrl")); got != "home Ctrl-a Alt-b" {
		t.Errorf("got %s\n%s", got, r.TOML)
	}
}

// If a file has two rules for one key, the report names the one that is not used. Rules of evremap apply to what a dual role holds.
func TestTwoRulesForOneKey(t *testing.T) {
	remap := func(in, out string) string {
		return fmt.Sprintf("[[remap]]\ninput = [%q]\noutput = [%q]\n", "KEY_"+in, "KEY_"+out)
	}
	dual := func(in, tap, hold string) string {
		return fmt.Sprintf("[[dual_role]]\ninput = %q\ntap = [%q]\nhold = [%q]\n", "KEY_"+in, "KEY_"+tap, "KEY_"+hold)
	}
	both := func(in, tap, hold string) string {
		return fmt.Sprintf("- KEY: KEY_%s\n  TAP: KEY_%s\n  HOLD: KEY_%s\n", in, tap, hold)
	}
	const name = "device_name = \"k\"\n"
	for _, c := range []struct{ kind, source, in, want, lines string }{
		{"evremap", name + remap("A", "B") + remap("A", "C"), "+a -a", "b", "[5]"},
		{"evremap", name + remap("CAPSLOCK", "F1") + dual("CAPSLOCK", "ESC", "LEFTCTRL"), "+capslock -capslock", "esc", "[2]"},
		{"evremap", name + dual("CAPSLOCK", "ESC", "LEFTCTRL") + dual("CAPSLOCK", "TAB", "LEFTALT"), "+capslock -capslock", "esc", "[6]"},
		{"evremap", name + remap("A", "B") + remap("B", "C"), "+a -a +b -b", "b c", "[]"},
		{"evremap", name + dual("CAPSLOCK", "F1", "LEFTCTRL") + remap("LEFTCTRL", "LEFTALT") + remap("F1", "F2"), "+capslock +x -x -capslock +capslock -capslock +f1 -f1", "Alt-x f1 f2", "[]"},
		{"dual-function-keys", "MAPPINGS:\n" + both("CAPSLOCK", "ESC", "LEFTCTRL") + both("CAPSLOCK", "TAB", "LEFTALT"), "+capslock -capslock", "tab", "[2]"},
	} {
		r, err := KindNamed(c.kind).Read("x", []byte(c.source), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(play(t, r, c.in)); got != c.want {
			t.Errorf("%s\n%s: got %s, want %s\n%s", c.source, c.in, got, c.want, r.TOML)
		}
		if got := fmt.Sprint(linesWith(r, "")); got != c.lines {
			t.Errorf("%s\nnamed on the lines %s, want %s\n%s", c.source, got, c.lines, notesText(r))
		}
	}
}

// If another rule changes the modifier of a combo in evremap, the report names it.
func TestEvremapChangedModifier(t *testing.T) {
	source := "device_name = \"k\"\n[[remap]]\ninput = [\"KEY_LEFTCTRL\"]\noutput = [\"KEY_LEFTALT\"]\n[[remap]]\ninput = [\"KEY_LEFTCTRL\", \"KEY_A\"]\noutput = [\"KEY_HOME\"]\n[[remap]]\ninput = [\"KEY_LEFTSHIFT\", \"KEY_A\"]\noutput = [\"KEY_END\"]\n"
	r, err := KindNamed("evremap").Read("x.toml", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := linesWith(r, "another rule changes LeftCtrl"); len(got) != 1 {
		t.Errorf("named on the lines %v\n%s%s", got, notesText(r), r.TOML)
	}
}
