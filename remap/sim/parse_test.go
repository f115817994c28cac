package sim

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"toshy/remap"
	"toshy/remap/key"
)

var noPlace = cmpopts.IgnoreFields(Step{}, "Line", "Column")

func code(name string) key.Code {
	c, ok := key.Parse(name)
	if !ok {
		panic("no key " + name)
	}
	return c
}

func down(name string) Step { return Step{Kind: Key, Code: code(name), Value: remap.Press} }
func up(name string) Step   { return Step{Kind: Key, Code: code(name), Value: remap.Release} }
func rep(name string) Step  { return Step{Kind: Key, Code: code(name), Value: remap.Repeat} }
func wait(d time.Duration) Step {
	return Step{Kind: Wait, Wait: d}
}

func TestParse(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name, in string
		input    []Step
	}{
		{"long form", "leftmeta down\nc tap\n200ms\nc repeat\nleftmeta up", []Step{down("leftmeta"), down("c"), up("c"), wait(200 * ms), rep("c"), up("leftmeta")}},
		{"row", "+leftmeta +c ~c -c 1.5s -leftmeta", []Step{down("leftmeta"), down("c"), rep("c"), up("c"), wait(1500 * ms), up("leftmeta")}},
		{"row of the signs' own keys", "+- -- ++minus"[:6], []Step{down("minus"), up("minus")}},
		{"aliases and case", "Cmd down\nKEY_ESC up", []Step{down("leftmeta"), up("esc")}},
		{"digits are keys before waits", "1 down\n102nd up\n0ms", []Step{down("1"), up("102nd"), wait(0)}},
		{"arrow keys", "down down\nup up\n+up", []Step{down("down"), up("up"), down("up")}},
		{"locks as keys and as lamps", "capslock tap\ncapslock on\nnumlock off", []Step{down("capslock"), up("capslock"), {Kind: CapsLock, On: true}, {Kind: NumLock}}},
		{"a statement before a key of that name", "title down\nkey_title down", []Step{{Kind: Title, Text: "down"}, down("key_title")}},
		{"text", "app\ntitle Issue #7 is not a comment # this is\ndevice \" a # \\\"b\\\" \"", []Step{{Kind: App}, {Kind: Title, Text: "Issue #7 is not a comment"}, {Kind: Device, Text: ` a # "b" `}}},
		{"comments", "# all\n  a down # of it\n+a #rest", []Step{{Kind: Comment, Text: "all"}, down("a"), down("a")}},
		{"Windows text", "\ufeffa down\r\n\tb up\r\n", []Step{down("a"), up("b")}},
		{"wheel", "rel wheel -1\nrel code_10 3", []Step{{Kind: Rel, Code: 8, Value: -1}, {Kind: Rel, Code: 10, Value: 3}}},
		{"set", `set settings.x "a b"`, []Step{{Kind: Set, Name: "settings.x", Text: "a b"}}},
		{"the rest", "release all\nunplug\npointer\npassthrough on", []Step{{Kind: ReleaseAll}, {Kind: Unplug}, {Kind: Pointer}, {Kind: Passthrough, On: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse("x", c.in)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.input, s.Input, noPlace); d != "" {
				t.Error(d)
			}
			if s.HasWant {
				t.Error("expected output without ---")
			}
		})
	}
}

func TestParseWant(t *testing.T) {
	s, err := Parse("x", "+a\n---\na down\nrun kitty \"a b\"\nnotify \naction launcher\neject")
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{down("a"), {Kind: Command, Args: []string{"kitty", "a b"}}, {Kind: Notify}, {Kind: Action, Text: "launcher"}, {Kind: Eject}}
	if d := cmp.Diff(want, s.Want, noPlace); d != "" || !s.HasWant {
		t.Error(s.HasWant, d)
	}
}

