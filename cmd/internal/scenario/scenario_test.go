package scenario

import (
	"errors"
	"testing"

	"toshy/cmd/internal/program"
	"toshy/remap/sim"
)

const archive = `
-- config.toml --
extends = "none"
include = ["sub/*.toml"]
-- sub/more.toml --
[keymap.all]
keys.F1 = "A"
-- right --
+f1 -f1
---
+a -a
-- wrong --
+f1 -f1
---
+b -b
-- held --
+f2
---
+f2
-- no want --
+f1
-- nonsense --
f1 dwon
---
-- input --
+f1 -f1
-- want --
+a -a
`

func noConfig() (*program.Program, error) { return nil, errors.New("asked for") }

func TestArchive(t *testing.T) {
	f, err := Read("x", []byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Program(noConfig)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		ok   bool
		held string
		err  bool
	}{
		"x:right": {ok: true}, "x:wrong": {}, "x:held": {held: "still down at the end: f2"}, "x:no want": {err: true}, "x:nonsense": {err: true}, "x:input": {ok: true},
	}
	if len(f.Cases) != len(want) {
		t.Errorf("%d cases", len(f.Cases))
	}
	for _, c := range f.Cases {
		w, known := want[c.Name]
		r, err := c.Run(p)
		if !known || (err != nil) != w.err || err == nil && (r.OK != w.ok || r.Held != w.held) {
			t.Errorf("%s: %+v, %v", c.Name, r, err)
		}
	}
	_, err = f.Cases[4].Run(p)
	var mistake *sim.Error
	if !errors.As(err, &mistake) || mistake.File != "x:nonsense" || mistake.Line != 1 {
		t.Error(err)
	}
}

func TestPlainScript(t *testing.T) {
	f, err := Read("x", []byte("+a -a\n---\n+a -a\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Program(noConfig); err == nil || err.Error() != "asked for" {
		t.Error("a plain script without a configuration did not ask for one")
	}
	if len(f.Cases) != 1 || f.Cases[0].Name != "x" {
		t.Error(f.Cases)
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"-- other.toml --\n-- a --\n---\n": "x: there are .toml files, but none is named config.toml",
		"-- config.toml --\n":              "x: no scenario in the archive",
		"-- input --\n-- other --\n":       `x: no file "want" after "input"`,
	} {
		if _, err := Read("x", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestScenariosInConfiguration(t *testing.T) {
	f, err := Read("own.toml", []byte("extends = \"none\"\nkeymap.k.keys.F1 = \"A\" #: no scenario\n#: right\n#: +f1 -f1\n#: ---\n#: +a -a\n\n#: wrong\n  #: nonsense\n#: ---\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Program(noConfig)
	if err != nil || !f.HasConfig() || f.ConfigName() != "own.toml" || len(f.Cases) != 2 {
		t.Fatal(err, len(f.Cases))
	}
	if r, err := f.Cases[0].Run(p); err != nil || !r.OK {
		t.Error(r, err)
	}
	var mistake *sim.Error
	if _, err := f.Cases[1].Run(p); !errors.As(err, &mistake) || mistake.Line != 9 {
		t.Errorf("%v, want line 9", err)
	}
	if _, err := Read("own.toml", []byte("extends = \"none\"\n")); err == nil {
		t.Error("a configuration without scenarios is read as one with scenarios")
	}
}
