package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"toshy/remap"
	"toshy/remap/key"
)

func load(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("test.toml", []byte(text), Options{Files: Texts{}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refused returns the report on a configuration that must be refused.
func refused(t *testing.T, name string, data []byte, f Files) string {
	t.Helper()
	_, err := Parse(name, data, Options{Files: f})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return e.Error()
}

func TestBuiltin(t *testing.T) {
	c, err := Builtin("mac", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Warnings {
		t.Error(w)
	}
	if _, err := remap.Compile(c.Program); err != nil {
		t.Error(err)
	}
	if len(c.Files) != 0 {
		t.Errorf("files to watch: %v", c.Files)
	}
	for _, name := range []string{"none", "mcc"} {
		_, err := Builtin(name, Options{})
		if (err == nil) != (name == "none") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every kind of action can be written: the file that shows them all contains all of them.
func TestEveryActionKind(t *testing.T) {
	c, err := Load("actions.toml", Options{Files: below("testdata/good")})
	if err != nil {
		t.Fatal(err)
	}
	have := kindsOf(c.Program)
	for k := remap.DoNothing; k <= remap.DoEffect; k++ {
		// taps drops the empty action of a list; the entry F3 has one.
		if !have[k] {
			t.Errorf("no %s", kindNames[k])
		}
	}
}

func TestKeyboardType(t *testing.T) {
	c, err := Builtin("mac", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		id   Identity
		want string
	}{
		{Identity{Vendor: 0x05ac, Name: "AT Translated Set 2 keyboard"}, "apple"},
		{Identity{Vendor: 1, Name: "AT Translated Set 2 keyboard"}, "windows"},
		{Identity{Vendor: 0x18d1, Name: "Google Inc. Hammer Keyboard"}, "chromebook"},
		{Identity{Name: "IBM Model M"}, "ibm"},
		{Identity{Name: "cros_ec", Bus: 6}, "chromebook"},
		{Identity{Name: "Magic Keyboard with Numeric Keypad"}, "apple"},
		{Identity{Name: "Logitech K400"}, "windows"},
	} {
		if got, _ := c.KeyboardType(x.id); got != x.want {
			t.Errorf("%+v is %q, want %q", x.id, got, x.want)
		}
	}
	for vendor, want := range map[string]string{"Google": "chromebook", "LENOVO": "windows", "": "windows"} {
		c, err := Builtin("mac", Options{Facts: map[string]string{"machine": vendor}})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := c.KeyboardType(Identity{Name: "AT Translated Set 2 keyboard"}); got != want {
			t.Errorf("of %s it is %q, want %q", vendor, got, want)
		}
	}
	c = load(t, "[[keyboard]]\nmatch = { name = \"Logitech K400\" }\ntype = \"apple\"\n")
	if got, rule := c.KeyboardType(Identity{Name: "logitech k400", Vendor: 0x05ac}); got != "apple" || rule.Origin.File != "test.toml" {
		t.Errorf("a rule of the user's comes first: got %q from %+v", got, rule)
	}
}

func TestDevices(t *testing.T) {
	c, err := Load("tables.toml", Options{Files: below("testdata/good"), Facts: map[string]string{"machine": "ACME Corp."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		id   Identity
		want bool
	}{
		{Identity{Name: "at translated set 2 keyboard"}, true},
		{Identity{Name: "other"}, false},
		{Identity{Name: "other", Vendor: 0x004c, Bus: 5}, true},
		{Identity{Name: "other", Vendor: 0x004c, Bus: 3}, false},
		{Identity{Name: "Yubikey", Vendor: 0x004c, Bus: 5}, false},
		{Identity{Name: "pedal"}, true},
	} {
		if got := c.Devices.Wants(x.id); got != x.want {
			t.Errorf("%+v: %v", x.id, got)
		}
	}
}

func TestSettings(t *testing.T) {
	c := load(t, "[settings]\ncapslock_mode = \"cmd\"\nmulti_lang = true\n")
	found := 0
	for _, s := range c.Settings {
		v := c.Program.Vars[s.Var]
		if v.Name != "settings."+s.Name || v.Values[v.Default] != s.Value {
			t.Errorf("%+v does not go with %+v", s, v)
		}
		switch s.Name {
		case "capslock_mode":
			if s.Value != "cmd" || s.Default != "caps" || s.Bool || len(s.Values) != 7 {
				t.Errorf("%+v", s)
			}
			found++
		case "multi_lang":
			if s.Value != "true" || !s.Bool {
				t.Errorf("%+v", s)
			}
			found++
		}
	}
	if found != 2 {
		t.Error("settings of the built-in configuration are missing")
	}
}

// A key with a function of its own may hide a modifier, also one on which "toshy characters" puts characters beside that.
func TestMaskKey(t *testing.T) {
	for _, name := range []string{"F13", "F19", "Unknown", "LeftShift"} {
		c := load(t, "extends = \"none\"\n[options]\nmask_key = \""+name+"\"\n")
		if want, _ := key.Parse(name); c.Program.Options.MaskKey != want {
			t.Errorf("%s: %v", name, c.Program.Options.MaskKey)
		}
	}
}

// The files that the session's agent has read are enough to read the configuration again where no file can be opened.
func TestTexts(t *testing.T) {
	c, err := Load("precedence.toml", Options{Files: below("testdata/good")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"precedence.toml", "conf.d/10-a.toml", "conf.d/20-b.toml", "base.toml"}
	if fmt.Sprint(c.Files) != fmt.Sprint(want) {
		t.Errorf("files %v, want %v", c.Files, want)
	}
	if fmt.Sprint(c.Patterns) != "[conf.d/*.toml]" {
		t.Errorf("patterns %v", c.Patterns)
	}
	again, err := Load("precedence.toml", Options{Files: c.Texts})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := dump(c), dump(again); a != b {
		t.Errorf("differs:\n%s\n%s", a, b)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "folder.toml")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "missing.toml"): "file not found",
		sub:                                "not a regular file",
		"/dev/zero":                        "not a regular file",
	} {
		if _, err := Load(name, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m, h := describe(&os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}); !strings.Contains(m, "permission") || h == "" {
		t.Errorf("%q %q", m, h)
	}
	big := filepath.Join(dir, "big.toml")
	if err := os.WriteFile(big, []byte(strings.Repeat("# comment\n", MaxFileSize/10+1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big, Options{}); err == nil || !strings.Contains(err.Error(), "larger than 1024 KiB") {
		t.Errorf("%v", err)
	}
}

// Input that would make a parser recurse or grow without limit is refused early.
func TestHostileFiles(t *testing.T) {
	for name, text := range map[string]string{
		"lists":      "x = " + strings.Repeat("[", 500_000),
		"tables":     "x = " + strings.Repeat("{ a = ", 100_000),
		"dots":       "a" + strings.Repeat(".a", 300_000) + " = 1",
		"header":     "[a" + strings.Repeat(".a", 300_000) + "]",
		"expression": "extends = \"none\"\n[keymap.k]\nwhen = '" + strings.Repeat("(", 3000) + "'\n",
		"not":        "extends = \"none\"\n[keymap.k]\nwhen = '" + strings.Repeat("not ", 1000) + "'\n",
		"long when":  "extends = \"none\"\n[keymap.k]\nwhen = '" + strings.Repeat("numlock or ", 1000) + "numlock'\n",
		"problems":   "extends = \"none\"\n[keymap.k.keys]\n" + manyMistakes("Wrong%d-A = \"B\"\n", 5000),
		"keys":       "extends = \"none\"\n[keymap.k.keys]\n" + manyMistakes("wronger%d = \"B\"\n", 40_000),
	} {
		got := refused(t, name, []byte(text), Texts{})
		if len(got) > 100_000 {
			t.Errorf("%s: a report of %d bytes", name, len(got))
		}
	}
	texts := Texts{}
	for i := range 2 * MaxFiles {
		texts[fmt.Sprintf("f%d.toml", i)] = nil
	}
	if got := refused(t, "top.toml", []byte("extends = \"none\"\ninclude = [\"f*.toml\"]\n"), texts); !strings.Contains(got, "more than 256 files") {
		t.Error(got)
	}
}

func manyMistakes(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// The parts of a compiled condition know their place in the file, for explain.
func TestConditionSource(t *testing.T) {
	c := load(t, "extends = \"none\"\n[keymap.k]\nwhen = 'numlock and not (app in [\"ä\", \"b\" ] or title contains \"x\")'\nkeys.A = \"B\"\n")
	var got []string
	var walk func(*remap.Cond)
	walk = func(c *remap.Cond) {
		got = append(got, fmt.Sprintf("%d:%s", c.Column, c.Source))
		for _, k := range c.Kids {
			walk(k)
		}
	}
	walk(c.Program.Keymaps[0].When)
	want := `1:numlock and not (app in ["ä", "b" ] or title contains "x")|1:numlock|13:not (app in ["ä", "b" ] or title contains "x")|18:app in ["ä", "b" ] or title contains "x"|18:app in ["ä", "b" ]|40:title contains "x"`
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c, err := Builtin("mac", Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := remap.Compile(c.Program); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLarge reads a file with as many entries as the complete built-in configuration.
func BenchmarkLarge(b *testing.B) {
	var text strings.Builder
	text.WriteString("extends = \"none\"\n")
	for i := range 150 {
		fmt.Fprintf(&text, "[keymap.k%d]\nwhen = 'app in [\"a%d\", \"b\", \"c\"] and not (title matches \"^x%d\") and desktop != \"kde\"'\n[keymap.k%d.keys]\n", i, i, i, i)
		for _, k := range "abcdefghij" {
			fmt.Fprintf(&text, "Ctrl-Shift-%c = [\"Ctrl-Alt-%c\", { wait = \"10ms\" }]\n", k, k)
		}
	}
	data := []byte(text.String())
	b.ReportAllocs()
	for b.Loop() {
		c, err := Parse("large.toml", data, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := remap.Compile(c.Program); err != nil {
			b.Fatal(err)
		}
	}
}

// Editors read problems as JSON: the field names are part of the interface.
func TestProblemJSON(t *testing.T) {
	_, err := Parse("f.toml", []byte("extends = \"none\"\n[keymap.k.keys]\nA = \"Entr\"\n"), Options{})
	var e *Error
	if !errors.As(err, &e) || len(e.Problems) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	e.Problems[0].Hint = "h"
	got, err := json.Marshal(e.Problems[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"file":"f.toml","line":3,"column":6,"length":4,"message":"unknown key \"Entr\"","hint":"h","severity":"error"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A combo is read once for all places where it is written. Each place still has its own mistakes, and what you press is not what is
// sent.
func TestRepeatedCombos(t *testing.T) {
	c := load(t, "extends = \"none\"\n[keymap.a.keys]\nCtrl-A = \"Ctrl-B\"\nCtrl-B = { tap = \"Ctrl-B\" }\n[keymap.b.keys]\nCtrl-A = \"Ctrl-B\"\n\"*-C\" = \"Ctrl-Alt\"\n\"*-D\" = \"Ctrl-Alt\"\n")
	a, b := c.Program.Keymaps[0].Entries, c.Program.Keymaps[1].Entries
	if a[0].Action == b[0].Action || a[0].Action.Kind != remap.DoCombo || a[1].Action.Kind != remap.DoTap || b[0].Action.Combo.String() != "Ctrl-b" {
		t.Errorf("%+v, %+v, %+v", a[0].Action, a[1].Action, b[0].Action)
	}
	if b[1].Action.Combo.Key != key.Set0 || b[2].Action.Combo.Key != key.Set0 || !b[1].Combo.Any {
		t.Errorf("%+v, %+v", b[1], b[2])
	}
	got := refused(t, "twice.toml", []byte("extends = \"none\"\n[keymap.a.keys]\nCtrl-A = \"*-A\"\n\"*-A\" = \"LCtrl-RCtrl-B\"\n[keymap.b.keys]\n\"*-A\" = \"*-A\"\nCtrl-Wrong = \"LCtrl-RCtrl-B\"\n[keymap.c.keys]\nCtrl-Wrong = \"B\"\n"), Texts{})
	for _, place := range []string{"twice.toml:3:", "twice.toml:4:", "twice.toml:6:", "twice.toml:7:1", "twice.toml:7:14", "twice.toml:9:"} {
		if !strings.Contains(got, place) {
			t.Errorf("no mistake at %s:\n%s", place, got)
		}
	}
}