// Each message names the place, what was expected, and the nearest correct word, if there is one.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"lefmeta down", `x:1:1: unknown key "lefmeta"; did you mean "leftmeta"?`},
		{"c dwon", `x:1:3: unknown word "dwon" after a key; expected down, up, repeat or tap; did you mean "down"?`},
		{"c", `x:1:2: missing word after the key "c"; expected down, up, repeat or tap`},
		{"c down up", `x:1:8: unexpected "up"; expected one event to a line, or a row such as +a -a`},
		{"a b c", `x:1:3: unexpected "b"; expected down, up, repeat or tap, or a row such as +a -a`},
		{"\n  ap firefox", `x:2:3: unknown word "ap"; expected a key with down, up, repeat or tap, a statement such as app, or events such as +a -a; did you mean "app"?`},
		{"+a +lefmeta -a", `x:1:5: unknown key "lefmeta"; did you mean "leftmeta"?`},
		{"+a b", `x:1:4: unexpected "b" in a row of events; expected +KEY, -KEY, ~KEY or a wait such as 200ms`},
		{"200", `x:1:1: wrong wait "200"; expected a number and ns, us, ms, s, m or h, at most 24h`},
		{"200msec", `x:1:1: wrong wait "200msec"; expected a number and ns, us, ms, s, m or h, at most 24h`},
		{"+a 25h", `x:1:4: wrong wait "25h"; expected a number and ns, us, ms, s, m or h, at most 24h`},
		{"capslock onn", `x:1:10: unknown word "onn" after capslock; expected on or off; did you mean "on"?`},
		{"numlock", `x:1:8: missing word after numlock; expected on or off`},
		{"device", `x:1:7: missing word after device; expected the name of a keyboard`},
		{"unplug now", `x:1:8: unexpected "now"; expected nothing after unplug`},
		{"release", `x:1:8: missing word after release; expected the word "all"`},
		{"set settings.x", `x:1:15: missing word after set; expected a setting and its value`},
		{"rel whel 1", `x:1:5: unknown axis "whel"; expected x, y, wheel, hwheel or another REL_ name; did you mean "wheel"?`},
		{"rel wheel up", `x:1:11: wrong amount "up"; expected a whole number`},
		{"wheelup down", `x:1:1: wheelup is a name for keymaps; a rel statement turns a wheel; did you mean "rel wheel 1"?`},
		{"reserved down", `x:1:1: reserved is not a key; the kernel reserves it`},
		{`title "a`, `x:1:7: a quoted text that does not end, or with a wrong \ escape`},
		{`title "a" b`, `x:1:11: unexpected "b" after the closing quote`},
		{"run kitty", "x:1:1: run is only allowed in the expected output, after a line ---"},
		{"---\napp firefox", "x:2:1: app is only allowed in the input"},
		{"---\n---", "x:2:1: a second ---; expected one, between input and expected output"},
		{"a down\n\xff", "x:2:1: not UTF-8 text"},
		{"größe down", `x:1:1: unknown key "größe"`},
		{"app größe\n+ü", `x:2:2: unknown key "ü"`},
		{"c dwon\nd pu", "x:1:3: unknown word \"dwon\" after a key; expected down, up, repeat or tap; did you mean \"down\"?\n" +
			"x:2:3: unknown word \"pu\" after a key; expected down, up, repeat or tap; did you mean \"up\"?"},
	} {
		s, err := Parse("x", c.in)
		if err == nil {
			t.Errorf("%q: no error, but %v", c.in, s.Input)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.in, err, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("+a ", 100)
	for _, c := range []struct{ in, want string }{
		{"\tgrün\tdown", "\tgrün\tdown\n\t^"},
		{"a \x1b[31m", "a \ufffd[31m\n  ^"},
		{long + "x " + long, strings.Repeat("+a ", 40)[2:42] + "x " + strings.Repeat("+a ", 30)[:68] + "\n" + strings.Repeat(" ", 40) + "^"},
	} {
		_, err := Parse("x", c.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if got := e.Excerpt(); got != c.want {
			t.Errorf("got\n%q, want\n%q", got, c.want)
		}
	}
}

func TestParseGivesUp(t *testing.T) {
	_, err := Parse("x", strings.Repeat("nonsense\n", 1000))
	if n := strings.Count(err.Error(), "\n") + 1; n != maxErrors {
		t.Errorf("%d errors", n)
	}
}

func TestWaitText(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", time.Second: "1s", 2 * time.Minute: "2m", 90 * time.Second: "1m30s", 24 * time.Hour: "24h", time.Hour + time.Second: "1h0m1s", 10 * time.Minute: "10m", 10 * time.Second: "10s"} {
		if got := waitText(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

// Printed text can be read back with the same result, in both forms.
func TestPrintedReadsBack(t *testing.T) {
	var all []Step
	for c := key.Code(1); c < 0x300; c++ {
		for v := remap.Release; v <= remap.Repeat; v++ {
			all = append(all, Step{Kind: Key, Code: c, Value: v})
		}
	}
	for c := range key.Code(16) {
		all = append(all, Step{Kind: Rel, Code: c, Value: -3})
	}
	all = append(all, wait(0), wait(time.Nanosecond), wait(1500*time.Millisecond), wait(23*time.Hour), Step{Kind: Set, Name: "state.a", Text: "b"})
	input := slices.Clone(all)
	for _, text := range []string{"", "firefox", "Issue #7", "a # b", "#", "# a", " a ", `"`, `a "b"`, `\`, "a\tb", "a\nb", "größe", "a\u00a0", "on", "a  b"} {
		for _, k := range []Kind{App, Title, Exe, Desktop, Session} {
			input = append(input, Step{Kind: k, Text: text})
		}
		if text != "" {
			input = append(input, Step{Kind: Device, Text: text}, Step{Kind: Keyboard, Text: text})
		}
		all = append(all, Step{Kind: Notify, Text: text}, Step{Kind: Refused, Text: text}, Step{Kind: Typed, Text: text},
			Step{Kind: Command, Args: []string{text, text, "x"}}, Step{Kind: Set, Name: "state.a", Text: text})
	}
	for _, on := range []bool{false, true} {
		for _, k := range []Kind{CapsLock, NumLock, Passthrough, Types} {
			input = append(input, Step{Kind: k, On: on})
		}
	}
	input = append(input, Step{Kind: Unplug}, Step{Kind: Pointer}, Step{Kind: ReleaseAll})
	all = append(all, Step{Kind: Eject}, Step{Kind: Dump}, Step{Kind: Action, Text: "lock"})
	for _, form := range []func([]Step) string{Format, Compact} {
		s, err := Parse("x", form(input)+"---\n"+form(all))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(input, s.Input, noPlace, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("input: %s", d)
		}
		if d := cmp.Diff(all, s.Want, noPlace, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("expected output: %s", d)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("app firefox\n+leftmeta +c -c 200ms -leftmeta\n---\nrun \"a b\" c # d\n")
	f.Add("title \"\\x00\"\nset a b\nrel x 1\ncapslock on")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := Parse("x", in)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "x:") {
					t.Fatalf("an error without a place: %s", err)
				}
			}
			return
		}
		again, err := Parse("x", Format(s.Input)+"---\n"+Compact(s.Want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s.Input, again.Input, noPlace); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(s.Want, again.Want, noPlace); d != "" {
			t.Fatal(d)
		}
	})
}
