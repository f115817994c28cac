package importer

import (
	"io/fs"
	"strings"
	"testing"

	"toshy/config"
)

// For every kind, a file that is not a configuration of that kind gives one clear error and no result.
func TestBadInput(t *testing.T) {
	for _, k := range Kinds {
		for _, c := range []struct{ name, source, want string }{
			{"nothing", "", ""},
			{"binary", "\x7fELF\x02\x01\x01\x00\x00\x00", "contains zero bytes"},
			{"UTF-16", "\xff\xfe[\x00i\x00d\x00s\x00]\x00", "save it as UTF-8"},
			{"Latin-1", "# caf\xe9\n", "save it as UTF-8"},
			{"a shell script", "#!/bin/sh\necho hello\nexit 1\n", ""},
			{"10 MB", strings.Repeat("[ids]\n# x\n", 1<<20), ""},
			{"brackets", strings.Repeat("(", 1<<17), ""},
			{"more brackets", strings.Repeat("[{", 1<<17), ""},
		} {
			r, err := k.Read(c.name, []byte(c.source), nil)
			if err == nil {
				t.Errorf("%s: %s becomes %d entries", k.Name, c.name, r.Entries)
				continue
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "report this") || strings.Count(err.Error(), "\n") > 20 {
				t.Errorf("%s: %s: %v", k.Name, c.name, err)
			}
		}
	}
}

// If a file is given as another kind, the error names the kind that it is.
func TestKinds(t *testing.T) {
	sources := map[string]string{
		"toshy.py": "# SLICE_MARK_START: user_apps\n", "xwaykeyz.py": "from xwaykeyz.config_api import *\n", "keyszer.py": "import keyszer\n", "xkeysnail.py": "from xkeysnail.transform import *\n",
		"kinto.py": "# Kinto\n", "xremap.yml": "keymap:\n- remap: {}\n", "xremap.toml": "[[keymap]]\n", "keyd.conf": "[ids]\n*\n", "keymapper.conf": "A >> B\n",
		"kanata.kbd": "(defcfg process-unmapped-keys yes)\n(defsrc)\n", "kmonad.kbd": "(defcfg\n  input (device-file \"/x\"))\n(defsrc)\n", "karabiner.json": `{"title": "x", "rules": [{"manipulators": []}]}`,
		"input-remapper.json": `[{"input_combination": [], "output_symbol": "a"}]`, "evremap.toml": "[[dual_role]]\n", "dual-function-keys.yaml": "MAPPINGS:\n- KEY: KEY_A\n",
	}
	for name, source := range sources {
		want, _, _ := strings.Cut(name, ".")
		k, err := Detect(name, []byte(source))
		if err != nil || k.Name != want {
			t.Errorf("%s is taken for %v: %v", name, k, err)
		}
		for _, other := range Kinds {
			if other.family == k.family {
				continue
			}
			if _, err := other.Read(name, []byte(source), nil); err == nil || !strings.Contains(err.Error(), "It looks like one of "+want) {
				t.Errorf("%s as %s: %v", name, other.Name, err)
			}
		}
	}
	if _, err := Detect("notes.txt", []byte("buy milk\n")); err == nil {
		t.Error("a shopping list has a kind")
	}
	if k, err := Detect("keymapper.conf", []byte("@include \"keys.conf\"\n")); err != nil || k.Name != "keymapper" {
		t.Errorf("a file that only includes others is taken for %v: %v", k, err)
	}
	for _, own := range []string{"extends = \"mac\"\n", "[keymap.x.keys]\nA = \"B\"\n"} {
		const want = "config.toml is in toshy's own language, so there is nothing to convert"
		if _, err := Detect("config.toml", []byte(own)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", own, err)
		}
		for _, k := range Kinds {
			if _, err := k.Read("config.toml", []byte(own), nil); err == nil || err.Error() != want {
				t.Errorf("%s as %s: %v", own, k.Name, err)
			}
		}
	}
}

