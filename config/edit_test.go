package config

import (
	"errors"
	"strings"
	"testing"
)

const editable = `# My keys.
extends = "mac"   # the best

[keymap.mine]
when = 'app == "kitty"'
[keymap.mine.keys]
Cmd-K = "Ctrl-L"  # clear
"Cmd-[" = { hold = "Alt-Left" }

# Dotted.
[keymap.dotted]
keys.Cmd-J = "Ctrl-J"
  keys.Cmd-U = ["Ctrl-U",
    "Ctrl-V"] # two lines

[keymap.inline]
keys = { Cmd-Y = "Ctrl-Y" }

[settings]
capslock_mode = "cmd"
`

func TestSetValue(t *testing.T) {
	for name, x := range map[string]struct {
		path            string
		value           string
		instead, wanted string // the part that changes
	}{
		"a value":             {"keymap|mine|keys|Cmd-K", `"Ctrl-Shift-L"`, `"Ctrl-L"  #`, `"Ctrl-Shift-L"  #`},
		"a table in braces":   {"keymap|mine|keys|Cmd-[", `"block"`, `{ hold = "Alt-Left" }`, `"block"`},
		"a value of lines":    {"keymap|dotted|keys|Cmd-U", `"x"`, "[\"Ctrl-U\",\n    \"Ctrl-V\"]", `"x"`},
		"a new key":           {"keymap|mine|keys|Cmd-]", `"x"`, "Alt-Left\" }\n", "Alt-Left\" }\n\"Cmd-]\" = \"x\"\n"},
		"a new dotted key":    {"keymap|dotted|keys|Cmd-I", `"x"`, "two lines\n", "two lines\n  keys.Cmd-I = \"x\"\n"},
		"a new key in braces": {"keymap|inline|keys|Cmd-I", `"x"`, `"Ctrl-Y" }`, `"Ctrl-Y", Cmd-I = "x" }`},
		"a setting":           {"settings|multi_lang", `true`, "\"cmd\"\n", "\"cmd\"\nmulti_lang = true\n"},
		"an existing setting": {"settings|capslock_mode", `"esc_and_cmd"`, `"cmd"`, `"esc_and_cmd"`},
		"at the top":          {"extends", `"none"`, `"mac"   #`, `"none"   #`},
		"a new table":         {"keymap|new|keys|Cmd-I", `"x"`, "\"cmd\"\n", "\"cmd\"\n\n[keymap.new.keys]\nCmd-I = \"x\"\n"},
		"a condition":         {"keymap|dotted|when", `"terminals"`, "[keymap.dotted]\n", "[keymap.dotted]\nwhen = \"terminals\"\n"},
	} {
		got, err := SetValue(editable, strings.Split(x.path, "|"), x.value)
		if want := strings.Replace(editable, x.instead, x.wanted, 1); err != nil || got != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
	if got, err := SetValue("", []string{"keymap", "a", "keys", "F1"}, `"F2"`); err != nil || got != "[keymap.a.keys]\nF1 = \"F2\"\n" {
		t.Errorf("an empty file: %v %q", err, got)
	}
	if got, err := SetValue("[settings]", []string{"settings", "x"}, "1"); err != nil || got != "[settings]\nx = 1\n" {
		t.Errorf("no end of line: %v %q", err, got)
	}
	if got, err := SetValue("[settings]\r\na = 1\r\n", []string{"settings", "x"}, "1"); err != nil || got != "[settings]\r\na = 1\r\nx = 1\r\n" {
		t.Errorf("lines of Windows: %v %q", err, got)
	}
}

func TestEditsRefuse(t *testing.T) {
	for text, path := range map[string]string{
		"[[keymap]]\na = 1\n":                 "keymap|a",
		"keymap = 1\n":                        "keymap|mine|keys|x",
		"[keymap.a.keys.F1]\nF2 = \"x\"\n":    "keymap|a|keys|F1",
		"keymap = { a = { keys = {} } }\nx=1": "keymap|b|keys|F1",
	} {
		if got, err := SetValue(text, strings.Split(path, "|"), `"F2"`); !errors.Is(err, ErrUneditable) {
			t.Errorf("%q: %v, %q", text, err, got)
		}
	}
	var wrong *Error
	if _, err := SetValue("a = ", []string{"b"}, "1"); !errors.As(err, &wrong) {
		t.Errorf("a broken file: %v", err)
	}
}

func TestRemoveValue(t *testing.T) {
	got, err := RemoveValue(editable, []string{"keymap", "mine", "keys", "Cmd-K"})
	if want := strings.Replace(editable, "Cmd-K = \"Ctrl-L\"  # clear\n", "", 1); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	got, err = RemoveValue(editable, []string{"keymap", "dotted", "keys", "Cmd-U"})
	if want := strings.Replace(editable, "  keys.Cmd-U = [\"Ctrl-U\",\n    \"Ctrl-V\"] # two lines\n", "", 1); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	for _, path := range []string{"keymap|inline|keys|Cmd-Y", "keymap|mine", "nothing"} {
		if got, err := RemoveValue(editable, strings.Split(path, "|")); !errors.Is(err, ErrUneditable) {
			t.Errorf("%s: %v, %q", path, err, got)
		}
	}
}

func FuzzSetValue(f *testing.F) {
	f.Add(editable, "mine", "Cmd-K")
	f.Add("[keymap]\nmine.keys = {}", "mine", "F1")
	f.Fuzz(func(t *testing.T, text, name, combo string) {
		got, err := SetValue(text, []string{"keymap", name, "keys", combo}, `"F2"`)
		if err != nil {
			return
		}
		root, err := tree(got)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		if v := find(root, []string{"keymap", name, "keys", combo}); v.text() != "F2" {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
