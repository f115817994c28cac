package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestKeptComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Filter(utf8.ValidString)
		values := rapid.MapOf(text, rapid.OneOf(text, rapid.SampledFrom(booleans))).Draw(t, "values")
		file := FormatKept(values)
		got, err := ParseKept(file)
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		if !maps.Equal(got, values) {
			t.Fatalf("got %q, want %q, by\n%s", got, values, file)
		}
	})
}

func TestBrokenKept(t *testing.T) {
	for text, want := range map[string]string{
		"[settings]\na = \"x":     "line 2: ",
		"[settings]\na = 1":       `"a" is neither text`,
		"[settings]\na = [\"x\"]": `"a" is neither text`,
		"a = true":                `"a" is not the table`,
		"[setting]\na = true":     `"setting" is not the table`,
		"\x00":                    "line 1: ",
		"x = " + "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[": "line 1: ",
		"#" + strings.Repeat("x", MaxKept): "more than",
	} {
		if got, err := ParseKept([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, %v; want %q", text, got, err, want)
		}
	}
	if got, err := ParseKept(nil); err != nil || len(got) != 0 {
		t.Errorf("an empty file: %v, %v", got, err)
	}
}

func TestUnused(t *testing.T) {
	settings := []Setting{{Name: "dark", Values: booleans}, {Name: "mode", Values: []string{"a", "b"}}}
	got := Unused(settings, map[string]string{"dark": "true", "mode": "c", "gone": "x"})
	want := []string{"gone: the configuration has no such setting", `mode: "c" is not one of its values: a, b`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func FuzzKept(f *testing.F) {
	f.Add(FormatKept(map[string]string{"dark": "true", "mode": "a"}))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := ParseKept(text)
		if err != nil {
			return
		}
		again, err := ParseKept(FormatKept(values))
		if err != nil || !maps.Equal(values, again) {
			t.Errorf("%q became %q: %v", slices.Sorted(maps.Keys(values)), slices.Sorted(maps.Keys(again)), err)
		}
	})
}