// Included files are read once. A file that includes itself, directly or not, is read once, too.
func TestIncludes(t *testing.T) {
	read := 0
	files := map[string]string{"itself": "include itself\n", "keys": "esc = capslock\n", "large": strings.Repeat("x", config.MaxFileSize+1), "other.kbd": "(defalias x b)", "loop.kbd": "(include loop.kbd)", "keys.conf": "C >> D\n[title=\"x\"]\nH >> E\n", "loop.conf": "F >> G\n@include loop.conf\n"}
	include := func(name string) ([]byte, error) {
		read++
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	r, err := Keyd("x.conf", []byte("[ids]\n*\n[main]\na = b\ninclude itself\ninclude keys\ninclude large\ninclude ../keys\ninclude none\n"), include)
	if err != nil {
		t.Fatal(err)
	}
	if got := notesText(r); strings.Count(got, "lost") != 4 || !strings.Contains(string(r.TOML), `Esc = "CapsLock"`) {
		t.Errorf("%s%s", got, r.TOML)
	}
	r, err = Kanata("x.kbd", []byte("(defsrc a)\n(include other.kbd)\n(include loop.kbd)\n(deflayer base @x)\n"), include)
	if err != nil {
		t.Fatal(err)
	}
	if got := notesText(r); strings.Count(got, "lost") != 1 || !strings.Contains(string(r.TOML), `keys.A = "B"`) {
		t.Errorf("%s%s", got, r.TOML)
	}
	if read > 10 {
		t.Errorf("files were read %d times", read)
	}
	read = 0
	r, err = Keymapper("x.conf", []byte("A >> B\n@include \"keys.conf\" # a remark\n@include loop.conf\n@include-optional none.conf\n@include none.conf\n@include-optional large\n"), include)
	if err != nil {
		t.Fatal(err)
	}
	lost := "3: lost: @include loop.conf: files that include each other: put the text of that file into this one\n5: lost: @include none.conf: file does not exist: put the text of that file into this one\n" +
		"6: lost: @include-optional large: the included files are larger than 1024 KiB: put the text of that file into this one\n"
	if got := notesText(r); got != lost || !strings.Contains(string(r.TOML), `C = "D"`) || !strings.Contains(string(r.TOML), `H = "E"`) || !strings.Contains(string(r.TOML), `F = "G"`) {
		t.Errorf("%s%s", got, r.TOML)
	}
	if read > 15 {
		t.Errorf("files were read %d times", read)
	}
}

// What files include costs no more than a file of the largest size, however often it is included.
func TestIncludesAreLimited(t *testing.T) {
	many := strings.Repeat("%s\n", 1000)
	for name, c := range map[string]struct {
		convert       func(string, []byte, Include) (*Result, error)
		first, line   string
		included, end string
	}{
		"keyd":      {Keyd, "[ids]\n*\n[main]\n", "include x", strings.Repeat("a = b\n", config.MaxFileSize/10), ""},
		"kanata":    {Kanata, "(defsrc a)\n", "(include x)", strings.Repeat("(defvar a b)\n", config.MaxFileSize/20), "(deflayer base b)\n"},
		"keymapper": {Keymapper, "C >> D\n", "@include x", strings.Repeat("A >> B\n", config.MaxFileSize/10), ""},
	} {
		read := 0
		r, err := c.convert("x.conf", []byte(c.first+strings.ReplaceAll(many, "%s", c.line)+c.end), func(string) ([]byte, error) { read++; return []byte(c.included), nil })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if read > 3 || !strings.Contains(notesText(r), "the included files are larger than") {
			t.Errorf("%s: the file was read %d times", name, read)
		}
	}
}

// A last line that ends with a backslash is read like any other.
func TestKeymapperLastLine(t *testing.T) {
	for _, text := range []string{"A >> B\nC >> D \\", "A >> B\nC >> \\\nD\\\n"} {
		r, err := Keymapper("x.conf", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(r.TOML), `C = "D"`) {
			t.Errorf("%q: %s%s", text, notesText(r), r.TOML)
		}
	}
}

// The names of a line give a text of bounded length.
func TestKeymapperLongNames(t *testing.T) {
	k := &keymapper{aliases: map[string]string{"Long": strings.Repeat("A ", 1<<15)}}
	if got := len(k.expand(strings.Repeat("Long ", 1000))); got > 1<<17 {
		t.Errorf("the text has %d bytes", got)
	}
}

// A line of an included file that is not converted hides nothing about another line of it.
func TestKeydRemarksOnAnIncludedFile(t *testing.T) {
	r, err := Keyd("x.conf", []byte("[ids]\n*\n[main]\nc = d\ninclude y\n"), func(string) ([]byte, error) { return []byte("f13 = a\nb = nonsense(x)\n"), nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := notesText(r); !strings.Contains(got, "5: note: keyd also takes some other keys as F13") || !strings.Contains(got, "5: lost: b:") {
		t.Error(got)
	}
}
